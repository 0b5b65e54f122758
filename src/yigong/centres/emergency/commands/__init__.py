"""Changes of the emergency centre."""
