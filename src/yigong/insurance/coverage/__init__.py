"""Coverage: who is insured where, in which category, and what is registered for them, each with its period."""
