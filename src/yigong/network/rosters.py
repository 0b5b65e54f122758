"""Pure rules of rosters: when a shift must be staffed, and where nobody is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from yigong.core import clock

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Need:
    """So many people of a role from ``begins`` to ``ends`` (the next day when that is not later) on the weekdays named, 1 for Monday."""

    role: str
    weekdays: str
    begins: time
    ends: time
    people: int = 1
    starts_on: date | None = None
    ends_on: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether a shift of this need begins on the day; ``ends_on`` is the first day that no longer counts."""
        within = (self.starts_on is None or self.starts_on <= day) and (self.ends_on is None or day < self.ends_on)
        return within and str(day.isoweekday()) in self.weekdays

    def span(self, day: date) -> tuple[datetime, datetime]:
        """From when until when, for the shift that begins on the day."""
        begin = datetime.combine(day, self.begins, clock.SHANGHAI)
        end = datetime.combine(day, self.ends, clock.SHANGHAI)
        return begin, end if end > begin else end + _DAY


@dataclass(frozen=True, slots=True)
class Shift:
    """Somebody is on duty in a role."""

    role: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Gap:
    """So many people are missing in a role from when until when."""

    role: str
    starts_at: datetime
    ends_at: datetime
    missing: int


def gaps(needs: Iterable[Need], shifts: Iterable[Shift], first: date, days: int) -> list[Gap]:
    """Where fewer people are on duty than needed, for shifts that begin within ``days`` from ``first``; in order of time.

    Needs of one role that overlap are not added up: each is looked at by itself.
    """
    there = list(shifts)
    found = {
        gap
        for need in needs
        for day in (first + _DAY * n for n in range(days))
        if need.holds_on(day)
        for gap in _missing(need, *need.span(day), [s for s in there if s.role == need.role])
    }
    return sorted(found, key=lambda g: (g.starts_at, g.role, g.ends_at))


def _missing(need: Need, begin: datetime, end: datetime, shifts: list[Shift]) -> Iterable[Gap]:
    edges = sorted({begin, end, *(t for s in shifts for t in (s.starts_at, s.ends_at) if begin < t < end)})
    open_gap: Gap | None = None
    for since, until in pairwise(edges):
        here = sum(s.starts_at <= since and s.ends_at >= until for s in shifts)
        missing = max(need.people - here, 0)
        if open_gap and open_gap.missing == missing:
            open_gap = Gap(need.role, open_gap.starts_at, until, missing)
            continue
        if open_gap and open_gap.missing:
            yield open_gap
        open_gap = Gap(need.role, since, until, missing)
    if open_gap and open_gap.missing:
        yield open_gap
