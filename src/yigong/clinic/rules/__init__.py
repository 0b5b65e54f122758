"""Pure rules of the desks and their state tables."""
