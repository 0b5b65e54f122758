"""Consultations as other rooms and pages see them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from yigong.orders.data import Clinical


@dataclass(frozen=True, slots=True)
class NewConsultation:
    """What is asked. ``records`` are (kind, key) of entries of the record; ``gap`` says why an urgent one is sent with pieces missing."""

    resident_id: UUID
    item_code: str
    clinical: Clinical
    purpose_code: str
    form: str = "video"
    priority: str = "routine"
    wanted_at: datetime | None = None
    consent: bool = False
    records: Sequence[tuple[str, UUID]] = ()
    gap: str = ""


@dataclass(frozen=True, slots=True)
class Invitee:
    """One expert to be asked; ``off_roster`` says how it was agreed when no shift covers the time."""

    staff_id: UUID
    is_lead: bool = False
    off_roster: str = ""


@dataclass(frozen=True, slots=True)
class AdviceLine:
    """One item of advice: category by code, words, and days within which it should be carried out."""

    category: str
    text: str
    days: int


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The joint conclusion; ``templates`` are the versions of report templates that it began with."""

    text: str
    basis: str = ""
    advice: Sequence[AdviceLine] = ()
    templates: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Calendar:
    """One day of one expert: the free slots and those that are held."""

    staff_id: UUID
    name: str
    title: str
    institution_id: UUID
    institution_name: str
    role: str
    free: tuple[tuple[datetime, datetime], ...] = ()
    held: tuple[tuple[datetime, datetime], ...] = field(default=())
