"""No facts of its own: settlement tells what became of a bill."""
