"""The crew of an ambulance: who belongs to it and is on duty, changed for one run with a reason; only who may take the seat."""

from datetime import timedelta

import pytest

from yigong.centres.emergency.commands import crews, dispatching
from yigong.centres.emergency.data import Crew
from yigong.centres.emergency.models import CrewSeat, Run
from yigong.centres.emergency.queries.crews import crew_now
from yigong.centres.emergency.tests.world import EmergencyWorld, license_for, on_duty
from yigong.core import clock
from yigong.core.errors import Forbidden, InvalidInput
from yigong.orders.tests.world import browser_of


def seated(world: EmergencyWorld) -> None:
    """Driver and doctor belong to the first ambulance; a second doctor too, who is not on duty."""
    for who, role in ((world.driver, "driver"), (world.crew, "doctor"), (world.crew2, "doctor")):
        assert who.staff_id
        crews.seat(vehicle_id=world.ambulance.pk, staff_id=who.staff_id, role=role, actor=world.dispatcher)
    on_duty(world.driver)
    on_duty(world.crew)


def refused(world: EmergencyWorld, **more: object) -> str:
    """What is said when a vehicle is not sent like this."""
    with pytest.raises(InvalidInput) as refusal:
        dispatching.dispatch(case_id=world.call().pk, vehicle_id=world.ambulance.pk, actor=world.dispatcher, **more)  # type: ignore[arg-type]
    return " ".join(refusal.value.errors.values())


def refused_second(world: EmergencyWorld) -> str:
    """The same with the second ambulance and nobody named."""
    with pytest.raises(InvalidInput) as refusal:
        dispatching.dispatch(case_id=world.call().pk, vehicle_id=world.second.pk, actor=world.dispatcher)
    return " ".join(refusal.value.errors.values())


def test_the_roster_fills_the_vehicle(world: EmergencyWorld) -> None:
    """Only the vehicle is named: those of its people who are on duty ride. After their shift nobody does, and somebody is asked for."""
    seated(world)
    run = dispatching.dispatch(case_id=world.call().pk, vehicle_id=world.ambulance.pk, actor=world.dispatcher)
    assert {(one.staff_id, one.role) for one in run.crew.all()} == {
        (world.driver.staff_id, "driver"),
        (world.crew.staff_id, "doctor"),
    }
    assert run.crew_reason == "" and crew_now(world.ambulance) == [], "they are away now"
    with clock.travel(timedelta(hours=9)):
        assert crew_now(world.second) == [] and "请至少选择驾驶员" in refused_second(world)


def test_somebody_else_rides_with_a_reason(world: EmergencyWorld) -> None:
    """Without one it is refused; it stands with the run."""
    seated(world)
    other = [Crew(world.driver.staff_id, "driver"), Crew(world.crew2.staff_id, "doctor")]  # type: ignore[arg-type]
    assert "换人的原因" in refused(world, crew=other)
    run = dispatching.dispatch(
        case_id=world.call().pk, vehicle_id=world.ambulance.pk, crew=other, crew_reason="钱院前临时去抢救室", actor=world.dispatcher
    )  # fmt: skip
    assert Run.objects.get(pk=run.pk).crew_reason == "钱院前临时去抢救室"
    page = browser_of(world.dispatcher).get(f"/emergency/{run.case_id}/").content.decode()
    assert "钱院前临时去抢救室" in page


def test_only_who_may_take_the_seat(world: EmergencyWorld) -> None:
    """A driver is no doctor, a doctor does not drive, a clerk and another house's doctor ride as nothing; a licence makes a nurse."""
    driver, doctor, nurse = world.driver.staff_id, world.crew.staff_id, world.nurse.staff_id
    assert driver and doctor and nurse
    assert "医师执业证" in refused(world, crew=[Crew(world.driver2.staff_id, "driver"), Crew(driver, "doctor")])  # type: ignore[arg-type]
    assert "驾驶员须是" in refused(world, crew=[Crew(doctor, "driver"), Crew(nurse, "nurse")])
    for who in (world.outsider, world.quality):
        assert "医师须是" in refused(world, crew=[Crew(driver, "driver"), Crew(who.staff_id, "doctor")])  # type: ignore[arg-type]
    with pytest.raises(InvalidInput):
        crews.seat(vehicle_id=world.second.pk, staff_id=world.driver2.staff_id, role="nurse", actor=world.dispatcher)  # type: ignore[arg-type]
    license_for(world.driver2, "nurse")
    crews.seat(vehicle_id=world.second.pk, staff_id=world.driver2.staff_id, role="nurse", actor=world.dispatcher)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput) as refusal:
        crews.seat(vehicle_id=world.second.pk, staff_id=world.driver2.staff_id, role="nurse", actor=world.dispatcher)  # type: ignore[arg-type]
    assert "已在这辆车" in refusal.value.errors["staff_id"]
    with pytest.raises(Forbidden):
        crews.seat(vehicle_id=world.second.pk, staff_id=driver, role="driver", actor=world.nurse)


def test_nobody_rides_twice_at_once(world: EmergencyWorld) -> None:
    """Somebody who is away on a run is refused by name for another vehicle."""
    world.sent()
    with pytest.raises(InvalidInput) as refusal:
        dispatching.dispatch(
            case_id=world.call().pk, vehicle_id=world.second.pk, actor=world.dispatcher,
            crew=[Crew(world.driver2.staff_id, "driver"), Crew(world.crew.staff_id, "doctor")],  # type: ignore[arg-type]
        )  # fmt: skip
    assert "钱院前 正在另一趟任务上" in refusal.value.errors["doctor"]


def test_crews_on_the_pages(world: EmergencyWorld) -> None:
    """Seated on the page of the fleet, shown when a vehicle is sent; pickers say who is on duty and offer nobody else."""
    boss = browser_of(world.dispatcher)
    given = {"role": "driver", "staff_id": str(world.driver.staff_id)}
    assert boss.post(f"/emergency/fleet/vehicles/{world.ambulance.pk}/seat/", given).status_code == 302
    on_duty(world.driver)
    seat = CrewSeat.objects.get()
    assert "孙驾驶" in boss.get("/emergency/fleet/").content.decode()
    options = boss.get("/emergency/crew/driver/options/?q=").content.decode()
    assert "孙驾驶" in options and "在班到" in options and "周驾驶" in options and "现在不在班" in options
    assert "钱院前" not in options and "陈护士" not in options and "卫质控" not in options
    assert "医师" in boss.get("/emergency/fleet/mates/options/?q=钱").content.decode()
    assert boss.get("/emergency/crew/cook/options/").status_code == 404
    case = world.call()
    assert "孙驾驶" in boss.get(f"/emergency/{case.pk}/dispatch/").content.decode()
    boss.post(f"/emergency/fleet/seats/{seat.pk}/end/")
    assert not CrewSeat.objects.exists()
