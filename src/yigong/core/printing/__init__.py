"""Printed sheets: templates to PDF in our own font, with a reprint mark and a log."""
