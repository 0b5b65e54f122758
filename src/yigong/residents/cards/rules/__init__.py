"""Rules of cards and codes. No database."""
