"""Distances, past speed, the map: pure."""

from datetime import UTC, datetime, timedelta

import pytest

from yigong.whereabouts import rules
from yigong.whereabouts.data import PointData, Spot
from yigong.whereabouts.drawing import Drawn, draw

NOON = datetime(2026, 5, 4, 4, tzinfo=UTC)


def test_distances_of_known_places() -> None:
    """A degree of a meridian is 111.2 km on the mean sphere; Beijing to Shanghai is about 1067 km in a straight line."""
    assert rules.distance(Spot(33, 115), Spot(34, 115)) == pytest.approx(111.19, abs=0.05)
    assert rules.distance(Spot(39.9042, 116.4074), Spot(31.2304, 121.4737)) == pytest.approx(1067, abs=3)
    assert rules.distance(Spot(33, 115), Spot(33, 115)) == 0


def way(*legs: tuple[float, float]) -> list[PointData]:
    """Legs of minutes at a speed, a point each half minute, due north."""
    found, at, north = [PointData(NOON, Spot(33, 115), 10)], NOON, 33.0
    for minutes, kmh in legs:
        for _n in range(int(minutes * 2)):
            at, north = at + timedelta(seconds=30), north + kmh / 120 / 111.195
            found.append(PointData(at, Spot(north, 115), 10))
    return found


def test_speed_is_of_what_was_driven() -> None:
    """Standing at a stop and a jump of the position do not count; the quarters bound what is usual."""
    limits = rules.limits()
    found = rules.pace(way((10, 30), (8, 0), (10, 60), (0.5, 900), (1, 45)), limits)
    assert found and found.slow == pytest.approx(30, abs=1) and found.fast == pytest.approx(60, abs=1)
    assert found.usual == pytest.approx(45, abs=1) and found.minutes == 21
    assert (
        rules.pace(way((30, 2)), limits) is None
        and rules.pace(way((3, 40)), limits) is None
        and rules.pace([], limits) is None
    )
    usual, least, most = rules.span(10, found, limits)
    assert least < usual < most and usual == timedelta(hours=10 * limits.detour / found.usual)


def test_the_map_is_true_to_scale() -> None:
    """North is up, a kilometre is as long to the east as to the north; one place alone is no map."""
    houses = [
        Drawn(Spot(33, 115), "甲", "stop"),
        Drawn(Spot(33.1, 115), "乙", "stop"),
        Drawn(Spot(33, 115.1192), "丙", "next"),
    ]
    drawing = draw(houses, [way((10, 30))])
    assert drawing and len(drawing.labels) == 3 and drawing.trails[0].startswith("M")
    south, north, east = drawing.labels
    assert north.y < south.y and south.y - north.y == pytest.approx(east.x - south.x, rel=0.01)
    assert 0 < drawing.bar <= drawing.width / 4 + 1 and draw(houses[:1]) is None


def test_limits_that_cannot_be_meant() -> None:
    """Each with its field."""
    import msgspec

    wrong = msgspec.structs.replace(rules.limits(), every_seconds=1, keep_days=0, detour=0.5)
    assert {field for field, _text in rules.problems(wrong)} == {"every_seconds", "keep_days", "detour"}
    assert list(rules.problems(rules.limits())) == []
