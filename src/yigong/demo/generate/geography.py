"""Where the fictitious county's places and institutions lie: the county town in the middle, towns around it, villages around their towns.

The coordinates are invented like the county; only distances and directions make sense.
"""

from collections.abc import Iterator
from math import cos, radians, sin

from yigong.demo.generate.county import TOWNS, County
from yigong.demo.generate.keys import COUNTY, chance

_SEAT = (35.52, 111.03)
_GOLDEN = 137.508  # degrees between one village and the next, so that they spread evenly


def moved(spot: tuple[float, float], km: float, bearing: float) -> tuple[float, float]:
    """So many kilometres from a spot in a direction (degrees from north)."""
    north, east = km * cos(radians(bearing)), km * sin(radians(bearing))
    return round(spot[0] + north / 111.2, 6), round(spot[1] + east / (111.32 * cos(radians(spot[0]))), 6)


def places(county: County, seed: int) -> dict[str, tuple[float, float]]:
    """Latitude and longitude of towns and villages by their code."""
    source, found = chance(seed, "geography"), {COUNTY: _SEAT}
    towns = [one for one in county.places if one.level == "town"]
    for n, town in enumerate(towns):
        away = 0.8 if n == 0 else source.uniform(9, 24)
        found[town.code] = moved(_SEAT, away, 360 / (len(TOWNS) - 1) * n)
    for n, village in enumerate(one for one in county.places if one.level == "village"):
        found[village.code] = moved(found[village.parent], source.uniform(1.2, 6), _GOLDEN * n)
    return found


def institutions(county: County, seed: int) -> Iterator[tuple[str, tuple[float, float]]]:
    """Latitude and longitude of each institution in the county by its key: some hundred metres from the middle of its place."""
    where, source = places(county, seed), chance(seed, "doors")
    for one in county.institutions:
        if one.place in where:
            yield one.key, moved(where[one.place], source.uniform(0.1, 0.6), source.uniform(0, 360))
