"""Tables of referrals."""
