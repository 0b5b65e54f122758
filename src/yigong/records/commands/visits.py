"""A whole visit in one step: the village doctor's form."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypedDict
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.errors import InvalidInput
from yigong.core.events.api import record
from yigong.records import policies, queries, rules
from yigong.records.commands.common import repeated, require
from yigong.records.commands.encounters import close_encounter, open_encounter
from yigong.records.commands.entries import add_condition, add_prescription, add_result
from yigong.records.data import AlertData, EncounterData, NewLine, ResultGroupData
from yigong.records.events import VitalAlertRaised
from yigong.records.models import Encounter
from yigong.residents import api as residents


@dataclass(frozen=True)
class Visit:
    """What was done at one contact. ``signs`` by short code (sbp, dbp, pulse, temperature, respiration, spo2, glucose, weight, height);
    ``diagnoses`` are (code, text, lasting), the first one the main diagnosis."""

    kind: str = "outpatient"
    occurred_at: datetime | None = None
    complaint: str = ""
    signs: dict[str, Decimal | None] = field(default_factory=dict)
    diagnoses: tuple[tuple[str, str, bool], ...] = ()
    medicines: tuple[NewLine, ...] = ()
    advice: str = ""


class _At(TypedDict):
    resident_id: UUID
    encounter_id: UUID
    occurred_at: datetime
    actor: Actor


@racing("records.record_visit")
@transaction.atomic
def record_visit(*, resident_id: UUID, visit: Visit, actor: Actor, request_key: UUID | None = None) -> EncounterData:
    """Encounter, signs, diagnoses, medicines and advice in one transaction; all or nothing. Errors name the fields."""
    require(actor, policies.ENCOUNTER)
    if done := repeated(Encounter, request_key):
        return queries.encounter_data(done)
    _results, errors = rules.vital_results(visit.signs)
    if errors:
        raise InvalidInput(errors=errors)
    if not (visit.complaint.strip() or visit.diagnoses or _results or visit.medicines):
        raise InvalidInput(errors={"complaint": _("请至少填写主诉、测量值、诊断或用药中的一项。")})
    encounter = open_encounter(
        resident_id=resident_id,
        kind=visit.kind,
        actor=actor,
        occurred_at=visit.occurred_at,
        complaint=visit.complaint,
        request_key=request_key,
    )
    at: _At = {
        "resident_id": encounter.resident_id,
        "encounter_id": encounter.id,
        "occurred_at": encounter.occurred_at,
        "actor": actor,
    }
    if _results:
        record_vitals(signs=visit.signs, **at)
    for place, (code, text, lasting) in enumerate(visit.diagnoses):
        add_condition(code=code, text=text, is_primary=place == 0, is_lasting=lasting, **at)
    if visit.medicines:
        add_prescription(lines=visit.medicines, **at)
    ended_at = max(encounter.occurred_at, min(clock.now(), encounter.occurred_at + timedelta(minutes=15)))
    return close_encounter(encounter_id=encounter.id, actor=actor, ended_at=ended_at, advice=visit.advice)


@transaction.atomic
def record_vitals(
    *,
    resident_id: UUID,
    signs: dict[str, Decimal | None],
    actor: Actor,
    encounter_id: UUID | None = None,
    occurred_at: datetime | None = None,
    institution_id: UUID | None = None,
    staff_id: UUID | None = None,
    request_key: UUID | None = None,
) -> tuple[ResultGroupData, list[AlertData]]:
    """Record measured signs and judge them by the national rules; each rule with a deadline raises ``VitalAlertRaised``."""
    results, errors = rules.vital_results(signs)
    if errors or not results:
        raise InvalidInput(errors=errors or {"signs": _("请至少填写一项测量值。")})
    group = add_result(
        resident_id=resident_id, title=_("生命体征"), results=results, category="vital", code="vital", actor=actor,
        encounter_id=encounter_id, occurred_at=occurred_at, institution_id=institution_id, staff_id=staff_id, request_key=request_key,
    )  # fmt: skip
    found = queries.alerts_of(group, residents.identity(group.resident_id))
    for alert in found:
        if alert.within_days:
            _raise(alert, group, actor, staff_id)
    return group, found


def _raise(alert: AlertData, group: ResultGroupData, actor: Actor, staff_id: UUID | None) -> None:
    record(
        VitalAlertRaised(
            group_id=group.id, resident_id=group.resident_id, institution_id=group.institution_id,
            staff_id=staff_id or actor.staff_id, role=actor.role, rule=alert.rule, level=alert.level, title=alert.title,
            advice=alert.advice, due_at=group.occurred_at + timedelta(days=alert.within_days or 0),
        )
    )  # fmt: skip
