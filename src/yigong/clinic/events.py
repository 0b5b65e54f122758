"""Facts that other rooms may listen to. Ids and plain values only."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from yigong.core.events.api import event


@event("clinic.visit_registered")
@dataclass(frozen=True)
class VisitRegistered:
    """Somebody got a number; ``is_follow_up`` when it rests on an earlier registration and was free."""

    visit_id: UUID
    resident_id: UUID
    institution_id: UUID
    department_id: UUID | None
    is_follow_up: bool


@event("clinic.visit_finished")
@dataclass(frozen=True)
class VisitFinished:
    """The doctor is done; diagnoses, prescriptions and procedures stand in the record."""

    visit_id: UUID
    resident_id: UUID
    institution_id: UUID
    encounter_id: UUID


@dataclass(frozen=True)
class _AboutBill:
    bill_id: UUID
    resident_id: UUID
    institution_id: UUID
    kind: str


@event("clinic.bill_presented")
@dataclass(frozen=True)
class BillPresented(_AboutBill):
    """A counter settles the bill; its lines stand still."""


@event("clinic.bill_reopened")
@dataclass(frozen=True)
class BillReopened(_AboutBill):
    """The counter gave it back, or its settlement was revoked: it waits again."""

    reason: str


@event("clinic.bill_settled")
@dataclass(frozen=True)
class BillSettled(_AboutBill):
    """Settled under this reference; ``total`` in fen."""

    settlement_ref: str
    total: int


@event("clinic.bill_returned")
@dataclass(frozen=True)
class BillReturned(_AboutBill):
    """Lines were returned; ``amount`` in fen is what the bill became smaller by, ``whole`` when nothing is left of it."""

    amount: int
    whole: bool


@event("clinic.admitted")
@dataclass(frozen=True)
class Admitted:
    """An inpatient stay began."""

    stay_id: UUID
    resident_id: UUID
    institution_id: UUID
    department_id: UUID
    referral_id: UUID | None


@event("clinic.discharged")
@dataclass(frozen=True)
class Discharged:
    """A stay ended; ``way_out`` by RC019. The bill waits at the counter, the front page at the doctor's desk."""

    stay_id: UUID
    resident_id: UUID
    institution_id: UUID
    bill_id: UUID
    discharged_at: datetime
    way_out: str


@event("clinic.front_page_completed")
@dataclass(frozen=True)
class FrontPageCompleted:
    """The doctor's part of the front page is whole; it waits for coding."""

    front_page_id: UUID
    stay_id: UUID
    resident_id: UUID
    institution_id: UUID


@event("clinic.front_page_coded")
@dataclass(frozen=True)
class FrontPageCoded:
    """Coded and locked: settlement list and grouping may use it."""

    front_page_id: UUID
    stay_id: UUID
    resident_id: UUID
    institution_id: UUID


@event("clinic.front_page_reopened")
@dataclass(frozen=True)
class FrontPageReopened:
    """Unlocked again with a reason; what was built from it must be built anew."""

    front_page_id: UUID
    stay_id: UUID
    resident_id: UUID
    institution_id: UUID
    reason: str
