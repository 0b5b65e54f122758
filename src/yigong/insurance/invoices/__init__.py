"""Fiscal invoices of the counter."""
