"""Rules of the ECG centre: catalogue, measuring, drawing, chest pain."""
