"""A follow-up: judged, written into the record once, and the plan, the tasks and the rates follow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.changes import change
from yigong.core.clock import SHANGHAI
from yigong.core.commands import one_at_a_time, racing
from yigong.core.constraints import refusing
from yigong.core.errors import Conflict, InvalidInput, NotFound
from yigong.core.events.api import record
from yigong.core.forms import api as forms
from yigong.core.ui.shell import address
from yigong.programmes import policies
from yigong.programmes.commands import checking, common, upkeep, vaccines
from yigong.programmes.commands.enrolling import finish, settle, settled
from yigong.programmes.data import Outcome
from yigong.programmes.errors import Locked, Unconfirmed
from yigong.programmes.events import VisitRecorded, VisitVoided
from yigong.programmes.models import Attempt, Check, Due, Enrolment, MedicineUse, Visit
from yigong.programmes.queries import working
from yigong.programmes.queries.people import to_data, visit_data
from yigong.programmes.queries.working import Working
from yigong.programmes.rules import judging, planning
from yigong.programmes.rules import medicines as rules
from yigong.programmes.rules.definition import Measure, Programme, Stage
from yigong.programmes.rules.medicines import Use
from yigong.programmes.rules.packs import measures_at
from yigong.records import api as records
from yigong.records.data import NewResult
from yigong.residents import api as residents
from yigong.tasks import api as tasks


@dataclass(frozen=True)
class Given:
    """A visit as it was given, read and checked."""

    stage: Stage
    on: date
    way: str
    reading: forms.Reading
    facts: Mapping[str, Any]
    late: bool
    medicines: Sequence[Use] = ()
    doubts: Mapping[str, str] = field(default_factory=dict)
    lacking: tuple[str, ...] = ()
    """The compulsory items that were not answered: codes."""


@racing("programmes.record_visit")
@change
def record_visit(
    *,
    enrolment_id: UUID,
    stage: str,
    answers: Mapping[str, Any],
    actor: Actor,
    on: date | None = None,
    way: str = "1",
    confirmed: bool = False,
    late_reason: str = "",
    lot_reason: str = "",
    idempotency_key: UUID | None = None,
    staff_id: UUID | None = None,
    medicines: Sequence[Use] = (),
) -> Outcome:
    """Record one follow-up of a stage. ``answers`` as typed, by the items of the stage's form; ``way`` 1 clinic, 2 home, 3 telephone;
    ``medicines`` one by one, from which the form's own two items follow where they were left open.

    Refused: before the enrolment, in the future, after a death, impossible values (InvalidInput names each with its limits), unlikely values
    that are not ``confirmed`` (Unconfirmed), a locked period without ``late_reason`` (Locked), a blocked lot without ``lot_reason`` (LotBlocked). The
    same key twice is the same visit.
    """
    policies.require(actor, policies.WORK)
    from yigong.programmes.commands import entries, sharing

    one_at_a_time(enrolment_id)  # a double click waits and finds the first one's visit
    if idempotency_key and (
        done := Visit.objects.filter(request_key=idempotency_key).select_related("enrolment").first()
    ):
        return Outcome(visit_data(done, done.enrolment.programme), to_data(done.enrolment), {}, repeated=True)
    sharing.take_turn(enrolment_id, stage)
    work = common.locked(enrolment_id, actor, clock.today())
    common.active(work.enrolment)
    given = read(work, stage, answers, on or clock.today(), way, late_reason, medicines)
    if given.reading.errors:
        raise InvalidInput(errors=given.reading.errors)
    doubts = (
        given.reading.warnings
        | vaccines.doubts(work.programme, given.stage, given.reading.answers)
        | dict(given.doubts)
        | entries.doubts(given.stage.form, work, given.reading.answers, actor)
    )
    if doubts and not confirmed:
        raise Unconfirmed(errors=doubts)
    visit = _visit(work, given, actor, staff_id, late_reason, idempotency_key)
    later = judged(work, visit)
    with refusing(
        programme_visit_once_a_day=Conflict(
            _("这一天的“%(stage)s”已登记过，如有误请作废后重录。") % {"stage": given.stage.title}
        )
    ):
        visit.encounter_id = into_record(work, visit, given.reading.answers, actor)
        visit.response_id = forms.save(
            _form(work.programme, given.stage), given.reading, subject=("programme_visit", visit.id), actor=actor,
            resident_id=work.enrolment.resident_id,
        )  # fmt: skip
        visit.save(force_insert=True)
        MedicineUse.objects.bulk_create(
            MedicineUse(visit=visit, place=n, name=u.name, text=u.text, taken=u.taken, note=u.note)
            for n, u in enumerate(given.medicines, 1)
        )
        vaccines.give(work, visit, given.reading.answers, actor, despite=lot_reason)
    entries.write(given.stage.form, work, visit, given.reading.answers, actor)
    upkeep.ask_for(work, visit, given.lacking, actor)
    follow(work, visit, later, actor)
    sharing.share(work, visit, given.stage, given.reading.answers, actor)
    row = work.enrolment
    record(
        VisitRecorded(
            visit.id, row.id, row.resident_id, row.programme, stage, visit.institution_id, visit.grade, visit.on
        )
    )
    return Outcome(visit_data(visit, row.programme), to_data(row), given.reading.warnings)


def read(
    work: Working, stage_code: str, answers: Mapping[str, Any], on: date, way: str, late_reason: str = "", medicines: Sequence[Use] = ()
) -> Given:  # fmt: skip
    """Check day, way and answers of a visit; nothing is written. Raises InvalidInput for the day, Locked for its period."""
    stage = work.programme.stage(stage_code)
    if stage is None:
        raise NotFound(_("方案里没有这个环节。"))
    if way not in Visit.Way.values:
        raise InvalidInput(errors={"way": _("请选择随访方式。")})
    late = _check_day(work, on, late_reason)
    sheet = _form(work.programme, stage)
    uses, code = rules.checked(medicines), work.programme.code
    person = judging.person_facts(work.born, work.sex, on, stage_code)
    reading = forms.read(sheet, answers, person)
    if more := rules.missing(code, sheet, reading.answers, uses):
        typed = dict(answers.lists()) if hasattr(answers, "lists") else dict(answers)
        reading = forms.read(sheet, typed | more, person)
    facts = working.facts_at(
        work.programme,
        reading.answers,
        on=on,
        stage=stage_code,
        way=way,
        born=work.born,
        sex=work.sex,
        enrolment=work.enrolment,
    )
    doubts = rules.doubt(code, sheet, reading.answers, uses)
    return Given(
        stage, on, way, reading, facts, late, uses, doubts, judging.lacking(stage, sheet, reading.answers, person)
    )


def _form(programme: Programme, stage: Stage) -> forms.FormDefinition:
    return forms.form(stage.form, programme.effective_from)


def _check_day(work: Working, on: date, late_reason: str) -> bool:
    """Whether the visit is entered late; refuses days that cannot be."""
    today, row = clock.today(), work.enrolment
    if on > today:
        raise InvalidInput(errors={"on": _("随访日期 %(d)s 晚于今天，请核对。") % {"d": on}})
    if on < row.started_on:
        raise InvalidInput(
            errors={"on": _("随访日期 %(d)s 早于纳入管理日期 %(s)s，请核对。") % {"d": on, "s": row.started_on}}
        )
    # The file at hand, unless it was merged into another.
    person = row.resident if row.resident.merged_into_id is None else residents.identity(row.resident_id)
    if person.status == "deceased" and (person.closed_on is None or on >= person.closed_on):
        raise InvalidInput(
            errors={"on": _("居民已于 %(d)s 死亡，不能登记之后的随访。") % {"d": person.closed_on or "—"}}
        )
    if person.status == "cancelled":
        raise Conflict(_("居民档案已注销，不能登记随访。"))
    since = planning.locks_on(work.programme, on)
    if today > since and not late_reason.strip():
        words = {"day": on, "since": since}
        raise Locked(errors={"late_reason": _(Locked.message) % words}, **words)
    return (today - on).days > work.programme.lock.late_days


def _visit(
    work: Working, given: Given, actor: Actor, staff_id: UUID | None, late_reason: str, key: UUID | None
) -> Visit:
    inputs = judging.compiled(work.programme).inputs
    place = actor.institution_id or work.enrolment.institution_id
    return Visit(
        enrolment_id=work.enrolment.id, stage=given.stage.code, on=given.on, way=given.way, institution_id=place,
        staff_id=staff_id or actor.staff_id, definition=work.programme.version, entered_late=given.late, recorded_at=clock.now(),
        facts=judging.plain({n: v for n, v in given.facts.items() if n in inputs}), request_key=key,
        late_reason=late_reason.strip()[:200], is_complete=not given.lacking,
    )  # fmt: skip


def into_record(work: Working, visit: Visit, answers: Mapping[str, Any], actor: Actor, *, again: bool = False) -> UUID:
    """The contact, its signs and results, written once where everybody reads them; the next look is this room's to see to. ``again``: after the
    contact written before was taken back, with everything that stood in it."""
    stage = work.programme.stage(visit.stage)
    measures = measures_at(work.programme, stage)
    signs = {m.sign: Decimal(str(answers[m.item])) for m in measures if m.sign and answers.get(m.item) is not None}
    told = measures if again else unknown(work, visit, measures, answers, actor)
    return records.record_contact(
        resident_id=work.enrolment.resident_id, kind="followup", actor=actor, occurred_at=moment(visit.on),
        complaint=f"{work.programme.short} {stage.title if stage else ''}".strip(), signs=signs, results=results_of(told, answers),
        title=_(work.programme.short), code="programme",
    )  # fmt: skip


def results_of(measures: Sequence[Measure], answers: Mapping[str, Any]) -> list[NewResult]:
    """What was measured besides the signs, as the record takes it."""
    return [
        NewResult(m.loinc, m.title, Decimal(str(answers[m.item])), unit=m.unit, low=_limit(m.low), high=_limit(m.high))
        for m in measures
        if m.loinc and not m.sign and answers.get(m.item) is not None
    ]


def unknown(
    work: Working, visit: Visit, measures: Sequence[Measure], answers: Mapping[str, Any], actor: Actor
) -> list[Measure]:
    """The measures but for those whose value the form took from the record: a laboratory's result is not written a second time."""
    stage = work.programme.stage(visit.stage)
    items = {i.code: i for i in _form(work.programme, stage).items if i.prefill} if stage else {}
    taken = [
        m for m in measures if m.loinc and m.item in items and items[m.item].prefill == m.loinc and m.item in answers
    ]
    if not taken:
        return list(measures)
    summary, known = records.summary(work.enrolment.resident_id, actor=actor), set()
    for m in taken:
        held, days = summary.result(m.loinc), timedelta(days=items[m.item].prefill_days)
        if held and held.value == Decimal(str(answers[m.item])) and held.occurred_at >= moment(visit.on) - days:
            known.add(m.item)
    return [m for m in measures if m.item not in known]


def _limit(value: float | None) -> Decimal | None:
    return Decimal(str(value)) if value is not None else None


def moment(on: date) -> datetime:
    """Now for today's visit, noon of the day for an earlier one."""
    return clock.now() if on == clock.today() else datetime.combine(on, time(12), SHANGHAI)


def judged(work: Working, visit: Visit) -> list[Visit]:
    """Put a visit that is not written yet among the others and judge it; returns later ones that now mean something else."""
    work.visits.append(visit)
    work.visits.sort(key=lambda v: (v.on, v.recorded_at))
    return [v for v in working.regraded(work, work.visits.index(visit)) if v is not visit]


def follow(work: Working, visit: Visit, later: Sequence[Visit], actor: Actor) -> None:
    """The visits that mean something else now, the due row, the lists, what the grade does, the plan."""
    repeat(work, later)
    due = next((d for d in work.dues if d.state == "open" and d.stage == visit.stage), None)
    needs = [_report_key(work.enrolment)]
    if due is not None:
        due.state = "done"
        Due.objects.filter(pk=due.pk).update(state="done", visit=visit, changed_at=clock.now())
        work.dues.remove(due)
        needs.append(upkeep.key_of(due.id))
    tasks.resolve_tasks(keys=needs, actor=actor, note=_("已随访"))
    act(work, visit, actor)


def regrade(work: Working) -> None:
    """Judge all visits in order and write what changed; the enrolment repeats the last one's outcome."""
    repeat(work, working.regraded(work))


def repeat(work: Working, changed: Sequence[Visit]) -> None:
    """Write visits that mean something else now; the enrolment repeats the last one's outcome."""
    if changed:
        Visit.objects.bulk_update(changed, ["values", "grade"])
    graded, row = next((v for v in reversed(work.visits) if v.grade), None), work.enrolment
    row.grade, row.graded_on = (graded.grade, graded.on) if graded else ("", None)
    row.last_on, row.attempts = work.visits[-1].on if work.visits else None, 0
    row.save(update_fields=["grade", "graded_on", "last_on", "attempts"])


def act(work: Working, visit: Visit, actor: Actor) -> None:
    """What the grade asks for: an ending, a task; then the plan."""
    programme, row = work.programme, work.enrolment
    grade = programme.grade(visit.grade)
    is_last = work.visits[-1].id == visit.id
    if grade and grade.task and is_last:
        name = residents.resident_names([row.resident_id])[row.resident_id].name
        tasks.open_task(
            key=grade_key(visit), kind="programmes.act", title=f"{name}：{_(grade.task)}", institution_id=row.institution_id,
            url=address("programmes:person", row.resident_id), staff_id=actor.staff_id, role="" if actor.staff_id else "gp",
            about_resident_id=row.resident_id, due_at=planning.end_of(visit.on + timedelta(days=grade.task_days)), urgent=grade.emergency,
            subject=("programme_visit", visit.id),
        )  # fmt: skip
    stage = programme.stage(visit.stage)
    code = grade.ends if grade and grade.ends and is_last else stage.ends if stage else ""
    if code:
        ending = programme.ending(code)
        on = max(visit.on, work.visits[-1].on)
        work.enrolment = finish(work, code, ending.title if ending else "", actor=actor, on=on, by_itself=True)
        return
    settled(work, actor=actor)


@change
def void_visit(*, visit_id: UUID, reason: str, actor: Actor) -> None:
    """Take a visit back that was entered by mistake: it counts nowhere, later ones are judged again, what it had met is due again. A check-up
    that other programmes share is taken back from all of them."""
    from yigong.programmes.commands import sharing

    found = Visit.objects.filter(pk=visit_id).only("enrolment_id", "stage").first()
    if found is None:
        raise NotFound()
    sharing.take_turn(found.enrolment_id, found.stage)
    work = common.locked(found.enrolment_id, actor, clock.today())
    visit = Visit.objects.select_for_update().get(pk=visit_id)
    text = common.required(reason, "reason", _("请写明作废原因。"))
    if visit.void_reason:
        raise Conflict(_("这次随访已作废。"))
    for one, twin in [(work, visit), *sharing.twin_works(visit)]:
        _take_back(one, twin, text, actor)
    if visit.encounter_id:
        records.cancel_encounter(encounter_id=visit.encounter_id, reason=text, actor=actor, also_finished=True)
    vaccines.take_back(visit, text, actor)


def _take_back(work: Working, visit: Visit, text: str, actor: Actor) -> None:
    visit.void_reason = text
    visit.save(update_fields=["void_reason"])
    Due.objects.filter(visit=visit).update(state="cancelled", visit=None, reason=text, changed_at=clock.now())
    tasks.cancel_tasks(keys=[grade_key(visit), upkeep.completing_key(visit)], reason=text, actor=actor)
    if (untrue := Check.objects.filter(visit=visit, outcome="not", handled="").first()) is not None:
        checking.settle(untrue, _("随访已作废：%(why)s") % {"why": text}, actor)
    work.visits = [v for v in work.visits if v.id != visit.id]
    regrade(work)
    settle(work.enrolment.id, actor=actor)
    row = work.enrolment
    record(VisitVoided(visit.id, row.id, row.resident_id, row.programme, visit.on))


@change
def note_attempt(*, enrolment_id: UUID, note: str, actor: Actor, way: str = "3", at: datetime | None = None) -> int:
    """Somebody could not be reached. After the definition's number in a row somebody above is told, or the management ends as lost; returns
    how many in a row."""
    work = common.locked(enrolment_id, actor, clock.today())
    common.active(work.enrolment)
    when = at or clock.now()
    if when > clock.now() + timedelta(minutes=5):
        raise InvalidInput(errors={"at": _("联系时间不能晚于现在。")})
    if way not in Visit.Way.values:
        raise InvalidInput(errors={"way": _("请选择联系方式。")})
    row = work.enrolment
    Attempt.objects.create(
        enrolment_id=row.id, at=when, way=way, note=common.required(note, "note", _("请写明未联系上的情况，例如“电话无人接听”。")),
        staff_id=actor.staff_id, actor_name=actor.name,
    )  # fmt: skip
    row.attempts += 1
    row.save(update_fields=["attempts"])
    lost = next((e for e in work.programme.endings if e.attempts), None)
    if lost and row.attempts >= lost.attempts:
        finish(work, lost.code, _("连续 %(n)s 次未能联系上") % {"n": row.attempts}, actor=actor, by_itself=True)
    elif work.programme.report_after_attempts and row.attempts >= work.programme.report_after_attempts:
        _report(work, actor)
    return row.attempts


def grade_key(visit: Visit) -> str:
    """Of the task that a visit's grade asked for."""
    return f"programmes/grade/{visit.id}"


def _report_key(row: Enrolment) -> str:
    return f"programmes/report/{row.id}"


def _report(work: Working, actor: Actor) -> None:
    row = work.enrolment
    name = residents.resident_names([row.resident_id])[row.resident_id].name
    tasks.open_task(
        key=_report_key(row), kind="programmes.report", title=_("%(name)s：%(what)s连续 %(n)s 次未访到，请向上级报告") % {
            "name": name, "what": work.programme.short, "n": row.attempts}, institution_id=row.institution_id,
        url=address("programmes:person", row.resident_id), role="village_doctor" if actor.role == "village_doctor" else "gp",
        about_resident_id=row.resident_id, due_at=planning.end_of(clock.today()), urgent=True, subject=("programme_enrolment", row.id),
    )  # fmt: skip


def _open_due(due_id: UUID, actor: Actor) -> tuple[Due, Working]:
    due = Due.objects.filter(pk=due_id).first()
    if due is None:
        raise NotFound()
    work = common.locked(due.enrolment_id, actor, clock.today())
    due = Due.objects.select_for_update().get(pk=due_id)
    if due.state != "open":
        raise Conflict(_("这一项已处理（%(state)s）。") % {"state": due.get_state_display()})
    return due, work


@change
def book(*, due_id: UUID, on: date, actor: Actor) -> None:
    """Agree a day with the person; the window does not move."""
    due, _work = _open_due(due_id, actor)
    if on < clock.today():
        raise InvalidInput(errors={"on": _("预约日期不能早于今天。")})
    if on > max(due.closes_on, clock.today() + timedelta(days=14)):
        raise InvalidInput(
            errors={"on": _("预约日期不能晚于 %(d)s。") % {"d": max(due.closes_on, clock.today() + timedelta(days=14))}}
        )
    due.booked_on, due.changed_at = on, clock.now()
    due.save(update_fields=["booked_on", "changed_at"])


@change
def refuse_due(*, due_id: UUID, reason: str, actor: Actor) -> None:
    """The person does not want this one visit; the reason stays, the plan goes on with the next."""
    due, work = _open_due(due_id, actor)
    due.state, due.changed_at = "declined", clock.now()
    due.reason = common.required(reason, "reason", _("请写明拒绝的原因，例如“本人要求改在县医院复查”。"))
    due.save(update_fields=["state", "reason", "changed_at"])
    tasks.cancel_task(key=upkeep.key_of(due.id), reason=due.reason, actor=actor)
    settle(work.enrolment.id, actor=actor)
