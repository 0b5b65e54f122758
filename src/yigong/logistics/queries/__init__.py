"""Reads for pages and other rooms."""
