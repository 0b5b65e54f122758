"""Who the patient is: known later than everything else, and nothing else is rewritten then."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.centres.emergency import policies
from yigong.centres.emergency.commands import timing
from yigong.centres.emergency.commands.common import RECORDER, locked_case
from yigong.centres.emergency.models import Case
from yigong.centres.emergency.rules import definitions
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.audit.api import acting
from yigong.core.errors import Conflict, Forbidden, InvalidInput
from yigong.records import api as records
from yigong.records.data import Source
from yigong.residents import api as residents


@transaction.atomic
def link_resident(*, case_id: UUID, resident_id: UUID, proof: str, actor: Actor) -> Case:
    """The patient is this resident; ``proof`` says by what that is known. At the hospital the record then gets the contact."""
    row = locked_case(case_id)
    _need(row, actor)
    if row.resident_id is not None:
        raise Conflict(_("这个病例已关联居民，请先取消关联再改。"))
    if not proof.strip():
        raise InvalidInput(errors={"proof": _("请写明核对依据，例如“身份证”“家属辨认”。")})
    person = residents.identity(resident_id)
    with acting(actor, reason=proof.strip()):
        row.resident_id, row.identified_at, row.identified_by = person.id, clock.now(), actor.name[:80]
        row.patient_name, row.patient_sex = person.name, person.sex
        row.patient_age = residents.age_on(person.birth_date, clock.today())
        row.save(
            update_fields=[
                "resident_id",
                "identified_at",
                "identified_by",
                "patient_name",
                "patient_sex",
                "patient_age",
            ]
        )
    open_contact(row, actor)
    return row


@transaction.atomic
def unlink_resident(*, case_id: UUID, reason: str, actor: Actor) -> Case:
    """It was somebody else: the link ends, the contact in that person's record is cancelled and stays visible as such."""
    row = locked_case(case_id)
    _need(row, actor)
    if row.resident_id is None:
        raise Conflict(_("这个病例没有关联居民。"))
    if not reason.strip():
        raise InvalidInput(errors={"reason": _("请写明取消关联的原因。")})
    if row.encounter_id:
        records.cancel_encounter(encounter_id=row.encounter_id, reason=reason, actor=RECORDER, also_finished=True)
    with acting(actor, reason=reason.strip()):
        row.resident, row.encounter, row.identified_at, row.identified_by = None, None, None, ""
        row.patient_name = _("身份不明")
        row.save(update_fields=["resident", "encounter", "identified_at", "identified_by", "patient_name"])
    return row


def open_contact(row: Case, actor: Actor) -> None:
    """The emergency contact in the record, from the time at the door; nothing while the person is unknown or on the way."""
    if row.resident_id is None or row.encounter_id or row.state in {"called", "under_way", "coming", "cancelled"}:
        return
    door = timing.known_times(row).get("door") or clock.now()
    made = records.open_encounter(
        resident_id=row.resident_id, kind="emergency", actor=RECORDER, institution_id=row.destination_id, staff_id=actor.staff_id,
        occurred_at=door, complaint=row.story or definitions.label("complaint", row.complaint), source=Source("emergency", row.pk),
        request_key=row.pk,
    )  # fmt: skip
    row.encounter_id = made.id
    row.save(update_fields=["encounter_id"])


def _need(row: Case, actor: Actor) -> None:
    if not actor.has(policies.IDENTIFY) or not timing.kinds_of(row, timing.running(row), actor):
        raise Forbidden(_("由接收医院或首诊机构核实身份。"))
