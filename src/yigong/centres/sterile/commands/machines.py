"""Washers and sterilisers: registered, stopped, taken into use again, and what their tests say."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.centres.sterile.commands.errors import MachineStopped, NotCentre
from yigong.centres.sterile.commands.registering import centre_of
from yigong.centres.sterile.models import Machine, MonitoringTest
from yigong.centres.sterile.policies import MANAGE, MONITOR
from yigong.centres.sterile.rules import definitions
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.clock import SHANGHAI
from yigong.core.constraints import refusing
from yigong.core.errors import Conflict, InvalidInput, NotFound

Kind = MonitoringTest.Kind


class NotYetResumable(Conflict):
    """Repair is followed by good empty cycles."""

    code = "sterile.not_resumable"
    message = "%(machine)s 停用后需连续 %(wanted)s 次空载生物监测合格，现在有 %(found)s 次。"


class CodeTaken(Conflict):
    """Two machines of a centre have two codes."""

    code = "sterile.code_taken"
    message = "这个设备编号已经用过，请换一个。"


@transaction.atomic
def create_machine(*, code: str, name: str, method: str, actor: Actor) -> Machine:
    """A washer or steriliser of the actor's centre."""
    if not actor.has(MANAGE):
        raise NotCentre()
    if method not in definitions.METHODS:
        raise InvalidInput(errors={"method": _("请选择设备类型。")})
    if not code.strip() or not name.strip():
        raise InvalidInput(errors={"code": _("请填写设备编号和名称。")})
    with refusing(sterile_machine_code_once=CodeTaken()):
        return Machine.objects.create(
            centre_id=centre_of(actor), code=code.strip().upper()[:12], name=name.strip()[:60], method=method
        )


@transaction.atomic
def stop_machine(*, machine_id: UUID, reason: str, actor: Actor) -> Machine:
    """Out of use, with the reason."""
    if not actor.has(MONITOR):
        raise NotCentre()
    if not reason.strip():
        raise InvalidInput(errors={"reason": _("请写明停用原因。")})
    machine = locked_machine(machine_id, actor)
    if machine.stopped_at is None:
        stop(machine, reason.strip(), actor)
    return machine


@transaction.atomic
def resume_machine(*, machine_id: UUID, actor: Actor) -> Machine:
    """In use again. A steriliser needs its good empty cycles in a row since it was stopped; NotYetResumable says how many there are."""
    if not actor.has(MONITOR):
        raise NotCentre()
    machine = locked_machine(machine_id, actor)
    if machine.stopped_at is None:
        return machine
    wanted = definitions.limits().resume_passes
    found = passes_since_stop(machine)
    if machine.method != "washer" and found < wanted:
        raise NotYetResumable(machine=machine.name, wanted=wanted, found=found)
    machine.stopped_at, machine.stop_reason, machine.stopped_by = None, "", ""
    machine.save(update_fields=["stopped_at", "stop_reason", "stopped_by"])
    return machine


def stop(machine: Machine, reason: str, actor: Actor) -> None:
    """Write that a locked machine is out of use."""
    machine.stopped_at, machine.stop_reason, machine.stopped_by = clock.now(), reason[:200], actor.name[:80]
    machine.save(update_fields=["stopped_at", "stop_reason", "stopped_by"])


def passes_since_stop(machine: Machine) -> int:
    """Good empty biological cycles in a row, counted back from the newest."""
    results = MonitoringTest.objects.filter(
        machine=machine, kind=Kind.BIOLOGICAL, load__isnull=True, taken_at__gte=machine.stopped_at
    )
    found = 0
    for good in results.order_by("-taken_at", "-id").values_list("good", flat=True):
        if not good:
            break
        found += 1
    return found


def last_good(machine: Machine, kind: str, before: datetime) -> datetime | None:
    """The cycle of the newest good test of this kind before a moment."""
    found = MonitoringTest.objects.filter(machine=machine, kind=kind, good=True, taken_at__lt=before)
    return found.order_by("-taken_at").values_list("taken_at", flat=True).first()


def passed_today(machine: Machine, kind: str) -> bool:
    """Whether the newest test of this kind today is good."""
    midnight = clock.now().astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    found = MonitoringTest.objects.filter(machine=machine, kind=kind, taken_at__gte=midnight).order_by("-taken_at")
    return bool(found.values_list("good", flat=True).first())


def locked_machine(machine_id: UUID, actor: Actor) -> Machine:
    """A machine of the actor's centre, locked."""
    found = Machine.objects.select_for_update(of=("self",)).filter(pk=machine_id).first()
    if found is None or not (actor.is_system or found.centre_id in actor.institution_ids):
        raise NotFound()
    return found


def refuse_stopped(machine: Machine) -> None:
    """Nothing may be started or released on a machine out of use."""
    if machine.stopped_at:
        raise MachineStopped(machine=machine.name, why=machine.stop_reason)
