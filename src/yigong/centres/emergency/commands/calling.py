"""How a case begins: a call, a walk-in, a first contact in primary care, a referral, an ECG."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yigong.centres.emergency import policies
from yigong.centres.emergency.commands import clocks, timing
from yigong.centres.emergency.commands.common import centre_for, locked_case
from yigong.centres.emergency.data import NewCase
from yigong.centres.emergency.events import CaseOpened
from yigong.centres.emergency.models import Case
from yigong.centres.emergency.rules import definitions
from yigong.centres.emergency.rules.workflow import CASE
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import one_at_a_time
from yigong.core.errors import Forbidden, InvalidInput
from yigong.core.events.api import record
from yigong.core.numbers.api import dated_number
from yigong.core.states.api import start, transition
from yigong.network import api as network
from yigong.residents import api as residents
from yigong.tasks import api as tasks

EXPECT = tasks.declare_kind("emergency.expect", gettext_lazy("急救患者在途"), pressing=True)
SEND = tasks.declare_kind("emergency.send", gettext_lazy("待派车"), pressing=True)
_ANSWERS = ("conscious", "breathing", "heavy_bleeding")


@transaction.atomic
def take_call(*, given: NewCase, actor: Actor, at: datetime | None = None, form_key: UUID | None = None) -> Case:
    """The dispatcher answers a call: complaint and answers give the priority; ``at`` is when the telephone rang."""
    _need(actor, policies.CALL)
    problems = {}
    if not given.place_id and not given.address.strip():
        problems["address"] = _("请登记地点：选择乡镇或村，或写明地址。")
    if not given.phone.strip():
        problems["phone"] = _("请登记呼救电话，车组要用它联系。")
    if problems:
        raise InvalidInput(errors=problems)
    centre = centre_for(actor.institution_id, actor)
    row = _begin("call", given, actor, centre.institution_id, form_key, first=("call_received", at))
    return row


@transaction.atomic
def walk_in(*, given: NewCase, actor: Actor, at: datetime | None = None, form_key: UUID | None = None) -> Case:
    """The patient stands in the department; ``at`` is when he came through the door."""
    _need(actor, policies.TREAT)
    centre = centre_for(actor.institution_id, actor)
    return _begin(
        "walk_in", given, actor, centre.institution_id, form_key, state="arrived", first=("door", at),
        destination=actor.institution_id,
    )  # fmt: skip


@transaction.atomic
def meet_first(
    *,
    given: NewCase,
    actor: Actor,
    at: datetime | None = None,
    form_key: UUID | None = None,
    by_ambulance: bool = True,
    reason: str = "",
) -> Case:
    """A village or township sees the patient first: that contact counts. ``by_ambulance`` puts the case before the dispatcher."""
    _need(actor, policies.FIRST)
    centre = centre_for(actor.institution_id, actor)
    return _begin(
        "primary", given, actor, centre.institution_id, form_key, state="called" if by_ambulance else "coming", first=("fmc", at),
        origin=actor.institution_id, reason=reason,
    )  # fmt: skip


def from_elsewhere(
    *,
    way: str,
    given: NewCase,
    source: tuple[str, UUID],
    origin_id: UUID,
    destination_id: UUID,
    actor: Actor,
    fmc_at: datetime | None,
) -> Case | None:
    """A referral or an ECG makes a case, once; None where no emergency centre is in charge. Called by handlers of events."""
    one_at_a_time("emergency", *source)
    if known := Case.objects.filter(source_kind=source[0], source_id=source[1]).first():
        return known
    hosted = [c for c in network.centres_hosted(destination_id) if c.kind == "emergency"]
    centre = hosted[0] if hosted else network.serving_centre("emergency", origin_id)
    if centre is None:
        return None
    first = ("fmc", fmc_at) if fmc_at else None
    return _begin(
        way, given, actor, centre.institution_id, None, state="called" if way == "ecg" else "coming", first=first,
        origin=origin_id, destination=destination_id, source=source, reason=_("由转诊或心电预警带入"),
    )  # fmt: skip


def _begin(
    way: str,
    given: NewCase,
    actor: Actor,
    centre_id: UUID,
    form_key: UUID | None,
    *,
    state: str = "called",
    first: tuple[str, datetime | None] | None = None,
    origin: UUID | None = None,
    destination: UUID | None = None,
    source: tuple[str, UUID] = ("", UUID(int=0)),
    reason: str = "",
) -> Case:
    if form_key:
        one_at_a_time(form_key)
        if known := Case.objects.filter(form_key=form_key).first():
            return known
    answers = {name: getattr(given, name) for name in _ANSWERS if getattr(given, name) is not None}
    person = _person(given)
    priority, why = definitions.priority_of(given.complaint, {**answers, "age": person["patient_age"]})
    row = Case(
        number=dated_number("emergency", "JJ"), form_key=form_key, way=way, centre_id=centre_id, origin_id=origin,
        destination_id=destination or given.destination_id or centre_id, opened_at=clock.now(), opened_by=actor.name[:80],
        source_kind=source[0], source_id=source[1] if source[0] else None, caller=given.caller.strip()[:60], phone=given.phone.strip()[:30],
        place_id=given.place_id, address=given.address.strip()[:200], complaint=given.complaint, story=given.story.strip()[:500],
        answers=answers, priority=priority, priority_why="；".join(why)[:200], **person,
    )  # fmt: skip
    if given.place_id:
        network.place(given.place_id)
    network.institution(row.destination_id)
    path = definitions.pathway(given.pathway or definitions.one_of("complaint", given.complaint).pathway)
    if path:
        row.pathway, row.pathway_version = path.code, path.version
    at = first[1] if first else None
    if at and at < row.opened_at:
        # A call or contact entered afterwards: the case begins when it began.
        row.opened_at = max(at, row.opened_at - timedelta(days=60))
    start(CASE, row, state, actor=actor)
    if first:
        late = reason or given.story or _("登记病例时补录")
        timing.write(row, None, first[0], at or clock.now(), actor, reason=late)
    clocks.follow(row)
    _tell(row, actor)
    record(CaseOpened(row.pk, row.way, row.pathway, row.destination_id))
    return row


def _person(given: NewCase) -> dict[str, Any]:
    if given.resident_id is None:
        if given.patient_age is not None and not 0 <= given.patient_age <= 130:
            raise InvalidInput(errors={"patient_age": _("年龄应在 0–130 之间。")})
        sex = given.patient_sex if given.patient_sex in {"0", "1", "2", "9"} else "0"
        return {
            "patient_name": given.patient_name.strip()[:60] or _("身份不明"),
            "patient_sex": sex,
            "patient_age": given.patient_age,
        }
    person = residents.identity(given.resident_id)
    return {
        "resident_id": person.id, "patient_name": person.name, "patient_sex": person.sex,
        "patient_age": residents.age_on(person.birth_date, clock.today()), "identified_at": clock.now(), "identified_by": "—",
    }  # fmt: skip


def _tell(row: Case, actor: Actor) -> None:
    what = definitions.label("complaint", row.complaint)
    if row.state == "called":
        tasks.open_task(
            key=f"{SEND}:{row.pk}", kind=SEND, institution_id=row.centre_id, role="dispatcher", urgent=row.priority == 1,
            title=_("待派车：%(number)s %(what)s") % {"number": row.number, "what": what}, url=reverse("emergency:case", args=[row.pk]),
            subject=("emergency", row.pk), about_resident_id=row.resident_id, due_at=row.due_at,
            escalate_to=tasks.Escalation(role="duty_chief"),
        )  # fmt: skip
    if row.state in {"called", "coming"} and (row.priority == 1 or row.pathway):
        expect(row)


def expect(row: Case) -> None:
    """The hospital gets an urgent to-do: somebody is coming. The nurse on duty, or every nurse there, or the chief on duty where there is none."""
    path = definitions.pathway(row.pathway, row.pathway_version)
    what = (path.title + _("通道")) if path else definitions.label("complaint", row.complaint)
    role = "nurse" if network.posts_at(row.destination_id, role="nurse") else "duty_chief"
    staff = network.duty_staff(row.destination_id, role)
    tasks.open_task(
        key=f"{EXPECT}:{row.pk}", kind=EXPECT, institution_id=row.destination_id, role="" if staff else role,
        staff_id=staff.id if staff else None, urgent=True,
        title=_("请准备接收：%(number)s %(what)s") % {"number": row.number, "what": what}, url=reverse("emergency:case", args=[row.pk]),
        subject=("emergency", row.pk), about_resident_id=row.resident_id, escalate_to=tasks.Escalation(role="duty_chief"),
    )  # fmt: skip


@transaction.atomic
def cancel_case(*, case_id: UUID, reason: str, actor: Actor) -> Case:
    """A false alarm, a double, called off. What was held goes back; a vehicle under way must be called back first."""
    from yigong.centres.emergency.commands import resources

    row = locked_case(case_id)
    if timing.running(row) is not None:
        raise InvalidInput(_("车辆已派出，请先在车辆任务上登记途中取消或放空。"))
    row = transition(
        CASE, row, "cancel", actor=actor, reason=reason, closed_at=clock.now(), outcome_note=reason.strip()[:500]
    )
    resources.give_back_all(row, actor, _("病例取消"))
    after(row, actor, reason)
    return row


@transaction.atomic
def come_alone(*, case_id: UUID, reason: str, actor: Actor) -> Case:
    """No vehicle: the patient comes by himself or is brought by the township."""
    row = locked_case(case_id)
    if timing.running(row) is not None:
        raise InvalidInput(_("车辆已派出，请先在车辆任务上登记途中取消或放空。"))
    row = transition(CASE, row, "come", actor=actor, reason=reason)
    tasks.resolve_task(key=f"{SEND}:{row.pk}", actor=actor, note=reason)
    clocks.settle_tasks(row, actor, reason)
    return row


def after(row: Case, actor: Actor, note: str = "") -> None:
    """The case left the road: open to-dos of the way end, target clocks follow."""
    tasks.resolve_tasks(keys=[f"{EXPECT}:{row.pk}", f"{SEND}:{row.pk}"], actor=actor, note=note)
    clocks.settle_tasks(row, actor, note)
    clocks.follow(row)


def _need(actor: Actor, permission: str) -> None:
    if not actor.has(permission) or actor.institution_id is None:
        raise Forbidden()
