"""Worklists, studies that wait for their order, workload and turnaround."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class WorklistFilters:
    """What to show: ``view`` is waiting, mine, review, done or all; empty fields do not filter."""

    view: str = "waiting"
    group: str = ""
    priority: str = ""
    requesting_institution_id: UUID | None = None
    text: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class WorklistRow:
    """One line of a reading list."""

    order_id: UUID
    number: str
    accession: str
    resident_id: UUID
    items: str
    group: str
    priority: str
    requesting_institution_id: UUID
    performing_institution_id: UUID
    state: str
    state_label: str
    waiting_since: datetime
    due_at: datetime | None
    claimed_by: str
    claimed_by_id: UUID | None
    claimed_at: datetime | None
    identity: str
    critical: bool
    first_reason: str = ""


@dataclass(frozen=True, slots=True)
class StudyIdentity:
    """Who the images say they are of, as the file spells it."""

    patient_id: str = ""
    name: str = ""
    birth_date: date | None = None
    sex: str = ""


@dataclass(frozen=True, slots=True)
class StudyMatch:
    """The order that a study belongs to. ``exact`` is False when identifiers differ; ``differences`` are sentences."""

    order_id: UUID
    accession: str
    resident_id: UUID
    by: str
    exact: bool
    differences: tuple[str, ...]
    explanation: str


@dataclass(frozen=True, slots=True)
class ModalityItem:
    """One scheduled examination, as a device's worklist wants it."""

    order_id: UUID
    accession: str
    number: str
    resident_id: UUID
    patient_name: str
    sex: str
    birth_date: date | None
    modality: str
    item_code: str
    item_name: str
    part: str
    scheduled_at: datetime
    institution_id: UUID
    requesting_institution_id: UUID
    requesting_doctor: str
    clinical: str
    urgent: bool


@dataclass(frozen=True, slots=True)
class Statistics:
    """Figures of a service in a period; minutes are None when nothing was measured."""

    ordered: int
    performed: int
    reported: int
    positive: int
    rejected: int
    cancelled: int
    repeated: int
    median_minutes: float | None
    p90_minutes: float | None
    in_time: int
    stages: tuple[tuple[str, float | None, float | None, int], ...]
    by_institution: tuple[tuple[UUID, int], ...]
    by_group: tuple[tuple[str, int], ...]
    by_day: tuple[tuple[date, int], ...]
    reject_reasons: tuple[tuple[str, int], ...]
    by_author: tuple[tuple[str, int], ...]
    critical: int
    critical_in_time: int
