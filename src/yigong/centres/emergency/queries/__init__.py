"""queries of the emergency centre."""
