"""Reads of pathology."""
