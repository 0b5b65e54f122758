"""Objects of this room for the guards that walk every address."""

from datetime import date
from typing import Any

from tests.guards.world import BOSS, Sample, World

from yigong.access import api as access
from yigong.network import api as network
from yigong.referrals import api
from yigong.referrals.data import NewReferral
from yigong.residents import api as residents


def samples(world: World) -> dict[str, Any]:
    """A referral from the village that waits at the county, a sheet with a place, pickers."""
    doctor, county = world.actor("village_doctor"), world.institutions["county"]
    given = residents.NewResident(name="赵小兰", sex="2", birth_date=date(1961, 5, 1))
    person = residents.register_resident(given=given, actor=doctor).resident.id
    access.open_relationship(resident_id=person, institution_id=county, basis="encounter")
    department = network.create_department(institution_id=county, code="GUARDREF", name="骨科", actor=BOSS)
    sheet = api.publish_slots(
        department_id=department.id, kind="bed", capacity=2, reserved=1, actor=world.actor("referral_office")
    )
    row = api.request_referral(actor=doctor, given=NewReferral(
        direction="up", resident_id=person, to_institution_id=county, to_department_id=department.id, diagnosis="腰痛",
        diagnosis_code="M54.5", reason_code="1", reason="腰痛两周", consent_by="赵小兰", skip_reason="专科指定",
    ))  # fmt: skip
    world.things["referral"] = row.id
    one = {"referral_id": row.id}
    return {
        "referrals:detail": Sample(one),
        "referrals:edit": Sample(one),
        "referrals:refer_down": Sample(one),
        "referrals:print": Sample(one),
        "referrals:act": Sample({**one, "action": "accept"}),
        "referrals:new": Sample(query=f"?resident={person}"),
        "referrals:new_parts": Sample(query=f"?to_institution_id={county}&diagnosis_code=I21.900"),
        "referrals:diagnoses": Sample(query="?q=yt"),
        "referrals:institutions": Sample(query="?q=清溪"),
        "referrals:inbox": Sample(query="?side=received&group=waiting&text=赵"),
        "referrals:desk": Sample(query="?text=赵"),
        "referrals:stop_slot": Sample({"sheet_id": sheet.id}),
        "referrals:statistics": Sample(query="?from_day=2026-01-01"),
    }
