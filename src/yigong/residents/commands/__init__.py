"""Changes of residents: one function per change."""

from yigong.residents.commands.arrivals import link_registration
from yigong.residents.commands.changes import add_contact, change_resident, close_resident, reopen_resident
from yigong.residents.commands.linking import (
    confirm_operation,
    link_record,
    merge_residents,
    refuse_operation,
    split_resident,
    unlink_record,
)
from yigong.residents.commands.registration import create_household, register_resident
from yigong.residents.commands.reviewing import decide_pair, decide_safe, start_search
from yigong.residents.commands.undoing import undo_operation

__all__ = [
    "add_contact",
    "change_resident",
    "close_resident",
    "confirm_operation",
    "create_household",
    "decide_pair",
    "decide_safe",
    "link_record",
    "link_registration",
    "merge_residents",
    "refuse_operation",
    "register_resident",
    "reopen_resident",
    "split_resident",
    "start_search",
    "undo_operation",
    "unlink_record",
]
