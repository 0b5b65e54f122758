"""Objects of this room for the guards that walk every address."""

import json
from datetime import date
from typing import Any
from uuid import UUID

from tests.guards.world import Sample, World

from yigong.access import api as access
from yigong.core import clock
from yigong.programmes import api as programmes
from yigong.programmes.tests.world import ANSWERS
from yigong.residents import api as residents
from yigong.villageday import commands
from yigong.villageday.data import EntryIn

NAME = "上官秋菊"
KEY = "0190a000-0000-7000-8000-000000000001"


def samples(world: World) -> dict[str, Any]:
    """A woman with a visit due, and a visit from a phone that waits."""
    doctor, place = world.actor("village_doctor"), world.institutions["village"]
    house = residents.create_household(number="GUARD-V", address="21号", division_code="", actor=doctor)
    given = residents.NewResident(
        name=NAME, sex="2", birth_date=date(1959, 9, 9), managing_institution_id=place, household_id=house
    )
    person = residents.register_resident(given=given, actor=doctor).resident.id
    world.people.append(NAME)
    for level in ("county", "township"):
        access.open_relationship(resident_id=person, institution_id=world.institutions[level], basis="encounter")
    row = programmes.enrol(resident_id=person, programme="hypertension", actor=doctor, institution_id=place)
    bundle = commands.take_bundle(actor=doctor, device_at=clock.now()).bundle
    typed = ANSWERS["hypertension"] | {"sbp": 400}
    sent = EntryIn(
        id=UUID(KEY),
        enrolment=row.id,
        stage="followup",
        at=clock.now(),
        on=clock.today(),
        answers=typed,
        version=row.version,
    )
    commands.receive(bundle_id=bundle.id, entries=[sent], device_at=clock.now(), actor=doctor)
    now, on = clock.now().isoformat(), clock.today().isoformat()
    again = {"id": KEY[:-1] + "2", "enrolment": str(row.id), "stage": "followup", "at": now, "on": on, "answers": typed}
    return {
        "villageday:day": Sample(query="?tab=week"),
        "villageday:stop": Sample({"key": house}),
        "villageday:take": Sample(post={"sent": json.dumps({"now": now})}),
        "villageday:send": Sample(
            {"bundle_id": bundle.id}, post={"sent": json.dumps({"now": now, "entries": [again]})}
        ),
        "villageday:revoke": Sample({"bundle_id": bundle.id}, post={"reason": "手机遗失"}),
        "villageday:review": Sample({"entry_id": KEY}),
        "villageday:decide": Sample({"entry_id": KEY, "action": "drop"}, post={"reason": "录错"}),
    }
