"""A vehicle with its crew is sent, says by one tap each where it is, and comes back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yigong.centres.emergency import policies
from yigong.centres.emergency.commands import calling, timing
from yigong.centres.emergency.commands.common import locked_case
from yigong.centres.emergency.commands.errors import CaseHasVehicle, VehicleBusy
from yigong.centres.emergency.data import Crew
from yigong.centres.emergency.models import Case, CrewMember, Run, TimePoint, Vehicle
from yigong.centres.emergency.models.runs import OVER
from yigong.centres.emergency.queries import crews
from yigong.centres.emergency.rules import definitions
from yigong.centres.emergency.rules.seats import WANTED
from yigong.centres.emergency.rules.workflow import CASE, JOURNEY, RUN
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import one_at_a_time, racing
from yigong.core.constraints import refusing
from yigong.core.errors import Forbidden, InvalidInput, NotFound
from yigong.core.states.api import start, transition
from yigong.network import api as network
from yigong.tasks import api as tasks

GO = tasks.declare_kind("emergency.run", gettext_lazy("出车任务"), pressing=True)
# A tap that comes this much later than it was made was kept by the telephone for want of a line.
_PLAUSIBLE_WAIT = timedelta(hours=12)


@racing("emergency.dispatch")
@transaction.atomic
def dispatch(
    *,
    case_id: UUID,
    vehicle_id: UUID,
    actor: Actor,
    crew: Sequence[Crew] = (),
    crew_reason: str = "",
    destination_id: UUID | None = None,
) -> Run:
    """Send a vehicle with the crew that the roster has for it now; ``crew`` names others, with a reason where there is one by the roster.

    VehicleBusy when it is on another run (the database holds that) or out of use; CaseHasVehicle.
    """
    if not actor.has(policies.CALL):
        raise Forbidden()
    vehicle = Vehicle.objects.select_for_update(of=("self",)).select_related("station").filter(pk=vehicle_id).first()
    if vehicle is None:
        raise InvalidInput(errors={"vehicle": _("请选择车辆。")})
    row = locked_case(case_id)
    if Run.objects.filter(vehicle=vehicle).exclude(state__in=OVER).exists():
        raise VehicleBusy(vehicle=vehicle, why=_("正在执行另一任务"))
    planned = crews.crew_now(vehicle)
    crew = list(crew) or planned
    _check(row, vehicle, crew)
    changed = bool(planned) and {(one.staff_id, one.role) for one in crew} != {
        (one.staff_id, one.role) for one in planned
    }
    if changed and not crew_reason.strip():
        raise InvalidInput(errors={"crew_reason": _("与这辆车今天的班组不同，请写明换人的原因。")})
    run = Run(
        case=row, vehicle=vehicle, sent_at=clock.now(), sent_by=actor.name[:80], crew_reason=crew_reason.strip()[:200] if changed else ""
    )  # fmt: skip
    busy = VehicleBusy(vehicle=vehicle, why=_("正在执行另一任务"))
    other = timing.running(row)
    taken = CaseHasVehicle(number=row.number, vehicle=other.vehicle if other else _("另一辆车"))
    with refusing(emergency_vehicle_on_one_run=busy, emergency_case_one_vehicle=taken):
        start(RUN, run, "dispatched", actor=actor)
    CrewMember.objects.bulk_create(CrewMember(run=run, staff_id=one.staff_id, role=one.role) for one in crew)
    if destination_id:
        network.institution(destination_id)
    row = transition(CASE, row, "dispatch", actor=actor, destination_id=destination_id or row.destination_id)
    timing.write(row, run, "dispatched", run.sent_at, actor)
    _tell_crew(row, run, crew, actor)
    return run


@racing("emergency.tap")
@transaction.atomic
def tap(
    *,
    run_id: UUID,
    code: str,
    key: UUID,
    actor: Actor,
    tapped_at: datetime | None = None,
    eta_minutes: int | None = None,
) -> TimePoint:
    """One tap of the crew. Sent again (same ``key``) it is the same time. ``tapped_at``: when the finger was on the button, where the line was away;
    it is then marked as sent later. A state that was skipped stays to be entered afterwards."""
    run = _run(run_id)
    row = locked_case(run.case_id)
    if known := TimePoint.objects.filter(key=key).first():
        return known
    run = _run(run_id)
    timing.check_party(row, run, code, actor)
    at = tapped_at or clock.now()
    if clock.now() - at > _PLAUSIBLE_WAIT:
        raise InvalidInput(_("这次点击已超过 12 小时，请改用补录。"))
    point = timing.write(row, run, code, at, actor, key=key, reason=_("网络中断，恢复后补传") if tapped_at else "")
    follow(row, run, code, actor)
    if eta_minutes is not None:
        _eta(row, at, eta_minutes)
    return point


def follow(row: Case, run: Run, code: str, actor: Actor) -> None:
    """The states of run and case after one of its times: forward only, since a forgotten time may be entered afterwards."""
    if run.state in JOURNEY and code in JOURNEY and JOURNEY.index(code) > JOURNEY.index(run.state):
        advance(run, code, actor)
    if code == "arrived":
        arrive(row, actor)


def advance(run: Run, code: str, actor: Actor) -> None:
    """The run's state follows its times."""
    transition(RUN, run, code, actor=actor)
    if code == "departed":
        tasks.resolve_task(key=f"{GO}:{run.pk}", actor=actor)


@transaction.atomic
def note_eta(*, case_id: UUID, minutes: int, actor: Actor) -> Case:
    """The crew says in how many minutes it will be there."""
    row = locked_case(case_id)
    timing.check_party(row, timing.running(row), "left_scene", actor)
    _eta(row, clock.now(), minutes)
    return row


@transaction.atomic
def redirect_to(*, case_id: UUID, destination_id: UUID, reason: str, actor: Actor) -> Case:
    """Another hospital takes the patient: the new one is told, what the old one held goes back."""
    from yigong.centres.emergency.commands import resources

    row = locked_case(case_id)
    timing.check_party(row, timing.running(row), "left_scene", actor)
    if row.state not in {"called", "under_way", "coming"}:
        raise InvalidInput(_("患者已到院，请用转诊或转归登记转院。"))
    if not reason.strip():
        raise InvalidInput(errors={"reason": _("请写明改送的原因，例如“就近抢救”“导管室占用”。")})
    place = network.institution(destination_id)
    if place.id == row.destination_id:
        raise InvalidInput(errors={"destination_id": _("已经是送往这家医院。")})
    resources.give_back_all(row, actor, reason)
    tasks.cancel_task(key=f"{calling.EXPECT}:{row.pk}", reason=reason, actor=actor)
    row.destination_id = place.id
    row.outcome_place = ""
    row.save(update_fields=["destination_id", "outcome_place"])
    calling.expect(row)
    return row


@transaction.atomic
def end_run(*, run_id: UUID, reason: str, actor: Actor) -> Run:
    """Called off on the way, or nobody to carry. The vehicle is free at once; the case waits for another decision."""
    run = _run(run_id)
    row = locked_case(run.case_id)
    action = "cancel" if run.state in {"dispatched", "departed"} else "leave_empty"
    run = transition(RUN, run, action, actor=actor, reason=reason, end_reason=reason.strip()[:200])
    tasks.cancel_task(key=f"{GO}:{run.pk}", reason=reason, actor=actor)
    if row.state == "under_way":
        transition(CASE, row, "recall", actor=actor, reason=reason, eta_at=None)
    return run


@transaction.atomic
def arrive_without_vehicle(*, case_id: UUID, actor: Actor, at: datetime | None = None, reason: str = "") -> Case:
    """Who came by himself, or was brought by a township, is at the door."""
    row = locked_case(case_id)
    run = timing.running(row)
    if run is not None:
        raise InvalidInput(_("这位患者由 %(vehicle)s 送来，由车组登记到达医院。") % {"vehicle": run.vehicle})
    timing.check_party(row, None, "door", actor)
    if "door" not in timing.points(row, None):
        timing.write(row, None, "door", at or clock.now(), actor, reason=reason)
    return arrive(row, actor)


def arrive(row: Case, actor: Actor) -> Case:
    """At the hospital: the way's to-dos end, the record gets its contact where the person is known."""
    from yigong.centres.emergency.commands import identity
    from yigong.centres.emergency.events import PatientArrived
    from yigong.core.events.api import record

    if row.state not in {"called", "under_way", "coming"}:
        return row
    row = transition(CASE, row, "arrive", actor=actor)
    calling.after(row, actor)
    identity.open_contact(row, actor)
    record(PatientArrived(row.pk, row.resident_id, row.destination_id))
    return row


def _check(row: Case, vehicle: Vehicle, crew: Sequence[Crew]) -> None:
    if vehicle.stopped_at:
        raise VehicleBusy(vehicle=vehicle, why=_("已停用（%(why)s）") % {"why": vehicle.stop_reason})
    if vehicle.station.centre_id != row.centre_id:
        raise InvalidInput(errors={"vehicle": _("这辆车不属于本急救中心。")})
    if not crew or not any(one.role == "driver" for one in crew):
        raise InvalidInput(errors={"driver": _("请至少选择驾驶员。")})
    if not any(one.role in {"doctor", "nurse"} for one in crew):
        raise InvalidInput(errors={"doctor": _("请至少选择一名医师或护士。")})
    if len({one.staff_id for one in crew}) < len(crew):
        raise InvalidInput(errors={"driver": _("同一人不能担任两个角色。")})
    _check_people(vehicle, crew)


def _check_people(vehicle: Vehicle, crew: Sequence[Crew]) -> None:
    """Each may take the seat, and rides once: whoever is sent by two dispatchers at once goes with the first."""
    for key in sorted(str(one.staff_id) for one in crew):
        one_at_a_time("emergency.crew", key)
    known, away = crews.mates({vehicle.station.centre_id}), crews.riding()
    errors = {}
    for one in crew:
        mate = known.get(one.staff_id)
        if mate is None or one.role not in mate.seats:
            errors[one.role] = _(WANTED[one.role])
        elif one.staff_id in away:
            errors[one.role] = _("%(name)s 正在另一趟任务上，请换人。") % {"name": mate.name}
    if errors:
        raise InvalidInput(errors=errors)


def _tell_crew(row: Case, run: Run, crew: Sequence[Crew], actor: Actor) -> None:
    tasks.resolve_task(key=f"{calling.SEND}:{row.pk}", actor=actor)
    first = next(one for one in crew if one.role in {"doctor", "nurse"})
    tasks.open_task(
        key=f"{GO}:{run.pk}", kind=GO, institution_id=row.centre_id, staff_id=first.staff_id, urgent=True,
        title=_("出车：%(number)s %(where)s %(what)s")
        % {"number": row.number, "where": row.address, "what": definitions.label("complaint", row.complaint)},
        url=reverse("emergency:run", args=[run.pk]), subject=("emergency", row.pk), due_at=run.due_at,
        escalate_to=tasks.Escalation(role="dispatcher"),
    )  # fmt: skip


def _eta(row: Case, at: datetime, minutes: int) -> None:
    if not 0 <= minutes <= 240:
        raise InvalidInput(errors={"eta": _("预计到达应在 0–240 分钟之间。")})
    row.eta_at = at + timedelta(minutes=minutes)
    row.save(update_fields=["eta_at"])


def _run(run_id: UUID) -> Run:
    found = Run.objects.select_related("case", "vehicle").filter(pk=run_id).first()
    if found is None:
        raise NotFound()
    return found
