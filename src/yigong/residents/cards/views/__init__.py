"""Pages of cards and codes."""
