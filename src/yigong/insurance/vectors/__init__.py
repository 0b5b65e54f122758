"""Worked examples as a file: each is calculated again and every difference is named."""
