"""Rules as definitions and as SQL."""
