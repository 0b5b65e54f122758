"""Changes of the ECG centre, by subject."""
