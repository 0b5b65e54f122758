"""Which visits are due and when: pure, from a definition, a person's dates and the visits made."""

import calendar
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from yigong.core.clock import SHANGHAI
from yigong.core.months import add_months
from yigong.programmes.rules.definition import Programme, Stage
from yigong.programmes.rules.judging import compiled


@dataclass(frozen=True, slots=True)
class Basis:
    """The dates of one person in one programme. ``facts`` are the enrolment form's answers and the sex, for the stages' conditions."""

    started_on: date
    born: date | None = None
    anchor_on: date | None = None
    began_at: datetime | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Made:
    """A visit made: stage, day, grade, and of its answers the ``dates`` that a later stage may count from."""

    stage: str
    on: date
    grade: str = ""
    dates: Mapping[str, date] = field(default_factory=dict)

    def since(self, stage: Stage) -> date:
        """The day from which a stage after this one counts."""
        return next((self.dates[name] for name in stage.counts_from if name in self.dates), self.on)


@dataclass(frozen=True, slots=True)
class Planned:
    """A visit to come, or one that was ``missed``: the ``place``-th of its stage, due on a day within a window (all days included)."""

    stage: str
    place: int
    due_on: date
    opens_on: date
    closes_on: date
    deadline: datetime
    missed: bool = False


def plan(programme: Programme, basis: Basis, made: Sequence[Made], today: date, *, skipped: Collection[tuple[str, int]] = (),
         held: Collection[str] = ()) -> list[Planned]:  # fmt: skip
    """What is due next on every track, and which visits went by. ``skipped`` are (stage, place) declined; ``held`` tracks under a hold.

    A single stage is due once; a repeating one again after each visit, sooner when the last grade says so.
    """
    made = sorted(made, key=lambda m: m.on)
    found: list[Planned] = []
    for track, stages in tracks(programme).items():
        if track in held or "" in held:
            continue
        found += _track(programme, basis, made, today, skipped, stages)
    return found


def tracks(programme: Programme) -> dict[str, list[Stage]]:
    """Stages by track: those of one track follow each other, tracks run side by side."""
    found: dict[str, list[Stage]] = {}
    for stage in programme.stages:
        found.setdefault(track_of(stage), []).append(stage)
    return found


def track_of(stage: Stage) -> str:
    """The track of a stage: its own for one that repeats or is opened by a grade, ``main`` for single ones, unless it names another."""
    return stage.track or (stage.code if stage.repeats or stage.after == "grade" or stage.hours else "main")


def _track(programme: Programme, basis: Basis, made: Sequence[Made], today: date, skipped: Collection[tuple[str, int]],
           stages: Iterable[Stage]) -> list[Planned]:  # fmt: skip
    found: list[Planned] = []
    before: date | None = None
    for stage in stages:
        if stage.yearly:
            found += _yearly(
                stage,
                basis,
                {m.on.year for m in made if m.stage == stage.code},
                today,
                {place for code, place in skipped if code == stage.code},
            )
            break
        done = [m for m in made if m.stage == stage.code]
        if stage.before and any(m.stage == stage.before for m in made):
            continue
        if stage.when and compiled(programme).stages[stage.code].value(basis.facts) is not True:
            continue
        if done and not stage.repeats and stage.after != "grade":
            before = done[-1].on
            continue
        planned = (
            _opened(programme, stage, made)
            if stage.after == "grade"
            else _next(programme, stage, basis, made, done, before)
        )
        if planned is None:
            continue
        while (planned.stage, planned.place) in skipped and stage.repeats:
            planned = _after_skip(stage, planned)
        if (planned.stage, planned.place) in skipped or _too_old(stage, basis, planned.due_on):
            continue
        if (
            not stage.repeats
            and not stage.catch_up
            and planned.closes_on < today
            and stage.after != "grade"
            and not stage.hours
        ):
            if planned.closes_on >= basis.started_on:
                found.append(_missed(planned))
            continue
        found.append(planned)
        break
    return found


def _next(programme: Programme, stage: Stage, basis: Basis, made: Sequence[Made], done: Sequence[Made], before: date | None) -> Planned | None:  # fmt: skip
    if stage.every_days and done:
        last = done[-1]
        grade = programme.grade(last.grade)
        sooner = (
            grade.next_days
            if grade
            else (programme.ungraded.next_days if stage.graded and not last.grade and programme.grades else 0)
        )
        if sooner:
            return window(stage, len(done) + 1, last.on + timedelta(days=sooner), exact=sooner < stage.every_days)
        return window(stage, len(done) + 1, last.on + timedelta(days=stage.every_days))
    start = _start(stage, basis, made)
    if start is None:
        return None
    due = shift(start, stage)
    if before is not None and stage.gap_days:
        due = max(due, before + timedelta(days=stage.gap_days))
    planned = window(stage, len(done) + 1, due)
    if stage.hours and basis.began_at:
        deadline = basis.began_at + timedelta(hours=stage.hours)
        day = deadline.astimezone(SHANGHAI).date()
        return Planned(stage.code, 1, day, min(basis.started_on, day), day, deadline)
    return planned


def _start(stage: Stage, basis: Basis, made: Sequence[Made]) -> date | None:
    if stage.after == "enrolment":
        return basis.started_on
    if stage.after == "birth":
        return basis.born
    if stage.after == "anchor":
        return basis.anchor_on
    return next((m.since(stage) for m in reversed(made) if m.stage == stage.after), None)


def _opened(programme: Programme, stage: Stage, made: Sequence[Made]) -> Planned | None:
    """A stage that a grade opens is due while the visit that opened it is the last one."""
    done = sum(1 for m in made if m.stage == stage.code)
    last = made[-1] if made else None
    grade = programme.grade(last.grade) if last else None
    if last is None or grade is None or grade.opens != stage.code:
        return None
    return window(stage, done + 1, last.on + timedelta(days=grade.opens_days), exact=True)


def _yearly(stage: Stage, basis: Basis, done: Collection[int], today: date, skipped: Collection[int]) -> list[Planned]:
    """Once per calendar year: past years without a visit were missed, this year's (or the next one's) is due."""
    first = basis.started_on.year
    missed = [_missed(_year(stage, y, basis)) for y in range(first, today.year) if y not in done and y not in skipped]
    due = max(first, today.year)
    while due in done or due in skipped:
        due += 1
    return [*missed, _year(stage, due, basis)]


def _year(stage: Stage, year: int, basis: Basis) -> Planned:
    last = date(year, 12, 31)
    return Planned(stage.code, year, last, max(date(year, 1, 1), basis.started_on), last, end_of(last))


def _after_skip(stage: Stage, planned: Planned) -> Planned:
    return window(stage, planned.place + 1, planned.due_on + timedelta(days=stage.every_days))


def window(stage: Stage, place: int, due: date, exact: bool = False) -> Planned:
    """The window around a due day; ``exact``: a day that a grade gave is the last one, and open at once."""
    early = 14 if exact else stage.early_days
    closes = due if exact else due + timedelta(days=stage.late_days)
    return Planned(stage.code, place, due, due - timedelta(days=early), closes, end_of(closes))


def _missed(p: Planned) -> Planned:
    return Planned(p.stage, p.place, p.due_on, p.opens_on, p.closes_on, p.deadline, True)


def _too_old(stage: Stage, basis: Basis, due: date) -> bool:
    return bool(stage.until_months and basis.born and due >= add_months(basis.born, stage.until_months))


def shift(start: date, stage: Stage) -> date:
    """The start moved by the stage's months, weeks and days."""
    return add_months(start, stage.months) + timedelta(days=stage.days, weeks=stage.weeks)


def end_of(day: date) -> datetime:
    """The last second of a day in China."""
    return datetime.combine(day, time(23, 59, 59), SHANGHAI)


def locks_on(programme: Programme, on: date) -> date:
    """The last day on which a visit of a day can be entered or changed without a reason."""
    return period_end(on, programme.lock.period) + timedelta(days=programme.lock.days)


def period_end(day: date, period: str) -> date:
    """The last day of the month, quarter or year of a day."""
    month = {"month": day.month, "quarter": (day.month - 1) // 3 * 3 + 3, "year": 12}[period]
    return date(day.year, month, calendar.monthrange(day.year, month)[1])
