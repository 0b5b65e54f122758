"""Pages of pathology."""
