"""Pure rules: what a definition is, whether it holds together, what it says about a visit, a plan, a rate."""
