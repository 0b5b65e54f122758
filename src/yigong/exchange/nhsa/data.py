"""What crosses the border of the room: nothing but what settlement's gateway says."""
