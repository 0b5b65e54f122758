"""The way of a vehicle as its telephone would have reported it."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from yigong.core import clock
from yigong.network import api as network
from yigong.whereabouts import api as whereabouts
from yigong.whereabouts.api import PointIn, Spot

_EVERY = timedelta(seconds=30)
_KMH = 36
Leg = tuple[Spot, Spot, datetime, datetime]


def spots(institution_ids: Sequence[UUID]) -> dict[UUID, Spot]:
    """Where some institutions lie."""
    return {key: Spot(one.latitude, one.longitude) for key, one in network.locations_of(institution_ids).items()}


def towards(one: Spot, two: Spot, begin: datetime, end: datetime) -> Leg:
    """As far from one to the other as a van comes in this time."""
    km = whereabouts.distance(one, two)
    part = min(0.9, (end - begin).total_seconds() / 3600 * _KMH / km) if km else 0
    there = Spot(
        one.latitude + (two.latitude - one.latitude) * part, one.longitude + (two.longitude - one.longitude) * part
    )
    return one, there, begin, end


def drive(kind: str, subject: UUID, actor: Any, legs: Sequence[Leg]) -> None:
    """Switched on before the first leg, a position each half minute on each."""
    with clock.travel(legs[0][2] - clock.now() - timedelta(minutes=1)):
        whereabouts.switch_on(kind=kind, subject=subject, actor=actor)
    points = [point for leg in legs for point in _points(leg)]
    whereabouts.report(kind=kind, subject=subject, points=points, device_at=clock.now(), actor=actor)


def _points(leg: Leg) -> Iterator[PointIn]:
    one, two, begin, end = leg
    steps = max(1, int((end - begin) / _EVERY))
    for n in range(steps + 1):
        # A road bends: a little to the side in the middle of the way.
        bend = 0.004 * (n / steps) * (1 - n / steps) * 4
        yield PointIn(
            begin + (end - begin) * (n / steps), round(one.latitude + (two.latitude - one.latitude) * n / steps + bend, 6),
            round(one.longitude + (two.longitude - one.longitude) * n / steps + bend, 6), 12,
        )  # fmt: skip
