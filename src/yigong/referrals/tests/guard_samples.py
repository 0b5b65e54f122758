"""Objects of this room for the guards that walk every address."""

from dataclasses import replace
from datetime import date
from typing import Any

from tests.guards.world import BOSS, Sample, World

from yigong.access import api as access
from yigong.network import api as network
from yigong.referrals import api
from yigong.referrals.data import NewReferral
from yigong.residents import api as residents

NAME = "赵小兰"


def samples(world: World) -> dict[str, Any]:
    """A referral from the village that waits at the county, one that is expected there, a sheet with places, pickers."""
    doctor, county = world.actor("village_doctor"), world.institutions["county"]
    office = world.actor("referral_office")
    given = residents.NewResident(name=NAME, sex="2", birth_date=date(1961, 5, 1))
    person = residents.register_resident(given=given, actor=doctor).resident.id
    world.people.append(NAME)
    access.open_relationship(resident_id=person, institution_id=county, basis="encounter")
    department = network.create_department(institution_id=county, code="GUARDREF", name="骨科", actor=BOSS)
    sheet = api.publish_slots(department_id=department.id, kind="bed", capacity=2, reserved=1, actor=office)
    wanted = NewReferral(
        direction="up", resident_id=person, to_institution_id=county, to_department_id=department.id, diagnosis="腰痛",
        diagnosis_code="M54.5", reason_code="1", reason="腰痛两周", consent_by=NAME, skip_reason="专科指定",
    )  # fmt: skip
    row = api.request_referral(actor=doctor, given=wanted)
    other = replace(wanted, resident_id=world.things["person"], diagnosis="膝痛", diagnosis_code="M25.5")
    expected = api.request_referral(actor=doctor, given=other)
    api.accept(referral_id=expected.id, sheet_id=sheet.id, actor=office)
    world.things["referral"] = row.id
    one = {"referral_id": row.id}
    return {
        "referrals:detail": Sample(one),
        "referrals:edit": Sample(one),
        "referrals:refer_down": Sample(one),
        "referrals:print": Sample(one),
        "referrals:act": Sample({**one, "action": "ask"}, post={"reason": "请补充影像资料"}),
        "referrals:new": Sample(query=f"?resident={person}"),
        "referrals:new_parts": Sample(query=f"?to_institution_id={county}&diagnosis_code=I21.900"),
        "referrals:institutions": Sample(query="?q=清溪"),
        "referrals:inbox": Sample(query="?side=received&group=waiting&text=赵"),
        "referrals:desk": Sample(query="?text=钱"),
        "referrals:stop_slot": Sample({"sheet_id": sheet.id}),
        "referrals:statistics": Sample(query="?from_day=2026-01-01"),
    }
