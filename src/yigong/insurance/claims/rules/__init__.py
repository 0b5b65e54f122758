"""Definitions, checks and the coding desk: pure."""
