"""Distances, the nearest place, past speed and what follows from it. Pure; degrees of WGS-84, kilometres, kilometres an hour."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt
from statistics import quantiles

import msgspec

from yigong.core.packs.api import Kind, current, register
from yigong.whereabouts.data import PointData, Spot

EARTH_KM = 6371.0088
"""Mean radius (IUGG)."""


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How often positions are taken and how long they are kept, when one is old or near, and how arrivals are reckoned."""

    code: str
    version: str
    effective_from: date
    title: str
    source: str
    every_seconds: int
    most_points: int
    keep_days: int
    old_minutes: int
    near_km: float
    clock_minutes: int
    most_accuracy: int
    look_minutes: int
    least_minutes: int
    least_km: float
    standing_kmh: float
    most_kmh: float
    detour: float
    stop_minutes: int


def problems(limits: Limits) -> Iterable[tuple[str, str]]:
    """What cannot be meant."""
    if limits.every_seconds < 5:
        yield "every_seconds", "上报间隔至少 5 秒"  # texts: for whoever writes the pack
    if not 1 <= limits.keep_days <= 366:
        yield "keep_days", "保存天数应在 1 到 366 之间"
    if limits.detour < 1:
        yield "detour", "道路不会比直线短"


LIMITS: Kind[Limits] = register(Kind("whereabouts", "whereabouts.toml", Limits, problems))


def limits() -> Limits:
    """The limits in force."""
    found: Limits = current(LIMITS, "whereabouts")
    return found


def distance(one: Spot, two: Spot) -> float:
    """Kilometres in a straight line over the ground (haversine; wrong by at most half a percent).

    >>> round(distance(Spot(33.0, 115.0), Spot(33.0, 116.0)), 1)
    93.3
    """
    a, b = radians(one.latitude), radians(two.latitude)
    half = sin((b - a) / 2) ** 2 + cos(a) * cos(b) * sin(radians(two.longitude - one.longitude) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(half))


def nearest(spot: Spot, places: Iterable[tuple[str, Spot]]) -> tuple[str, float] | None:
    """The name that is nearest and how far; None where nothing is known."""
    found = min(((distance(spot, at), name) for name, at in places), default=None)
    return (found[1], found[0]) if found else None


class Pace(msgspec.Struct, frozen=True):
    """How fast something went while it moved: the middle half of what was measured, and of how many minutes."""

    slow: float
    usual: float
    fast: float
    minutes: int


def pace(points: Sequence[PointData], rules: Limits) -> Pace | None:
    """The speed of the last minutes; None where too little was driven to say anything.

    Standing still (a stop, a crossing, the telephone's trembling) is left out, as is what no car drives. Each pair of points weighs as long as it took.
    """
    good = [one for one in points if one.accuracy <= rules.most_accuracy]
    if not good:
        return None
    begin = good[-1].at - timedelta(minutes=rules.look_minutes)
    driven: list[tuple[float, float, float]] = []
    for one, two in pairwise(one for one in good if one.at >= begin):
        hours, km = (two.at - one.at).total_seconds() / 3600, distance(one.spot, two.spot)
        if hours > 0 and rules.standing_kmh <= km / hours <= rules.most_kmh:
            driven.append((km / hours, hours, km))
    minutes, km = sum(hours for _speed, hours, _km in driven) * 60, sum(km for _speed, _hours, km in driven)
    if minutes < rules.least_minutes or km < rules.least_km or len(driven) < 2:
        return None
    weighed = [speed for speed, hours, _km in driven for _n in range(max(1, round(hours * 360)))]
    slow, _middle, fast = quantiles(weighed, n=4)
    return Pace(slow, km / (minutes / 60), fast, round(minutes))


def span(km: float, speed: Pace, rules: Limits) -> tuple[timedelta, timedelta, timedelta]:
    """How long so many kilometres of straight line take: usual, at the least, at the most. The road is longer by ``detour``, at the least as
    long as the line; the slow quarter and the fast quarter of the past speed bound it."""
    road = km * rules.detour
    return (
        timedelta(hours=road / speed.usual), timedelta(hours=km / max(speed.fast, speed.usual)),
        timedelta(hours=road * rules.detour / min(speed.slow, speed.usual)),
    )  # fmt: skip
