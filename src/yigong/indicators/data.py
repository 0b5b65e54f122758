"""Figures as pages and other rooms see them."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from yigong.core.money import yuan
from yigong.indicators.facts import facts
from yigong.indicators.rules import figures
from yigong.indicators.rules.definition import Definition, Part
from yigong.indicators.rules.figures import Amounts


def _is_money(definition: Definition, part: Part) -> bool:
    column = facts()[definition.fact].column(part.sum)
    return bool(column and column.is_money)


def _told(definition: Definition, part: Part | None, amount: int | None) -> str:
    if part is None or amount is None:
        return "—"
    return yuan(amount) if _is_money(definition, part) else f"{amount:,}"


def _number(definition: Definition, part: Part | None, amount: int | None) -> int | Decimal | None:
    if part is None or amount is None:
        return None
    return Decimal(amount) / 100 if _is_money(definition, part) else amount


@dataclass(frozen=True, slots=True)
class Span:
    """The months that a figure is asked for, ``first`` to ``last``."""

    first: date
    last: date

    @property
    def is_month(self) -> bool:
        """Whether it is one month."""
        return self.first == self.last


@dataclass(frozen=True, slots=True)
class Figure:
    """One indicator of some institutions in some months. ``amounts`` is None when nothing was counted, which is not zero."""

    definition: Definition
    amounts: Amounts | None

    @property
    def value(self) -> Decimal | None:
        """The figure in its unit."""
        return figures.value(self.definition, self.amounts)

    @property
    def text(self) -> str:
        """The figure as people read it."""
        return figures.shown(self.definition, self.value)

    @property
    def above(self) -> str:
        """The numerator as people read it: money in yuan."""
        return _told(self.definition, self.definition.numerator, self.amounts.numerator if self.amounts else None)

    @property
    def below(self) -> str:
        """The denominator as people read it."""
        return _told(self.definition, self.definition.denominator, self.amounts.denominator if self.amounts else None)

    @property
    def above_number(self) -> int | Decimal | None:
        """The numerator for a spreadsheet: money in yuan."""
        return _number(self.definition, self.definition.numerator, self.amounts.numerator if self.amounts else None)

    @property
    def below_number(self) -> int | Decimal | None:
        """The denominator for a spreadsheet."""
        return _number(self.definition, self.definition.denominator, self.amounts.denominator if self.amounts else None)

    @property
    def is_small(self) -> bool:
        """Whether it stands on too few cases to be compared."""
        return figures.is_small(self.definition, self.amounts)

    @property
    def has_empty_denominator(self) -> bool:
        """Whether there was something to count but nothing to divide by."""
        return self.amounts is not None and self.amounts.denominator == 0

    @property
    def reaches(self) -> bool | None:
        """Whether the target is reached; None where there is none."""
        return figures.reaches(self.definition, self.value)


@dataclass(frozen=True, slots=True)
class PlaceFigure:
    """One institution's or group's figure; ``id`` is None for what belongs to none."""

    id: UUID | None
    name: str
    figure: Figure
    houses: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Freshness:
    """When the months were counted, the oldest of them; months never counted; whether rooms have spoken since."""

    computed_at: datetime | None
    never: tuple[date, ...]
    stale: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One row behind a figure: when, where, its columns in the fact's order, the page that decides by itself who may open it."""

    at: datetime
    places: tuple[UUID | None, ...]
    values: tuple[object, ...]
    url: str
