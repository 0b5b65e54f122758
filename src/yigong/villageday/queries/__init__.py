"""Reads of the village day."""
