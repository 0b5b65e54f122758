"""People under management with their history, by COPY: for the demo county and for take-overs from old systems.

    load([Person(resident_id=…, programme="…", …, visits=[Past("followup", day, "2", {"sbp": 138, …})])], actor=…, reason="…")

Every visit is judged by the definition in force, as if it had been recorded in order; due rows and tasks follow from the plan. A batch is logged with its counts,
not tracked row by row; nothing is announced by events. Relationships are the loader's to open.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from itertools import islice
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, models, transaction

from yigong.core import clock, statements
from yigong.core.actor import Actor
from yigong.core.audit.api import bulk_load
from yigong.core.clock import SHANGHAI
from yigong.core.forms import api as forms
from yigong.core.forms.models import FormResponse
from yigong.core.ids import new_id
from yigong.programmes.commands import upkeep, vaccines
from yigong.programmes.commands.enrolling import finish
from yigong.programmes.models import Dose, Due, Enrolment, Visit
from yigong.programmes.queries import working
from yigong.programmes.queries.working import Working
from yigong.programmes.rules import judging
from yigong.programmes.rules.definition import Programme
from yigong.programmes.rules.packs import programmes
from yigong.tasks import api as tasks

_PORTION = 2000
_ENROLMENT = (
    "id", "resident_id", "programme", "subject", "definition", "institution_id", "staff_id", "restricted", "started_on", "began_at", "anchor_on",
    "state", "state_since", "version", "ending", "ended_on", "facts", "grade", "graded_on", "last_on", "next_stage", "next_due_on", "next_opens_on", "next_closes_on",
    "source", "batch", "attempts",
)  # fmt: skip
_VISIT = (
    "id", "enrolment_id", "stage", "on", "way", "institution_id", "staff_id", "response_id", "encounter_id", "definition", "facts", "values", "grade",
    "is_complete", "entered_late", "late_reason", "void_reason", "recorded_at", "batch",
)  # fmt: skip
_RESPONSE = (
    "id", "form_code", "form_version", "subject_kind", "subject_id", "resident_id", "answers", "author_name", "staff_id", "institution_id", "answered_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Past:
    """A visit of the past; ``answers`` as read (numbers as numbers); ``recorded_at`` when it was entered, where that was not the same afternoon."""

    stage: str
    on: date
    way: str
    answers: Mapping[str, Any]
    encounter_id: UUID | None = None
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A person to take over; ``ending`` with ``ended_on`` for one whose management is over."""

    resident_id: UUID
    programme: str
    institution_id: UUID
    born: date | None
    sex: str
    started_on: date
    staff_id: UUID | None = None
    anchor_on: date | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    visits: Sequence[Past] = ()
    ending: str = ""
    ended_on: date | None = None
    attempts: int = 0


def load(people: Iterable[Person], *, actor: Actor, reason: str, today: date | None = None) -> int:
    """Write people, visits, due rows and tasks; returns how many people. One transaction."""
    day, done, source = today or clock.today(), 0, iter(people)
    with transaction.atomic():
        while portion := list(islice(source, _PORTION)):
            portion = [_with_reckoned(person) for person in portion]
            works, changes = [_work(person) for person in portion], upkeep.Changes()
            for work in works:
                upkeep.compare(work, work.plan(day), changes)
            with bulk_load(Enrolment, Visit, actor=actor, reason=reason) as counts:
                _write(works, portion, actor)
                counts["enrolment"] = len(works)
            changes.people = []  # written with the rows themselves
            upkeep.write(changes, {w.enrolment.id: w for w in works}, actor)
            done += len(works)
    return done


def _work(person: Person) -> Working:
    programme = programmes()[person.programme]
    since = datetime.combine(person.started_on, time(9), SHANGHAI)
    row = Enrolment(
        id=new_id(), resident_id=person.resident_id, programme=person.programme, definition=programme.version, institution_id=person.institution_id,
        staff_id=person.staff_id, restricted=programme.restricted, started_on=person.started_on, began_at=since, anchor_on=person.anchor_on,
        facts=judging.plain(person.facts), state="ended" if person.ending else "active", state_since=since, version=1, ending=person.ending,
        ended_on=person.ended_on, source="bulk", attempts=person.attempts, subject="",
    )  # fmt: skip
    work = Working(row, programme, person.born, person.sex)
    inputs = judging.compiled(programme).inputs
    for past in sorted(person.visits, key=lambda v: v.on):
        facts = working.facts_at(
            programme,
            past.answers,
            on=past.on,
            stage=past.stage,
            way=past.way,
            born=person.born,
            sex=person.sex,
            enrolment=row,
        )
        work.visits.append(
            Visit(
                id=new_id(), enrolment_id=row.id, stage=past.stage, on=past.on, way=past.way, institution_id=person.institution_id,
                staff_id=person.staff_id, response_id=new_id(), encounter_id=past.encounter_id, definition=programme.version,
                facts=judging.plain({n: v for n, v in facts.items() if n in inputs}), recorded_at=past.recorded_at or datetime.combine(past.on, time(16), SHANGHAI),
                is_complete=_is_whole(programme, past, person.born, person.sex), entered_late=_is_late(programme, past), late_reason="", void_reason="", grade="",
            )
        )  # fmt: skip
    working.judged(work)
    graded = next((v for v in reversed(work.visits) if v.grade), None)
    row.grade, row.graded_on = (graded.grade, graded.on) if graded else ("", None)
    row.last_on = work.visits[-1].on if work.visits else None
    return work


def _with_reckoned(person: Person) -> Person:
    programme = programmes()[person.programme]
    return replace(person, visits=[_reckoned(programme, v, person.born, person.sex) for v in person.visits])


def _reckoned(programme: Programme, past: Past, born: date | None, sex: str) -> Past:
    """The same visit with what its form reckons from the answers."""
    stage = programme.stage(past.stage)
    sheet = forms.form(stage.form, programme.effective_from) if stage else None
    if sheet is None or not any(i.reckoned for i in sheet.items):
        return past
    person = judging.person_facts(born, sex, past.on, past.stage)
    return replace(past, answers={**past.answers, **forms.reckoned(sheet, past.answers, person)})


def _is_whole(programme: Programme, past: Past, born: date | None, sex: str) -> bool:
    """Whether nothing compulsory is missing."""
    stage = programme.stage(past.stage)
    if stage is None or not stage.compulsory:
        return True
    sheet, person = (
        forms.form(stage.form, programme.effective_from),
        judging.person_facts(born, sex, past.on, past.stage),
    )
    return not judging.lacking(stage, sheet, past.answers, person)


def _is_late(programme: Programme, past: Past) -> bool:
    entered = past.recorded_at.astimezone(SHANGHAI).date() if past.recorded_at else past.on
    return (entered - past.on).days > programme.lock.late_days


def _write(works: Sequence[Working], people: Sequence[Person], actor: Actor) -> None:
    batch = new_id()
    for work in works:
        work.enrolment.batch = batch
        for visit in work.visits:
            visit.batch = batch
    _copy(Enrolment, _ENROLMENT, ([getattr(w.enrolment, c) for c in _ENROLMENT] for w in works))
    _copy(FormResponse, _RESPONSE, (row for w, p in zip(works, people, strict=True) for row in _responses(w, p, actor)))
    _copy(Visit, _VISIT, ([getattr(v, c) for c in _VISIT] for w in works for v in w.visits))
    for work, person in zip(works, people, strict=True):
        _doses(work.programme, work.visits, sorted(person.visits, key=lambda v: v.on))


def _responses(work: Working, person: Person, actor: Actor) -> Iterable[list[Any]]:
    forms = judging.forms_of(work.programme)
    for visit, past in zip(work.visits, sorted(person.visits, key=lambda v: v.on), strict=True):
        stage = work.programme.stage(visit.stage)
        form = forms[stage.form] if stage else None
        if form is not None:
            yield [
                visit.response_id, form.code, form.version, "programme_visit", visit.id, person.resident_id, judging.plain(past.answers), actor.name,
                visit.staff_id, visit.institution_id, visit.recorded_at,
            ]  # fmt: skip


def _copy(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    names = ", ".join(f'"{c}"' for c in columns)
    with connection.cursor() as cursor:
        cursor.execute("select 1")  # carries "do not track" to the server, which COPY alone does not
        with cursor.copy(f"copy {model._meta.db_table} ({names}) from stdin") as copy:
            for row in rows:
                copy.write_row([orjson.dumps(v).decode() if isinstance(v, dict | list) else v for v in row])


def follow(visits: Mapping[UUID, Past], *, actor: Actor, today: date | None = None) -> int:
    """One visit each for many people under management (an upload from the field, already checked): judged, written, due rows, tasks and endings follow.

    Inside a transaction. Not written into ``records``, as the sender has done so or will; whoever has ended meanwhile is left out. Returns how many visits.
    """
    day, now, done = today or clock.today(), clock.now(), 0
    for portion in working.chunks(list(visits)):
        works = [w for w in working.load(portion, lock=True, today=day) if w.enrolment.state == "active"]
        given = {w.enrolment.id: _reckoned(w.programme, visits[w.enrolment.id], w.born, w.sex) for w in works}
        fresh = [_followed(work, given[work.enrolment.id], now) for work in works]
        changed = [
            v
            for work, visit in zip(works, fresh, strict=True)
            for v in working.regraded(work, work.visits.index(visit))
            if v is not visit
        ]
        Visit.objects.bulk_create(fresh, batch_size=1000)
        statements.update_each(changed, ["values", "grade"])
        for work, visit in zip(works, fresh, strict=True):
            _doses(work.programme, [visit], [given[work.enrolment.id]])
        _copy(
            FormResponse,
            _RESPONSE,
            [_answered(w, v, given[w.enrolment.id], actor) for w, v in zip(works, fresh, strict=True)],
        )
        _closed(works, fresh, actor, now)
        _repeat(works)
        going_on = [w for w, v in zip(works, fresh, strict=True) if not _ends(w, v, actor)]
        upkeep.apply(going_on, actor=actor, today=day)
        done += len(fresh)
    return done


def _doses(programme: Programme, visits: Sequence[Visit], given: Sequence[Past]) -> None:
    """Which lots went in, for a recall; what was given before or elsewhere leaves no stock here."""
    found = [vaccines.dose_of(programme, v, past.answers) for v, past in zip(visits, given, strict=True)]
    Dose.objects.bulk_create([dose for dose in found if dose is not None])


def _followed(work: Working, past: Past, now: datetime) -> Visit:
    row = work.enrolment
    facts = working.facts_at(
        work.programme,
        past.answers,
        on=past.on,
        stage=past.stage,
        way=past.way,
        born=work.born,
        sex=work.sex,
        enrolment=row,
    )
    inputs = judging.compiled(work.programme).inputs
    visit = Visit(
        id=new_id(), enrolment_id=row.id, stage=past.stage, on=past.on, way=past.way, institution_id=row.institution_id, staff_id=row.staff_id,
        response_id=new_id(), encounter_id=past.encounter_id, definition=row.definition, recorded_at=now, late_reason="", void_reason="",
        facts=judging.plain({n: v for n, v in facts.items() if n in inputs}), entered_late=False, grade="",
        is_complete=_is_whole(work.programme, past, work.born, work.sex),
    )  # fmt: skip
    work.visits.append(visit)
    work.visits.sort(key=lambda v: (v.on, v.recorded_at))
    return visit


def _answered(work: Working, visit: Visit, past: Past, actor: Actor) -> list[Any]:
    stage = work.programme.stage(visit.stage)
    form = judging.forms_of(work.programme)[stage.form if stage else ""]
    return [
        visit.response_id, form.code, form.version, "programme_visit", visit.id, work.enrolment.resident_id, judging.plain(past.answers), actor.name,
        visit.staff_id, visit.institution_id, visit.recorded_at,
    ]  # fmt: skip


def _closed(works: Sequence[Working], visits: Sequence[Visit], actor: Actor, now: datetime) -> None:
    met: list[Due] = []
    for work, visit in zip(works, visits, strict=True):
        for due in [d for d in work.dues if d.state == "open" and d.stage == visit.stage]:
            due.state, due.visit, due.changed_at = "done", visit, now
            work.dues.remove(due)
            met.append(due)
    statements.update_each(met, ["state", "visit", "changed_at"])
    tasks.resolve_tasks(keys=[upkeep.key_of(d.id) for d in met], actor=actor, note="")


def _repeat(works: Sequence[Working]) -> None:
    for work in works:
        graded = next((v for v in reversed(work.visits) if v.grade), None)
        row = work.enrolment
        row.grade, row.graded_on = (graded.grade, graded.on) if graded else ("", None)
        row.last_on, row.attempts = work.visits[-1].on, 0
    statements.update_each([w.enrolment for w in works], ["grade", "graded_on", "last_on", "attempts"])


def _ends(work: Working, visit: Visit, actor: Actor) -> bool:
    """Whether this visit ended the management, by its grade or its stage."""
    grade, stage = work.programme.grade(visit.grade), work.programme.stage(visit.stage)
    code = grade.ends if grade and grade.ends else stage.ends if stage else ""
    if code:
        finish(work, code, "", actor=actor, on=work.visits[-1].on, by_itself=True)
    return bool(code)
