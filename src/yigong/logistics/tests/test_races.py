"""Two at once: one box loaded by two, received twice, a day's runs made twice, a stop reached twice."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from yigong.core import clock
from yigong.core.errors import DomainError
from yigong.core.states.models import StateChange
from yigong.core.testing import race
from yigong.logistics import api as logistics
from yigong.logistics.commands.taps import accept_tap, take_taps
from yigong.logistics.data import TapIn
from yigong.logistics.models import Consignment, Run, RunStop, Tap
from yigong.logistics.tests.world import RoadWorld, make_road_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db: None) -> RoadWorld:
    """A county that other connections see."""
    return make_road_world()


def one_wins(results: list[Any]) -> str:
    """Exactly one refusal; its sentence."""
    refused = [r for r in results if isinstance(r, Exception)]
    assert len(refused) == 1 and isinstance(refused[0], DomainError), results
    return str(refused[0])


@pytest.mark.race("logistics.load")
def test_two_load_the_same_box(world: RoadWorld) -> None:
    """logistics.load: driver and dispatcher scan it at once; the other reads who was first. And two that may not lie together do not."""
    run, driver, boss = world.run(), world.actor("driver"), world.actor("dispatcher")
    box = world.waiting()
    said = one_wins(
        race(*(lambda a=a: logistics.load(number=box.number, run_id=run.id, actor=a) for a in (driver, boss)))
    )
    assert "在途" in said
    tubes, pills = world.waiting("pathology", "nurse"), world.waiting("medicine", "druggist")
    said = one_wins(
        race(*(lambda n=n: logistics.load(number=n, run_id=run.id, box="回收箱", actor=driver) for n in (tubes.number, pills.number)))
    )  # fmt: skip
    assert "不能与" in said and Consignment.objects.filter(box="回收箱", state="aboard").count() == 1


@pytest.mark.race("logistics.receive")
def test_received_once(world: RoadWorld) -> None:
    """logistics.receive: two technicians sign at once."""
    box = world.aboard(world.run())
    logistics.deliver(consignment_id=box.id, actor=world.actor("driver"))
    said = one_wins(race(*[lambda: logistics.receive(consignment_id=box.id, actor=world.actor("lab"))] * 2))
    assert "已签收" in said and StateChange.objects.filter(object_id=box.id, action="receive").count() == 1


@pytest.mark.race("logistics.make_runs")
def test_a_days_runs_are_made_once(world: RoadWorld) -> None:
    """logistics.make_runs: the clock and the dispatcher."""
    boss = world.actor("dispatcher")
    made = race(*[lambda: logistics.make_runs(on=clock.today(), actor=boss)] * 2)
    assert sorted(made) == [0, 1] and Run.objects.count() == 1 and RunStop.objects.count() == 4


@pytest.mark.race("logistics.arrive")
def test_a_stop_is_reached_once(world: RoadWorld) -> None:
    """logistics.arrive: a double tap; the run departs once."""
    run, driver = world.run(), world.actor("driver")
    first = run.stops[0].id
    done = race(*[lambda: logistics.arrive(stop_id=first, actor=driver)] * 2)
    assert len({one.arrived_at for one in done}) == 1 and StateChange.objects.filter(action="depart").count() == 1


@pytest.mark.race("logistics.take_taps")
def test_taps_sent_twice_at_once(world: RoadWorld) -> None:
    """logistics.take_taps: the answer was lost and the telephone sends again while the first is under way: each tap is once."""
    run = world.run()
    at = clock.now() - timedelta(minutes=30)
    taps = [
        TapIn(id=uuid4(), run=run.id, action=action, at=at + timedelta(minutes=n), key=run.stops[0].id)
        for n, action in enumerate(("arrive", "leave"))
    ]
    told = race(*[lambda: take_taps(taps=taps, device_at=clock.now(), actor=world.actor("driver"))] * 2)
    assert [[one.state for one in answer] for answer in told] == [["accepted"] * 2] * 2
    assert Tap.objects.count() == 2 and StateChange.objects.filter(action="depart").count() == 1


@pytest.mark.race("logistics.accept_tap")
def test_a_tap_is_decided_once(world: RoadWorld) -> None:
    """logistics.accept_tap: two dispatchers decide at once."""
    run, boss = world.run(), world.actor("dispatcher")
    stop = run.stops[0].id
    logistics.arrive(stop_id=stop, actor=boss)
    one = TapIn(id=uuid4(), run=run.id, action="arrive", at=clock.now() - timedelta(minutes=50), key=stop)
    take_taps(taps=[one], device_at=clock.now(), actor=world.actor("driver"))
    one_wins(race(*[lambda: accept_tap(tap_id=one.id, reason="核实", actor=boss)] * 2))
    assert Tap.objects.get().state == "accepted" and StateChange.objects.filter(action="accept").count() == 1


def test_one_van_is_on_one_run(world: RoadWorld) -> None:
    """Two runs of one van depart at once: the second is told which van is out."""
    boss, driver = world.actor("dispatcher"), world.actor("other_driver")
    first = world.run()
    stops = [logistics.StopPlan(s.institution_id, s.at) for s in world.route.stops.all()]
    extra = logistics.send_run(
        name="急送", why="急用", stops=stops, van_id=world.van.pk, driver_id=driver.staff_id, actor=boss
    )
    taps = [(first.stops[0].id, world.actor("driver")), (extra.stops.all()[0].pk, driver)]
    assert "一号冷链车" in one_wins(race(*(lambda s=s, a=a: logistics.arrive(stop_id=s, actor=a) for s, a in taps)))
