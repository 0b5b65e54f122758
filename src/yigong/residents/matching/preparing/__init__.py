"""Prepared columns: what the comparisons look at, made once per record."""
