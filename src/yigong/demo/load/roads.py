"""Two routes; today's run of the first half driven, with something of every kind aboard, delivered, waiting, and one box too warm."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from yigong.centres.laboratory import api as laboratory
from yigong.centres.sterile.commands import supplying
from yigong.core import clock
from yigong.demo.load import positions
from yigong.logistics import api as logistics
from yigong.logistics.data import RunRow, StopRow

_STEP = timedelta(minutes=40)


def begin(day: Any) -> None:
    """The dispatcher arranges, the driver drives."""
    boss, driver, nurse = day.actor["wuliu"], day.actor["siji"], day.actor["hushi"]
    vans = [
        logistics.add_van(plate=plate, name=name, actor=boss)
        for plate, name in (("川X12A36", "一号冷链车"), ("川X58K02", "二号配送车"))
    ]
    drivers = [one for one in _drivers(day) if one != driver.staff_id]
    first, second = ("COUNTY", "T01", "T02", "T03", "COUNTY"), ("COUNTY", "T04", "T05", "T06", "COUNTY")
    for name, places, van, who, ahead in (
        ("河西线", first, vans[0], driver.staff_id, 1.5), ("河东线", second, vans[1], drivers[0], -0.5)
    ):  # fmt: skip
        stops = [
            logistics.StopPlan(day.place(place), at)
            for place, at in zip(places, _times(len(places), ahead), strict=True)
        ]
        logistics.save_route(name=name, weekdays=range(1, 8), stops=stops, van_id=van.pk, driver_id=who, actor=boss)
    _book(day, nurse)
    logistics.make_runs(on=clock.today(), actor=boss)
    run = next(one for one in logistics.runs_of_day(clock.today(), boss) if one.driver_id == driver.staff_id)
    for stop in run.stops[:2]:
        _stop(run, stop.id, stop.planned_at, driver, boss)
    _ride(day, run, driver)
    logistics.note_box_temperature(run_id=run.id, box="标本箱", celsius=Decimal("4.8"), actor=driver)
    logistics.note_box_temperature(run_id=run.id, box="标本箱", celsius=Decimal("9.6"), actor=driver)
    logistics.report_trouble(
        run_id=run.id,
        kind="road_closed",
        note="石桥路面塌方，单边放行",
        way_on="绕行新县道，预计晚 25 分钟",
        minutes=25,
        actor=driver,
    )


def _book(day: Any, nurse: Any) -> None:
    """Medicines and sterile packs go out, tubes and used packs come back, something waits farther on."""
    with clock.travel(-timedelta(hours=2)):
        pills = logistics.open_consignment(
            kind="medicine",
            receiver_id=day.place("T01"),
            band="2-8",
            pieces=2,
            note="胰岛素",
            actor=day.actor["yaoshi"],
        )
        logistics.close_consignment(consignment_id=pills.id, seal="YP-07", actor=day.actor["yaoshi"])
        supplying.send_back(actor=nurse)
        for box in logistics.consignment_list(nurse, view="to_send", kind="specimen").items:
            if box.state == "packing" and box.sender_id == nurse.institution_id:
                laboratory.send_box(box_id=box.id, seal="QL-0402", actor=nurse)


def _stop(run: RunRow, stop_id: Any, at: datetime, driver: Any, boss: Any) -> None:
    """Reached four minutes late, unloaded, loaded, left."""
    with clock.travel(min(at + timedelta(minutes=4) - clock.now(), timedelta())):
        logistics.arrive(stop_id=stop_id, actor=driver)
        here = _here(run, stop_id, boss)
        for one in here.unload:
            logistics.deliver(consignment_id=one.id, actor=driver)
        for one in here.load:
            logistics.load(number=one.number, run_id=run.id, actor=driver)
    with clock.travel(min(at + timedelta(minutes=12) - clock.now(), timedelta())):
        logistics.leave(stop_id=stop_id, actor=driver)


def _ride(day: Any, run: RunRow, driver: Any) -> None:
    """What the driver's telephone reported: between the first two stops, and on the way to the third until a moment ago."""
    where = positions.spots([stop.institution_id for stop in run.stops[:3]])
    first, second, third = (where[stop.institution_id] for stop in run.stops[:3])
    left, there, gone = (
        run.stops[0].planned_at + timedelta(minutes=12), run.stops[1].planned_at + timedelta(minutes=4),
        run.stops[1].planned_at + timedelta(minutes=12),
    )  # fmt: skip
    latest = clock.now() - timedelta(minutes=1)
    legs = [(first, second, left, there), positions.towards(second, third, gone, latest)]
    legs = [leg for leg in legs if leg[2] < leg[3] <= latest]
    if legs:
        positions.drive("logistics_run", run.id, driver, legs)


def _here(run: RunRow, stop_id: Any, boss: Any) -> StopRow:
    fresh = next(one for one in logistics.runs_of_day(clock.today(), boss) if one.id == run.id)
    return next(stop for stop in fresh.stops if stop.id == stop_id)


def _times(count: int, ahead: float) -> list[time]:
    """Times of day around now: so many stops lie behind. Kept within the day."""
    now = clock.now().astimezone(clock.SHANGHAI).replace(second=0, microsecond=0)
    day = now.replace(hour=0, minute=1)
    begin = max(day, min(now - _STEP * ahead, day + timedelta(hours=23) - _STEP * count))
    return [(begin + _STEP * n).time() for n in range(count)]


def _drivers(day: Any) -> list[Any]:
    from yigong.network import api as network

    return [post.staff_id for post in network.posts_at(day.place("COUNTY"), "driver")]
