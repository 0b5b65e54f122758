"""Settlements at the counter become facts of the budget."""

from uuid import UUID

from yigong.insurance.budget.commands.facts import count_in
from yigong.insurance.settlement import api as settlement
from yigong.insurance.settlement.events import BillSettled, SettlementReversed


def count_settlement(event: BillSettled) -> None:
    """A settled bill counts; the same event again changes nothing."""
    _count(event.settlement_id)


def count_correction(event: SettlementReversed) -> None:
    """What was taken back counts with the opposite sums, in the month in which it happened."""
    _count(event.correction_id)


def _count(settlement_id: UUID) -> None:
    fact = settlement.settled_fact(settlement_id)
    if fact is not None and fact.scheme:
        count_in(fact)
