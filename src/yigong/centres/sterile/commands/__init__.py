"""Changes of the sterile supply centre, one function each."""
