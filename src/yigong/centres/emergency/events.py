"""What the emergency centre tells the house. Ids and facts only."""

from dataclasses import dataclass
from uuid import UUID

from yigong.core.events.api import event


@event("emergency.case_opened")
@dataclass(frozen=True)
class CaseOpened:
    """An emergency is known: called, walked in, met in primary care, referred, or seen in an ECG."""

    case_id: UUID
    way: str
    pathway: str
    destination_id: UUID


@event("emergency.patient_arrived")
@dataclass(frozen=True)
class PatientArrived:
    """The patient is at the hospital."""

    case_id: UUID
    resident_id: UUID | None
    destination_id: UUID


@event("emergency.case_closed")
@dataclass(frozen=True)
class CaseClosed:
    """How it ended; ``outcome`` is a code of the pack."""

    case_id: UUID
    resident_id: UUID | None
    encounter_id: UUID | None
    outcome: str
