"""A map of our own: no outside tiles, only what the network and the trails know, true to scale around the middle of what is drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians

from yigong.whereabouts.data import Drawing, Label, PointData, Spot

WIDTH, HEIGHT, EDGE = 720, 440, 46
_FIRST = ("vehicle", "old", "next", "stop")
_BARS = (0.5, 1, 2, 5, 10, 20, 50)


@dataclass(frozen=True, slots=True)
class Drawn:
    """One thing to draw: where, what it is called, and as what."""

    spot: Spot
    text: str
    tone: str
    title: str = ""


def _named(things: Sequence[tuple[float, float, Drawn]]) -> tuple[Label, ...]:
    """Names above their dots, below where another name stands there already, left out where both are taken; vehicles and the next stop first."""
    taken: list[tuple[float, float, float]] = []
    found: dict[int, Label] = {}
    for n in sorted(range(len(things)), key=lambda k: _FIRST.index(things[k][2].tone)):
        x, y, one = things[n]
        text, big = one.text[:10], 4 if one.tone in {"vehicle", "old"} else 0
        half = len(text) * 6.5
        for text_y in (y - 9 - big, y + 19 + big):
            if all(abs(x - other) > half + wide or abs(text_y - line) > 14 for other, line, wide in taken):
                taken.append((x, text_y, half))
                break
        else:
            text, text_y = "", y
        found[n] = Label(x, y, text, round(text_y, 1), one.tone, one.title or one.text)
    return tuple(found[n] for n in range(len(things)))


def draw(things: Sequence[Drawn], trails: Sequence[Sequence[PointData]] = ()) -> Drawing | None:
    """Where to draw what; None where fewer than two things have a place."""
    spots = [one.spot for one in things] + [point.spot for trail in trails for point in trail]
    if len({(s.latitude, s.longitude) for s in spots}) < 2:
        return None
    south, north = min(s.latitude for s in spots), max(s.latitude for s in spots)
    west, east = min(s.longitude for s in spots), max(s.longitude for s in spots)
    middle = radians((south + north) / 2)
    tall, wide = (north - south) * 111.2, (east - west) * 111.32 * cos(middle)
    scale = min((WIDTH - 2 * EDGE) / max(wide, 0.2), (HEIGHT - 2 * EDGE) / max(tall, 0.2))  # points a kilometre

    def at(spot: Spot) -> tuple[float, float]:
        x = (WIDTH - wide * scale) / 2 + (spot.longitude - west) * 111.32 * cos(middle) * scale
        y = (HEIGHT - tall * scale) / 2 + (north - spot.latitude) * 111.2 * scale
        return round(x, 1), round(y, 1)

    paths = tuple(
        "M" + " L".join("{} {}".format(*at(point.spot)) for point in trail) for trail in trails if len(trail) > 1
    )
    labels = _named([(*at(one.spot), one) for one in things])
    km = max((bar for bar in _BARS if bar * scale <= WIDTH / 4), default=_BARS[0])
    return Drawing(WIDTH, HEIGHT, paths, labels, round(km * scale, 1), km)
