"""What a device needs to follow people up without a line: read in a handful of statements."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from yigong.access import api as access
from yigong.core.actor import Actor
from yigong.core.forms import api as forms
from yigong.programmes import policies
from yigong.programmes.data import DueData, EnrolmentData
from yigong.programmes.models import Due, Enrolment
from yigong.programmes.queries import people
from yigong.programmes.rules.definition import Programme
from yigong.programmes.rules.packs import programmes
from yigong.residents import api as residents
from yigong.residents.data import ResidentName


@dataclass(frozen=True, slots=True)
class Bundle:
    """``people`` by key and when they were ``born``, their managements and what is due until ``until``, the newest answers per management, the definitions and forms."""

    institution_id: UUID
    until: date
    people: dict[UUID, ResidentName]
    born: dict[UUID, date | None]
    enrolments: tuple[EnrolmentData, ...]
    dues: tuple[DueData, ...]
    last_answers: dict[UUID, dict[str, Any]]
    programmes: dict[str, Programme]
    forms: dict[str, forms.FormDefinition]


def bundle(*, actor: Actor, institution_id: UUID | None, days: int, today: date) -> Bundle:
    """See ``api.bundle_for``."""
    policies.require(actor, policies.WORK)
    place = institution_id or actor.institution_id
    if place is None or not policies.manages(actor, place):
        raise policies.Forbidden()
    until = today + timedelta(days=days)
    rows = list(
        Enrolment.objects.filter(institution_id=place, state="active").select_related("resident").order_by("id")
    )
    rows = people.visible(actor, rows)
    decided = access.decide_many(actor, "read_detail", "resident", {r.resident_id for r in rows})
    seen = {key for key, decision in decided.items() if decision.allowed}
    rows = [r for r in rows if r.resident_id in seen]
    dues = people.with_person(Due.objects.filter(enrolment__in=rows, state="open", opens_on__lte=until))
    dues = dues.select_related("enrolment").order_by("closes_on", "id")
    visits = people.newest_visits([r.id for r in rows])
    answers = forms.answers_of(list(visits.values()))
    known = programmes(today)
    definitions = {code: known[code] for code in {r.programme for r in rows} & set(known)}
    sheets = {s.form: forms.form(s.form, p.effective_from) for p in definitions.values() for s in p.stages}
    return Bundle(
        place, until, residents.resident_names(seen), {r.resident_id: r.resident.birth_date for r in rows}, tuple(people.to_data(r) for r in rows),
        tuple(people.due_data(d, today) for d in dues), {e: answers[r] for e, r in visits.items() if r in answers}, definitions, sheets,
    )  # fmt: skip
