"""Tables of demo."""
