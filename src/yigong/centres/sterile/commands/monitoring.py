"""Results of monitoring; a bad one after the fact calls packs back."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.centres.sterile.commands import loading, machines, recalling
from yigong.centres.sterile.commands.errors import NotCentre, ResultKnown
from yigong.centres.sterile.models import MonitoringTest
from yigong.centres.sterile.policies import MONITOR
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.constraints import refusing
from yigong.core.errors import InvalidInput
from yigong.tasks import api as tasks

Kind = MonitoringTest.Kind
OF_LOAD = (Kind.CHEMICAL, Kind.BIOLOGICAL, Kind.CLEANING)
OF_MACHINE = (Kind.BOWIE_DICK, Kind.BIOLOGICAL, Kind.CHEMICAL)


@racing("sterile.record_result")
@transaction.atomic
def record_result(
    *, load_id: UUID, kind: str, good: bool, actor: Actor, lot: str = "", note: str = ""
) -> MonitoringTest:
    """The chemical or biological result of a load. A bad biological one stops the machine and opens the recall, in the same transaction;
    a good one releases a load that went out early."""
    if not actor.has(MONITOR):
        raise NotCentre()
    row = loading.locked_load(load_id, actor)
    if kind not in OF_LOAD or row.started_at is None:
        raise InvalidInput(errors={"kind": _("这一锅还不能登记这项监测。")})
    if row.finished_at is None:
        raise InvalidInput(_("请先结束这一锅，再登记监测结果。"))
    if not good and not note.strip():
        raise InvalidInput(errors={"note": _("不合格请写明情况。")})
    with refusing(sterile_one_result_a_load=ResultKnown()):
        test = MonitoringTest.objects.create(
            machine=row.machine, load=row, kind=kind, good=good, taken_at=row.started_at, read_at=clock.now(),
            read_by=actor.name[:80], lot=lot.strip()[:40], note=note.strip()[:300],
        )  # fmt: skip
    if kind == Kind.BIOLOGICAL:
        tasks.resolve_task(key=f"{loading.BIOLOGICAL}:{row.pk}", actor=actor, note=note)
    if not good and row.kind == "sterilise" and (kind == Kind.BIOLOGICAL or row.state in {"released", "early"}):
        recalling.open_recall(test, actor)
    elif kind == Kind.BIOLOGICAL and row.state == "early":
        loading.release_load(load_id=row.pk, actor=actor)
    return test


@transaction.atomic
def record_machine_test(
    *, machine_id: UUID, kind: str, good: bool, actor: Actor, lot: str = "", note: str = ""
) -> MonitoringTest:
    """A Bowie-Dick test or an empty cycle with an indicator. A bad one stops the machine; a bad biological one recalls."""
    if not actor.has(MONITOR):
        raise NotCentre()
    machine = machines.locked_machine(machine_id, actor)
    if kind not in OF_MACHINE:
        raise InvalidInput(errors={"kind": _("请选择监测项目。")})
    if not good and not note.strip():
        raise InvalidInput(errors={"note": _("不合格请写明情况。")})
    now = clock.now()
    test = MonitoringTest.objects.create(
        machine=machine, kind=kind, good=good, taken_at=now, read_at=now, read_by=actor.name[:80], lot=lot.strip()[:40],
        note=note.strip()[:300],
    )  # fmt: skip
    if not good and machine.stopped_at is None:
        if kind == Kind.BIOLOGICAL:
            recalling.open_recall(test, actor)
        else:
            machines.stop(machine, _("%(kind)s不合格") % {"kind": Kind(kind).label}, actor)
    return test
