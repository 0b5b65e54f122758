"""Medical assistance and relief: accounts that cannot be overdrawn, and the civil-affairs roll held against ours."""
