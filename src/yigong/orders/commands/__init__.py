"""Changes of orders, by subject."""
