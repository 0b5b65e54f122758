"""Pages of the village day."""
