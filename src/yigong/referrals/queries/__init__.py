"""Reads of referrals, by subject."""
