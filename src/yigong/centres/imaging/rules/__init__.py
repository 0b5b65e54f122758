"""Rules of imaging: catalogue and safety checks."""
