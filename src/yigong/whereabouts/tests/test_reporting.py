"""Switched on by who is aboard, taken while it is under way, kept for its days, shown with the nearest place."""

import json
from datetime import timedelta
from decimal import Decimal as D
from typing import TYPE_CHECKING, Any

import pytest
from django.db import DatabaseError, transaction

from yigong.access.tests.factories import BOSS, make_person
from yigong.core import clock
from yigong.core.errors import Conflict, Forbidden, InvalidInput
from yigong.network import api as network
from yigong.network.tests.factories import make_institution
from yigong.whereabouts import api as whereabouts
from yigong.whereabouts.commands import forget
from yigong.whereabouts.data import PointIn
from yigong.whereabouts.models import Point, Trail

if TYPE_CHECKING:
    from yigong.whereabouts.tests.conftest import Lorry

pytestmark = pytest.mark.django_db
KIND = "test_lorry"


def drive(
    minutes: float, every: float = 30, *, kmh: float = 40, ago: float = 0, wrong: timedelta = timedelta()
) -> list[PointIn]:
    """North along a meridian for so long until so many minutes ago, a position each so many seconds."""
    end, found = clock.now() - timedelta(minutes=ago), []
    n = int(minutes * 60 / every)
    for step in range(n + 1):
        at = end - timedelta(seconds=every * (n - step))
        found.append(PointIn(at + wrong, 33.0 + kmh / 111.2 * every * step / 3600, 115.8, 12))
    return found


def report(lorry: "Lorry", points: list[PointIn], who: Any = None, wrong: timedelta = timedelta()) -> int:
    """Sent by the driver's telephone."""
    actor = who or lorry.driver
    return whereabouts.report(
        kind=KIND, subject=lorry.subject, points=points, device_at=clock.now() + wrong, actor=actor
    )


def switch_on(lorry: "Lorry", hours: float = 3) -> None:
    """Some hours ago."""
    with clock.travel(-timedelta(hours=hours)):
        whereabouts.switch_on(kind=KIND, subject=lorry.subject, actor=lorry.driver)


def test_only_what_was_switched_on_and_is_under_way(lorry: "Lorry") -> None:
    """Nothing before the switch, nothing after it, nothing of a mission that is over, nothing of a stranger."""
    with pytest.raises(Conflict, match="已关闭"):
        report(lorry, drive(1))
    switch_on(lorry)
    assert report(lorry, drive(5)) == 11
    stranger = make_person("driver")
    with pytest.raises(Forbidden, match="车上的人"):
        whereabouts.switch_on(kind=KIND, subject=lorry.subject, actor=stranger.actor)
    assert whereabouts.reporting(KIND, lorry.subject, lorry.driver.staff_id)
    whereabouts.switch_off(kind=KIND, subject=lorry.subject, actor=lorry.driver)
    with pytest.raises(Conflict):
        report(lorry, drive(1))
    lorry.is_out = False
    with pytest.raises(Conflict, match="没有在途"):
        whereabouts.switch_on(kind=KIND, subject=lorry.subject, actor=lorry.driver)
    assert len(whereabouts.trail_of(KIND, lorry.subject)) == 11


def test_the_other_telephone_takes_over(lorry: "Lorry") -> None:
    """One telephone a mission; the trail of both is one way."""
    switch_on(lorry)
    report(lorry, drive(5, ago=10))
    whereabouts.switch_on(kind=KIND, subject=lorry.subject, actor=lorry.mate)
    with pytest.raises(Conflict, match="另一部手机"):
        report(lorry, drive(1))
    assert not whereabouts.reporting(KIND, lorry.subject, lorry.driver.staff_id)
    with clock.travel(timedelta(minutes=2)):
        assert report(lorry, drive(1), lorry.mate) > 0
    assert Trail.objects.filter(ended_at=None).count() == 1 and len(whereabouts.trail_of(KIND, lorry.subject)) > 11


def test_sparse_once_and_by_the_platforms_clock(lorry: "Lorry") -> None:
    """Denser ones, repeated ones, ones outside China are left out; a clock wrong by a day is put right; too many are refused."""
    switch_on(lorry)
    dense = drive(2, every=5)
    assert report(lorry, dense) == 7 and report(lorry, dense) == 0
    assert report(lorry, [PointIn(clock.now() + timedelta(minutes=1), 0.0, 0.0, 5)]) == 0
    day = timedelta(days=1)
    with clock.travel(timedelta(minutes=10)):
        assert report(lorry, drive(5, wrong=day), wrong=day) == 11
        assert abs(whereabouts.trail_of(KIND, lorry.subject)[-1].at - clock.now()) < timedelta(seconds=2)
    with pytest.raises(InvalidInput):
        report(lorry, drive(300))


def test_never_changed_and_forgotten_after_its_days(lorry: "Lorry") -> None:
    """The database refuses a change; older than the county keeps them they are gone, with their trail."""
    with clock.travel(-timedelta(days=whereabouts.limits().keep_days + 1)):
        switch_on(lorry)
        report(lorry, drive(5))
        whereabouts.switch_off(kind=KIND, subject=lorry.subject, actor=lorry.driver)
    with pytest.raises(DatabaseError), transaction.atomic():
        Point.objects.update(latitude=34)
    switch_on(lorry, hours=1)
    report(lorry, drive(5))
    assert forget() == 11 and Point.objects.count() == 11 and Trail.objects.count() == 1


def test_last_seen_near_a_place(lorry: "Lorry") -> None:
    """The nearest of what the network knows, near or with its distance, and how long ago; nothing known is said."""
    assert whereabouts.last_seen(KIND, [lorry.subject]) == {}
    switch_on(lorry)
    report(lorry, drive(10, ago=5))
    (seen,) = whereabouts.last_seen(KIND, [lorry.subject]).values()
    assert seen.near is None and seen.minutes == 5 and not seen.is_old
    here = make_institution("township", name="河西卫生院")
    network.locate(institution_id=here.id, latitude=D("33.062"), longitude=D("115.8"), source="手机定位", actor=BOSS)
    (seen,) = whereabouts.last_seen(KIND, [lorry.subject]).values()
    assert seen.near == here.short_name and seen.km is not None and seen.km < 1 and seen.is_near
    network.locate(institution_id=here.id, latitude=D("33.3"), longitude=D("115.8"), source="手机定位", actor=BOSS)
    with clock.travel(timedelta(minutes=20)):
        (seen,) = whereabouts.last_seen(KIND, [lorry.subject]).values()
        assert not seen.is_near and seen.km and 26 < seen.km < 28 and seen.is_old and seen.minutes == 25


def test_arrival_is_reckoned_or_not_at_all(lorry: "Lorry") -> None:
    """From the distance and the speed driven, with its range; too little driven, an old position, unknown places: nothing."""
    near, far, unknown = (make_institution("township", name=name) for name in ("甲院", "乙院", "丙院"))
    for house, north in ((near, "33.2"), (far, "33.3")):
        network.locate(institution_id=house.id, latitude=D(north), longitude=D("115.8"), source="手机定位", actor=BOSS)
    ahead = [near.id, far.id, unknown.id]
    switch_on(lorry)
    assert whereabouts.estimates(KIND, lorry.subject, ahead) == []
    report(lorry, drive(2, ago=31))
    assert whereabouts.estimates(KIND, lorry.subject, ahead) == [], "too old and too little"
    report(lorry, drive(30))
    first, second = whereabouts.estimates(KIND, lorry.subject, ahead)
    # 20 km at 40 km/h have been driven by half an hour, 22.2 - 20 are left of the first, by road 1.3 times as long.
    assert first.institution_id == near.id and 2 < first.km < 2.5 and 38 < first.speed < 42
    assert first.earliest <= first.at <= first.latest and timedelta(minutes=3) < first.at - clock.now() < timedelta(
        minutes=6
    )
    assert second.km > first.km and second.at - first.at > timedelta(minutes=20), "with the stay at the first"
    assert whereabouts.estimates(KIND, lorry.subject, [unknown.id, far.id]) == []


def test_the_telephones_calls(lorry: "Lorry") -> None:
    """On, report, off through the pages; nonsense and strangers are answered in words."""
    phone, path = lorry.person.client(), f"/whereabouts/{KIND}/{lorry.subject}"
    assert phone.get("/whereabouts/token/").json()["token"]
    assert phone.post(f"{path}/switch/", {"sent": '{"on": true}'}).json() == {"on": True}
    at = (clock.now() + timedelta(seconds=1)).isoformat()
    point = {"at": at, "latitude": 33.01, "longitude": 115.8, "accuracy": 8.5}
    with clock.travel(timedelta(seconds=2)):
        sent = json.dumps({"now": clock.now().isoformat(), "points": [point]})
        assert phone.post(f"{path}/report/", {"sent": sent}).json() == {"kept": 1}
    for text in ("", "[]", '{"now":"x","points":[]}', '{"now":"2026-01-01T00:00:00","points":[]}'):
        assert phone.post(f"{path}/report/", {"sent": text}).status_code == 422
    assert phone.post(f"{path}/switch/", {"sent": "?"}).status_code == 422
    assert phone.post(f"{path}/switch/", {"sent": '{"on": false}'}).json() == {"on": False}
    assert phone.post(f"{path}/report/", {"sent": sent}).status_code == 409
    assert phone.post(f"/whereabouts/nothing/{lorry.subject}/switch/", {"sent": '{"on": true}'}).status_code == 404
    assert make_person("nurse").client().post(f"{path}/switch/", {"sent": '{"on": true}'}).status_code == 403
