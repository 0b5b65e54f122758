"""A county hospital and a health centre with the people at their desks, and one resident."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from yigong.clinic.commands.charging import open_bill_of_visit
from yigong.clinic.models import Bill, Visit
from yigong.clinic.rules.workflow import VISIT
from yigong.core import clock
from yigong.core.actor import Actor, system
from yigong.core.numbers.api import dated_number
from yigong.core.rights import permissions_of
from yigong.core.states.api import start
from yigong.network import api as network
from yigong.network.data import DepartmentData, InstitutionData
from yigong.residents import api as residents

BOSS = system("test")
NAME = "张桂芳"


@dataclass
class World:
    """Places and people."""

    county: InstitutionData
    township: InstitutionData
    medicine: DepartmentData
    surgery: DepartmentData
    desk: Actor
    doctor: Actor
    colleague: Actor
    surgeon: Actor
    nurse: Actor
    coder: Actor
    gp: Actor
    resident: UUID


def make_world() -> World:
    """Everything a visit and a stay need."""
    county = _place("QSXYY", "清水县人民医院", "county", "A100", None, "2")
    township = _place("DHWSY", "东河镇卫生院", "township", "C220", county.id, "")
    medicine = network.create_department(institution_id=county.id, code="NK", name="内科", specialty="03", actor=BOSS)
    surgery = network.create_department(institution_id=county.id, code="WK", name="外科", specialty="04", actor=BOSS)
    doctor = make_actor("doctor", "specialist", county, medicine.id, "3")
    desk = make_actor("desk", "registrar", county)
    return World(
        county=county,
        township=township,
        medicine=medicine,
        surgery=surgery,
        desk=desk,
        doctor=doctor,
        colleague=make_actor("colleague", "specialist", county, medicine.id, "1"),
        surgeon=make_actor("surgeon", "specialist", county, surgery.id, "2"),
        nurse=make_actor("nurse", "nurse", county, medicine.id),
        coder=make_actor("coder", "quality_manager", county),
        gp=make_actor("gp", "gp", township),
        resident=make_resident(desk),
    )


def _place(code: str, name: str, level: str, category: str, parent: UUID | None, grade: str) -> InstitutionData:
    return network.create_institution(
        code=code,
        name=name,
        short_name=name[-5:],
        level=level,
        category=category,
        parent_id=parent,
        grade=grade,
        actor=BOSS,
    )


def make_actor(key: str, role: str, place: InstitutionData, department: UUID | None = None, title: str = "4") -> Actor:
    """A staff member at a post, with the rights of the role."""
    staff = network.create_staff(
        code=f"{place.code}-{key}", name=f"{place.name[:2]}{key}", sex="1", title=title, actor=BOSS
    )
    network.assign_post(staff_id=staff.id, institution_id=place.id, role=role, department_id=department, actor=BOSS)
    return Actor(
        name=staff.name,
        role=role,
        staff_id=staff.id,
        institution_id=place.id,
        institution_name=place.name,
        department_id=department,
        permissions=permissions_of(role),
        institution_ids=frozenset({place.id}),
    )


def make_resident(actor: Actor, name: str = NAME, born: date = date(1958, 3, 4), sex: str = "2") -> UUID:
    """Somebody registered at the desk."""
    given = residents.NewResident(name=name, sex=sex, birth_date=born)
    return residents.register_resident(given=given, actor=actor).resident.id


def make_bill(world: World) -> Bill:
    """An open bill of a visit that is under way."""
    visit = Visit(
        number=dated_number("visit", "MZ"), resident_id=world.resident, patient_name=NAME, patient_initials="zgf", patient_sex="2",
        institution_id=world.county.id, department_id=world.medicine.id, staff_id=world.doctor.staff_id, manner="window", fee=0,
        definition="clinic 2026.1", registered_on=clock.today(), registered_at=clock.now(), registrar_name="李", valid_until=clock.today(),
    )  # fmt: skip
    start(VISIT, visit, "waiting", actor=BOSS)
    return open_bill_of_visit(visit, BOSS)


def ready(bill: Bill) -> Bill:
    """The doctor is done with it."""
    Bill.objects.filter(pk=bill.pk).update(ready_at=clock.now())
    return bill
