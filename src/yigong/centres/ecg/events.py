"""What the ECG centre tells the house. Ids and facts only."""

from dataclasses import dataclass
from uuid import UUID

from yigong.core.events.api import event


@event("ecg.recorded")
@dataclass(frozen=True)
class RecordingKept:
    """A recording is kept and can be measured."""

    recording_id: UUID


@event("ecg.chest_pain_suspected")
@dataclass(frozen=True)
class ChestPainSuspected:
    """A critical ECG suggests a heart attack; the emergency room should expect the patient."""

    critical_id: UUID
    order_id: UUID
    resident_id: UUID
    item: str
    requesting_institution_id: UUID
    treating_institution_id: UUID | None
