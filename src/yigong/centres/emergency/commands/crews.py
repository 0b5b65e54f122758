"""Who belongs to which ambulance. Who of them is on duty stands in the network's roster."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.centres.emergency import policies
from yigong.centres.emergency.models import CrewSeat, Vehicle
from yigong.centres.emergency.queries import crews
from yigong.centres.emergency.rules.seats import SEATS, WANTED
from yigong.core.actor import Actor
from yigong.core.audit.api import acting
from yigong.core.constraints import refusing
from yigong.core.errors import Forbidden, InvalidInput, NotFound


@transaction.atomic
def seat(*, vehicle_id: UUID, staff_id: UUID, role: str, actor: Actor) -> CrewSeat:
    """Somebody belongs to a vehicle from now on, as driver, doctor, nurse or bearer."""
    vehicle = _own(Vehicle.objects.select_related("station").filter(pk=vehicle_id).first(), actor)
    if role not in SEATS:
        raise InvalidInput(errors={"role": _("请选择在车上的岗位。")})
    mate = crews.mates({vehicle.station.centre_id}).get(staff_id)
    if mate is None or role not in mate.seats:
        raise InvalidInput(errors={"staff_id": _(WANTED[role])})
    known = InvalidInput(errors={"staff_id": _("%(name)s 已在这辆车的班组里。") % {"name": mate.name}})
    with refusing(emergency_seat_once=known), acting(actor):
        return CrewSeat.objects.create(vehicle=vehicle, staff_id=staff_id, role=role)


@transaction.atomic
def unseat(*, seat_id: UUID, actor: Actor) -> None:
    """He belongs to it no more; runs that were driven keep their crew."""
    row = CrewSeat.objects.select_related("vehicle__station").filter(pk=seat_id).first()
    _own(row.vehicle if row else None, actor)
    assert row
    with acting(actor):
        row.delete()


def _own(vehicle: Vehicle | None, actor: Actor) -> Vehicle:
    if vehicle is None:
        raise NotFound()
    if not actor.has(policies.FLEET) or not (actor.is_system or vehicle.station.centre_id in actor.institution_ids):
        raise Forbidden(_("只能安排本急救中心车辆的班组。"))
    return vehicle
