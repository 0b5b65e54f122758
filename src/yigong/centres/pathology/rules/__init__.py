"""Rules of pathology: catalogue, states of specimens, fixation."""
