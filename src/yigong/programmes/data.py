"""What other rooms see of programmes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class EnrolmentData:
    """One person in one programme; ``grade_title`` and ``tone`` as a page shows them, ``overdue`` counted from today."""

    id: UUID
    resident_id: UUID
    programme: str
    title: str
    short: str
    definition: str
    institution_id: UUID
    staff_id: UUID | None
    state: str
    state_label: str
    started_on: date
    anchor_on: date | None
    ended_on: date | None
    ending: str
    ending_title: str
    grade: str
    grade_title: str
    tone: str
    graded_on: date | None
    last_on: date | None
    next_due_on: date | None
    next_closes_on: date | None
    next_stage: str
    next_title: str
    attempts: int
    restricted: bool
    overdue: bool
    is_open: bool
    version: int = 1


@dataclass(frozen=True, slots=True)
class DueData:
    """One visit that is due: what, until when, where it is done. ``urgency``: overdue, open or later."""

    id: UUID
    enrolment_id: UUID
    resident_id: UUID
    programme: str
    short: str
    stage: str
    title: str
    due_on: date
    opens_on: date
    closes_on: date
    urgency: str
    booked_on: date | None
    grade_title: str
    tone: str
    institution_id: UUID
    place: int = 1


@dataclass(frozen=True, slots=True)
class VisitData:
    """One follow-up with what it amounted to."""

    id: UUID
    enrolment_id: UUID
    programme: str
    stage: str
    stage_title: str
    on: date
    way: str
    way_label: str
    institution_id: UUID
    staff_id: UUID | None
    definition: str
    grade: str
    grade_title: str
    tone: str
    advice: str
    refer: str
    emergency: bool
    is_complete: bool
    entered_late: bool
    late_reason: str
    void_reason: str
    recorded_at: datetime
    response_id: UUID
    encounter_id: UUID | None
    key_values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What recording a visit did: the visit, the management afterwards, and the proposed next steps (``warnings`` were confirmed)."""

    visit: VisitData
    enrolment: EnrolmentData
    warnings: Mapping[str, str]
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a visit would amount to while it is typed: grade, goals, next contact, what is missing or unlikely."""

    grade: str
    title: str
    tone: str
    advice: str
    refer: str
    emergency: bool
    next_on: date | None
    goals: tuple[tuple[str, bool, str], ...]
    missing: tuple[str, ...]
    errors: Mapping[str, str]
    warnings: Mapping[str, str]
    values: Mapping[str, Any]
    scores: Mapping[str, float]
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VisitFact:
    """That a follow-up took place: for rooms that count what was done."""

    id: UUID
    resident_id: UUID
    programme: str
    stage: str
    on: date
    institution_id: UUID
    staff_id: UUID | None
    encounter_id: UUID | None
