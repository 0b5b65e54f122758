"""A visit that was written at the record's own form gets a bill: the village doctor's way."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.clinic.commands.consultation import begin_visit
from yigong.clinic.commands.registration import register_visit
from yigong.clinic.data import VisitData
from yigong.clinic.models import Visit, VisitDiagnosis
from yigong.clinic.queries import visits
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import one_at_a_time, racing
from yigong.core.errors import Conflict
from yigong.records import api as records


@racing("clinic.charge_visit")
@transaction.atomic
def charge_visit(*, resident_id: UUID, actor: Actor) -> VisitData:
    """A visit in the room for today's newest recorded contact of this person at the actor's institution; the one that is there when there is one.

    The record has complaint, diagnoses and medicines already; finishing this visit adds nothing to it.
    """
    day = clock.now().astimezone(clock.SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    found = records.timeline(
        resident_id, actor=actor, kinds=["encounter"], institution_id=actor.institution_id, since=day, limit=1
    )
    known = Visit.objects.filter(
        resident_id=resident_id, institution_id__in=actor.institution_ids, registered_on=clock.today(), state="seeing"
    )
    if row := known.filter(staff_id=actor.staff_id).first():
        return visits.visit_data(row)
    if not found.items:
        raise Conflict(_("今天还没有这位居民的就诊记录，请先“记录就诊”，再收费。"))
    encounter_id = found.items[0].id
    one_at_a_time(encounter_id)
    if row := Visit.objects.filter(encounter_id=encounter_id).first():
        return visits.visit_data(row)
    visit = register_visit(resident_id=resident_id, manner="village", actor=actor, request_key=encounter_id)
    told = records.timeline(
        resident_id, actor=actor, kinds=["condition"], institution_id=actor.institution_id, since=day
    )
    Visit.objects.filter(pk=visit.id).update(encounter_id=encounter_id, recorded_elsewhere=True)
    VisitDiagnosis.objects.bulk_create(
        _diagnosis(visit.id, place, item.title) for place, item in enumerate(told.items[:5], 1)
    )
    return begin_visit(visit_id=visit.id, actor=actor)


def _diagnosis(visit_id: UUID, place: int, title: str) -> VisitDiagnosis:
    """The record shows a condition as its name with the code behind it."""
    name, _space, code = title.rpartition(" ")
    known = bool(name) and records.diagnosis_name(code) == name
    return VisitDiagnosis(
        visit_id=visit_id, place=place, code=code[:20] if known else "", name=(name if known else title)[:100]
    )
