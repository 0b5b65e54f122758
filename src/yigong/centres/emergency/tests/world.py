"""A small county with an emergency centre: dispatcher, two crews, two ambulances, department, village and township, one resident."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from yigong.access.api import open_relationship
from yigong.centres.emergency.commands import calling, dispatching, fleet, handing, resources
from yigong.centres.emergency.data import Crew, NewCase
from yigong.centres.emergency.models import Case, Resource, Run, Station, TimePoint, Vehicle
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.events.relay import deliver_waiting
from yigong.core.ids import new_id
from yigong.network import api as network
from yigong.orders.tests.world import BOOT, SINCE, institution, person
from yigong.residents import api as residents

JOURNEY = ("departed", "at_scene", "at_patient", "on_board", "left_scene", "arrived")


@dataclass
class EmergencyWorld:
    """Everybody an emergency meets."""

    county: UUID
    township: UUID
    village: UUID
    other: UUID
    dispatcher: Actor
    crew: Actor
    driver: Actor
    crew2: Actor
    driver2: Actor
    nurse: Actor
    doctor: Actor
    chief: Actor
    quality: Actor
    gp: Actor
    villager: Actor
    outsider: Actor
    resident_id: UUID
    station: Station
    ambulance: Vehicle
    second: Vehicle
    lab: Resource
    beds: Resource

    def call(self, complaint: str = "chest_pain", **more: Any) -> Case:
        """A call of an unknown man in the village."""
        given = {
            "complaint": complaint,
            "phone": "13900001111",
            "address": "柳树村东头",
            "patient_age": 60,
            "patient_sex": "1",
            **more,
        }
        at = given.pop("at", None)
        return calling.take_call(given=NewCase(**given), at=at, actor=self.dispatcher)

    def sent(self, case: Case | None = None, vehicle: Vehicle | None = None, **more: Any) -> Run:
        """An ambulance with its crew."""
        second = vehicle is not None and vehicle.pk == self.second.pk
        people = (self.crew2, self.driver2) if second else (self.crew, self.driver)
        crew = [Crew(people[0].staff_id, "doctor"), Crew(people[1].staff_id, "driver")]
        row = case or self.call()
        return dispatching.dispatch(
            case_id=row.pk, vehicle_id=(vehicle or self.ambulance).pk, crew=crew, actor=self.dispatcher, **more
        )

    def tap(self, run: Run, *codes: str, **more: Any) -> list[TimePoint]:
        """The crew's taps."""
        return [dispatching.tap(run_id=run.pk, code=code, key=new_id(), actor=self.crew, **more) for code in codes]

    def arrived(self, complaint: str = "chest_pain", **more: Any) -> Case:
        """Brought by ambulance."""
        run = self.sent(self.call(complaint, **more))
        self.tap(run, *JOURNEY)
        return Case.objects.get(pk=run.case_id)

    def handed(self, complaint: str = "chest_pain") -> Case:
        """Signed by both."""
        case = self.arrived(complaint)
        handing.give(case_id=case.pk, condition="神志清，胸痛缓解", actor=self.crew)
        handing.receive(case_id=case.pk, actor=self.nurse)
        return Case.objects.get(pk=case.pk)


def tell() -> None:
    """Deliver what was recorded, as the relay does."""
    while deliver_waiting():
        pass


def points(case: Case) -> dict[str, TimePoint]:
    """Current times by node."""
    return {one.code: one for one in TimePoint.objects.filter(case=case, current=True)}


def make_emergency_world() -> EmergencyWorld:
    """Build it through the rooms' own commands."""
    county = institution("县人民医院", "county")
    township = institution("河口镇卫生院", "township", county)
    village = institution("柳树村卫生室", "village", township)
    other = institution("县中医院", "county")
    centre = network.create_centre(
        kind="emergency", name="县急诊急救中心", institution_id=county, actor=BOOT, starts_on=SINCE
    )
    for place in (county, township, village):
        network.serve(centre_id=centre.id, institution_id=place, starts_on=SINCE, actor=BOOT)
    dispatcher = person("赵调度", county, "dispatcher")
    station = fleet.add_station(name="城关站", institution_id=county, phone="120", actor=dispatcher)
    ambulance, second = (
        fleet.add_vehicle(station_id=station.pk, plate=plate, name=name, kind="rescue", actor=dispatcher)
        for plate, name in (("皖K12011", "急救 1 号"), ("皖K12012", "急救 2 号"))
    )
    lab = resources.add_resource(institution_id=county, kind="cath_lab", name="导管室", capacity=1, actor=dispatcher)
    beds = resources.add_resource(institution_id=county, kind="bed", name="抢救室", capacity=2, actor=dispatcher)
    gp = person("王敏", township, "gp")
    first, second_doctor = person("钱院前", county, "ambulance_crew"), person("李院前", county, "ambulance_crew")
    for doctor in (first, second_doctor):
        license_for(doctor, "practice")
    return EmergencyWorld(
        county, township, village, other, dispatcher, first, person("孙驾驶", county, "ambulance_crew"),
        second_doctor, person("周驾驶", county, "ambulance_crew"), person("陈护士", county, "nurse"),
        person("冯急诊", county, "specialist"), person("褚总值", county, "duty_chief"), person("卫质控", county, "quality_manager"), gp,
        person("蒋村医", village, "village_doctor"), person("外人", other, "specialist"), patient(gp), station, ambulance, second, lab, beds,
    )  # fmt: skip


def license_for(who: Actor, kind: str) -> None:
    """A licence of this person."""
    assert who.staff_id
    network.add_qualification(staff_id=who.staff_id, kind=kind, number=f"{kind}-{str(who.staff_id)[-12:]}", actor=BOOT)


def on_duty(who: Actor, hours: float = 8) -> None:
    """On duty from a minute ago, by the roster."""
    assert who.staff_id and who.institution_id
    network.plan_duty(
        institution_id=who.institution_id, role="ambulance_crew", staff_id=who.staff_id, starts_at=clock.now() - timedelta(minutes=1),
        ends_at=clock.now() + timedelta(hours=hours), actor=BOOT,
    )  # fmt: skip


def patient(gp: Actor, name: str = "李秀英") -> UUID:
    """A resident whom the township knows."""
    given = residents.NewResident(name=name, sex="2", birth_date=clock.today() - timedelta(days=60 * 366))
    made = residents.register_resident(given=given, actor=BOOT)
    open_relationship(resident_id=made.resident.id, institution_id=gp.institution_id, basis="registration")
    return made.resident.id
