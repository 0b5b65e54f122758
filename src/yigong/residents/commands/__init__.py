"""Changes of residents: one function per change."""

from yigong.residents.commands.changes import add_contact, change_resident, close_resident, reopen_resident
from yigong.residents.commands.registration import create_household, register_resident

__all__ = [
    "add_contact",
    "change_resident",
    "close_resident",
    "create_household",
    "register_resident",
    "reopen_resident",
]
