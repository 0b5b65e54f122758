"""A visit is completed when results come in, or corrected: the same visit, its earlier answers kept, everything that followed from them followed up."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.changes import change
from yigong.core.commands import racing
from yigong.core.errors import Conflict, InvalidInput, NotFound
from yigong.core.forms import api as forms
from yigong.programmes.commands import common, sharing, upkeep, visits
from yigong.programmes.commands.enrolling import settle
from yigong.programmes.data import Outcome
from yigong.programmes.errors import Locked, Unconfirmed
from yigong.programmes.models import MedicineUse, Visit
from yigong.programmes.queries import working
from yigong.programmes.queries.people import to_data, visit_data
from yigong.programmes.queries.working import Working
from yigong.programmes.rules import judging, planning
from yigong.programmes.rules import medicines as rules
from yigong.programmes.rules.medicines import Use
from yigong.programmes.rules.packs import measures_at, stock_of, version_of
from yigong.records import api as records
from yigong.tasks import api as tasks


@racing("programmes.amend_visit")
@change
def amend_visit(
    *, visit_id: UUID, answers: Mapping[str, Any], based_on: UUID, actor: Actor, reason: str = "", confirmed: bool = False
) -> Outcome:  # fmt: skip
    """Fill in what was not known at a visit, or correct it. ``answers`` is the whole form as it should stand, by the version it was filled in;
    ``based_on`` the response it was typed over.

    Adding needs no reason; changing or taking away an answer, and any change after the period is locked, needs one. Refused: somebody else amended
    meanwhile (Conflict), a void visit, another vaccine or lot (void and enter anew), impossible and unconfirmed values as at a visit.
    """
    found = Visit.objects.filter(pk=visit_id).only("enrolment_id", "stage").first()
    if found is None:
        raise NotFound()
    sharing.take_turn(found.enrolment_id, found.stage)
    work = common.locked(found.enrolment_id, actor, clock.today())
    visit = next((v for v in work.visits if v.id == visit_id), None)
    if visit is None:
        raise Conflict(_("这次随访已作废，不能再补录或更正。"))
    if visit.response_id != based_on:
        raise Conflict(_("这次随访刚刚被别人补录或更正过，请刷新页面，在新的内容上修改。"))
    answered = forms.answered(visit.response_id)
    if answered is None:
        raise NotFound()
    sheet, before = answered
    reading, lacking = _read(work, visit, sheet, answers, confirmed)
    after = forms.stored(reading.answers)
    _check(work, visit, before, after, reason)
    twins = sharing.twin_works(visit)
    _into_record(work, visit, before, reading.answers, reason, actor)
    visit.response_id = forms.save(
        sheet, reading, subject=("programme_visit", visit.id), actor=actor, resident_id=work.enrolment.resident_id, replaces=based_on
    )  # fmt: skip
    visit.is_complete = not lacking
    _follow(work, visit, reading.answers, lacking, actor)
    for partner, twin in twins:
        _repeat(partner, twin, visit, sheet, reading.answers, actor)
    return Outcome(visit_data(visit, work.enrolment.programme), to_data(work.enrolment), reading.warnings)


def _repeat(
    partner: Working, twin: Visit, visit: Visit, sheet: forms.FormDefinition, answers: Mapping[str, Any], actor: Actor
) -> None:
    """The same check-up under another programme; somebody is asked for what that one lacks once the amended one lacks nothing."""
    twin.response_id, twin.encounter_id = visit.response_id, visit.encounter_id
    stage = version_of(partner.enrolment.programme, twin.definition).stage(twin.stage)
    person = judging.person_facts(partner.born, partner.sex, twin.on, twin.stage)
    lacking = judging.lacking(stage, sheet, answers, person) if stage else ()
    twin.is_complete = not lacking
    _follow(partner, twin, answers, lacking if visit.is_complete else (), actor)


def _read(
    work: Working, visit: Visit, sheet: forms.FormDefinition, answers: Mapping[str, Any], confirmed: bool
) -> tuple[forms.Reading, tuple[str, ...]]:
    person = judging.person_facts(work.born, work.sex, visit.on, visit.stage)
    reading = forms.read(sheet, answers, person)
    if reading.errors:
        raise InvalidInput(errors=reading.errors)
    uses = [Use(u.name, u.text, u.taken, u.note) for u in MedicineUse.objects.filter(visit=visit).order_by("place")]
    doubts = reading.warnings | dict(rules.doubt(work.programme.code, sheet, reading.answers, uses))
    if doubts and not confirmed:
        raise Unconfirmed(errors=doubts)
    stage = version_of(work.enrolment.programme, visit.definition).stage(visit.stage)
    return reading, judging.lacking(stage, sheet, reading.answers, person) if stage else ()


def _check(work: Working, visit: Visit, before: Mapping[str, Any], after: Mapping[str, Any], reason: str) -> None:
    """Something changed, it may change, and the reason is there where it has to be."""
    if before == after:
        raise InvalidInput(_("没有任何改动，不需要保存。"))
    given = stock_of(work.programme.code)
    names = (given.product, given.manufacturer, given.lot, given.expires) if given else ()
    if any(before.get(name) != after.get(name) for name in names):
        raise Conflict(_("疫苗和批号关系到库存和召回，不能在这里改；如有误请作废后重录。"))
    if reason.strip():
        return
    changed = [code for code, value in before.items() if after.get(code) != value]
    if changed:
        raise InvalidInput(
            errors={
                "reason": _("改动了已填的内容，请写明更正原因。"),
                **{c: _("与原来填写的不同") for c in changed if c in after},
            }
        )
    locks_on = planning.locks_on(work.programme, visit.on)
    if clock.today() > locks_on:
        words = {"day": visit.on, "since": locks_on}
        raise Locked(errors={"reason": _(Locked.message) % words}, **words)


def _into_record(
    work: Working, visit: Visit, before: Mapping[str, Any], answers: Mapping[str, Any], reason: str, actor: Actor
) -> None:
    """New results join the contact; where one that stands there changes, the contact is taken back and written anew."""
    stored = forms.stored(answers)
    stage = version_of(work.enrolment.programme, visit.definition).stage(visit.stage)
    measured = [m for m in measures_at(work.programme, stage) if before.get(m.item) != stored.get(m.item)]
    if not measured or visit.encounter_id is None:
        return
    if any(m.sign or before.get(m.item) is not None for m in measured):
        records.cancel_encounter(
            encounter_id=visit.encounter_id, reason=reason.strip() or _("补录"), actor=actor, also_finished=True
        )
        visit.encounter_id = visits.into_record(work, visit, answers, actor, again=True)
        return
    results = visits.results_of(visits.unknown(work, visit, measured, answers, actor), answers)
    if not results:
        return
    records.add_result(
        resident_id=work.enrolment.resident_id, title=_(work.programme.short), results=results, actor=actor,
        code="programme", encounter_id=visit.encounter_id, occurred_at=visits.moment(visit.on),
    )  # fmt: skip


def _follow(work: Working, visit: Visit, answers: Mapping[str, Any], lacking: tuple[str, ...], actor: Actor) -> None:
    """Judge it and the later ones again, then tasks, plan and rates."""
    programme, grade = version_of(work.enrolment.programme, visit.definition), visit.grade
    facts = working.facts_at(
        programme, answers, on=visit.on, stage=visit.stage, way=visit.way, born=work.born, sex=work.sex, enrolment=work.enrolment
    )  # fmt: skip
    inputs = judging.compiled(programme).inputs
    visit.facts = judging.plain({n: v for n, v in facts.items() if n in inputs})
    later = [v for v in working.regraded(work, work.visits.index(visit)) if v is not visit]
    visit.save(update_fields=["response_id", "encounter_id", "facts", "values", "grade", "is_complete"])
    visits.repeat(work, later)
    upkeep.ask_for(work, visit, lacking, actor)
    if visit.grade != grade:
        tasks.cancel_task(key=visits.grade_key(visit), reason=_("分级已更正"), actor=actor)
        if work.enrolment.state == "active":
            visits.act(work, visit, actor)
            return
    settle(work.enrolment.id, actor=actor)
