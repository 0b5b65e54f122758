"""Definitions and workflows."""
