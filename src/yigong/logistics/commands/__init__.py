"""Changes, one function each."""
