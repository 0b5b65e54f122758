"""Rules of referrals: codes and parameters, and the workflow."""
