"""Pure rules of the emergency centre."""
