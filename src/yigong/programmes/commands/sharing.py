"""One check-up answers the yearly check-up of every programme a person is in: written once, judged and counted by each.

Stages that say ``shared`` and have the same form belong together. The visits of one check-up have the same answers and the same contact.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import one_at_a_time
from yigong.core.events.api import record
from yigong.core.forms import api as forms
from yigong.programmes.commands import upkeep, visits
from yigong.programmes.events import VisitRecorded
from yigong.programmes.models import Enrolment, Visit
from yigong.programmes.queries import sharing, working
from yigong.programmes.queries.working import Working
from yigong.programmes.rules import judging
from yigong.programmes.rules.definition import Stage
from yigong.programmes.rules.packs import version_of
from yigong.residents import api as residents


def take_turn(enrolment_id: UUID, stage_code: str) -> None:
    """Before any row is locked: two check-ups of one person wait for each other, as each locks the managements of both."""
    found = Enrolment.objects.filter(pk=enrolment_id).values_list("programme", "definition", "resident_id").first()
    stage = version_of(found[0], found[1]).stage(stage_code) if found else None
    if found and stage and stage.shared:
        one_at_a_time("programmes.shared", min(residents.identities(found[2])))


def share(work: Working, visit: Visit, stage: Stage, answers: Mapping[str, Any], actor: Actor) -> list[Visit]:
    """Record the visit just written for the other managements that it answers."""
    made = []
    found = sharing.partners(work.enrolment, stage, actor, visit.on, with_reason=bool(visit.late_reason), lock=True)
    for partner, same in found:
        twin = _twin(partner, same, visit, answers)
        later = visits.judged(partner, twin)
        twin.save(force_insert=True)
        if visit.is_complete:
            upkeep.ask_for(partner, twin, _lacking(partner, same, visit, answers), actor)
        visits.follow(partner, twin, later, actor)
        row = partner.enrolment
        record(
            VisitRecorded(
                twin.id, row.id, row.resident_id, row.programme, twin.stage, twin.institution_id, twin.grade, twin.on
            )
        )
        made.append(twin)
    return made


def twin_works(visit: Visit) -> list[tuple[Working, Visit]]:
    """The other visits of a check-up with their managements, rows locked. A check-up is one act: whoever may correct it corrects it everywhere."""
    twins = {t.enrolment_id: t for t in sharing.twins_of(visit)}
    works = working.load(twins, lock=True, today=clock.today()) if twins else []
    return [(w, next(v for v in w.visits if v.id == twins[w.enrolment.pk].id)) for w in works]


def _lacking(partner: Working, stage: Stage, visit: Visit, answers: Mapping[str, Any]) -> Sequence[str]:
    sheet = forms.form(stage.form, partner.programme.effective_from)
    return judging.lacking(stage, sheet, answers, judging.person_facts(partner.born, partner.sex, visit.on, stage.code))


def _twin(partner: Working, stage: Stage, visit: Visit, answers: Mapping[str, Any]) -> Visit:
    programme = partner.programme
    facts = working.facts_at(
        programme, answers, on=visit.on, stage=stage.code, way=visit.way, born=partner.born, sex=partner.sex, enrolment=partner.enrolment
    )  # fmt: skip
    inputs = judging.compiled(programme).inputs
    return Visit(
        enrolment_id=partner.enrolment.id, stage=stage.code, on=visit.on, way=visit.way, institution_id=visit.institution_id, staff_id=visit.staff_id,
        response_id=visit.response_id, encounter_id=visit.encounter_id, definition=programme.version, recorded_at=visit.recorded_at,
        entered_late=(clock.today() - visit.on).days > programme.lock.late_days, late_reason=visit.late_reason,
        facts=judging.plain({n: v for n, v in facts.items() if n in inputs}), is_complete=not _lacking(partner, stage, visit, answers),
    )  # fmt: skip
