"""Settlements at the counter become facts and cases of the budget."""

from uuid import UUID

from yigong.insurance.budget.commands.cases import drop_case, keep_case
from yigong.insurance.budget.commands.facts import count_in
from yigong.insurance.settlement import api as settlement
from yigong.insurance.settlement.events import BillSettled, CaseGrouped, SettlementReversed


def count_settlement(event: BillSettled) -> None:
    """A settled bill counts; the same event again changes nothing."""
    _count(event.settlement_id)
    _keep(event.settlement_id)


def count_correction(event: SettlementReversed) -> None:
    """What was taken back counts with the opposite sums, in the month in which it happened."""
    _count(event.correction_id)
    drop_case(event.settlement_id)


def group_case(event: CaseGrouped) -> None:
    """The case has a group now."""
    _keep(event.settlement_id)


def _count(settlement_id: UUID) -> None:
    fact = settlement.settled_fact(settlement_id)
    if fact is not None and fact.scheme:
        count_in(fact)


def _keep(settlement_id: UUID) -> None:
    fact, now = settlement.settled_fact(settlement_id), settlement.sheet(settlement_id)
    if fact is not None and fact.scheme and now is not None and now.state == "settled":
        keep_case(fact)
