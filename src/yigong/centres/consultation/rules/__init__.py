"""Pure rules of consultations."""
