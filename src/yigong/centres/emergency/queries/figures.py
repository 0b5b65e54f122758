"""Indicators against targets: median, share within the target, how many, and how many without a time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import F, Q, QuerySet

from yigong.centres.emergency.models import Case, Run, TargetClock, TimePoint
from yigong.centres.emergency.rules import definitions
from yigong.core import clock
from yigong.core.actor import Actor

WIDE = frozenset({"bureau"})


@dataclass(frozen=True, slots=True)
class TargetFigure:
    """One target in a period. ``asked`` cases had it; ``timed`` of them have both times, ``met`` within it; ``missing`` are over without, ``open`` still
    run. The share is of all that are over: what was not written down is not reached."""

    pathway: str
    code: str
    label: str
    minutes: int
    share: int | None
    asked: int
    timed: int
    met: int
    missing: int
    open: int
    median: float | None

    @property
    def reached(self) -> float | None:
        """Share within the target in percent; None with nobody to count."""
        over = self.timed + self.missing
        return round(self.met * 100 / over, 1) if over else None

    @property
    def good(self) -> bool | None:
        """Whether the wanted share was reached; None where none is set or nobody counts."""
        return None if self.share is None or self.reached is None else self.reached >= self.share


def cases_between(since: date, until: date, actor: Actor) -> QuerySet[Case]:
    """Cases that began in a period and were not cancelled, of the actor's centre or hospital; the county's bureau counts all."""
    begin, end = clock.span(since, until)
    rows = Case.objects.filter(opened_at__gte=begin, opened_at__lt=end).exclude(state="cancelled")
    if actor.is_system or actor.role in WIDE:
        return rows
    return rows.filter(Q(centre_id__in=actor.institution_ids) | Q(destination_id__in=actor.institution_ids))


def clocks_between(since: date, until: date, actor: Actor) -> QuerySet[TargetClock]:
    """The target clocks that count in a period."""
    rows = TargetClock.objects.filter(case__in=cases_between(since, until, actor), pathway=F("case__pathway"))
    return rows.exclude(state="dropped")


def targets(since: date, until: date, actor: Actor) -> list[TargetFigure]:
    """Every target of every pathway in force, also those that nobody had."""
    found: dict[tuple[str, str], list[TargetClock]] = {}
    for one in clocks_between(since, until, actor):
        found.setdefault((one.pathway, one.code), []).append(one)
    return [
        _figure(path, target, found.get((path.code, target.code), []))
        for path in definitions.pathways().values()
        for target in path.target
    ]


def _figure(path: definitions.Pathway, target: definitions.Target, rows: list[TargetClock]) -> TargetFigure:
    timed = [minutes_of(one) for one in rows if one.started_at and one.stopped_at]
    return TargetFigure(
        path.code, target.code, target.label, target.minutes, target.share, len(rows), len(timed),
        sum(one.state == "met" for one in rows), sum(one.state == "unknown" for one in rows),
        sum(one.state in {"open", "running"} for one in rows), round(median(timed), 1) if timed else None,
    )  # fmt: skip


def minutes_of(row: TargetClock) -> float:
    """How long it took."""
    assert row.started_at and row.stopped_at
    return (row.stopped_at - row.started_at).total_seconds() / 60


def rows_of(pathway: str, code: str, which: str, since: date, until: date, actor: Actor) -> QuerySet[TargetClock]:
    """The rows behind a figure: asked, met, missed, missing, open."""
    states = {
        "met": ["met"],
        "missed": ["missed"],
        "missing": ["unknown"],
        "open": ["open", "running"],
        "timed": ["met", "missed"],
    }
    rows = clocks_between(since, until, actor).filter(pathway=pathway, code=code)
    if which in states:
        rows = rows.filter(state__in=states[which])
    return rows.select_related("case").order_by("-case__opened_at")


def months(
    pathway: str, code: str, actor: Actor, last: date, count: int = 12
) -> list[tuple[str, float | None, float | None, int]]:
    """Month, median minutes, share reached and number for one target, oldest first."""
    path = definitions.pathways().get(pathway)
    target = next((one for one in path.target if one.code == code), None) if path else None
    if path is None or target is None:
        return []
    first = last.replace(day=1)
    begins = [first]
    for _step in range(count - 1):
        begins.append((begins[-1] - timedelta(days=1)).replace(day=1))
    rows = list(rows_of(pathway, code, "", begins[-1], last, actor))
    found = []
    for begin in reversed(begins):
        of_month = [
            one
            for one in rows
            if one.case.opened_at.astimezone(clock.SHANGHAI).strftime("%Y-%m") == begin.strftime("%Y-%m")
        ]
        figure = _figure(path, target, of_month)
        found.append((begin.strftime("%Y-%m"), figure.median, figure.reached, figure.asked))
    return found


def totals(since: date, until: date, actor: Actor) -> dict[str, Any]:
    """Counts by way, priority, level, outcome; the response times of runs."""
    rows = cases_between(since, until, actor)
    counted: dict[str, Any] = {}
    for name in ("way", "priority", "level", "outcome"):
        values: dict[Any, int] = {}
        for value in rows.values_list(name, flat=True):
            values[value] = values.get(value, 0) + 1
        counted[name] = dict(sorted(values.items(), key=lambda pair: (pair[0] is None, str(pair[0]))))
    counted["cases"] = rows.count()
    counted["late"] = TimePoint.objects.filter(case__in=rows, current=True, late=True).count()
    counted["times"] = TimePoint.objects.filter(case__in=rows, current=True).count()
    counted["runs"] = Run.objects.filter(case__in=rows).count()
    counted["empty"] = Run.objects.filter(case__in=rows, state__in=["cancelled", "empty"]).count()
    counted["response"] = _between(rows, "call_received", "at_scene")
    counted["departure"] = _between(rows, "dispatched", "departed")
    return counted


def _between(rows: QuerySet[Case], start: str, stop: str) -> tuple[float | None, int]:
    """Median minutes between two nodes of the run, and of how many."""
    points = TimePoint.objects.filter(case__in=rows, current=True, code__in=[start, stop])
    by_case: dict[Any, dict[str, datetime]] = {}
    for one in points.exclude(run__state__in=["cancelled", "empty"]):
        by_case.setdefault(one.case_id, {})[one.code] = one.at
    took = [(v[stop] - v[start]).total_seconds() / 60 for v in by_case.values() if len(v) == 2]
    return (round(median(took), 1) if took else None), len(took)


def as_lines(figures: Iterable[TargetFigure]) -> list[list[str]]:
    """The table of figures as text, for print and export."""
    titles = {path.code: path.title for path in definitions.pathways().values()}

    def text(value: float | int | None, tail: str = "") -> str:
        return "—" if value is None else f"{value:g}{tail}"

    return [
        [
            titles[one.pathway], one.label, f"≤{one.minutes}", str(one.asked), str(one.timed), str(one.missing), str(one.open),
            text(one.median), text(one.reached, "%"), text(one.share, "%"),
        ]
        for one in figures
    ]  # fmt: skip
