"""Where an ambulance is: reported by its crew while it is on its run, on the desk, the hospital's board and the case."""

from datetime import timedelta
from decimal import Decimal as D

import pytest

from yigong.centres.emergency.queries.positions import KIND
from yigong.centres.emergency.tests.world import EmergencyWorld
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import Conflict, Forbidden
from yigong.network import api as network
from yigong.orders.tests.world import BOOT, browser_of
from yigong.whereabouts import api as whereabouts


def located(world: EmergencyWorld) -> None:
    """The hospital, and the village some twenty kilometres to the north."""
    for house, north in ((world.county, "33.0"), (world.village, "33.18")):
        network.locate(institution_id=house, latitude=D(north), longitude=D("115.8"), source="手机定位", actor=BOOT)


def ride(world: EmergencyWorld, run_id: object, actor: Actor, minutes: int = 20) -> None:
    """From the village to the south at 40 km/h, until now."""
    now = clock.now()
    points = [
        whereabouts.PointIn(now - timedelta(minutes=minutes - n), 33.18 - 40 / 60 * n / 111.2, 115.8, 12)
        for n in range(minutes + 1)
    ]
    whereabouts.report(kind=KIND, subject=run_id, points=points, device_at=now, actor=actor)  # type: ignore[arg-type]


def test_the_desk_and_the_hospital_see_where_it_is(world: EmergencyWorld) -> None:
    """No position is said; switched on by the crew only; with the patient on board the arrival is reckoned; over, nothing more is taken."""
    located(world)
    with clock.travel(-timedelta(minutes=40)):
        run = world.sent()
        with pytest.raises(Forbidden):
            whereabouts.switch_on(kind=KIND, subject=run.pk, actor=world.crew2)
        whereabouts.switch_on(kind=KIND, subject=run.pk, actor=world.crew)
    desk, hospital = browser_of(world.dispatcher), browser_of(world.nurse)
    assert "没有位置" in desk.get("/emergency/desk/").content.decode()
    assert "上报车辆位置" in browser_of(world.crew).get(f"/emergency/runs/{run.pk}/").content.decode()
    ride(world, run.pk, world.crew)
    board = desk.get("/emergency/desk/").content.decode()
    assert "刚刚" in board and "公里" in board and "车辆位置示意图" in board
    assert "刚刚" in hospital.get("/emergency/hospital/").content.decode()
    case = f"/emergency/{run.case_id}/"
    assert "按位置推算到达" not in hospital.get(case).content.decode(), "it may not be on the way to the hospital yet"
    world.tap(run, "departed", "at_scene", "at_patient", "on_board")
    page = hospital.get(case).content.decode()
    assert "按位置推算到达" in page and "只供参考" in page
    world.tap(run, "left_scene", "arrived", "back")
    with pytest.raises(Conflict, match="没有在途"):
        ride(world, run.pk, world.crew)
    assert "按位置推算到达" not in hospital.get(case).content.decode()
