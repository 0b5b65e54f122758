"""Objects of this room for the guards that walk every address."""

from datetime import date
from typing import Any
from uuid import UUID

from django.apps import apps
from tests.guards.world import BOSS, Sample, World

from yigong.access import api as access
from yigong.core import clock
from yigong.core.ids import new_id
from yigong.core.states.api import start
from yigong.insurance.claims.models import CodingQuestion, Comparison, SchemeVersion, SettlementList
from yigong.insurance.claims.rules.workflow import LIST, QUESTION
from yigong.network import api as network
from yigong.residents import api as residents

NAME = "孙月英"
EMPTY: dict[str, Any] = {
    "setlinfo": {},
    "payinfo": [],
    "opspdiseinfo": [],
    "diseinfo": [],
    "iteminfo": [],
    "oprninfo": [],
    "icuinfo": [],
    "bldinfo": [],
}


def samples(world: World) -> dict[str, Any]:
    """A draft, a question, a scheme and a comparison at the county hospital."""
    county, clerk = world.institutions["county"], world.actor("registrar")
    given = residents.NewResident(name=NAME, sex="2", birth_date=date(1957, 2, 3))
    person = residents.register_resident(given=given, actor=clerk).resident.id
    world.people.append(NAME)
    access.open_relationship(resident_id=person, institution_id=county, basis="encounter")
    row = SettlementList(
        id=new_id(), number="QD2026", settlement_id=new_id(), settlement_number="JS1", bill_id=new_id(), stay_id=new_id(), resident_id=person,
        patient_name=NAME, institution_id=county, settled_on=date(2026, 1, 5), month=date(2026, 1, 1), total=1, content=EMPTY,
    )  # fmt: skip
    start(LIST, row, "draft", actor=BOSS)
    question = CodingQuestion(
        id=new_id(), stay_id=row.stay_id, key="x", topic="charged", text="是否做了？", evidence=[{"kind": "charge", "text": "收费", "on": ""}],
        resident_id=person, patient_name=NAME, institution_id=county, doctor_id=world.actor("specialist").staff_id, asked_by="编码员",
    )  # fmt: skip
    start(QUESTION, question, "asked", actor=BOSS)
    scheme = SchemeVersion.objects.create(
        code="x",
        release="1",
        title="某方案",
        digest="0",
        content=b"",
        counts={"mdc": 1, "drg": 1, "weights": 1},
        source="",
        imported_by="李",
    )
    officer = world.actor("insurance_clerk")
    comparison = Comparison.objects.create(
        year=2025,
        one="pack:county-demo",
        other="pack:county-demo",
        institution_ids=[str(county)],
        made_by="李",
        institution_id=officer.institution_id,
    )
    stay = {"stay_id": _stay(person, county)}
    one, asked = {"list_id": row.id}, {"question_id": question.id}
    return {
        "claims:list": Sample(query="?state=draft&text=孙"),
        "claims:detail": Sample(one), "claims:own": Sample(one), "claims:print": Sample(one),
        "claims:act": Sample({**one, "action": "reject"}),
        "claims:question": Sample(asked), "claims:withdraw_question": Sample(asked, post={"reason": ""}),
        "claims:desk": Sample(stay),
        "claims:desk_part": Sample(stay, query="?diagnoses=J18.900"),
        "claims:scheme": Sample({"scheme_id": scheme.id}),
        "claims:comparison": Sample({"comparison_id": comparison.id}), "claims:comparison_file": Sample({"comparison_id": comparison.id}),
    }  # fmt: skip


def _stay(person: UUID, county: UUID) -> UUID:
    """A discharged stay with its front page, as the tables of clinic hold it."""
    department = network.create_department(institution_id=county, code="GUARDCODE", name="呼吸内科", actor=BOSS)
    now = clock.now()
    stay = apps.get_model("clinic.Stay").objects.create(
        state="discharged", state_since=now, number="ZYGUARD", record_number="1", times=1, resident_id=person, patient_name=NAME,
        patient_initials="syy", patient_sex="2", birth_date=date(1957, 2, 3), institution_id=county, department_id=department.id,
        admission_department_id=department.id, encounter_id=new_id(), way_in="2", admitted_at=now, discharged_at=now, way_out="1",
        diagnosis="肺炎",
    )  # fmt: skip
    apps.get_model("clinic.FrontPage").objects.create(
        state="completed", state_since=now, stay=stay, institution_id=county
    )
    return stay.id
