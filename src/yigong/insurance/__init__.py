"""The fund: coverage, settlement and what a case is worth."""
