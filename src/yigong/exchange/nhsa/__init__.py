"""The national medical insurance interface: envelope, transactions, message log; and a simulator of the platform."""
