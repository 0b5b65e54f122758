"""Who is the same person: one definition, scored pair by pair in Python and in bulk through Splink."""
