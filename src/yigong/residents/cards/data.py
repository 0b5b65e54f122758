"""What crosses the border of the room."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class NewCard:
    """A card to be issued or bound. ``kind`` by CV02.01.101; an electronic card without a number gets one of ours."""

    kind: str
    number: str = ""
    medium: str = "physical"
    issuer: str = ""
    issued_on: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class CardStep:
    """One line of a card's history."""

    label: str
    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class CardData:
    """A card as a page shows it, number masked."""

    id: UUID
    resident_id: UUID
    kind: str
    kind_label: str
    medium: str
    medium_label: str
    masked: str
    issuer: str
    issued_on: date
    valid_until: date | None
    state: str
    state_label: str
    state_since: datetime
    version: int
    last_used_at: datetime | None = None
    steps: tuple[CardStep, ...] = ()


@dataclass(frozen=True, slots=True)
class CodeData:
    """A code to be shown: the word, its picture (SVG), until when it holds."""

    text: str
    svg: str
    made_at: datetime
    holds_until: datetime
    refresh_seconds: int


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a scan found. ``outcome``: ``ok``, ``incomplete``, ``forged``, ``expired``, ``lost``, ``replaced``, ``cancelled``, ``out_of_date``
    (the card), ``elsewhere`` (the same code was used at another place), ``closed`` (the identity). ``merged``: the identity issued to lives on
    as ``resident_id``.
    """

    outcome: str
    sentence: str
    resident_id: UUID | None = None
    card_id: UUID | None = None
    merged: bool = False

    @property
    def is_good(self) -> bool:
        """Whether the card stands for its person here and now."""
        return self.outcome == "ok"
