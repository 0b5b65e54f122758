"""Settled bills become facts."""

from yigong.clinic.events import BillReopened, BillReturned, BillSettled
from yigong.insurance.review.commands.facts import refresh


def on_bill(event: BillSettled | BillReopened | BillReturned) -> None:
    """The bill changed."""
    refresh(event.bill_id)
