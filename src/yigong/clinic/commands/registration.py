"""The registration desk: a number for a visit, and its cancelling."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.access.data import Subject
from yigong.clinic import policies
from yigong.clinic.commands.charging import open_bill_of_visit, write_lines
from yigong.clinic.commands.errors import AlreadyWaiting, FollowUpTaken, NumberTaken, PaidAlready
from yigong.clinic.data import NewCharge, VisitData
from yigong.clinic.events import VisitRegistered
from yigong.clinic.models import Bill, ChargeLine, Session, Visit
from yigong.clinic.queries import sessions, visits
from yigong.clinic.queries.places import level_of
from yigong.clinic.rules import definitions, registration
from yigong.clinic.rules.workflow import VISIT
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import one_at_a_time, racing
from yigong.core.constraints import refusing
from yigong.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from yigong.core.events.api import record
from yigong.core.ids import new_id
from yigong.core.ledger import api as ledger
from yigong.core.numbers.api import dated_number, next_value
from yigong.core.pinyin import initials
from yigong.core.states.api import start, transition
from yigong.network import api as network
from yigong.residents import api as residents
from yigong.residents.data import ResidentData


@racing("clinic.register_visit")
@transaction.atomic
def register_visit(
    *,
    resident_id: UUID,
    actor: Actor,
    session_id: UUID | None = None,
    department_id: UUID | None = None,
    manner: str = "window",
    request_key: UUID | None = None,
) -> VisitData:
    """Give somebody a number: a place of a session, or (``manner`` emergency, village or referral) a number without a place of its own.

    Whether it is a free follow-up number the definition decides. The same ``request_key`` is the same registration. NumberTaken when the last
    place went, AlreadyWaiting when the person has a number of this department today.
    """
    if not actor.has(policies.REGISTER):
        raise Forbidden(_("您没有挂号的权限，请联系本机构管理员。"))
    if request_key:
        one_at_a_time(request_key)
    if request_key and (done := visits.by_request(request_key)):
        return done
    resident = _alive(resident_id)
    visit = _new_visit(resident, session_id, department_id, manner, actor, request_key)
    judged = visits.judge(visit)
    if judged.rests_on:
        visit.follows_id, visit.follow_round = judged.rests_on.visit_id, judged.rests_on.followed + 1
    lines = _fee_lines(visit)
    visit.fee = 0 if visit.follows_id else visits.sum_of(lines, level_of(visit.institution_id))
    _take_place(visit, actor)
    refusals = {
        "clinic_one_waiting_visit": AlreadyWaiting(name=visit.patient_name),
        "clinic_follow_up_once": FollowUpTaken(),
    }
    with refusing(**refusals):
        start(VISIT, visit, "waiting", actor=actor)
    write_lines(open_bill_of_visit(visit, actor), lines, actor)
    record(
        VisitRegistered(visit.id, visit.resident_id, visit.institution_id, visit.department_id, bool(visit.follows_id))
    )
    return visits.visit_data(visit)


@racing("clinic.cancel_visit")
@transaction.atomic
def cancel_visit(*, visit_id: UUID, reason: str, actor: Actor) -> VisitData:
    """Take a number back before the consultation: the place is free again, the fee is struck out. What was paid is returned at the counter first."""
    access.require(actor, "write", Subject("visit", visit_id))
    bills = list(Bill.objects.select_for_update().filter(visit_id=visit_id))
    if any(bill.state in {"presented", "settled", "partly_returned"} for bill in bills):
        raise PaidAlready()
    visit = transition(VISIT, _get(visit_id), "cancel", actor=actor, reason=reason)
    for line in ChargeLine.objects.filter(bill__in=bills, struck_at__isnull=True, bill__state="open"):
        ChargeLine.objects.filter(pk=line.pk).update(
            struck_at=clock.now(), struck_by=actor.name, struck_reason=(_("退号：") + reason.strip())[:200]
        )
    if visit.hold_key and (held := ledger.hold_of(visit.hold_key)):
        ledger.release(held.id, actor=actor, reason=reason.strip()[:200])
    return visits.visit_data(visit)


def _get(visit_id: UUID) -> Visit:
    row = Visit.objects.filter(pk=visit_id).first()
    if row is None:
        raise NotFound(_("没有找到这次就诊。"))
    return row


def _alive(resident_id: UUID) -> ResidentData:
    resident = residents.identity(resident_id)
    if resident.status == "deceased":
        raise Conflict(_("%(name)s 已登记死亡，不能挂号。如登记有误，请先恢复居民档案。") % {"name": resident.name})
    if resident.status == "cancelled":
        raise Conflict(_("该居民档案已注销，请选择正确的档案。"))
    return resident


def _new_visit(
    resident: ResidentData,
    session_id: UUID | None,
    department_id: UUID | None,
    manner: str,
    actor: Actor,
    key: UUID | None,
) -> Visit:
    now, day = clock.now(), clock.today()
    visit = Visit(
        id=new_id(), number=dated_number("visit", "MZ"), request_key=key, resident_id=resident.id, patient_name=resident.name,
        patient_initials=initials(resident.name)[:60], patient_sex=resident.sex, patient_age=resident.age_text, manner=manner,
        registered_on=day, registered_at=now, registrar_name=actor.name, fee=0, definition=definitions.stamp(),
        valid_until=registration.valid_until(day, definitions.parameters().registration),
    )  # fmt: skip
    if manner == "window":
        _from_session(visit, session_id, actor)
    elif manner in {"emergency", "village", "referral"} and actor.institution_id:
        visit.institution_id, visit.department_id = actor.institution_id, department_id or actor.department_id
        if manner == "village":
            visit.staff_id, visit.staff_name = actor.staff_id, actor.name
        if department_id and network.department(department_id).institution_id not in actor.institution_ids:
            raise InvalidInput(errors={"department_id": _("请选择本机构的科室。")})
    else:
        raise InvalidInput(errors={"manner": _("请选择挂号方式。")})
    return visit


def _from_session(visit: Visit, session_id: UUID | None, actor: Actor) -> None:
    session = Session.objects.filter(pk=session_id).first() if session_id else None
    if session is None or session.institution_id not in actor.institution_ids:
        raise InvalidInput(errors={"session_id": _("请选择今天出诊的医生。")})
    if session.stopped_at or session.day != clock.today():
        raise InvalidInput(errors={"session_id": _("这位医生的这个时段今天不出诊，请重新选择。")})
    visit.session, visit.institution_id, visit.department_id = session, session.institution_id, session.department_id
    visit.staff_id, visit.staff_name, visit.title = session.staff_id, session.staff_name, session.title


def _take_place(visit: Visit, actor: Actor) -> None:
    if visit.session is None:
        return
    visit.hold_key = f"visit:{visit.id}"
    account = ledger.open_account(sessions.FREE, visit.session.id, "slot")
    try:
        ledger.hold(account.id, 1, key=visit.hold_key, actor=actor, reason=visit.number, about=visit.id)
    except ledger.NotEnough as refusal:
        raise NumberTaken(doctor=visit.staff_name, others=visits.other_doctors(visit)) from refusal
    visit.serial = next_value("clinic.queue", str(visit.session.id))


def _fee_lines(visit: Visit) -> list[NewCharge]:
    given, level = definitions.parameters(), level_of(visit.institution_id)
    if visit.follows_id:
        codes = [given.registration.item_follow_up]
    elif visit.manner == "emergency":
        codes = [given.emergency_item]
    else:
        item = visit.session.item_code if visit.session else definitions.consultation_item(visit.title, level)
        codes = definitions.registration_items(item, level)
    return [NewCharge(code, definitions.ONE) for code in codes]
