"""Objects of this room for the guards that walk every address."""

from datetime import date
from decimal import Decimal
from typing import Any

from tests.guards.world import BOSS, Sample, World

from yigong.clinic import api
from yigong.clinic.data import Discharge, NewCharge, NewStay
from yigong.core import clock
from yigong.network import api as network
from yigong.residents import api as residents

NAMES = ("孙玉莲", "马德福", "胡秀英")


def samples(world: World) -> dict[str, Any]:
    """At the county: a visit that waits, one in the room, somebody on the ward, somebody who went home."""
    desk, doctor, county = world.actor("registrar"), world.actor("specialist"), world.institutions["county"]
    people = []
    for name in NAMES:
        given = residents.NewResident(name=name, sex="2", birth_date=date(1963, 2, 1))
        people.append(residents.register_resident(given=given, actor=desk).resident.id)
        world.people.append(name)
    department = network.create_department(
        institution_id=county, code="GUARDCL", name="内科", specialty="03", actor=BOSS
    )
    assert doctor.staff_id is not None
    session = api.plan_session(
        department_id=department.id, staff_id=doctor.staff_id, day=clock.today(), part="morning", capacity=5, actor=BOSS
    )
    waiting, seen = (api.register_visit(resident_id=who, session_id=session.id, actor=desk) for who in people[:2])
    api.begin_visit(visit_id=seen.id, actor=doctor)
    bill = api.order_lines(visit_id=seen.id, lines=[NewCharge("HY-GLU", Decimal(1))], actor=doctor)
    given_stays = [
        NewStay(resident_id=who, department_id=department.id, diagnosis="肺炎", nursing_code="HL-2")
        for who in people[1:]
    ]
    inside, gone = (api.admit(given=one, actor=doctor) for one in given_stays)
    api.discharge(stay_id=gone.id, given=Discharge("1"), actor=doctor)
    visit, stay, left = {"visit_id": seen.id}, {"stay_id": inside.id}, {"stay_id": gone.id}
    line = {"item": "HY-GLU", "quantity": "1"}
    return {
        "clinic:visit": Sample(visit),
        "clinic:slip": Sample({"visit_id": waiting.id}),
        "clinic:cancel_visit": Sample({"visit_id": waiting.id}),
        "clinic:add_line": Sample(visit, post=line),
        "clinic:strike": Sample({"bill_id": bill.id, "line_id": bill.lines[-1].id}),
        "clinic:charge_afterwards": Sample({"resident_id": people[1]}, post={}),
        "clinic:verdict": Sample(query=f"?resident_id={people[0]}&session_id={session.id}"),
        "clinic:items": Sample(query="?q=xcg"),
        "clinic:stop_session": Sample({"session_id": session.id}),
        "clinic:stay": Sample(stay),
        "clinic:stay_line": Sample(stay, post=line),
        "clinic:nursing": Sample(stay, post={"nursing_code": "HL-1"}),
        "clinic:transfer": Sample(stay),
        "clinic:order_discharge": Sample(stay, post={}),
        "clinic:keep": Sample(stay),
        "clinic:cancel_stay": Sample(stay),
        "clinic:discharge": Sample(stay),
        "clinic:front_page": Sample(left),
        "clinic:return_front_page": Sample(left),
        "clinic:reopen_front_page": Sample(left),
        "clinic:desk": Sample(query="?text=孙"),
        "clinic:ward": Sample(query="?text=马"),
        "clinic:front_pages": Sample(query="?state=draft"),
    }
