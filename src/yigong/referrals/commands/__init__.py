"""Changes of referrals, one function each; by subject."""
