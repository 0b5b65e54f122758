"""Electrocardiograms as numbers, read from the formats that devices write. Pure: bytes in, a ``Tracing`` out."""
