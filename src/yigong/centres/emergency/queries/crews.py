"""Who rides which ambulance: the people of each vehicle whom the roster has on duty now, and who else may ride as what."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from yigong.centres.emergency.data import Crew
from yigong.centres.emergency.models import CrewMember, CrewSeat, Station, Vehicle
from yigong.centres.emergency.models.runs import OVER
from yigong.centres.emergency.rules.seats import POSTS, seats_of
from yigong.network import api as network


@dataclass(frozen=True, slots=True)
class Mate:
    """Somebody who may ride: name, the seats he may take, until when he is on duty (None: not on duty now)."""

    staff_id: UUID
    name: str
    seats: frozenset[str]
    until: datetime | None


def houses(centre_ids: Iterable[UUID]) -> set[UUID]:
    """The institutions whose people ride: the centres' own and those of their stations."""
    own = set(centre_ids)
    stations = Station.objects.filter(centre_id__in=own, closed_at__isnull=True)
    return own | set(stations.values_list("institution_id", flat=True))


def mates(centre_ids: Iterable[UUID]) -> dict[UUID, Mate]:
    """Everybody who may ride for these centres, by key: the same few questions, however many houses and people."""
    places = houses(centre_ids)
    names: dict[UUID, str] = {}
    roles: dict[UUID, set[str]] = {}
    for post in network.posts_at_many(places):
        if post.role in POSTS:
            names[post.staff_id] = post.staff_name
            roles.setdefault(post.staff_id, set()).add(post.role)
    licences, duty = network.licences_of(names), network.on_duty(places)
    found = {
        key: Mate(key, name, seats_of(roles[key], licences.get(key, ())), duty.get(key)) for key, name in names.items()
    }
    return {key: one for key, one in found.items() if one.seats}


def seats_by_vehicle(vehicle_ids: Iterable[UUID]) -> dict[UUID, list[CrewSeat]]:
    """Who belongs to each vehicle, whoever is on duty; the driver first."""
    found: dict[UUID, list[CrewSeat]] = {}
    rank = {role: n for n, role in enumerate(CrewMember.Role.values)}
    rows = CrewSeat.objects.filter(vehicle_id__in=list(vehicle_ids)).select_related("staff")
    for row in sorted(rows, key=lambda seat: (rank[seat.role], seat.staff.name)):
        found.setdefault(row.vehicle_id, []).append(row)
    return found


def crews_now(vehicles: Iterable[Vehicle], known: dict[UUID, Mate] | None = None) -> dict[UUID, list[CrewSeat]]:
    """The crew of each vehicle by the roster: who belongs to it, is on duty now, may still take the seat and is not on another run."""
    rows = list(vehicles)
    everybody = mates({row.station.centre_id for row in rows}) if known is None else known
    away = riding()
    return {
        key: [
            seat for seat in seats
            if (mate := everybody.get(seat.staff_id)) and mate.until and seat.role in mate.seats and seat.staff_id not in away
        ]
        for key, seats in seats_by_vehicle([row.pk for row in rows]).items()
    }  # fmt: skip


def crew_now(vehicle: Vehicle) -> list[Crew]:
    """The same for one vehicle."""
    return [Crew(seat.staff_id, seat.role) for seat in crews_now([vehicle]).get(vehicle.pk, [])]


def riding() -> set[UUID]:
    """Everybody who is on a run now."""
    return set(CrewMember.objects.exclude(run__state__in=OVER).values_list("staff_id", flat=True))
