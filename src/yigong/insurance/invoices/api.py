"""Invoices: the door for other rooms."""

from yigong.insurance.invoices.commands import account_for, cancel, cancel_of, close_numbers, issue, open_numbers, spoil
from yigong.insurance.invoices.data import InvoiceData, NewInvoice, Use
from yigong.insurance.invoices.queries import counting, next_number, of_source, uses
from yigong.insurance.invoices.rules import in_words

__all__ = [
    "InvoiceData",
    "NewInvoice",
    "Use",
    "account_for",
    "cancel",
    "cancel_of",
    "close_numbers",
    "counting",
    "in_words",
    "issue",
    "next_number",
    "of_source",
    "open_numbers",
    "spoil",
    "uses",
]
