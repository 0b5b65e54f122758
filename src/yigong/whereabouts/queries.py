"""Where things are, and when they should be somewhere. For rooms that have decided who may see it."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from yigong.core import clock
from yigong.network import api as network
from yigong.whereabouts import rules
from yigong.whereabouts.data import Estimate, PointData, Seen, Spot
from yigong.whereabouts.models import Point, Trail


def reporting(kind: str, subject: UUID, staff_id: UUID | None) -> bool:
    """Whether this person's telephone reports for the mission now."""
    mine = Trail.objects.filter(kind=kind, subject=subject, ended_at=None)
    return staff_id is not None and mine.filter(staff_id=staff_id).exists()


def trail_of(kind: str, subject: UUID, since: datetime | None = None) -> list[PointData]:
    """The points of a mission in their order, of all telephones."""
    rows = Point.objects.filter(trail__kind=kind, trail__subject=subject)
    return [_point(row) for row in (rows.filter(at__gte=since) if since else rows).order_by("at")]


def last_seen(kind: str, subjects: Iterable[UUID]) -> dict[UUID, Seen]:
    """Where each was last; those that never reported are left out. Two questions however many."""
    rows = Point.objects.filter(trail__kind=kind, trail__subject__in=list(subjects)).select_related("trail")
    newest = {row.trail.subject: row for row in rows.order_by("trail__subject", "-at").distinct("trail__subject")}
    if not newest:
        return {}
    places = known_places()
    return {key: _seen(_point(row), places) for key, row in newest.items()}


def known_places() -> list[tuple[str, Spot]]:
    """Every institution and area whose coordinates the network knows."""
    return [(one.name, Spot(one.latitude, one.longitude)) for one in network.locations()]


def estimates(kind: str, subject: UUID, ahead: Sequence[UUID]) -> list[Estimate]:
    """When the institutions ahead should be reached, one after the other; empty where nothing can be reckoned: no position, an old one, too little
    driven, or no coordinates of the next institution. Behind one whose coordinates are not known nothing is said either."""
    limits, now = rules.limits(), clock.now()
    points = trail_of(kind, subject, now - timedelta(minutes=limits.look_minutes + limits.old_minutes))
    if not points or now - points[-1].at > timedelta(minutes=limits.old_minutes):
        return []
    speed = rules.pace(points, limits)
    if speed is None:
        return []
    where, found, at, km = network.locations_of(ahead), [], points[-1].spot, 0.0
    for n, key in enumerate(ahead):
        if key not in where:
            break
        there = Spot(where[key].latitude, where[key].longitude)
        km += rules.distance(at, there)
        at = there
        rest = timedelta(minutes=limits.stop_minutes * n)
        usual, least, most = (points[-1].at + one + rest for one in rules.span(km, speed, limits))
        found.append(
            Estimate(
                key, max(usual, now), max(least, now), max(most, now), round(km, 1), round(speed.usual), speed.minutes, limits.detour
            )
        )  # fmt: skip
    return found


def _seen(point: PointData, places: list[tuple[str, Spot]]) -> Seen:
    limits = rules.limits()
    ago = clock.now() - point.at
    found = rules.nearest(point.spot, places)
    return Seen(
        at=point.at, minutes=max(0, int(ago.total_seconds() // 60)), spot=point.spot, accuracy=point.accuracy, near=found[0] if found else None,
        km=round(found[1], 1) if found else None, is_near=bool(found and found[1] <= limits.near_km),
        is_old=ago > timedelta(minutes=limits.old_minutes),
    )  # fmt: skip


def _point(row: Point) -> PointData:
    return PointData(row.at, Spot(float(row.latitude), float(row.longitude)), row.accuracy)
