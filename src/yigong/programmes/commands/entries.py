"""What a form says about the health record is written there once, with the contact at which it was heard."""

from collections.abc import Mapping
from typing import Any

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.programmes.models import Visit
from yigong.programmes.queries.working import Working
from yigong.programmes.rules import entries as rules
from yigong.records import api as records


def doubts(form: str, work: Working, answers: Mapping[str, Any], actor: Actor) -> dict[str, str]:
    """Where the answers contradict the record, by item; nothing for a form that does not speak of it."""
    if rules.rules_for(form) is None:
        return {}
    return rules.doubts(form, answers, records.summary(work.enrolment.resident_id, actor=actor))


def write(form: str, work: Working, visit: Visit, answers: Mapping[str, Any], actor: Actor) -> int:
    """Diagnoses and allergies that the record does not hold yet; returns how many were written."""
    if rules.rules_for(form) is None:
        return 0
    person = work.enrolment.resident_id
    found = rules.news(form, answers, records.summary(person, actor=actor))
    for disease in found.diseases:
        since = disease.since if disease.since and disease.since <= clock.today() else None
        records.add_condition(
            resident_id=person, text=disease.text, code=disease.code, is_lasting=True, onset_on=since, encounter_id=visit.encounter_id, actor=actor
        )  # fmt: skip
    for substance in found.substances:
        records.add_allergy(resident_id=person, substance=substance, encounter_id=visit.encounter_id, actor=actor)
    return len(found.diseases) + len(found.substances)
