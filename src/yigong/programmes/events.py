"""Facts about programmes that other rooms may react to."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from yigong.core.events.api import event


@event("programmes.enrolled")
@dataclass(frozen=True)
class PersonEnrolled:
    """Somebody came under management."""

    enrolment_id: UUID
    resident_id: UUID
    programme: str
    institution_id: UUID


@event("programmes.ended")
@dataclass(frozen=True)
class EnrolmentEnded:
    """A management ended; ``ending`` is the definition's code."""

    enrolment_id: UUID
    resident_id: UUID
    programme: str
    institution_id: UUID
    ending: str


@event("programmes.visited")
@dataclass(frozen=True)
class VisitRecorded:
    """A follow-up was recorded; ``grade`` is blank when it could not be judged."""

    visit_id: UUID
    enrolment_id: UUID
    resident_id: UUID
    programme: str
    stage: str
    institution_id: UUID
    grade: str
    on: date


@event("programmes.voided")
@dataclass(frozen=True)
class VisitVoided:
    """A follow-up was taken back: it counts nowhere."""

    visit_id: UUID
    enrolment_id: UUID
    resident_id: UUID
    programme: str
    on: date
