"""Benefit plans: what the insured person pays and what each fund pays, with every figure on the way."""
