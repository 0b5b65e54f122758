"""Pure rules of the sterile supply centre and its state tables."""
