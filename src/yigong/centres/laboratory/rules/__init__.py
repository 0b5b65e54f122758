"""What the laboratory knows without a database."""
