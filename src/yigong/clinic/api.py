"""Clinic: the door for other rooms. Keyword-only commands; results are frozen dataclasses of ``clinic.data``.

``bill``, ``stay`` and ``front_page`` are for rooms that have decided already (commands, handlers); ``access_bill`` and ``access_stay`` decide
and log first, which a page of another room needs.
"""

from uuid import UUID

from yigong.access import api as access
from yigong.access.data import Subject
from yigong.clinic.code_tables import code_tables
from yigong.clinic.commands.admission import (
    add_beds,
    admit,
    cancel_stay,
    discharge,
    keep_stay,
    order_discharge,
    transfer_stay,
)
from yigong.clinic.commands.bills import mark_settled, present_bill, reopen_bill, return_lines
from yigong.clinic.commands.charging import charge, strike_line
from yigong.clinic.commands.consultation import (
    begin_visit,
    call_next,
    call_visit,
    finish_visit,
    order_lines,
    save_note,
    skip_visit,
)
from yigong.clinic.commands.front_pages import (
    code_front_page,
    complete_front_page,
    reopen_front_page,
    return_front_page,
    save_front_page,
)
from yigong.clinic.commands.registration import cancel_visit, register_visit
from yigong.clinic.commands.sessions import plan_session, stop_session
from yigong.clinic.commands.splitting import split_bill
from yigong.clinic.commands.ward import charge_ward, set_nursing
from yigong.clinic.data import BillData, ItemData, StayData
from yigong.clinic.queries.bills import bill, bills_waiting
from yigong.clinic.queries.past import past_bills
from yigong.clinic.queries.sessions import sessions_of
from yigong.clinic.queries.stays import front_page, stay
from yigong.clinic.queries.ward import free_bed
from yigong.clinic.rules import definitions, lists
from yigong.core.actor import Actor

__all__ = [
    "access_bill",
    "access_stay",
    "add_beds",
    "admit",
    "begin_visit",
    "bill",
    "bills_waiting",
    "call_next",
    "call_visit",
    "cancel_stay",
    "cancel_visit",
    "charge",
    "charge_items",
    "charge_ward",
    "code_front_page",
    "code_tables",
    "complete_front_page",
    "discharge",
    "fee_groups",
    "finish_visit",
    "free_bed",
    "front_page",
    "keep_stay",
    "mark_settled",
    "order_discharge",
    "order_lines",
    "past_bills",
    "plan_session",
    "present_bill",
    "register_visit",
    "reopen_bill",
    "reopen_front_page",
    "return_front_page",
    "return_lines",
    "save_front_page",
    "save_note",
    "sessions_of",
    "set_nursing",
    "skip_visit",
    "split_bill",
    "stay",
    "stop_session",
    "strike_line",
    "transfer_stay",
]


def access_bill(bill_id: UUID, *, actor: Actor) -> BillData:
    """One bill, after a logged decision; NotFound, or Forbidden with the reason."""
    access.require(actor, "read_detail", Subject("bill", bill_id))
    return bill(bill_id)


def access_stay(stay_id: UUID, *, actor: Actor) -> StayData:
    """One stay, after a logged decision; NotFound, or Forbidden with the reason."""
    access.require(actor, "read_detail", Subject("stay", stay_id))
    return stay(stay_id)


def fee_groups() -> list[str]:
    """Codes of the fees on the front page, sub-lines after their group."""
    return list(lists.FEES)


def charge_items(level: str = "2") -> list[ItemData]:
    """The whole local price list with prices at one level (``P``, ``1``, ``2``, ``3``), in file order."""
    return definitions.all_items(level)
