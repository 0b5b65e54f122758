"""Pages of the emergency centre."""
