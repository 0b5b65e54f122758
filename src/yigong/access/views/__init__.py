"""Pages of sign-in, accounts and access to residents."""
