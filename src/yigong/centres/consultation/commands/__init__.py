"""Changes of consultations, one function each."""
