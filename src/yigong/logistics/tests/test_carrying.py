"""From packing to signature, and everything that may go wrong on the way."""

from datetime import timedelta
from decimal import Decimal as D

import pytest

from yigong.access.tests.factories import BOSS
from yigong.core import clock
from yigong.core.errors import Conflict, Forbidden, InvalidInput
from yigong.core.events.models import OutboxEvent
from yigong.core.states.clocks import sweep
from yigong.logistics import api as logistics
from yigong.logistics.errors import (
    CourierSigns,
    Incompatible,
    NoSuchConsignment,
    NotOnTheWay,
    NotReceiver,
    NotYourRun,
    OtherTemperature,
    StillAboard,
)
from yigong.logistics.models import Consignment, Run, Trouble
from yigong.logistics.queries.runs import drivers
from yigong.logistics.tests.world import RoadWorld
from yigong.network import api as network
from yigong.tasks.models import Task

pytestmark = pytest.mark.django_db


def test_a_run_from_stop_to_stop(world: RoadWorld) -> None:
    """The driver sees what to load and unload at each stop; the laboratory signs; the run is done when the last stop is left."""
    run, driver = world.run(), world.actor("driver")
    box = world.waiting()
    west = next(stop for stop in world.run().stops if stop.name == world.places["west"].short_name)
    assert [one.number for one in west.load] == [box.number] and not west.unload
    for stop in run.stops:
        logistics.arrive(stop_id=stop.id, actor=driver)
        now = next(one for one in world.run().stops if one.id == stop.id)
        for one in now.load:
            assert logistics.load(number=one.number, run_id=run.id, actor=driver).box == "标本箱"
        for one in now.unload:
            logistics.deliver(consignment_id=one.id, actor=driver)
        logistics.leave(stop_id=stop.id, actor=driver)
    assert Run.objects.get().state == "done"
    task = Task.objects.get(kind="logistics.sign")
    assert (task.institution_id, task.role) == (world.places["county"].id, "lab_technician")
    got = logistics.receive(consignment_id=box.id, pieces_in=2, actor=world.actor("lab"))
    assert got.difference == "送出 3 支，实收 2 支" and got.state == "received"
    task.refresh_from_db()
    assert task.state == "done"


def test_whoever_carried_it_does_not_sign(world: RoadWorld) -> None:
    """The driver cannot, nor may anybody of another house; the database refuses the driver's signature by itself."""
    run = world.run()
    box = world.aboard(run)
    logistics.deliver(consignment_id=box.id, actor=world.actor("driver"))
    with pytest.raises(CourierSigns, match="不能代签"):
        logistics.receive(consignment_id=box.id, actor=world.actor("driver"))
    with pytest.raises(NotReceiver):
        logistics.receive(consignment_id=box.id, actor=world.actor("second"))
    row = Consignment.objects.get(pk=box.id)
    row.received_staff_id = row.courier_staff_id
    with pytest.raises(Exception, match="logistics_courier_does_not_sign"):
        row.save()


def test_a_named_courier_does_not_sign_either(world: RoadWorld) -> None:
    """Handed over outside the runs: the name is compared."""
    box = world.waiting()
    lab = world.actor("lab")
    logistics.hand_over(consignment_id=box.id, courier=lab.name, actor=world.actor("nurse"))
    with pytest.raises(CourierSigns):
        logistics.receive(consignment_id=box.id, actor=lab)


def test_what_may_not_lie_together(world: RoadWorld) -> None:
    """Specimens and medicines never in one box, in their own boxes they go; two temperatures not in one box."""
    run, driver = world.run(), world.actor("driver")
    medicine = world.waiting("medicine", "druggist", band="2-8")
    logistics.load(number=medicine.number, run_id=run.id, actor=driver)
    tubes = world.waiting()
    with pytest.raises(Incompatible, match="药品"):
        logistics.load(number=tubes.number, run_id=run.id, box="药品箱", actor=driver)
    logistics.load(number=tubes.number, run_id=run.id, actor=driver)
    with pytest.raises(OtherTemperature, match="冷藏"):
        logistics.load(number=world.waiting(band="15-25").number, run_id=run.id, actor=driver)
    with pytest.raises(InvalidInput):
        logistics.load(number=world.waiting().number, run_id=run.id, box="后备箱", actor=driver)


def test_loading_is_the_drivers_on_the_way(world: RoadWorld) -> None:
    """Another driver, an unknown code, a receiver behind us, a thing that was loaded before: each is said."""
    run, driver = world.run(), world.actor("driver")
    box = world.waiting()
    with pytest.raises(NotYourRun, match=world.actor("driver").name):
        logistics.load(number=box.number, run_id=run.id, actor=world.actor("other_driver"))
    with pytest.raises(NoSuchConsignment):
        logistics.load(number="WL0", run_id=run.id, actor=driver)
    logistics.load(number=box.number.lower(), run_id=run.id, actor=driver)
    with pytest.raises(Conflict, match="在途"):
        logistics.load(number=box.number, run_id=run.id, actor=driver)
    for stop in run.stops[:2]:
        logistics.arrive(stop_id=stop.id, actor=driver)
        logistics.leave(stop_id=stop.id, actor=driver)
    back = world.waiting("clean", "sterile")
    with pytest.raises(NotOnTheWay):
        logistics.load(number=back.number, run_id=run.id, actor=driver)


def test_a_run_does_not_end_with_something_aboard(world: RoadWorld) -> None:
    """It is delivered, taken off, or its loss is told first."""
    run, driver = world.run(), world.actor("driver")
    box = world.aboard(run)
    for stop in run.stops[:-1]:
        logistics.arrive(stop_id=stop.id, actor=driver)
        logistics.leave(stop_id=stop.id, actor=driver)
    logistics.arrive(stop_id=run.stops[-1].id, actor=driver)
    with pytest.raises(StillAboard, match=box.number):
        logistics.leave(stop_id=run.stops[-1].id, actor=driver)
    assert logistics.take_off(consignment_id=box.id, reason="装错车", actor=driver).state == "waiting"
    logistics.leave(stop_id=run.stops[-1].id, actor=driver)
    assert Run.objects.get().state == "done"


def test_an_excursion_is_told_to_both_ends(world: RoadWorld) -> None:
    """One thermometer for a box of the van, one to-do for each end, however often it is read."""
    run, driver = world.run(), world.actor("driver")
    world.aboard(run)
    assert all(
        one.is_within
        for one in logistics.note_box_temperature(run_id=run.id, box="标本箱", celsius=D("4.5"), actor=driver)
    )
    for celsius in ("9.8", "10.2"):
        logistics.note_box_temperature(run_id=run.id, box="标本箱", celsius=D(celsius), actor=driver)
    asked = Task.objects.filter(kind="logistics.temperature")
    assert {task.role for task in asked} == {"nurse", "lab_technician"} and len(asked) == 2
    with pytest.raises(InvalidInput):
        logistics.note_box_temperature(run_id=run.id, box="药品箱", celsius=D("4"), actor=driver)


def test_a_loss_is_told_to_its_room(world: RoadWorld) -> None:
    """By event, with the reason; without one it is refused; nobody can receive what is lost."""
    box = world.aboard(world.run())
    with pytest.raises(InvalidInput):
        logistics.report_loss(consignment_id=box.id, reason=" ", actor=world.actor("driver"))
    logistics.report_loss(consignment_id=box.id, reason="后门没锁，途中掉落", actor=world.actor("driver"))
    event = OutboxEvent.objects.get(name="logistics.consignment_failed")
    assert event.payload["how"] == "lost" and event.payload["kind"] == "specimen"
    assert Task.objects.filter(kind="logistics.failed").count() == 2
    with pytest.raises(Conflict):
        logistics.receive(consignment_id=box.id, actor=world.actor("lab"))


def test_nobody_signs_and_the_sender_is_asked(world: RoadWorld) -> None:
    """The clock of a thing at the door."""
    run = world.run()
    box = world.aboard(run)
    logistics.deliver(consignment_id=box.id, actor=world.actor("driver"))
    with clock.travel(timedelta(hours=3)):
        sweep()
    late = Task.objects.get(key__endswith=":late")
    assert late.institution_id == world.places["west"].id


def test_held_up_with_a_way_on(world: RoadWorld) -> None:
    """The dispatcher is told, the stops ahead move; without a way on it is refused."""
    run, driver = world.run(), world.actor("driver")
    given = {"run_id": run.id, "kind": "road_closed", "note": "石桥塌方", "minutes": 40, "actor": driver}
    with pytest.raises(InvalidInput):
        logistics.report_trouble(way_on="", **given)
    logistics.report_trouble(way_on="绕行新县道", **given)
    assert Trouble.objects.get().way_on == "绕行新县道" and world.run().delay >= 40
    assert Task.objects.get(kind="logistics.trouble").role == "logistics_dispatcher"


def test_routes_and_runs_by_the_dispatcher(world: RoadWorld) -> None:
    """A route in the wrong order is refused; a run without one says why; a skipped stop says why; a nurse arranges nothing."""
    boss, driver = world.actor("dispatcher"), world.actor("driver")
    stops = [logistics.StopPlan(s.institution_id, s.at) for s in reversed(list(world.route.stops.all()))]
    with pytest.raises(InvalidInput) as refusal:
        logistics.save_route(name="反线", weekdays=[1], stops=stops, actor=boss)
    assert "stops" in refusal.value.errors
    with pytest.raises(Forbidden):
        logistics.make_runs(on=clock.today(), actor=world.actor("nurse"))
    given = {"name": "急送", "stops": stops[::-1], "van_id": world.van.pk, "driver_id": driver.staff_id, "actor": boss}
    with pytest.raises(InvalidInput):
        logistics.send_run(why="", **given)
    extra = logistics.send_run(why="血库急用", **given)
    run = world.run()
    assert logistics.make_runs(on=clock.today(), actor=boss) == 0
    logistics.arrive(stop_id=run.stops[0].id, actor=driver)
    with pytest.raises(Conflict, match="另一班次"):
        logistics.arrive(stop_id=extra.stops.all()[0].pk, actor=driver)
    with pytest.raises(Conflict, match="还没有离开"):
        logistics.arrive(stop_id=run.stops[1].id, actor=driver)
    logistics.leave(stop_id=run.stops[0].id, actor=driver)
    assert logistics.skip(stop_id=run.stops[1].id, reason="桥面封闭", actor=driver).skipped == "桥面封闭"
    assert logistics.cancel_run(run_id=extra.pk, reason="已由另一车带走", actor=boss).state == "cancelled"


def test_the_roster_drives(world: RoadWorld) -> None:
    """The route's driver while no roster says otherwise; somebody on duty instead of him where it does; the pickers say who is on duty."""
    boss, other = world.actor("dispatcher"), world.actor("other_driver")
    begin = clock.now().astimezone(clock.SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    assert other.staff_id and other.institution_id
    given = {"institution_id": other.institution_id, "role": "driver", "staff_id": other.staff_id, "actor": BOSS}
    network.plan_duty(**given, starts_at=begin, ends_at=begin + timedelta(days=1))
    assert world.run().driver_id == other.staff_id
    names = [name for _key, name in drivers(boss)]
    assert "在班到 00:00" in names[0] and other.name in names[0] and "在班" not in names[1]
    logistics.make_runs(on=clock.today() + timedelta(days=1), actor=boss)
    tomorrow = logistics.runs_of_day(clock.today() + timedelta(days=1), boss)[0]
    assert tomorrow.driver_id == world.actor("driver").staff_id, "nobody is on the roster of driving then"
