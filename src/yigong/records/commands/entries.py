"""Diagnoses, allergies, results, medicines and procedures."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.access.data import Subject
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.audit.api import acting
from yigong.core.errors import Conflict, InvalidInput, NotFound
from yigong.core.events.api import record
from yigong.records import policies, queries, rules
from yigong.records.commands.common import M, Place, place, repeated, require
from yigong.records.data import (
    AllergyData,
    ConditionData,
    NewLine,
    NewResult,
    PrescriptionData,
    ResultGroupData,
    Source,
)
from yigong.records.events import AllergyAdded, ConditionAdded, PrescriptionIssued, ResultRecorded
from yigong.records.models import (
    Allergy,
    Condition,
    Encounter,
    Prescription,
    PrescriptionLine,
    Procedure,
    Result,
    ResultGroup,
)


def _place(resident_id: UUID, actor: Actor, given: dict[str, Any]) -> Place:
    where = place(
        resident_id,
        actor,
        occurred_at=given["occurred_at"],
        institution_id=given["institution_id"],
        staff_id=given["staff_id"],
        source=given["source"],
        request_key=given["request_key"],
    )
    encounter_id = given["encounter_id"]
    if encounter_id and not Encounter.objects.filter(pk=encounter_id, resident_id__in=residents_of(where)).exists():
        raise InvalidInput(errors={"encounter_id": _("这次就诊不属于该居民，请重新选择。")})
    return Place(where.values | {"encounter_id": encounter_id}, where.resident)


def residents_of(where: Place) -> frozenset[UUID]:
    """All keys of the person at hand."""
    return queries.keys_of(where.resident.id)


@transaction.atomic
def add_condition(
    *,
    resident_id: UUID,
    text: str,
    actor: Actor,
    code: str = "",
    code_system: str = "ICD-10",
    is_primary: bool = False,
    is_lasting: bool = False,
    onset_on: date | None = None,
    encounter_id: UUID | None = None,
    institution_id: UUID | None = None,
    staff_id: UUID | None = None,
    occurred_at: datetime | None = None,
    source: Source | None = None,
    request_key: UUID | None = None,
) -> ConditionData:
    """Record a diagnosis. ``is_lasting``: a chronic or key condition that the header shows until it is resolved."""
    given = locals()
    require(actor, policies.WRITE)
    if done := repeated(Condition, request_key):
        return queries.condition_data(done)
    where = _place(resident_id, actor, given)
    if onset_on and onset_on > clock.today():
        raise InvalidInput(errors={"onset_on": _("发病日期不能晚于今天。")})
    condition = Condition.objects.create(
        **where.values, code=code[:20], code_system=code_system, is_primary=is_primary, is_lasting=is_lasting,
        onset_on=onset_on, text=rules.check_text(text, "condition", 200, required=True), status=Condition.Status.ACTIVE,
    )  # fmt: skip
    c = condition
    record(ConditionAdded(c.id, c.resident_id, c.institution_id, c.code, c.text))
    return queries.condition_data(condition)


@transaction.atomic
def resolve_condition(*, condition_id: UUID, status: str, reason: str, actor: Actor, on: date | None = None) -> None:
    """End a condition: ``resolved`` or ``wrong`` (recorded by mistake; stays in the history)."""
    condition = _mine(Condition, condition_id, actor)
    if status not in {"resolved", "wrong"}:
        raise InvalidInput(errors={"status": _("请选择“已愈”或“误登”。")})
    if not reason.strip():
        raise InvalidInput(errors={"reason": _("请填写原因。")})
    with acting(actor, reason=reason.strip()):
        condition.status, condition.ended_on = status, on or clock.today()
        condition.save(update_fields=["status", "ended_on"])


@transaction.atomic
def add_allergy(
    *,
    resident_id: UUID,
    substance: str,
    actor: Actor,
    category: str = "drug",
    reaction: str = "",
    severity: str = "unknown",
    code: str = "",
    encounter_id: UUID | None = None,
    institution_id: UUID | None = None,
    staff_id: UUID | None = None,
    occurred_at: datetime | None = None,
    source: Source | None = None,
    request_key: UUID | None = None,
) -> AllergyData:
    """Record an allergy; it shows on every page of the person until it is ended with a reason."""
    given = locals()
    require(actor, policies.WRITE)
    if done := repeated(Allergy, request_key):
        return queries.allergy_data(done)
    if category not in Allergy.Category.values or severity not in Allergy.Severity.values:
        raise InvalidInput(errors={"category": _("请选择过敏原类别和程度。")})
    allergy = Allergy.objects.create(
        **_place(resident_id, actor, given).values, category=category, severity=severity, code=code[:20], is_active=True,
        substance=rules.check_text(substance, "substance", 100, required=True), reaction=rules.check_text(reaction, "reaction", 200),
    )  # fmt: skip
    record(AllergyAdded(allergy.id, allergy.resident_id, allergy.substance))
    return queries.allergy_data(allergy)


@transaction.atomic
def end_allergy(*, allergy_id: UUID, reason: str, actor: Actor) -> None:
    """The allergy was refuted or recorded by mistake."""
    allergy = _mine(Allergy, allergy_id, actor)
    if not reason.strip():
        raise InvalidInput(errors={"reason": _("请填写取消过敏记录的依据。")})
    with acting(actor, reason=reason.strip()):
        allergy.is_active, allergy.ended_reason = False, reason.strip()[:200]
        allergy.save(update_fields=["is_active", "ended_reason"])


@transaction.atomic
def add_result(
    *,
    resident_id: UUID,
    title: str,
    results: Sequence[NewResult],
    actor: Actor,
    category: str = "laboratory",
    code: str = "",
    encounter_id: UUID | None = None,
    institution_id: UUID | None = None,
    staff_id: UUID | None = None,
    occurred_at: datetime | None = None,
    source: Source | None = None,
    request_key: UUID | None = None,
) -> ResultGroupData:
    """Record results reported together. ``category``: vital, laboratory, exam, assessment. A missing flag is judged from the limits."""
    given = locals()
    require(actor, policies.WRITE)
    if done := repeated(ResultGroup, request_key):
        return queries.result_group(done.id)
    if not results:
        raise InvalidInput(errors={"results": _("请至少填写一项结果。")})
    group, fact = write_group(_place(resident_id, actor, given).values, title, results, category=category, code=code)
    record(fact)
    return queries.result_group(group.id)


def write_group(values: dict[str, Any], title: str, results: Sequence[NewResult], *, category: str, code: str) -> tuple[ResultGroup, ResultRecorded]:  # fmt: skip
    """Results reported together at a checked place; the event is the caller's to record."""
    flags = [rules.flag_of(r) for r in results]
    group = ResultGroup.objects.create(
        **values, category=category, code=code[:20], title=rules.check_text(title, "title", 100, required=True),
        worst_flag=rules.worst(flags),
    )  # fmt: skip
    Result.objects.bulk_create(_row(group, r, flag) for r, flag in zip(results, flags, strict=True))
    return group, ResultRecorded(group.id, group.resident_id, group.institution_id, category, group.worst_flag)


@transaction.atomic
def replace_results(*, request_key: UUID, results: Sequence[NewResult], reason: str, actor: Actor) -> None:
    """Whoever reported corrects what he reported: the values of the group with this key give way to these. The earlier ones stay readable
    in the reporter's own documents; the group's history keeps the reason. Raises NotFound, InvalidInput."""
    require(actor, policies.WRITE)
    group = ResultGroup.objects.select_for_update().filter(request_key=request_key).first()
    if group is None:
        raise NotFound()
    if not results or not reason.strip():
        raise InvalidInput(errors={"reason": _("请写明更正原因，并给出更正后的结果。")})
    flags = [rules.flag_of(r) for r in results]
    group.results.all().delete()
    Result.objects.bulk_create(_row(group, r, flag) for r, flag in zip(results, flags, strict=True))
    with acting(actor, reason=reason.strip()):
        group.worst_flag = rules.worst(flags)
        group.save(update_fields=["worst_flag"])
    record(ResultRecorded(group.id, group.resident_id, group.institution_id, group.category, group.worst_flag))


def _row(group: ResultGroup, r: NewResult, flag: str) -> Result:
    if r.value is not None and abs(r.value) >= 10**12:
        raise InvalidInput(errors={"results": _("%(name)s 的数值过大，请核对单位。") % {"name": r.name}})
    return Result(
        group=group, resident_id=group.resident_id, occurred_at=group.occurred_at, code=r.code[:20], code_system=r.code_system,
        name=r.name[:60], value=r.value, text=r.text[:400], unit=r.unit[:20], low=r.low, high=r.high, flag=flag,
    )  # fmt: skip


@transaction.atomic
def add_prescription(
    *,
    resident_id: UUID,
    lines: Sequence[NewLine],
    actor: Actor,
    kind: str = "western",
    note: str = "",
    encounter_id: UUID | None = None,
    institution_id: UUID | None = None,
    staff_id: UUID | None = None,
    occurred_at: datetime | None = None,
    source: Source | None = None,
    request_key: UUID | None = None,
) -> PrescriptionData:
    """Order medicines: at least one line, each with a name and sane days and quantity."""
    given = locals()
    require(actor, policies.PRESCRIBE)
    if done := repeated(Prescription, request_key):
        return queries.prescription_data(done)
    if not lines:
        raise InvalidInput(errors={"medicines": _("请至少填写一种药品。")})
    for number, line in enumerate(lines, 1):
        rules.check_line(line, number)
    prescription = Prescription.objects.create(
        **_place(resident_id, actor, given).values, kind=kind, note=rules.check_text(note, "note", 400), is_active=True
    )
    PrescriptionLine.objects.bulk_create(_line(prescription, number, line) for number, line in enumerate(lines, 1))
    record(PrescriptionIssued(prescription.id, prescription.resident_id, prescription.institution_id))
    return queries.prescription_data(prescription)


def _line(prescription: Prescription, number: int, line: NewLine) -> PrescriptionLine:
    return PrescriptionLine(
        prescription=prescription, place=number, code=line.code[:27], name=line.name.strip()[:100], form=line.form[:60],
        dose=line.dose[:30], route=line.route[:20], frequency=line.frequency[:20], days=line.days, quantity=line.quantity,
        unit=line.unit[:10],
    )  # fmt: skip


@transaction.atomic
def cancel_prescription(*, prescription_id: UUID, reason: str, actor: Actor) -> None:
    """Take a prescription back; it stays visible as cancelled."""
    prescription = _mine(Prescription, prescription_id, actor, policies.PRESCRIBE)
    if not prescription.is_active:
        raise Conflict(_("这张处方已作废。"))
    if not reason.strip():
        raise InvalidInput(errors={"reason": _("请填写作废原因。")})
    with acting(actor, reason=reason.strip()):
        prescription.is_active, prescription.cancelled_reason = False, reason.strip()[:200]
        prescription.save(update_fields=["is_active", "cancelled_reason"])


@transaction.atomic
def add_procedure(
    *,
    resident_id: UUID,
    text: str,
    actor: Actor,
    code: str = "",
    code_system: str = "ICD-9-CM-3",
    note: str = "",
    encounter_id: UUID | None = None,
    institution_id: UUID | None = None,
    staff_id: UUID | None = None,
    occurred_at: datetime | None = None,
    source: Source | None = None,
    request_key: UUID | None = None,
) -> UUID:
    """Record something done to the person; returns the entry's key."""
    given = locals()
    require(actor, policies.WRITE)
    if done := repeated(Procedure, request_key):
        return done.id
    procedure = Procedure.objects.create(
        **_place(resident_id, actor, given).values, code=code[:20], code_system=code_system,
        text=rules.check_text(text, "text", 200, required=True), note=rules.check_text(note, "note", 400),
    )  # fmt: skip
    return procedure.id


def _mine(model: type[M], key: UUID, actor: Actor, permission: str = policies.WRITE) -> M:
    require(actor, permission)
    entry = model._default_manager.select_for_update(of=("self",)).filter(pk=key).first()
    if entry is None:
        raise NotFound()
    access.require(actor, "write", Subject("resident", entry.resident_id))
    return entry
