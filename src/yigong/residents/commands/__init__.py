"""Changes of residents: one function per change."""

from yigong.residents.commands.arrivals import link_registration
from yigong.residents.commands.changes import add_contact, change_resident, close_resident, reopen_resident
from yigong.residents.commands.documents import bind_document, release_document
from yigong.residents.commands.groups import decide_group
from yigong.residents.commands.households import (
    change_head,
    change_household,
    change_relation,
    found_household,
    merge_households,
    move_in,
    move_out,
    split_household,
)
from yigong.residents.commands.import_undoing import unlink_people
from yigong.residents.commands.importing import link_people
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
    "bind_document",
    "change_head",
    "change_household",
    "change_relation",
    "change_resident",
    "close_resident",
    "confirm_operation",
    "create_household",
    "decide_group",
    "decide_pair",
    "decide_safe",
    "found_household",
    "link_people",
    "link_record",
    "link_registration",
    "merge_households",
    "merge_residents",
    "move_in",
    "move_out",
    "refuse_operation",
    "register_resident",
    "release_document",
    "reopen_resident",
    "split_household",
    "split_resident",
    "start_search",
    "undo_operation",
    "unlink_people",
    "unlink_record",
]
