"""Tables of console."""
