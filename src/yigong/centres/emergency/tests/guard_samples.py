"""Real cases for the guards: one on the way, one in the department with everything, one over."""

from datetime import date
from typing import Any

from tests.guards.world import Sample

from yigong.access import api as access
from yigong.centres.ecg.signals.synthetic import Heart, synthesise
from yigong.centres.ecg.tests import writers
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
)
from yigong.centres.emergency.data import Crew, NewCase
from yigong.centres.emergency.tests.world import JOURNEY
from yigong.core.actor import system
from yigong.core.clock import SHANGHAI, now, today
from yigong.core.ids import new_id
from yigong.network import api as network
from yigong.residents import api as residents

BOSS = system("guards")
NAME = "急救范例"


def samples(world: Any) -> dict[str, Any]:
    """Addresses with keys."""
    county, village, since = world.institutions["county"], world.institutions["village"], date(2026, 1, 1)
    hosted = [c for c in network.centres_hosted(county) if c.kind == "emergency"]
    centre = (hosted and hosted[0]) or network.create_centre(
        kind="emergency", name="县急诊急救中心", institution_id=county, actor=BOSS, starts_on=since
    )
    for place in (county, world.institutions["township"], village):
        if network.serving_centre("emergency", place) is None:
            network.serve(centre_id=centre.id, institution_id=place, starts_on=since, actor=BOSS)
    given = residents.NewResident(name=NAME, sex="1", birth_date=today().replace(year=1960))
    person = residents.register_resident(given=given, actor=BOSS).resident
    world.people.append(NAME)
    access.open_relationship(resident_id=person.id, institution_id=county, basis="registration")
    return _addresses(world, person.id)


def _addresses(world: Any, resident_id: Any) -> dict[str, Any]:
    dispatcher, crew, doctor = world.actor("dispatcher"), world.actor("ambulance_crew"), world.actor("specialist")
    station = fleet.add_station(name="城关站", institution_id=dispatcher.institution_id, phone="120", actor=dispatcher)
    car = fleet.add_vehicle(station_id=station.pk, plate="皖K12011", name="急救 1 号", kind="rescue", actor=dispatcher)
    spare = fleet.add_vehicle(
        station_id=station.pk, plate="皖K12012", name="急救 2 号", kind="rescue", actor=dispatcher
    )
    lab = resources.add_resource(
        institution_id=dispatcher.institution_id, kind="cath_lab", name="导管室", capacity=2, actor=dispatcher
    )
    case = calling.meet_first(given=NewCase(complaint="chest_pain"), actor=world.actor("village_doctor"))
    driver = network.create_staff(code="G-ambulance", name="范驾驶", sex="1", actor=BOSS)
    network.assign_post(staff_id=driver.id, institution_id=dispatcher.institution_id, role="ambulance_crew", actor=BOSS)
    network.add_qualification(staff_id=crew.staff_id, kind="practice", number="G-practice", actor=BOSS)
    seated = crews.seat(vehicle_id=spare.pk, staff_id=driver.id, role="driver", actor=dispatcher)
    people = [Crew(crew.staff_id, "doctor"), Crew(driver.id, "driver")]
    run = dispatching.dispatch(case_id=case.pk, vehicle_id=car.pk, crew=people, actor=dispatcher)
    for code in JOURNEY:
        dispatching.tap(run_id=run.pk, code=code, key=new_id(), actor=crew)
    identity.link_resident(case_id=case.pk, resident_id=resident_id, proof="身份证", actor=doctor)
    tracing = measuring.send_tracing(case_id=case.pk, finding="normal", picture=b"\xff\xd8\xff\xe0", actor=crew)
    kept = measuring.send_tracing(case_id=case.pk, finding="unclear", recording=_tracing(), actor=crew)
    measuring.send_signs(case_id=case.pk, values={"sbp": 150, "pulse": 90}, actor=crew)
    handing.give(case_id=case.pk, condition="平稳", actor=crew)
    call = pathways.call_team(case_id=case.pk, actor=doctor)[0]
    held = resources.hold_resource(case_id=case.pk, resource_id=lab.pk, actor=doctor)
    over = calling.walk_in(given=NewCase(complaint="chest_pain", resident_id=resident_id), actor=doctor)
    department.end_case(case_id=over.pk, outcome="discharged", diagnosis="胃炎", actor=doctor)
    plain = ["desk", "desk_board", "call", "walk_in", "first", "cases", "mate_options", "fleet", "new_station", "new_resource", "mine",
             "hospital", "hospital_board", "figures", "print_figures", "export"]  # fmt: skip
    found = {f"emergency:{name}": Sample() for name in plain}
    one, on_run, reserved = {"case_id": case.pk}, {"run_id": run.pk}, {"reservation_id": held.pk}
    for name in ("case", "dispatch", "signs", "tracing", "pathway", "treatment", "link", "unlink", "triage", "outcome", "reopen", "cancel",
                 "alone", "redirect", "handover", "other_hospital", "print_handover", "quality", "print_log"):  # fmt: skip
        found[f"emergency:{name}"] = Sample(one)
    found |= {
        "emergency:new_vehicle": Sample({"station_id": station.pk}), "emergency:crew_options": Sample({"role": "driver"}),
        "emergency:seat": Sample({"vehicle_id": spare.pk}), "emergency:unseat": Sample({"seat_id": seated.pk}, post={}),
         "emergency:stop_vehicle": Sample({"vehicle_id": spare.pk}),
        "emergency:resume_vehicle": Sample({"vehicle_id": spare.pk}, post={}), "emergency:run": Sample(on_run), "emergency:end_run": Sample(on_run),
        "emergency:tap": Sample(on_run, post={"code": "back"}), "emergency:eta": Sample(on_run, post={"minutes": "10"}),
        "emergency:use": Sample(reserved, post={}), "emergency:release": Sample(reserved), "emergency:time": Sample({**one, "code": "arrived"}),
        "emergency:now": Sample({**one, "code": "first_ecg"}, post={}), "emergency:picture": Sample({**one, "tracing_id": tracing.pk}),
        "emergency:call_team": Sample(one, post={}), "emergency:answer_call": Sample({**one, "call_id": call.pk}, post={}),
        "emergency:tick": Sample({**one, "code": "lab_ready"}, post={}), "emergency:hold": Sample({**one, "resource_id": lab.pk}, post={}),
        "emergency:move": Sample({**one, "action": "see"}, post={}), "emergency:arrive": Sample(one, post={}),
        "emergency:receive": Sample(one, post={}), "emergency:trace": Sample({**one, "tracing_id": kept.pk}),
        "emergency:trace_picture": Sample({**one, "tracing_id": kept.pk}),
        "emergency:rows": Sample({"pathway": "chest-pain", "code": "fmc_ecg", "which": "asked"}),
    }  # fmt: skip
    return found


def _tracing() -> bytes:
    return writers.scp(synthesise(Heart(), taken_at=now().astimezone(SHANGHAI)))
