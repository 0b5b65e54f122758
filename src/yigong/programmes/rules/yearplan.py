"""A first draft of an institution's year from a definition's norms and the days of the calendar that have a topic. Pure."""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from yigong.programmes.rules.sites import Norm, Occasion, Outreach


@dataclass(frozen=True, slots=True)
class Draft:
    """One thing to do: ``occasion`` is the title of the day it is for, blank for an ordinary one."""

    activity: str
    on: date
    topic: str
    occasion: str = ""


def day_of(occasion: Occasion, year: int) -> date:
    """The day of an occasion in a year: a date, or the ``week``-th ``weekday`` (1 Monday) of its month."""
    if occasion.day:
        return date(year, occasion.month, occasion.day)
    first = date(year, occasion.month, 1)
    ahead = (occasion.weekday - first.isoweekday()) % 7
    return first + timedelta(days=ahead + 7 * (occasion.week - 1))


def draft(p: Outreach, level: str, year: int, since: date | None = None) -> list[Draft]:
    """As many of each work as the norms of a level ask for, spread evenly over the year; each in its stretch of the year on a day that has a topic
    (one that no other work took, where there is one), else in the middle of the stretch about one of the definition's ``topics``. Days before
    ``since`` are left out."""
    days = sorted(((day_of(o, year), o) for o in p.occasions), key=lambda pair: (pair[0], pair[1].code))
    taken: dict[str, int] = {}
    found: list[Draft] = []
    for norm in (n for n in p.norms if n.level == level):
        found += _spread(p, norm, days, taken, year)
    return sorted((d for d in found if since is None or d.on >= since), key=lambda d: (d.on, d.activity))


def _spread(p: Outreach, norm: Norm, days: list[tuple[date, Occasion]], taken: dict[str, int], year: int) -> Iterator[Draft]:  # fmt: skip
    own: set[str] = set()
    for n in range(norm.times):
        first, last = _stretch(year, n, norm.times)
        fitting = [(on, o) for on, o in days if first <= on <= last and o.code not in own]
        if fitting:
            on, chosen = min(fitting, key=lambda pair: (taken.get(pair[1].code, 0), pair[0]))
            own.add(chosen.code)
            taken[chosen.code] = taken.get(chosen.code, 0) + 1
            yield Draft(norm.activity, on, chosen.topic, chosen.title)
        else:
            topic = p.topics[n % len(p.topics)] if p.topics else p.title
            yield Draft(norm.activity, _working_day(first + (last - first) / 2), topic)


def _stretch(year: int, n: int, times: int) -> tuple[date, date]:
    """The first and last day of the n-th of so many parts of a year, in whole months where there are at most twelve."""
    if times > 12:
        length = 366 if calendar.isleap(year) else 365
        start = date(year, 1, 1)
        return start + timedelta(days=n * length // times), start + timedelta(days=(n + 1) * length // times - 1)
    begin, end = 12 * n // times + 1, 12 * (n + 1) // times
    return date(year, begin, 1), date(year, end, calendar.monthrange(year, end)[1])


def _working_day(day: date) -> date:
    """The day itself, or the Monday after a weekend."""
    return day + timedelta(days=(8 - day.isoweekday()) if day.isoweekday() > 5 else 0)
