"""Paying institutions and sharing the county's budget: pure calculations in exact decimals."""
