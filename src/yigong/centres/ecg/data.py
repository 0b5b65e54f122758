"""Recordings as other rooms and pages see them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Proposals:
    """What a machine measured, as words for a page: (section code of the report, label, value with unit)."""

    values: tuple[tuple[str, str, str], ...]
    suspicion: str
    beats: int
    regular: bool | None


@dataclass(frozen=True, slots=True)
class RecordingData:
    """One electrocardiogram; ``missing`` and ``derived`` are leads of the standard twelve."""

    id: UUID
    order_id: UUID | None
    form: str
    form_label: str
    taken_at: datetime | None
    device: str
    leads: tuple[str, ...]
    missing: tuple[str, ...]
    derived: tuple[str, ...]
    seconds: float
    rate: float
    patient_name: str
    patient_number: str
    file_name: str
    received_at: datetime
    received_by: str
    proposals: Proposals | None


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a file: its recording, and whether it was already there or waits for a person to attach it."""

    recording: RecordingData
    again: bool
    waits: bool
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a patient with a suspected heart attack is treated."""

    institution_id: UUID
    institution: str
    centre: str
    phone: str
