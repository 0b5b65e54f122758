"""What the pages and the phone see."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from yigong.core.device import Moment
from yigong.programmes.api import Use


class EntryIn(msgspec.Struct, forbid_unknown_fields=True):
    """One visit as a phone sends it. ``at`` and ``on`` by the phone's clock; ``version`` and ``last_on`` of the management as the phone knew it;
    ``medicines`` as they were asked about one by one."""

    id: UUID
    enrolment: UUID
    stage: str
    at: Moment
    on: date
    answers: dict[str, Any]
    way: str = "2"
    confirmed: bool = False
    version: int = 0
    last_on: date | None = None
    medicines: list[Use] = []


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one entry."""

    id: UUID
    state: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Due:
    """Something to do for somebody."""

    id: UUID
    enrolment_id: UUID
    short: str
    title: str
    closes_on: date
    urgency: str
    grade: str
    tone: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to see."""

    id: UUID
    name: str
    sex: str
    age: str
    dues: tuple[Due, ...]


@dataclass(slots=True)
class Stop:
    """One household on the way: its people with what is due."""

    key: str
    household_id: UUID | None
    village: str
    address: str
    people: list[Person] = field(default_factory=list)

    @property
    def overdue(self) -> int:
        """How many things are overdue here."""
        return sum(d.urgency == "overdue" for p in self.people for d in p.dues)
