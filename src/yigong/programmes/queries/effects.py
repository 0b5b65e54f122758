"""What a visit would amount to while it is typed, and what another version would change: nothing is written."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.programmes.data import Effect, Foreseen
from yigong.programmes.models import Enrolment, Visit
from yigong.programmes.queries import working
from yigong.programmes.queries.working import Working
from yigong.programmes.rules import judging, planning
from yigong.programmes.rules.definition import Programme
from yigong.programmes.rules.packs import version_of

SHOWN = 200


def foresee(
    *, enrolment_id: UUID, stage: str, answers: Mapping[str, Any], on: date | None = None, way: str = "1"
) -> Foreseen:
    """The grade, the next contact and what is missing or unlikely for what is typed so far; the caller has decided about the person."""
    from yigong.programmes.commands import visits

    today = clock.today()
    work = working.load([enrolment_id], today=today)[0]
    given = visits.read(work, stage, answers, on or today, way, late_reason="…")
    earlier = [v for v in work.visits if v.on <= given.on]
    before = next((v for v in reversed(earlier) if v.grade), None)
    programme = work.programme
    told = judging.judge(programme, given.facts, before.values if before else None, before.grade if before else "")
    grade = told.grade if given.stage.graded else None
    labels = {i.code: i.label for f in judging.forms_of(programme).values() for i in f.items}
    next_on = _next(work, stage, given.on, grade.code if grade else "", today)
    goals = tuple((_(g.title), told.goals[g.code], g.source) for g in programme.goals if g.code in told.goals)
    return Foreseen(
        grade=grade.code if grade else "", title=_(grade.title) if grade else "", tone=grade.tone if grade else "",
        advice=_(grade.advice) if grade else "", refer=_(grade.refer) if grade else "", emergency=bool(grade and grade.emergency),
        next_on=next_on, goals=goals, missing=tuple(_(labels[n]) for n in told.missing if n in labels), errors=given.reading.errors,
        warnings=given.reading.warnings, values=told.values,
    )  # fmt: skip


def _next(work: Working, stage: str, on: date, grade: str, today: date) -> date | None:
    made = [*work.made(), planning.Made(stage, on, grade)]
    skipped = {(d.stage, d.place) for d in work.dues if d.state in {"missed", "declined"}}
    rows = planning.plan(work.programme, work.basis(), made, today, skipped=skipped, held=work.held)
    ahead = [p for p in rows if not p.missed and p.due_on >= on]
    return min((p.due_on for p in ahead if p.stage == stage), default=min((p.due_on for p in ahead), default=None))


def effect(new: Programme, today: date) -> Effect:
    """What a version would change for the people under management: whose next due day moves, whose last grade would be another."""
    ids = list(Enrolment.objects.filter(programme=new.code, state="active").values_list("id", flat=True))
    moved = regraded = 0
    rows: list[tuple[UUID, date | None, date | None, str, str]] = []
    for portion in working.chunks(ids):
        for work in working.load(portion, today=today):
            before, after = _due(work, None, today), _due(work, new, today)
            old, fresh = _grades(work, new)
            moved += before != after
            regraded += old != fresh
            if (before != after or old != fresh) and len(rows) < SHOWN:
                rows.append((work.enrolment.resident_id, before, after, old, fresh))
    return Effect(len(ids), moved, regraded, tuple(rows))


def _due(work: Working, programme: Programme | None, today: date) -> date | None:
    return min((p.due_on for p in work.plan(today, programme) if not p.missed), default=None)


def _grades(work: Working, new: Programme) -> tuple[str, str]:
    """The last grade as it stands, and as the new version would give it to the same visit."""
    graded = [v for v in work.visits if v.grade]
    if not graded:
        return "", ""
    last, before = graded[-1], graded[-2] if len(graded) > 1 else None
    own = version_of(work.enrolment.programme, last.definition)
    told = judging.judge(new, judging.revived(new, last.facts), _values(new, before), before.grade if before else "")
    old = own.grade(last.grade)
    return (_(old.title) if old else ""), (_(told.grade.title) if told.grade else _(new.ungraded.title))


def _values(new: Programme, visit: Visit | None) -> Mapping[str, Any] | None:
    if visit is None:
        return None
    return judging.judge(new, judging.revived(new, visit.facts)).values
