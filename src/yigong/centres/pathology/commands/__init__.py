"""Commands of pathology, by station."""
