"""Pages of the staff shell, by subject."""
