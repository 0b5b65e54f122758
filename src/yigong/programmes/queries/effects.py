"""What a visit would amount to while it is typed, and what another version would change: nothing is written."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.forms import api as forms
from yigong.programmes.data import Foreseen
from yigong.programmes.models import TrialRow, Visit
from yigong.programmes.queries import working
from yigong.programmes.queries.working import Working
from yigong.programmes.rules import judging, planning
from yigong.programmes.rules.definition import Programme
from yigong.programmes.rules.medicines import Use
from yigong.programmes.rules.packs import version_of


def foresee(
    *, enrolment_id: UUID, stage: str, answers: Mapping[str, Any], on: date | None = None, way: str = "1", medicines: Sequence[Use] = ()
) -> Foreseen:  # fmt: skip
    """The grade, the next contact and what is missing or unlikely for what is typed so far; the caller has decided about the person."""
    from yigong.programmes.commands import visits

    today = clock.today()
    work = working.load([enrolment_id], today=today)[0]
    given = visits.read(work, stage, answers, on or today, way, late_reason="…", medicines=medicines)
    earlier = [v for v in work.visits if v.on <= given.on]
    before = next((v for v in reversed(earlier) if v.grade), None)
    programme = work.programme
    told = judging.judge(programme, given.facts, before.values if before else None, before.grade if before else "")
    grade = told.grade if given.stage.graded else None
    sheet = forms.form(given.stage.form, programme.effective_from)
    labels = {i.code: i.label for i in sheet.items}
    asked = set(
        forms.told(sheet, given.reading.answers, judging.person_facts(work.born, work.sex, given.on, stage)).items
    )
    made = planning.Made(
        stage, given.on, grade.code if grade else "", working.dates_in(programme, judging.plain(given.facts))
    )
    next_on = _next(work, made, today)
    goals = tuple((_(g.title), told.goals[g.code], g.source) for g in programme.goals if g.code in told.goals)
    return Foreseen(
        grade=grade.code if grade else "", title=_(grade.title) if grade else "", tone=grade.tone if grade else "",
        advice=_(grade.advice) if grade else "", refer=_(grade.refer) if grade else "", emergency=bool(grade and grade.emergency),
        next_on=next_on, goals=goals, missing=tuple(_(labels[n]) for n in told.missing if n in asked and given.stage.graded), errors=given.reading.errors,
        warnings=given.reading.warnings | dict(given.doubts), values=told.values,
        scores={s.code: given.facts[s.code] for s in programme.scores if s.code in given.facts},
        lacking=tuple(_(labels[n]) for n in given.lacking),
    )  # fmt: skip


def _next(work: Working, visit: planning.Made, today: date) -> date | None:
    made, stage, on = [*work.made(), visit], visit.stage, visit.on
    skipped = {(d.stage, d.place) for d in work.dues if d.state in {"missed", "declined"}}
    rows = planning.plan(work.programme, work.basis(), made, today, skipped=skipped, held=work.held)
    ahead = [p for p in rows if not p.missed and p.due_on >= on]
    return min((p.due_on for p in ahead if p.stage == stage), default=min((p.due_on for p in ahead), default=None))


def changed(new: Programme, ids: Collection[UUID], today: date) -> Iterator[TrialRow]:
    """Whom a version would touch among these enrolments: whose next day moves, whose visits open or close, whose last grade would be another."""
    works = working.load(ids, today=today)
    answers = forms.answers_of([v.response_id for w in works for v in w.visits[-2:]])
    for work in works:
        before, after = _due(work, None, today), _due(work, new, today)
        old, fresh = _grades(work, new, answers)
        shifted, opened, closed = _stages(work, new, today)
        if before != after or old != fresh or shifted or opened or closed:
            yield TrialRow(
                enrolment_id=work.enrolment.id, next_before=before, next_after=after, grade_before=old, grade_after=fresh, shifted=shifted,
                opened=opened, closed=closed,
            )  # fmt: skip


def _due(work: Working, programme: Programme | None, today: date) -> date | None:
    return min((p.due_on for p in work.plan(today, programme) if not p.missed), default=None)


def _stages(work: Working, new: Programme, today: date) -> tuple[int, int, int]:
    """How many visits would move to another day, how many would open (each with a task), and how many of the open ones would close."""
    now = {(d.stage, d.place): d.due_on for d in work.dues if d.state == "open"}
    then = {(p.stage, p.place): p.due_on for p in work.plan(today, new) if not p.missed}
    shifted = sum(now[key] != then[key] for key in now.keys() & then.keys())
    return shifted, len(then.keys() - now.keys()), len(now.keys() - then.keys())


def _grades(work: Working, new: Programme, answers: Mapping[UUID, Mapping[str, Any]]) -> tuple[str, str]:
    """The last grade as it stands, and as the new version would give it to what was answered then."""
    graded = [v for v in work.visits if v.grade]
    if not graded:
        return "", ""
    last, before = graded[-1], graded[-2] if len(graded) > 1 else None
    own = version_of(work.enrolment.programme, last.definition)
    earlier = judging.judge(new, _facts(work, new, before, answers)) if before else None
    told = judging.judge(
        new, _facts(work, new, last, answers), earlier.values if earlier else None, before.grade if before else ""
    )
    old = own.grade(last.grade)
    return (_(old.title) if old else ""), (_(told.grade.title) if told.grade else _(new.ungraded.title))


def _facts(work: Working, new: Programme, visit: Visit, answers: Mapping[UUID, Mapping[str, Any]]) -> Mapping[str, Any]:
    """What the new version would look at: reckoned anew from the answers, the facts kept of the visit where there are none."""
    given = answers.get(visit.response_id)
    if given is None:
        return judging.revived(new, visit.facts)
    types = judging.kinds_of(new)
    typed = {n: float(v) if types.get(n) == "double" else v for n, v in judging.revived(new, given).items()}
    return working.facts_at(
        new, typed, on=visit.on, stage=visit.stage, way=visit.way, born=work.born, sex=work.sex, enrolment=work.enrolment
    )  # fmt: skip
