"""Facts about records that other rooms may react to."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from yigong.core.events.api import event


@event("records.encounter_opened")
@dataclass(frozen=True)
class EncounterOpened:
    """A contact with care began. ``is_automatic``: beside an admission, not an outpatient visit."""

    encounter_id: UUID
    resident_id: UUID
    institution_id: UUID
    kind: str
    class_code: str
    is_automatic: bool
    occurred_at: datetime


@event("records.encounter_closed")
@dataclass(frozen=True)
class EncounterClosed:
    """A contact with care ended, or was declared a mistake (``status`` cancelled)."""

    encounter_id: UUID
    resident_id: UUID
    institution_id: UUID
    kind: str
    status: str


@event("records.condition_added")
@dataclass(frozen=True)
class ConditionAdded:
    """A diagnosis was recorded."""

    condition_id: UUID
    resident_id: UUID
    institution_id: UUID
    code: str
    text: str


@event("records.allergy_added")
@dataclass(frozen=True)
class AllergyAdded:
    """An allergy was recorded."""

    allergy_id: UUID
    resident_id: UUID
    substance: str


@event("records.result_recorded")
@dataclass(frozen=True)
class ResultRecorded:
    """A group of results was recorded; ``worst_flag`` is "", N, L, H, A, LL or HH."""

    group_id: UUID
    resident_id: UUID
    institution_id: UUID
    category: str
    worst_flag: str


@event("records.vital_alert")
@dataclass(frozen=True)
class VitalAlertRaised:
    """Measured values call for action by the national rules: ``rule`` is its code, ``title`` and ``advice`` are Chinese sentences.

    ``due_at`` is when somebody at ``institution_id`` (the measurer ``staff_id``, or any holder of ``role``) must have looked again.
    """

    group_id: UUID
    resident_id: UUID
    institution_id: UUID
    staff_id: UUID | None
    role: str
    rule: str
    level: str
    title: str
    advice: str
    due_at: datetime


@event("records.prescription_issued")
@dataclass(frozen=True)
class PrescriptionIssued:
    """Medicines were ordered."""

    prescription_id: UUID
    resident_id: UUID
    institution_id: UUID


@event("records.document_final")
@dataclass(frozen=True)
class DocumentFinal:
    """A document's first version became final."""

    document_id: UUID
    series_id: UUID
    resident_id: UUID
    institution_id: UUID
    kind: str
    source_app: str
    source_id: UUID | None


@event("records.document_amended")
@dataclass(frozen=True)
class DocumentAmended:
    """A new version replaces a final one; whoever received ``old_document_id`` must be told."""

    document_id: UUID
    old_document_id: UUID
    series_id: UUID
    version: int
    resident_id: UUID
    institution_id: UUID
    kind: str
    source_app: str
    source_id: UUID | None
    reason: str


@event("records.document_void")
@dataclass(frozen=True)
class DocumentVoid:
    """A final document was declared void."""

    document_id: UUID
    series_id: UUID
    resident_id: UUID
    kind: str
    reason: str
