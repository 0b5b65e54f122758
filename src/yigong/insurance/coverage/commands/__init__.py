"""Changes of the room."""
