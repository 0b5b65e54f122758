"""Maintained monthly figures: a room says how to count, when to count again and which rows stand behind a number.

    register(FigureSource("visits", _("诊疗人次"), count=visit_counts, rows=visit_rows,
                          listens={EncounterOpened: lambda e: (e.institution_id, e.occurred_at)}))

The console keeps what ``count`` answers in a table, per institution and month, and counts a cell again after each event that names it:
a page never scans the facts. The number of ``rows`` of a cell and its ``amount`` are the same by construction of the room. This is the
forerunner of the registry of indicators.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from yigong.core import clock
from yigong.core.months import add_months
from yigong.core.paging import Page


@dataclass(frozen=True, slots=True)
class Cell:
    """One institution's month: ``amount`` counted, ``of`` how many where it is a share, ``minutes`` of each where it is a duration."""

    institution_id: UUID
    month: date
    amount: int
    of: int = 0
    minutes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One counted thing, without the person's identity: when, what, where, a remark, and a page that decides by itself who may open it."""

    at: datetime
    title: str
    institution_id: UUID
    note: str = ""
    url: str = ""
    counted: bool = True


Places = Collection[UUID] | None
Moment = datetime | None


@dataclass(frozen=True)
class FigureSource:
    """How one figure is counted. ``count(begin, end, places)`` answers the cells of [begin, end); ``rows(begin, end, places, page)`` the
    rows behind them, newest first; ``places`` None means everywhere. ``listens`` maps an event to the (institution, moment) it changes."""

    code: str
    label: Any
    count: Callable[[datetime, datetime, Places], Iterable[Cell]]
    rows: Callable[[datetime, datetime, Places, int], Page[FigureRow]]
    listens: dict[type, Callable[[Any], tuple[UUID, Moment]]] = field(default_factory=dict)


_sources: dict[str, FigureSource] = {}


def register(source: FigureSource) -> None:
    """Offer a figure; called in ``apps.ready``."""
    _sources[source.code] = source


def sources() -> dict[str, FigureSource]:
    """All figures by code."""
    return dict(_sources)


def month_of(moment: datetime) -> date:
    """The first day of the moment's month in China."""
    return moment.astimezone(clock.SHANGHAI).date().replace(day=1)


def span_of(month: date, months: int = 1) -> tuple[datetime, datetime]:
    """The instants between which ``months`` months lie, from the first of ``month``."""
    return _midnight(month), _midnight(add_months(month, months))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=clock.SHANGHAI)
