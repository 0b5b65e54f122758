"""Inpatients: beds, admission, transfer, discharge."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.access.data import Subject
from yigong.clinic import policies
from yigong.clinic.commands import ward
from yigong.clinic.commands.charging import open_bill_of_stay
from yigong.clinic.commands.errors import AlreadyInside, BedTaken
from yigong.clinic.commands.front_pages import begin_front_page
from yigong.clinic.data import Discharge, NewStay, StayData
from yigong.clinic.events import Admitted, Discharged
from yigong.clinic.models import Bed, Bill, ChargeLine, Stay, StayPlace, Visit
from yigong.clinic.queries import stays as queries
from yigong.clinic.rules import definitions
from yigong.clinic.rules.workflow import STAY
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import one_at_a_time, racing
from yigong.core.constraints import refusing
from yigong.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from yigong.core.events.api import record
from yigong.core.numbers.api import dated_number, next_value
from yigong.core.pinyin import initials
from yigong.core.states.api import check, start, transition
from yigong.network import api as network
from yigong.records import api as records
from yigong.records.data import Source
from yigong.residents import api as residents
from yigong.residents.data import ResidentData


@transaction.atomic
def add_beds(*, department_id: UUID, numbers: list[str], item_code: str, actor: Actor) -> int:
    """Set up numbered beds of a ward; a number that is there already is left as it is. Returns how many are new."""
    department = network.department(department_id)
    if not actor.has(policies.ADMIT):
        raise Forbidden(_("您没有管理床位的权限，请联系本机构管理员。"))
    if not actor.is_system and department.institution_id not in actor.institution_ids:
        raise Forbidden(_("只能管理本机构的床位。"))
    wanted = [number.strip()[:10] for number in numbers if number.strip()]
    if not wanted or len(wanted) > 200:
        raise InvalidInput(errors={"numbers": _("请填写 1–200 个床号。")})
    if not definitions.is_item(item_code) or definitions.item(item_code, "2").category != "bed":
        raise InvalidInput(errors={"item_code": _("请选择床位费项目。")})
    before = Bed.objects.filter(department_id=department_id).count()
    rows = [
        Bed(institution_id=department.institution_id, department_id=department_id, number=number, item_code=item_code)
        for number in wanted
    ]
    Bed.objects.bulk_create(rows, ignore_conflicts=True)
    return Bed.objects.filter(department_id=department_id).count() - before


@racing("clinic.admit")
@transaction.atomic
def admit(*, given: NewStay, actor: Actor, request_key: UUID | None = None) -> StayData:
    """Admit somebody to a ward, into a bed when one is named. BedTaken when it went a moment ago, AlreadyInside when the person lies here."""
    if not actor.has(policies.ADMIT):
        raise Forbidden(_("您没有办理入院的权限，请联系本机构管理员。"))
    if request_key:
        one_at_a_time(request_key)
    if request_key and (done := Stay.objects.filter(request_key=request_key).first()):
        return queries.stay_data(done)
    department = network.department(given.department_id)
    if not actor.is_system and department.institution_id not in actor.institution_ids:
        raise Forbidden(_("只能办理本机构的入院。"))
    resident, at = residents.identity(given.resident_id), given.admitted_at or clock.now()
    _check_admission(given, resident, at)
    bed = _free_bed(given.bed_id, given.department_id)
    row = _new_stay(given, resident, department.institution_id, bed, at, request_key)
    row.encounter_id = records.open_encounter(
        resident_id=row.resident_id, kind="inpatient", actor=actor, institution_id=row.institution_id, department_id=row.department_id,
        staff_id=given.doctor_id, occurred_at=at, complaint=given.diagnosis, source=Source("clinic", row.id, number=row.number),
        request_key=row.id,
    ).id  # fmt: skip
    with refusing(
        clinic_bed_holds_one=BedTaken(bed=row.bed_number),
        clinic_stay_one_at_a_time=AlreadyInside(name=row.patient_name),
    ):
        start(STAY, row, "on_ward", actor=actor)
    StayPlace.objects.create(
        stay=row, department_id=row.department_id, bed_number=row.bed_number, starts_at=at, actor_name=actor.name
    )
    open_bill_of_stay(row, actor)
    record(Admitted(row.id, row.resident_id, row.institution_id, row.department_id, row.referral_id))
    return queries.stay_data(row)


@racing("clinic.transfer_stay")
@transaction.atomic
def transfer_stay(
    *, stay_id: UUID, department_id: UUID, reason: str, actor: Actor, bed_id: UUID | None = None
) -> StayData:
    """Into another department or another bed; where the patient lay until now stays on the list of places."""
    row = locked(stay_id, actor)
    if not actor.has(policies.ADMIT):
        raise Forbidden(_("您没有办理转科的权限，请联系本机构管理员。"))
    if row.state not in {"on_ward", "leaving"}:
        raise Conflict(_("患者%(state)s，不能转科或换床。") % {"state": STAY.label(row.state)})
    if network.department(department_id).institution_id != row.institution_id:
        raise InvalidInput(errors={"department_id": _("请选择本机构的科室。")})
    moves = department_id != row.department_id
    if moves and not reason.strip():
        raise InvalidInput(errors={"reason": _("请填写转科原因。")})
    bed, now = _free_bed(bed_id, department_id), clock.now()
    ward.charge_days(row, clock.today(), actor)
    row.department_id, row.bed, row.bed_number = department_id, bed, bed.number if bed else ""
    with refusing(clinic_bed_holds_one=BedTaken(bed=row.bed_number)):
        row.save(update_fields=["department_id", "bed", "bed_number"])
    row.places.filter(ends_at__isnull=True).update(ends_at=now)
    StayPlace.objects.create(
        stay=row, department_id=department_id, bed_number=row.bed_number, starts_at=now, reason=reason.strip()[:200],
        actor_name=actor.name,
    )  # fmt: skip
    Bill.objects.filter(stay=row).update(department_id=department_id)
    return queries.stay_data(row)


@transaction.atomic
def cancel_stay(*, stay_id: UUID, reason: str, actor: Actor) -> StayData:
    """An admission by mistake; only while nothing was charged."""
    row = locked(stay_id, actor)
    if ChargeLine.objects.filter(bill__stay=row, struck_at__isnull=True).exists():
        raise Conflict(_("已有住院费用，不能取消入院；请撤销费用或办理出院。"))
    row = transition(STAY, row, "cancel", actor=actor, reason=reason)
    records.cancel_encounter(encounter_id=row.encounter_id, reason=reason, actor=actor)
    return queries.stay_data(row)


@transaction.atomic
def order_discharge(*, stay_id: UUID, actor: Actor) -> StayData:
    """The doctor's order: the ward gets ready, the front page can be filled in."""
    row = transition(STAY, locked(stay_id, actor), "order_discharge", actor=actor, discharge_ordered_at=clock.now())
    begin_front_page(row, actor)
    return queries.stay_data(row)


@transaction.atomic
def keep_stay(*, stay_id: UUID, reason: str, actor: Actor) -> StayData:
    """The discharge order is taken back."""
    row = transition(STAY, locked(stay_id, actor), "keep", actor=actor, reason=reason, discharge_ordered_at=None)
    return queries.stay_data(row)


@racing("clinic.discharge")
@transaction.atomic
def discharge(*, stay_id: UUID, given: Discharge, actor: Actor) -> StayData:
    """The patient leaves: what is missing of the daily lines is charged, the bed is free, the bill waits at the counter."""
    row = locked(stay_id, actor)
    check(STAY, row, "discharge", actor=actor)
    at = given.discharged_at or clock.now()
    _check_discharge(row, given, at)
    ward.charge_days(row, at.astimezone(clock.SHANGHAI).date(), actor, leaving=True)
    row = transition(
        STAY, row, "discharge", actor=actor, discharged_at=at, way_out=given.way_out, summary=given.summary.strip()[:5000],
        receiving_institution=given.receiving_institution.strip()[:100],
    )  # fmt: skip
    row.places.filter(ends_at__isnull=True).update(ends_at=at)
    bill = Bill.objects.select_for_update().get(stay=row)
    Bill.objects.filter(pk=bill.pk).update(ready_at=clock.now())
    begin_front_page(row, actor)
    if given.summary.strip():
        records.add_document(
            resident_id=row.resident_id, kind="discharge_summary", title="出院小结", content={"text": given.summary.strip()}, actor=actor,
            encounter_id=row.encounter_id, institution_id=row.institution_id, source=Source("clinic", row.id, number=row.number),
        )  # fmt: skip
    records.close_encounter(encounter_id=row.encounter_id, actor=actor, ended_at=at)
    record(Discharged(row.id, row.resident_id, row.institution_id, bill.id, at, row.way_out))
    return queries.stay_data(row)


def locked(stay_id: UUID, actor: Actor) -> Stay:
    """The stay for a change, after the decision; NotFound."""
    row = Stay.objects.select_for_update().filter(pk=stay_id).first()
    if row is None:
        raise NotFound(_("没有找到这次住院。"))
    access.require(actor, "write", Subject("stay", row.id))
    return row


def _check_admission(given: NewStay, resident: ResidentData, at: datetime) -> None:
    errors = {}
    if resident.status == "deceased":
        raise Conflict(_("%(name)s 已登记死亡，不能办理入院。") % {"name": resident.name})
    if resident.status == "cancelled":
        raise Conflict(_("该居民档案已注销，请选择正确的档案。"))
    if given.way_in not in {"1", "2", "3", "9"}:
        errors["way_in"] = _("请选择入院途径。")
    if not given.diagnosis.strip():
        errors["diagnosis"] = _("请填写门（急）诊诊断。")
    if at > clock.now():
        errors["admitted_at"] = _("入院时间不能晚于现在。")
    if given.nursing_code and given.nursing_code not in definitions.parameters().ward.nursing_items:
        errors["nursing_code"] = _("请选择护理级别。")
    if given.visit_id and not Visit.objects.filter(pk=given.visit_id, resident_id=resident.id).exists():
        errors["visit_id"] = _("这次门诊不属于该患者。")
    if errors:
        raise InvalidInput(errors=errors)


def _free_bed(bed_id: UUID | None, department_id: UUID) -> Bed | None:
    if bed_id is None:
        return None
    bed = Bed.objects.filter(pk=bed_id, department_id=department_id, closed_at__isnull=True).first()
    if bed is None:
        raise InvalidInput(errors={"bed_id": _("请选择本科室的床位。")})
    return bed


def _new_stay(
    given: NewStay,
    resident: ResidentData,
    institution_id: UUID,
    bed: Bed | None,
    at: datetime,
    request_key: UUID | None,
) -> Stay:
    earlier = Stay.objects.filter(institution_id=institution_id, resident_id=resident.id).order_by("times")
    number_of_record = earlier.values_list("record_number", flat=True).first()
    times = next_value("clinic.stay", f"{institution_id.hex[:12]}{resident.id.hex[-20:]}")
    doctor = network.staff_many([given.doctor_id]).get(given.doctor_id) if given.doctor_id else None
    return Stay(
        number=dated_number("stay", "ZY"), record_number=number_of_record or dated_number("record", "BA"), times=times,
        request_key=request_key, resident_id=resident.id, patient_name=resident.name, patient_initials=initials(resident.name)[:60],
        patient_sex=resident.sex, birth_date=resident.birth_date, institution_id=institution_id, department_id=given.department_id,
        admission_department_id=given.department_id, bed=bed, bed_number=bed.number if bed else "", visit_id=given.visit_id,
        referral_id=given.referral_id, way_in=given.way_in, admitted_at=at, diagnosis_code=given.diagnosis_code[:20],
        diagnosis=given.diagnosis.strip()[:100], doctor_id=given.doctor_id, doctor_name=doctor.name if doctor else "",
        nursing_code=given.nursing_code,
    )  # fmt: skip


def _check_discharge(row: Stay, given: Discharge, at: datetime) -> None:
    errors = {}
    if given.way_out not in {"1", "2", "3", "4", "5", "9"}:
        errors["way_out"] = _("请选择离院方式。")
    if given.way_out in {"2", "3"} and not given.receiving_institution.strip():
        errors["receiving_institution"] = _("转院或转社区的，请填写接收机构。")
    if at > clock.now():
        errors["discharged_at"] = _("出院时间不能晚于现在。")
    if at < row.admitted_at:
        errors["discharged_at"] = _("出院时间不能早于入院时间。")
    late = (
        ChargeLine.objects.filter(bill__stay=row, struck_at__isnull=True, performed_at__gt=at)
        .order_by("performed_at")
        .first()
    )
    if late and not errors:
        errors["discharged_at"] = _("“%(item)s”记在出院时间之后（%(at)s），请先撤销或更正出院时间。") % {
            "item": late.item_name,
            "at": late.performed_at.astimezone(clock.SHANGHAI).strftime("%m-%d %H:%M"),
        }
    if errors:
        raise InvalidInput(errors=errors)
