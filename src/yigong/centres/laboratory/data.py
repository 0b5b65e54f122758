"""Tubes and results, as pages and other rooms see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from yigong.core import clock


@dataclass(frozen=True, slots=True)
class Reading:
    """One value as an instrument or a person gives it: ``analyte`` by any of its names, ``unit`` as written."""

    names: tuple[str, ...]
    text: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class TubeData:
    """One tube and where it is."""

    id: UUID
    number: str
    order_id: UUID
    order_number: str
    resident_id: UUID
    state: str
    state_label: str
    tube: str
    tube_name: str
    colour: str
    bench: str
    specimen: str
    items: tuple[str, ...]
    urgent: bool
    collector_id: UUID
    where: str
    since: datetime
    reason: str
    box_number: str
    replaced_by: str


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One line of the results page."""

    analyte: str
    name: str
    unit: str
    is_number: bool
    shown: str
    flag: str
    reference: str
    method: str
    previous: str
    change: Decimal | None
    source: str
    held: bool
    entered_by: str
    entered_at: datetime | None
    runs: int

    @property
    def by(self) -> str:
        """Who entered it and when; an analyser that says so itself is not named twice."""
        at = f"{self.entered_at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}" if self.entered_at else ""
        return f"{self.entered_by} {at}".strip() if self.entered_by != self.source else at


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the values of one tube."""

    order_id: UUID
    order_number: str
    entered: Sequence[str]
    critical: Sequence[str]
    held: Sequence[str]


@dataclass(frozen=True, slots=True)
class InstrumentData:
    """An analyser; ``code`` is what it calls itself in messages."""

    id: UUID
    code: str
    name: str
    institution_id: UUID
