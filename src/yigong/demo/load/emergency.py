"""The emergency centre's day: one on the way with signs sent ahead, one waiting for a vehicle, the department, and weeks of finished cases for the figures."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from yigong.centres.ecg.signals.synthetic import as_dicom, synthesise
from yigong.centres.emergency.commands import (
    calling,
    crews,
    department,
    dispatching,
    fleet,
    handing,
    identity,
    measuring,
    pathways,
    resources,
    timing,
)
from yigong.centres.emergency.data import NewCase
from yigong.centres.emergency.models import Case, Run
from yigong.core import clock
from yigong.core.ids import new_id
from yigong.demo.load import positions
from yigong.demo.load.hearts import INFERIOR
from yigong.network import api as network

# Minutes after the first contact: case by case, how well a month went. None: nobody wrote it down.
_CHEST: tuple[dict[str, int | None], ...] = (
    {"first_ecg": 6, "ecg_read": 11, "door": 34, "lab_called": 15, "lab_ready": 40, "wire": 96},
    {"first_ecg": 9, "ecg_read": 16, "door": 41, "lab_called": 20, "lab_ready": 55, "wire": 118},
    {"first_ecg": 14, "ecg_read": 22, "door": 30, "lab_called": 31, "lab_ready": 70, "wire": 131},
    {"first_ecg": 7, "ecg_read": 12, "door": 25, "lab_called": 14, "lab_ready": 38, "wire": None},
)
_STROKE: tuple[dict[str, int | None], ...] = (
    {"door": 35, "doctor_seen": 40, "ct_start": 52, "ct_read": 66, "needle": 82},
    {"door": 28, "doctor_seen": 41, "ct_start": 60, "ct_read": 79, "needle": 103},
)


class Room:
    """The logins of dispatcher and crew, and a doctor and a nurse of the county hospital."""

    def __init__(self, day: Any) -> None:
        self.day = day
        self.dispatcher, self.crew, self.doctor = (day.actor[name] for name in ("diaodu", "jijiu", "zhuanke"))
        self.place: UUID = day.place("COUNTY")
        mates = [post.staff_id for post in network.posts_at(self.place, role="ambulance_crew")]
        licences = network.licences_of(mates)
        self.doctors = [key for key in mates if "practice" in licences.get(key, ())]
        self.nurses = [key for key in mates if "nurse" in licences.get(key, ())]
        self.drivers = [key for key in mates if key not in licences]

    def furnish(self) -> list[Any]:
        """Two stations, four ambulances, what can be held."""
        town, county = fleet.add_station, "城关急救站"
        first = town(name=county, institution_id=self.place, phone="120", actor=self.dispatcher)
        second = town(name="河西急救站", institution_id=self.day.place("T01"), phone="120", actor=self.dispatcher)
        found = [
            fleet.add_vehicle(station_id=station.pk, plate=plate, name=name, kind=kind, actor=self.dispatcher)
            for station, plate, name, kind in (
                (first, "皖K12001", "急救 1 号", "rescue"), (first, "皖K12002", "急救 2 号", "rescue"),
                (first, "皖K12003", "急救 3 号", "carry"), (second, "皖K12004", "急救 4 号", "rescue"),
            )
        ]  # fmt: skip
        for kind, name, capacity in (
            ("bed", "抢救室床位", 6),
            ("cath_lab", "导管室", 1),
            ("ct", "急诊 CT", 1),
            ("theatre", "急诊手术间", 1),
            ("obstetric", "产科抢救床", 2),
            ("newborn", "新生儿抢救台", 2),
        ):
            resources.add_resource(
                institution_id=self.place, kind=kind, name=name, capacity=capacity, actor=self.dispatcher
            )
        return found

    def send(self, case: Case, vehicle: Any) -> Run:
        """A vehicle with the crew that the roster has for it."""
        return dispatching.dispatch(case_id=case.pk, vehicle_id=vehicle.pk, actor=self.dispatcher)

    def seat(self, vehicles: list[Any]) -> None:
        """Two vehicles have their people; the roster says who of them is on duty."""
        mine = [one for one in self.doctors if one != self.crew.staff_id]
        for vehicle, people in (
            (vehicles[0], ((self.crew.staff_id, "doctor"), (self.drivers[0], "driver"), (self.nurses[0], "nurse"))),
            (vehicles[1], ((mine[0], "doctor"), (self.drivers[1], "driver"), (self.nurses[-1], "nurse"))),
        ):
            for staff, role in people:
                crews.seat(vehicle_id=vehicle.pk, staff_id=staff, role=role, actor=self.dispatcher)

    def call(self, complaint: str, address: str, **more: Any) -> Case:
        """A call."""
        given = NewCase(complaint=complaint, phone="139****2026", address=address, **more)
        return calling.take_call(given=given, actor=self.dispatcher)


def begin(day: Any) -> None:
    """Weeks of finished cases first, then this hour."""
    with clock.travel(-timedelta(days=75)):
        vehicles = Room(day).furnish()
    room = Room(day)
    room.seat(vehicles)
    patients = [next(day.townspeople) for _n in range(2)]
    for place, (times, back) in enumerate(zip([*_CHEST, *_STROKE], (62, 47, 33, 20, 12, 5), strict=True)):
        _finished(room, times, back, "pci" if place < len(_CHEST) else "lysis")
    _coming(room, vehicles[0])
    _waiting(room)
    _here(room, patients)


def _finished(room: Room, times: dict[str, int | None], days: int, treatment: str) -> None:
    """A walk-in of some weeks ago whose times were entered afterwards."""
    chest = "wire" in times
    with clock.travel(-timedelta(days=days)):
        contact = clock.now() - timedelta(hours=3)
        given = NewCase(
            complaint="chest_pain" if chest else "stroke", patient_name="患者", patient_age=66, patient_sex="1"
        )
        case = calling.walk_in(given=given, at=contact + timedelta(minutes=times["door"] or 0), actor=room.doctor)
        pathways.decide_treatment(case_id=case.pk, treatment=treatment, actor=room.doctor)
        for code, minutes in {"fmc": 0, **times}.items():
            if minutes is not None and code != "door":
                _enter(room, case, code, contact + timedelta(minutes=minutes))
        department.end_case(
            case_id=case.pk,
            outcome="admitted",
            diagnosis="急性心肌梗死" if chest else "脑梗死",
            place="心内科" if chest else "神经内科",
            actor=room.doctor,
        )


def _enter(room: Room, case: Case, code: str, at: datetime) -> None:
    timing.enter_time(case_id=case.pk, code=code, at=at, reason="随病历补录", actor=room.doctor)


def _coming(room: Room, vehicle: Any) -> None:
    """On board with chest pain, ECG and two readings sent ahead, the laboratory held."""
    with clock.travel(-timedelta(minutes=31)):
        case = room.call(
            "chest_pain",
            "河西镇卫生院路口",
            story="胸骨后压榨样疼痛 1 小时，大汗",
            patient_age=63,
            patient_sex="1",
            conscious=True,
        )
        run = room.send(case, vehicle)
    for minutes, code in ((29, "departed"), (19, "at_scene"), (17, "at_patient"), (7, "on_board"), (6, "left_scene")):
        with clock.travel(-timedelta(minutes=minutes)):
            dispatching.tap(run_id=run.pk, code=code, key=new_id(), actor=room.crew)
    for minutes, values in (
        (15, {"sbp": 112, "dbp": 70, "pulse": 96, "spo2": 95}),
        (4, {"sbp": 88, "dbp": 56, "pulse": 112, "spo2": 92}),
    ):
        with clock.travel(-timedelta(minutes=minutes)):
            measuring.send_signs(case_id=case.pk, values=values, actor=room.crew)
    with clock.travel(-timedelta(minutes=12)):
        taken = synthesise(INFERIOR, seed=7, taken_at=clock.now().astimezone(clock.SHANGHAI))
        measuring.send_tracing(
            case_id=case.pk, finding="st_elevation", note="II、III、aVF 抬高", recording=as_dicom(taken), file_name="12dl.dcm", actor=room.crew
        )  # fmt: skip
    _ride(room, run)
    dispatching.note_eta(case_id=case.pk, minutes=14, actor=room.crew)
    handing.give(case_id=case.pk, condition="神志清，胸痛稍缓解", given="阿司匹林 300mg 嚼服", actor=room.crew)


def _ride(room: Room, run: Run) -> None:
    """From the hospital to the township, and since six minutes on the way back."""
    houses = room.place, room.day.place("T01")
    where, now = positions.spots(houses), clock.now()
    home, there = (where[key] for key in houses)
    out, back, latest = (now - timedelta(minutes=n) for n in (28, 6, 1))
    legs = [(home, there, out, now - timedelta(minutes=19)), positions.towards(there, home, back, latest)]
    positions.drive("emergency_run", run.pk, room.crew, legs)


def _waiting(room: Room) -> None:
    room.call("trauma_light", "省道与三里桥路口", story="电动车摔倒，小腿擦伤", patient_age=35)


def _here(room: Room, patients: list[Any]) -> None:
    """Two in the department: one triaged and waiting, one in the resuscitation room."""
    for patient, complaint, level, values in (
        (patients[0], "breath", 2, {"spo2": 89, "respiration": 26, "pulse": 108}), (patients[1], "stroke", 2, {"sbp": 186, "dbp": 102, "gcs": 12}),
    ):  # fmt: skip
        with clock.travel(-timedelta(minutes=14)):
            case = calling.walk_in(given=NewCase(complaint=complaint), actor=room.doctor)
            identity.link_resident(case_id=case.pk, resident_id=patient.id, proof="身份证", actor=room.doctor)
        with clock.travel(-timedelta(minutes=9)):
            department.triage(case_id=case.pk, level=level, values=values, actor=room.doctor)
    department.move(case_id=case.pk, action="resuscitate", actor=room.doctor)
    with clock.travel(-timedelta(minutes=22)):
        mother = calling.walk_in(
            given=NewCase(complaint="birth_critical", story="产后 2 小时，出血约 900 mL"), actor=room.doctor
        )
        pathways.decide_treatment(case_id=mother.pk, treatment="bleeding", actor=room.doctor)
