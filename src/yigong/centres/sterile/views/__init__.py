"""Pages of the sterile supply centre."""
