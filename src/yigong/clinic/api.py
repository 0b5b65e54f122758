"""Clinic: the door for other rooms. Keyword-only commands; results are frozen dataclasses of ``clinic.data``.

``bill``, ``stay`` and ``front_page`` are for rooms that have decided already (commands, handlers); ``access_bill`` and ``access_stay`` decide
and log first, which a page of another room needs.
"""

from uuid import UUID

from yigong.access import api as access
from yigong.access.data import Subject
from yigong.clinic.commands.bills import mark_settled, present_bill, reopen_bill, return_lines
from yigong.clinic.commands.charging import charge, strike_line
from yigong.clinic.data import BillData, ItemData, StayData
from yigong.clinic.queries.bills import bill, bills_waiting
from yigong.clinic.queries.stays import front_page, stay
from yigong.clinic.rules import definitions
from yigong.core.actor import Actor

__all__ = [
    "access_bill",
    "access_stay",
    "bill",
    "bills_waiting",
    "charge",
    "charge_items",
    "front_page",
    "mark_settled",
    "present_bill",
    "reopen_bill",
    "return_lines",
    "stay",
    "strike_line",
]


def access_bill(bill_id: UUID, *, actor: Actor) -> BillData:
    """One bill, after a logged decision; NotFound, or Forbidden with the reason."""
    access.require(actor, "read_detail", Subject("bill", bill_id))
    return bill(bill_id)


def access_stay(stay_id: UUID, *, actor: Actor) -> StayData:
    """One stay, after a logged decision; NotFound, or Forbidden with the reason."""
    access.require(actor, "read_detail", Subject("stay", stay_id))
    return stay(stay_id)


def charge_items(level: str = "2") -> list[ItemData]:
    """The whole local price list with prices at one level (``P``, ``1``, ``2``, ``3``), in file order."""
    return definitions.all_items(level)
