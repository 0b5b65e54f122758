"""Pure rules of contracts: definitions, states, counting, sharing."""
