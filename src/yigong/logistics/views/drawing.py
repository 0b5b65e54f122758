"""The runs of a day on one line of time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from yigong.core import clock
from yigong.logistics.data import RunRow, StopRow

LEFT, RIGHT, ROW, TOP = 150, 1080, 46, 30


@dataclass(frozen=True, slots=True)
class Mark:
    """A stop on the drawing."""

    x: float
    y: int
    tone: str
    label: str
    title: str


@dataclass(frozen=True, slots=True)
class Line:
    """One run on the drawing."""

    run: RunRow
    y: int
    begin: float
    end: float
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """Lines, hours, and where now is; None of a day without runs."""

    lines: tuple[Line, ...]
    hours: tuple[tuple[float, str], ...]
    now: float | None
    height: int
    width: int = RIGHT + 30


def line_of_time(runs: Sequence[RunRow]) -> Drawing | None:
    """Where to draw what."""
    drawn = [run for run in runs if run.stops and run.state != "cancelled"]
    if not drawn:
        return None
    first = min(stop.planned_at for run in drawn for stop in run.stops).astimezone(clock.SHANGHAI)
    last = max(max(stop.planned_at, stop.expected_at) for run in drawn for stop in run.stops).astimezone(clock.SHANGHAI)
    begin = first.replace(minute=0, second=0, microsecond=0)
    end = last.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    span = (end - begin).total_seconds()

    def at(moment: datetime) -> float:
        return round(LEFT + (moment - begin).total_seconds() / span * (RIGHT - LEFT), 1)

    hours = int(span // 3600)
    each = max(1, hours // 12)
    marks = tuple(
        (at(begin + timedelta(hours=n)), f"{(begin + timedelta(hours=n)):%H:%M}") for n in range(0, hours + 1, each)
    )
    now = clock.now()
    lines = tuple(_line(run, TOP + ROW * n + 20, at) for n, run in enumerate(drawn))
    return Drawing(lines, marks, at(now) if begin <= now <= end else None, TOP + ROW * len(drawn) + 14)


def _line(run: RunRow, y: int, at: Callable[[datetime], float]) -> Line:
    marks = tuple(
        Mark(
            at(stop.expected_at), y, _tone(stop), stop.name,
            f"{stop.name} {stop.planned_at.astimezone(clock.SHANGHAI):%H:%M} / {stop.expected_at.astimezone(clock.SHANGHAI):%H:%M}",
        )
        for stop in run.stops
    )  # fmt: skip
    return Line(run, y, marks[0].x, marks[-1].x, marks)


def _tone(stop: StopRow) -> str:
    if stop.skipped:
        return "skipped"
    if stop.arrived_at:
        return "late" if stop.late else "done"
    return "soon" if stop.late else "ahead"
