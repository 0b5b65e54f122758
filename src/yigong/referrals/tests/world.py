"""A small county for the tests: a village, its health centre, the county hospital, a county TCM hospital."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from yigong.core import clock
from yigong.core.actor import Actor, system
from yigong.core.rights import permissions_of
from yigong.network import api as network
from yigong.network.data import DepartmentData, InstitutionData
from yigong.referrals import api
from yigong.referrals.data import NewReferral, ReferralData, SlotData
from yigong.residents import api as residents

BOSS = system("test")


@dataclass
class World:
    """Places, people and one resident of the village."""

    village: InstitutionData
    township: InstitutionData
    county: InstitutionData
    tcm: InstitutionData
    cardiology: DepartmentData
    people: dict[str, Actor] = field(default_factory=dict)
    resident: UUID | None = None

    def __getattr__(self, name: str) -> Actor:
        try:
            return self.__dict__["people"][name]
        except KeyError:
            raise AttributeError(name) from None


def make_world() -> World:
    """Everything a referral needs."""
    county = _place("QSXYY", "清水县人民医院", "county", None)
    tcm = _place("QSZYY", "清水县中医院", "county", None)
    township = _place("DHWSY", "东河镇卫生院", "township", county.id)
    village = _place("LZWSS", "李庄村卫生室", "village", township.id)
    cardiology = network.create_department(institution_id=county.id, code="XNK", name="心内科", actor=BOSS)
    world = World(village, township, county, tcm, cardiology)
    for key, role, place in (
        ("doctor", "village_doctor", village),
        ("colleague", "village_doctor", village),
        ("gp", "gp", township),
        ("manager", "township_manager", township),
        ("office", "referral_office", county),
        ("office2", "referral_office", county),
        ("desk", "registrar", county),
        ("nurse", "nurse", county),
        ("chief", "duty_chief", county),
        ("stranger", "specialist", tcm),
        ("tcm_office", "referral_office", tcm),
    ):
        world.people[key] = make_actor(key, role, place)
    world.people["specialist"] = make_actor("specialist", "specialist", county, cardiology.id)
    world.resident = make_resident(world.people["doctor"])
    return world


def _place(code: str, name: str, level: str, parent: UUID | None) -> InstitutionData:
    return network.create_institution(
        code=code, name=name, short_name=name[-5:], level=level, category="A100", parent_id=parent, actor=BOSS
    )


def make_actor(key: str, role: str, place: InstitutionData, department: UUID | None = None) -> Actor:
    """A staff member at a post, with the rights of the role."""
    staff = network.create_staff(code=f"{place.code}-{key}", name=f"{place.name[:2]}{key}", sex="1", actor=BOSS)
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


def make_resident(actor: Actor, name: str = "张桂芳") -> UUID:
    """Somebody of the village, registered by its doctor."""
    given = residents.NewResident(name=name, sex="2", birth_date=date(1958, 3, 4))
    return residents.register_resident(given=given, actor=actor).resident.id


def up(world: World, **changes: Any) -> NewReferral:
    """A complete up-referral from the village to the county's cardiology."""
    given = NewReferral(
        direction="up",
        resident_id=world.resident,
        to_institution_id=world.county.id,
        to_department_id=world.cardiology.id,
        diagnosis_code="I10.x00",
        diagnosis="原发性高血压",
        reason_code="2",
        reason="血压控制不佳，伴头晕三天。",
        clinical={"vitals": {"systolic": 186, "diastolic": 112}, "medicines": "氨氯地平 5mg 每日一次"},
        consent_by="张桂芳",
        consent_relation="本人",
        skip_reason="血压危急值",
    )
    return replace(given, **changes)


def down(world: World, **changes: Any) -> NewReferral:
    """A complete down-referral from the county to the health centre."""
    given = NewReferral(
        direction="down",
        kind="inpatient",
        resident_id=world.resident,
        to_institution_id=world.township.id,
        diagnosis_code="I10.x00",
        diagnosis="原发性高血压",
        reason_code="a",
        reason="血压平稳，转回随访。",
        clinical={"plan_text": "继续口服降压药，每周测压两次。"},
        consent_by="张桂芳",
        follow_up_on=clock.today() + timedelta(days=3),
    )
    return replace(given, **changes)


def publish(world: World, left: int = 1, **changes: Any) -> SlotData:
    """A sheet of the cardiology for tomorrow with so many places for referrals."""
    values = {"kind": "slot", "capacity": left + 2, "reserved": left, "session": "morning"}
    values["day"] = clock.today() + timedelta(days=1)
    return api.publish_slots(department_id=world.cardiology.id, actor=world.office, **{**values, **changes})


def sent(world: World, **changes: Any) -> ReferralData:
    """A referral that waits at the county."""
    return api.request_referral(given=up(world, confirmed=True, **changes), actor=world.doctor)


def treated(world: World) -> ReferralData:
    """A referral whose patient is in treatment at the county."""
    row = sent(world)
    api.accept(referral_id=row.id, direct_to_emergency=True, actor=world.office)
    api.arrive(referral_id=row.id, name="张桂芳", identifier=row.number, actor=world.desk)
    return api.begin_treatment(referral_id=row.id, actor=world.specialist)


def fed_back(world: World) -> ReferralData:
    """A referral whose feedback has been sent."""
    return api.feed_back(
        referral_id=treated(world).id,
        outcome_code="2",
        diagnosis_code="I10.x00",
        diagnosis="高血压 3 级",
        plan="氨氯地平加缬沙坦，两周后复查。",
        agrees=True,
        actor=world.specialist,
    )
