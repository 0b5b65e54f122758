"""Visits and front pages through the pages: who is found by what, what is refused, changed, undone, and what later work goes on from."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from yigong.access.models import Relationship
from yigong.access.tests.factories import Person, make_person
from yigong.clinic import api as clinic
from yigong.clinic.models import FrontPage, Stay
from yigong.core import clock
from yigong.core.numbers.api import next_value
from yigong.exchange.takeon.models import Import
from yigong.exchange.takeon.tests.helpers import csv_of, name_columns, page, send, take_on, whole, work
from yigong.indicators.facts import facts
from yigong.network import api as network
from yigong.network.data import InstitutionData
from yigong.network.tests.factories import BOSS, make_institution
from yigong.records import api as records
from yigong.records.models import Condition, Encounter, Procedure
from yigong.residents.bulk import BulkResident, loading
from yigong.residents.tests.factories import make_actor, make_resident

pytestmark = pytest.mark.django_db
NUMBER = "530181196005040023"
VISITS = (
    "医疗机构代码",
    "门诊号",
    "患者ID",
    "身份证号码",
    "就诊类型",
    "科室编码",
    "就诊时间",
    "诊断代码",
    "诊断名称",
    "其他诊断1",
)


@pytest.fixture
def clerk() -> Person:
    """Who keeps the index takes on care."""
    return make_person("identity_manager")


@pytest.fixture
def house() -> InstitutionData:
    """A hospital with two wards."""
    made = make_institution("county", code="QX-YY", name="清溪县人民医院")
    for code, specialty in (("NK01", "03"), ("WK01", "04")):
        network.create_department(institution_id=made.id, code=code, name=code, specialty=specialty, actor=BOSS)
    return made


def known(clerk: Person, number: str, name: str = "张国强") -> UUID:
    """A resident whom the source knows under a number."""
    with loading(BOSS, "试") as batch:
        one = BulkResident(name, "1", date(1985, 2, 11), (clerk.institution.id, "县医院 HIS", number))
        batch.load([one])
    return one.id


def test_visits_find_their_people_and_are_undone(clerk: Person, house: InstitutionData) -> None:
    """By the source's number, by the citizen number; strangers and impossible times are told; again nothing is new; changed, undone."""
    first = known(clerk, "P1")
    second = make_resident(make_actor(), "王小红", number=NUMBER).id
    today = clock.today()
    rows = [
        ("QX-YY", "M1", "P1", "", "门诊", "NK01", f"{today} 00:01", "J20.900", "急性支气管炎", "高血压"),
        ("QX-YY", "M2", "", NUMBER, "急诊", "03", "2025/3/1 10:05:00", "I10", "高血压", ""),
        ("QX-YY", "M3", "P1", NUMBER, "", "", "20250301", "", "感冒", ""),
        ("QX-YY", "M4", "P9", "", "", "", "2025-03-01", "", "感冒", ""),
        ("QX-YY", "M5", "P1", "", "", "EK", "2999-01-01", "", "感冒", ""),
    ]
    key = send(clerk, "visits", csv_of(VISITS, rows, "gbk"))
    name_columns(clerk, key)
    tried = Import.objects.get(pk=key)
    assert tried.counts["new"] == 2 and tried.counts["refused"] == 3, tried.counts
    assert [(f.line, f.rule) for f in tried.faults.all()] == [(4, "person"), (5, "resident"), (6, "date")]
    shown = page(clerk, key)
    assert "证件号与来源编号指向不同的人" in shown and NUMBER not in shown
    assert not Encounter.objects.exists()
    take_on(clerk, key)
    one, two = (Encounter.objects.get(source_number=n) for n in ("M1", "M2"))
    assert (one.resident_id, two.resident_id, two.kind) == (first, second, "emergency")
    assert one.source_system == "县医院 HIS" and one.department_id == two.department_id
    assert Condition.objects.filter(encounter=one).count() == 2
    assert Relationship.objects.filter(resident_id=first, institution_id=house.id, source=one.id).exists()
    assert not Relationship.objects.filter(source=two.id).exists()  # too long ago to be a reason
    assert records.timeline(first, actor=BOSS).counts["encounter"] == 1

    again = whole(clerk, "visits", csv_of(VISITS, rows[:2]))
    assert again.counts["same"] == 2 and not again.counts.get("new")
    other = whole(clerk, "visits", csv_of(VISITS, [(*rows[0][:8], "肺炎", "")]))
    assert other.counts["changed"] == 1
    assert [c.text for c in Condition.objects.filter(encounter_id=one.id)] == ["肺炎"]

    clerk.client().post(f"/takeon/imports/{key}/", {"reason": "试"})
    assert work(key).counts["undone"] == 2 and not Encounter.objects.exists() and not Condition.objects.exists()
    assert not Relationship.objects.filter(source=one.id, ends_at__gt=clock.now()).exists()


STAYS = (
    "A01", "A48", "A49", "B12", "B15", "A46C", "A11", "A12C", "A13", "A20", "B11C", "B13C", "B16C", "C03C", "C04N", "C05C", "C06x01C", "C07x01N",
    "C08x01C", "C14x01C", "C15x01N", "C16x01", "C17x01", "C21x01C", "C35x01C", "C36x01N", "B24", "B34C", "B35", "D01",
    "D09", "D11", "D20", "D20x01", "C06x40C", "C07x40N", "C35x40C", "C36x40N", "C40x40",
)  # fmt: skip
STAY = [
    "QX-YY", "00012345", "2", "2025-03-01 10:00:00", "2025-03-08 09:00:00", "2.1", "王小红", "2", "1960-05-04", NUMBER, "2", "03", "04", "K35.800",
    "急性阑尾炎", "1", "I10.x00", "高血压", "1", "47.0100", "腹腔镜下阑尾切除术", "2025-03-02 08:30:00", "3", "4", "-", "-", "李医生", "1", "-", "8123.45",
    "3000.00", "623.45", "7500.00", "500.00", "E11.900", "2型糖尿病", "45.2300", "结肠镜检查", "赵助手",
]  # fmt: skip


def test_a_front_page_of_the_national_layout(clerk: Person, house: InstitutionData) -> None:
    """Headers are the codes of the layout; encounter, stay and coded page stand there; figures count it; the next admission goes on from its count."""
    person = make_resident(make_actor(), "王小红", number=NUMBER).id
    bad, dear = [*STAY], [*STAY]
    bad[1], bad[4], bad[13] = "00099999", "2025-02-01 09:00:00", ""
    dear[1], dear[STAYS.index("D11")], dear[STAYS.index("D20x01")] = "00088888", "700", "7501"
    done = whole(clerk, "stays", csv_of(STAYS, [STAY, bad, dear]), name="hqmsts_25M03.csv")
    assert done.counts["new"] == 1 and done.counts["refused"] == 2
    assert {(f.line, f.column) for f in done.faults.all()} == {(3, "主要诊断编码"), (4, "住院总费用"), (4, "麻醉费")}
    stay = Stay.objects.get()
    assert (stay.resident_id, stay.record_number, stay.times, stay.state) == (person, "00012345", 2, "discharged")
    sheet = FrontPage.objects.get(stay=stay)
    assert sheet.state == "coded" and sheet.payment_method == "2.1" and sheet.attending_doctor == "李医生"
    assert [d.code for d in sheet.diagnoses.all()] == ["K35.800", "I10.x00", "E11.900"]
    assert [(p.code, p.level, p.first_assistant) for p in sheet.procedures.all()] == [
        ("47.0100", "3", ""),
        ("45.2300", "", "赵助手"),
    ]
    assert Procedure.objects.filter(encounter_id=stay.encounter_id).count() == 2
    told = clinic.front_page(stay.id)
    assert told.total == 812_345 and told.fees == {"D11": 62_345, "D20": 750_000, "D20x01": 50_000}
    found = _fact("stay")
    assert found["days"] == 7 and found["has_front_page"] and found["operations_level_3_4"] == 1
    assert next_value("clinic.stay", f"{house.id.hex[:12]}{person.hex[-20:]}") == 3

    again = whole(clerk, "stays", csv_of(STAYS, [STAY]))
    assert again.counts["same"] == 1
    moved = [*STAY]
    moved[3] = "2025-04-01 10:00:00"
    moved[4] = "2025-04-08 10:00:00"
    twice = whole(clerk, "stays", csv_of(STAYS, [moved]))
    assert twice.counts["refused"] == 1 and "第 2 次住院已有记录" in page(clerk, twice.pk)
    other = [*STAY]
    other[14] = "急性化脓性阑尾炎"
    assert whole(clerk, "stays", csv_of(STAYS, [other])).counts["changed"] == 1
    assert Stay.objects.get().diagnosis == "急性化脓性阑尾炎"
    clerk.client().post(f"/takeon/imports/{done.pk}/", {"reason": "试"})
    assert work(done.pk).counts["undone"] == 1
    assert not Stay.objects.exists() and not Encounter.objects.exists()


def _fact(name: str) -> dict[str, Any]:
    from django.db import connection

    view = facts()[name]
    with connection.cursor() as cursor:
        cursor.execute(f"select * from {view.table}")
        names = [c.name for c in cursor.description or ()]
        return dict(zip(names, cursor.fetchall()[0], strict=True))


def test_the_page_of_columns_stays_light(clerk: Person) -> None:
    """A file with hundreds of columns is named by typing, from one list."""
    header = [*STAYS, *(f"X{n}" for n in range(300))]
    key = send(clerk, "stays", csv_of(header, [[*STAY, *["-"] * 300]]))
    answer = clerk.client().get(f"/takeon/imports/{key}/columns/")
    assert len(answer.content) < 200_000 and 'list="headers"' in answer.content.decode()
