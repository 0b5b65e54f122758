"""Contacts with care: begin, end, mistake."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.access.data import Subject
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.audit.api import acting
from yigong.core.errors import Conflict, InvalidInput, NotFound
from yigong.core.events.api import record, record_all
from yigong.records import policies, queries, rules
from yigong.records.commands.common import place, repeated, require
from yigong.records.commands.entries import write_group
from yigong.records.data import EncounterData, NewResult, Source
from yigong.records.events import EncounterClosed, EncounterOpened
from yigong.records.models import Encounter

# FHIR v3-ActCode classes by kind.
CLASSES = {
    "outpatient": "AMB", "emergency": "EMER", "inpatient": "IMP", "home": "HH", "checkup": "AMB", "followup": "AMB", "remote": "VR",
}  # fmt: skip
# How long the institution may still look at the record after the contact ended (results come later, patients call).
AFTERWARDS = {"inpatient": timedelta(days=365)}
AFTERWARDS_OTHERS = timedelta(days=180)


@transaction.atomic
def open_encounter(
    *,
    resident_id: UUID,
    kind: str,
    actor: Actor,
    institution_id: UUID | None = None,
    department_id: UUID | None = None,
    staff_id: UUID | None = None,
    occurred_at: datetime | None = None,
    complaint: str = "",
    class_code: str = "",
    is_automatic: bool = False,
    source: Source | None = None,
    request_key: UUID | None = None,
) -> EncounterData:
    """A contact with care begins at the actor's institution (or the one given); opens the relationship ``encounter`` for it.

    No relationship is needed before: the patient is there. ``kind``: outpatient, emergency, inpatient, home, checkup, followup, remote.
    """
    require(actor, policies.ENCOUNTER)
    if done := repeated(Encounter, request_key):
        return queries.encounter_data(done)
    if kind not in CLASSES:
        raise InvalidInput(errors={"kind": _("请选择就诊方式。")})
    where = place(
        resident_id, actor, occurred_at=occurred_at, institution_id=institution_id, staff_id=staff_id, source=source,
        request_key=request_key, decided=True,
    )  # fmt: skip
    encounter = Encounter.objects.create(
        **where.values, kind=kind, class_code=class_code or CLASSES[kind], is_automatic=is_automatic,
        department_id=department_id or (actor.department_id if institution_id in {None, actor.institution_id} else None),
        complaint=rules.check_text(complaint, "complaint"), status=Encounter.Status.OPEN,
    )  # fmt: skip
    access.open_relationship(
        resident_id=encounter.resident_id,
        institution_id=encounter.institution_id,
        basis="encounter",
        source=encounter.id,
    )
    record(_opened(encounter))
    return queries.encounter_data(encounter)


@transaction.atomic(savepoint=False)
def record_contact(*, resident_id: UUID, kind: str, actor: Actor, occurred_at: datetime, complaint: str, signs: Mapping[str, Decimal | None],
                   results: Sequence[NewResult], title: str, code: str) -> UUID:  # fmt: skip
    """A contact that is over, with its ``signs`` and the ``results`` reported under ``title``: what opening, adding and closing would write, in one go.

    Decided and logged once. The calling room sees to the next look at the signs itself: no ``VitalAlertRaised``. Returns the encounter's key.
    """
    require(actor, policies.ENCOUNTER)
    measured, errors = rules.vital_results(dict(signs))
    if errors:
        raise InvalidInput(errors=errors)
    where = place(
        resident_id, actor, occurred_at=occurred_at, institution_id=None, staff_id=None, source=None, request_key=None, decided=True
    )  # fmt: skip
    at = where.values["occurred_at"]
    encounter = Encounter.objects.create(
        **where.values, kind=kind, class_code=CLASSES[kind], is_automatic=False, department_id=actor.department_id,
        complaint=rules.check_text(complaint, "complaint"), status=Encounter.Status.FINISHED, ended_at=at,
    )  # fmt: skip
    access.open_relationship(
        resident_id=encounter.resident_id, institution_id=encounter.institution_id, basis="encounter", source=encounter.id,
        ends_at=at + AFTERWARDS.get(kind, AFTERWARDS_OTHERS),
    )  # fmt: skip
    access.require(actor, "write", Subject("resident", encounter.resident_id))
    values, facts = where.values | {"encounter_id": encounter.id}, []
    for rows, text, category, kind_code in (
        (measured, _("生命体征"), "vital", "vital"),
        (results, title, "laboratory", code),
    ):
        if rows:
            facts.append(write_group(values, text, rows, category=category, code=kind_code)[1])
    record_all([_opened(encounter), *facts, _closed(encounter)])
    return encounter.id


@transaction.atomic
def close_encounter(
    *, encounter_id: UUID, actor: Actor, ended_at: datetime | None = None, advice: str = ""
) -> EncounterData:
    """The contact ends; the institution may look at the record for a while longer. Closing twice is a Conflict."""
    require(actor, policies.WRITE)
    encounter = _open(encounter_id, actor)
    at = rules.check_time(ended_at, None, "ended_at")
    if at < encounter.occurred_at:
        raise InvalidInput(errors={"ended_at": _("结束时间不能早于开始时间。")})
    encounter.status, encounter.ended_at = Encounter.Status.FINISHED, at
    if advice:
        encounter.advice = rules.check_text(advice, "advice")
    encounter.save(update_fields=["status", "ended_at", "advice"])
    access.close_relationships(source=encounter.id, ends_at=at + AFTERWARDS.get(encounter.kind, AFTERWARDS_OTHERS))
    _tell(encounter)
    return queries.encounter_data(encounter)


@transaction.atomic
def cancel_encounter(*, encounter_id: UUID, reason: str, actor: Actor, also_finished: bool = False) -> EncounterData:
    """A contact that was recorded by mistake; it stays visible as such. The relationship it opened ends now. ``also_finished``: a room
    takes back a contact that it had recorded as a whole."""
    require(actor, policies.WRITE)
    encounter = _open(encounter_id, actor, also_finished)
    if not reason.strip():
        raise InvalidInput(errors={"reason": _("请填写作废原因。")})
    with acting(actor, reason=reason.strip()):
        encounter.status, encounter.ended_at = Encounter.Status.CANCELLED, clock.now()
        encounter.save(update_fields=["status", "ended_at"])
    access.close_relationships(source=encounter.id)
    _tell(encounter)
    return queries.encounter_data(encounter)


def _open(encounter_id: UUID, actor: Actor, also_finished: bool = False) -> Encounter:
    encounter = Encounter.objects.select_for_update(of=("self",)).filter(pk=encounter_id).first()
    if encounter is None:
        raise NotFound(_("没有找到这次就诊。"))
    access.require(actor, "write", Subject("resident", encounter.resident_id))
    if encounter.status != Encounter.Status.OPEN and not (
        also_finished and encounter.status == Encounter.Status.FINISHED
    ):
        raise Conflict(_("这次就诊%(status)s，请刷新页面。") % {"status": _(encounter.get_status_display())})
    return encounter


def _tell(e: Encounter) -> None:
    record(_closed(e))


def _closed(e: Encounter) -> EncounterClosed:
    return EncounterClosed(e.id, e.resident_id, e.institution_id, e.kind, e.status)


def _opened(e: Encounter) -> EncounterOpened:
    return EncounterOpened(e.id, e.resident_id, e.institution_id, e.kind, e.class_code, e.is_automatic, e.occurred_at)
