"""Settlement: what a bill costs whom, paid at the counter, stored once and for all in the ledger."""
