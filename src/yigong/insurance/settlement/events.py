"""Facts about settlements that other rooms act on."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from yigong.core.events.api import event


@event("settlement.settled")
@dataclass(frozen=True)
class BillSettled:
    """A bill was settled and paid."""

    settlement_id: UUID
    bill_id: UUID | None
    resident_id: UUID
    institution_id: UUID | None
    month: date


@event("settlement.grouped")
@dataclass(frozen=True)
class CaseGrouped:
    """The inpatient case of a settlement was put into a group, or into another one."""

    settlement_id: UUID
    institution_id: UUID | None
    month: date


@event("settlement.reversed")
@dataclass(frozen=True)
class SettlementReversed:
    """A settlement was taken back; ``correction_id`` is the settlement with the opposite sums, in the month in which it happened."""

    settlement_id: UUID
    correction_id: UUID
    resident_id: UUID
    institution_id: UUID | None
    month: date
