"""Years in the life of made-up people under one programme, on the engine that the product runs: plans, grades, due rows, tasks, endings.

Each step is some days. Whoever has an open visit is mostly visited (in bulk, as an upload from the field would be), sometimes not reached, declines, ends, comes back or is put off (by the
commands). What must never be is counted after every step by statements over the tables.
"""

# texts: data
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from random import Random
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import DomainError
from yigong.core.forms.definition import FormDefinition, Item
from yigong.programmes import api, bulk
from yigong.programmes.models import Due, Enrolment
from yigong.programmes.rules import counting, judging
from yigong.programmes.rules.definition import Programme
from yigong.programmes.rules.packs import programmes


@dataclass
class Tally:
    """What happened, and what must never have happened."""

    steps: int = 0
    visits: int = 0
    commands: int = 0
    refusals: int = 0
    broken: list[str] = field(default_factory=list)


# Two open managements, an open due row without an open task, a task without a due row, anything open after the end.
_BROKEN = {
    "two open enrolments of one person": """select count(*) from (select 1 from programmes_enrolment where state = 'active'
        group by resident_id, programme, subject having count(*) > 1) x""",
    "due rows without a task": """select count(*) from programmes_due d where d.state = 'open' and not exists (
        select 1 from tasks_task t where t.key = 'programmes/' || d.id and t.state = 'open')""",
    "tasks without a due row": """select count(*) from tasks_task t where t.kind = 'programmes.visit' and t.state = 'open' and not exists (
        select 1 from programmes_due d where 'programmes/' || d.id = t.key and d.state = 'open')""",
    "open due rows after the end": """select count(*) from programmes_due d join programmes_enrolment e on e.id = d.enrolment_id
        where d.state = 'open' and e.state = 'ended'""",
    "lists that say another next day": """select count(*) from programmes_enrolment e where e.next_closes_on is distinct from (
        select min(closes_on) from programmes_due d where d.enrolment_id = e.id and d.state = 'open')""",
}


def broken() -> list[str]:
    """The invariants that do not hold now, with how many rows break each."""
    found = []
    with connection.cursor() as cursor:
        for text, sql in _BROKEN.items():
            cursor.execute(sql)
            if n := cursor.fetchone()[0]:
                found.append(f"{n} {text}")
    return found


def run(code: str, people: list[tuple[UUID, UUID, date, str]], *, actor: Actor, days: int, step: int, seed: int = 1,
        told: Callable[[Tally], object] = lambda tally: None) -> Tally:  # fmt: skip
    """Live through ``days`` with these people (resident, institution, birth date, sex), all taken in on the first day.

    A step is at most ``step`` days, and no longer than the windows that close for good.
    """
    source, tally, begin = Random(f"{code}/{seed}"), Tally(), clock.today()
    programme = programmes()[code]
    step = min([step, *windows_of(programme)])
    bulk.load((_newcomer(programme, person, begin, source) for person in people), actor=actor, reason="模拟")
    for done in range(0, days, step):
        with clock.travel(timedelta(days=done)):
            _step(code, actor, source, tally, min(1.0, _COMMANDED / max(1, len(people))))
            tally.steps += 1
            tally.broken += [f"day {done}: {text}" for text in broken()]
        told(tally)
    return tally


def _newcomer(programme: Programme, person: tuple[UUID, UUID, date, str], on: date, source: Random) -> bulk.Person:
    resident, place, born, sex = person
    facts: dict[str, Any] = {}
    if programme.enrol_form:
        facts = answers(judging.forms_of(programme)[programme.enrol_form], source, on)
    counts = programme.counts
    if counts and counts.corrected_by in facts:  # an ultrasound differs from the last period by days
        facts[counts.corrected_by] = facts[programme.anchor] + timedelta(days=counts.due_days + source.randrange(-7, 8))
    anchor = counting.anchor_of(programme, facts)
    return bulk.Person(resident, programme.code, place, born, sex, on, anchor_on=anchor, facts=facts)


_COMMANDED = 60  # of so many people single steps go through the commands; with more people the same number of commands


def windows_of(programme: Programme) -> list[int]:
    """The days of the windows after which a visit is missed; those of less than a month are left out, nobody steps day by day."""
    single = [s for s in programme.stages if not s.repeats and not s.catch_up and not s.hours and s.after != "grade"]
    return [days for s in single if (days := s.early_days + s.late_days + 1) >= 30]


def born_for(programme: Programme, today: date, n: int = 0) -> date:
    """A birth date, the ``n``-th of many, that lets somebody be in a programme for three years from today: newborn for those of children."""
    youngest = programme.who.age_from or 0
    return today - timedelta(days=(round((youngest + 2) * 365.25) if youngest >= 12 else 0) + 2 + n % 20)


def _step(code: str, actor: Actor, source: Random, tally: Tally, share: float) -> None:
    """One step: the clock's round, then what the field does."""
    today = clock.today()
    api.catch_up(actor=actor)
    programme = programmes()[code]
    forms = judging.forms_of(programme)
    rows = list(
        Due.objects.filter(enrolment__programme=code, state="open", opens_on__lte=today)
        .select_related("enrolment")
        .order_by("id")
    )
    visited: dict[UUID, bulk.Past] = {}
    for due in rows:
        dice = source.random()
        if dice < 0.72 and due.enrolment_id not in visited:
            stage = programme.stage(due.stage)
            if stage is not None:
                given = answers(forms[stage.form], source, today)
                visited[due.enrolment_id] = bulk.Past(due.stage, today, source.choice("112"), given)
        elif source.random() > share:
            continue
        elif dice < 0.80:
            _try(tally, partial(api.note_attempt, enrolment_id=due.enrolment_id, note="家中无人", actor=actor))
        elif dice < 0.82:
            _try(tally, partial(api.refuse_due, due_id=due.id, reason="本人不愿意", actor=actor))
        elif dice < 0.83:
            _try(
                tally,
                partial(
                    api.hold,
                    enrolment_id=due.enrolment_id,
                    reason="发热",
                    until=today + timedelta(days=20),
                    actor=actor,
                ),
            )
        elif dice < 0.835:
            _try(
                tally,
                partial(
                    api.end,
                    enrolment_id=due.enrolment_id,
                    ending=_some_ending(code, source),
                    reason="模拟",
                    actor=actor,
                ),
            )
    with transaction.atomic():
        tally.visits += bulk.follow(visited, actor=actor, today=today)
    for row in list(
        Enrolment.objects.filter(programme=code, state="ended").exclude(ending="merged").order_by("id")[:500]
    ):
        if source.random() < 0.03 * share:
            _try(tally, partial(api.reopen, enrolment_id=row.id, reason="又同意了", actor=actor))


def _some_ending(code: str, source: Random) -> str:
    return source.choice([e.code for e in programmes()[code].endings if not e.follows])


def _try(tally: Tally, act: Callable[[], object]) -> None:
    tally.commands += 1
    try:
        act()
    except DomainError:
        tally.refusals += 1


def answers(form: FormDefinition, source: Random, on: date) -> dict[str, Any]:
    """A filled form, ordinary more often than not."""
    return {i.code: value for i in form.items if i.type != "display" and (value := _answer(i, source, on)) is not None}


def _answer(item: Item, source: Random, on: date) -> Any:
    if item.type in {"choice", "multichoice"}:
        codes = [o.code for o in item.options]
        chosen = codes[0] if source.random() < 0.9 else source.choice(codes)
        return chosen if item.type == "choice" else [chosen]
    if item.type in {"integer", "decimal"}:
        low, high = _USUAL.get(item.code, ((item.min or 0) + 1, (item.min or 0) + 3))
        value = source.uniform(low, high)
        return round(value) if item.type == "integer" else round(value, 1)
    if item.type == "date":
        return on - timedelta(days=source.randrange(0, 30))
    return source.choice((True, False)) if item.type == "boolean" else "模拟"


_USUAL: dict[str, tuple[float, float]] = {
    "sbp": (112, 168), "dbp": (66, 98), "fpg": (4.6, 9.5), "spo2": (91, 99), "respiration": (14, 22), "hb": (100, 140), "cat": (2, 22), "mmrc": (0, 3),
    "heart_rate": (60, 95), "temperature": (36, 37.1), "fetal_heart": (118, 156), "weight": (50, 80), "moderate": (0, 2), "admitted": (0, 1),
    "missed_days": (0, 3), "missed_doses": (0, 2), "target_sbp": (130, 140), "target_dbp": (80, 90), "other_glucose": (5, 12), "hba1c": (5, 8),
}  # fmt: skip
