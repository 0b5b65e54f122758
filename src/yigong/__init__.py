"""Yigong (医共): an open platform for a tight-knit county medical community."""

__version__ = "0.1.0"
