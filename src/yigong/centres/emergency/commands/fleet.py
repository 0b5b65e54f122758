"""Stations and vehicles."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.centres.emergency import policies
from yigong.centres.emergency.commands.common import centre_for
from yigong.centres.emergency.models import Run, Station, Vehicle
from yigong.centres.emergency.models.runs import OVER
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.audit.api import acting
from yigong.core.constraints import refusing
from yigong.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from yigong.network import api as network


@transaction.atomic
def add_station(*, name: str, institution_id: UUID, phone: str, actor: Actor) -> Station:
    """A place where ambulances stand, run by the hospital or a township."""
    if not actor.has(policies.FLEET):
        raise Forbidden()
    network.institution(institution_id)
    centre = centre_for(actor.institution_id, actor)
    if not name.strip():
        raise InvalidInput(errors={"name": _("请填写站点名称。")})
    with refusing(emergency_station_once=InvalidInput(errors={"name": _("已有同名站点。")})), acting(actor):
        return Station.objects.create(
            centre_id=centre.institution_id,
            institution_id=institution_id,
            name=name.strip()[:60],
            phone=phone.strip()[:30],
        )


@transaction.atomic
def add_vehicle(*, station_id: UUID, plate: str, name: str, kind: str, actor: Actor) -> Vehicle:
    """An ambulance of a station."""
    station = _own(Station.objects.filter(pk=station_id).first(), actor)
    plate = plate.strip().upper().replace(" ", "").replace("·", "")
    if not 5 <= len(plate) <= 12:
        raise InvalidInput(errors={"plate": _("车牌号应为 5–12 位，例如 皖K12345。")})
    if kind not in Vehicle.Kind.values:
        raise InvalidInput(errors={"kind": _("请从列表中选择。")})
    with refusing(emergency_vehicle_plate_key=InvalidInput()), acting(actor):
        if Vehicle.objects.filter(plate=plate).exists():
            raise InvalidInput(errors={"plate": _("这个车牌已登记。")})
        return Vehicle.objects.create(station=station, plate=plate, name=name.strip()[:40] or plate, kind=kind)


@transaction.atomic
def stop_vehicle(*, vehicle_id: UUID, reason: str, actor: Actor) -> Vehicle:
    """Out of use (repair, inspection); not while it is on a run."""
    row = _vehicle(vehicle_id, actor)
    if not reason.strip():
        raise InvalidInput(errors={"reason": _("请写明停用原因，例如“送修”。")})
    if Run.objects.filter(vehicle=row).exclude(state__in=OVER).exists():
        raise Conflict(_("%(vehicle)s 正在执行任务，不能停用。") % {"vehicle": row})
    with acting(actor, reason=reason):
        row.stopped_at, row.stop_reason = clock.now(), reason.strip()[:200]
        row.save(update_fields=["stopped_at", "stop_reason"])
    return row


@transaction.atomic
def resume_vehicle(*, vehicle_id: UUID, actor: Actor) -> Vehicle:
    """Ready again."""
    row = _vehicle(vehicle_id, actor)
    with acting(actor):
        row.stopped_at, row.stop_reason = None, ""
        row.save(update_fields=["stopped_at", "stop_reason"])
    return row


def _vehicle(vehicle_id: UUID, actor: Actor) -> Vehicle:
    row = Vehicle.objects.select_for_update(of=("self",)).select_related("station").filter(pk=vehicle_id).first()
    _own(row.station if row else None, actor)
    assert row is not None
    return row


def _own(station: Station | None, actor: Actor) -> Station:
    if station is None:
        raise NotFound()
    if not actor.has(policies.FLEET) or not (actor.is_system or station.centre_id in actor.institution_ids):
        raise Forbidden(_("只能维护本急救中心的站点和车辆。"))
    return station
