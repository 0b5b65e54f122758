"""Past bills and settlements through the pages: what they belong to, what is refused and listed, corrected, undone; and one number twice at once."""

from typing import Any
from uuid import UUID

import pytest
from django.db.models import Sum

from yigong.access import api as access
from yigong.access.tests.factories import Person, make_person
from yigong.clinic import api as clinic
from yigong.clinic.bulk import load_charges
from yigong.clinic.models import Bill, PastCharge
from yigong.core.testing import race
from yigong.exchange.takeon.models import Import
from yigong.exchange.takeon.tests.helpers import csv_of, name_columns, page, send, take_on, whole, work
from yigong.exchange.takeon.tests.test_care_files import NUMBER, STAY, STAYS, VISITS
from yigong.indicators.facts import facts
from yigong.insurance.budget.models import FiledSettlement, FundCase, FundFact, FundMonth
from yigong.network import api as network
from yigong.network.data import InstitutionData
from yigong.network.tests.factories import BOSS, make_institution
from yigong.residents.tests.factories import make_actor, make_resident

pytestmark = pytest.mark.django_db
CHARGES = (
    "机构编码",
    "门诊号",
    "账单号",
    "明细序号",
    "医保编码",
    "项目名称",
    "费别",
    "单价",
    "数量",
    "金额",
    "收费时间",
    "科室编码",
)


@pytest.fixture
def house() -> InstitutionData:
    """A hospital with the wards of the front page."""
    made = make_institution("county", code="QX-YY", name="清溪县人民医院")
    for code, specialty in (("NK01", "03"), ("WK01", "04")):
        network.create_department(institution_id=made.id, code=code, name=code, specialty=specialty, actor=BOSS)
    return made


@pytest.fixture
def clerk(house: InstitutionData) -> Person:
    """Who keeps the index; a visit and a stay of one resident are taken on."""
    person = make_person("identity_manager")
    make_resident(make_actor(), "王小红", number=NUMBER)
    visit = ("QX-YY", "M1", "", NUMBER, "门诊", "NK01", "2025-02-01 09:00", "J20.900", "急性支气管炎", "")
    assert whole(person, "visits", csv_of(VISITS, [visit])).counts["new"] == 1
    assert whole(person, "stays", csv_of(STAYS, [STAY])).counts["new"] == 1
    return person


def test_past_charges_belong_to_visits_and_stays(clerk: Person, house: InstitutionData) -> None:
    """Lines find their visit or stay; an unknown national code needs a fee type and is listed; sums agree; again nothing is new; corrected, undone."""
    rows = [
        ("QX-YY", "M1", "B1", "1", "DEMO-ZC-PT", "普通门诊诊察费", "", "8.00", "1", "8.00", "2025-02-01 09:10", "NK01"),
        ("QX-YY", "M1", "B1", "2", "XN02", "布洛芬片", "09", "1.2345", "10", "12.35", "2025-02-01 09:20", ""),
        ("QX-YY", "M1", "B1", "3", "XN02", "布洛芬片", "西药费", "1.2345", "-10", "-12.35", "2025-02-01 10:20", ""),
        ("QX-YY", "00012345", "", "1", "", "床位费", "床位费", "30", "7", "210", "2025-03-02 08:00", ""),
        ("QX-YY", "00012345", "", "2", "", "床位费", "床位费", "30", "1", "30", "2025-06-02 08:00", ""),
        ("QX-YY", "M1", "B1", "4", "XN03", "甲", "", "1", "1", "1", "2025-02-01", ""),
        ("QX-YY", "M1", "B1", "5", "", "甲", "09", "10", "2", "10", "2025-02-01", ""),
        ("QX-YY", "M1", "B1", "6", "", "甲", "09", "", "-1", "10", "2025-02-01", ""),
        ("QX-YY", "M9", "B1", "7", "", "甲", "09", "", "1", "十元", "2025-02-01", ""),
        ("QX-YY", "M9", "B1", "8", "", "甲", "09", "", "1", "10", "2025-02-01", ""),
    ]  # fmt: skip
    key = send(clerk, "charges", csv_of(CHARGES, rows, "gbk"))
    name_columns(clerk, key)
    tried = Import.objects.get(pk=key)
    assert tried.counts["new"] == 4 and tried.counts["refused"] == 6 and tried.counts["unlisted"] == 2, tried.counts
    told = [(f.line, f.rule) for f in tried.faults.all()]
    assert told == [
        (3, "item_noted"), (6, "encounter"), (7, "item"), (8, "product"), (9, "sign"), (10, "amount"), (11, "encounter"),
    ], told  # fmt: skip
    assert "收费目录中没有这个国家编码（布洛芬片）" in page(clerk, key) and not PastCharge.objects.exists()
    assert take_on(clerk, key).counts["new"] == 4 and not Bill.objects.exists()
    first = PastCharge.objects.get(line_number="1", bill_number="B1")
    assert (first.category, first.item_code, first.amount, first.is_inpatient) == ("consultation", "ZC-PT", 800, False)
    bed = PastCharge.objects.get(bill_number="00012345")
    assert bed.is_inpatient and bed.encounter_id != first.encounter_id and bed.resident_id == first.resident_id
    assert _charged() == 800 + 21_000
    found = clinic.past_bills([first.resident_id])
    assert [(one.number, one.total, len(one.lines)) for one in found.items] == [("00012345", 21_000, 1), ("B1", 800, 3)]
    access.open_relationship(resident_id=first.resident_id, institution_id=house.id, basis="encounter")
    cashier = make_person("registrar", house)
    shown = cashier.client().get(f"/settlement/residents/{first.resident_id}/").content.decode()
    assert "以前系统的费用" in shown and "床位费" in shown and "210.00" in shown

    assert whole(clerk, "charges", csv_of(CHARGES, rows[:4])).counts["same"] == 4
    cheaper = [*rows[3]]
    cheaper[7], cheaper[9] = "20", "140"
    other = whole(clerk, "charges", csv_of(CHARGES, [cheaper]))
    assert other.counts["changed"] == 1 and _charged() == 800 + 14_000
    visits = Import.objects.get(layout="visits")
    clerk.client().post(f"/takeon/imports/{visits.pk}/", {"reason": "试"})
    assert work(visits.pk).counts["kept"] == 1  # charges name the visit
    clerk.client().post(f"/takeon/imports/{key}/", {"reason": "试"})
    assert work(key).counts["undone"] == 4 and not PastCharge.objects.exists()


def _charged() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"select sum(amount) from {facts()['charge'].table}")
        return int(cursor.fetchone()[0])


FILED = (
    "结算编号",
    "版次",
    "证件号码",
    "险种",
    "类别",
    "结算日期",
    "就医地",
    "机构代码",
    "医院",
    "备案",
    "总费用",
    "自费",
    "统筹基金",
    "大病保险",
    "个人负担",
    "定案",
)


def filed(ref: str, revision: str = "", pool: str = "600", **more: str) -> list[str]:
    """A settlement of 1,000 yuan outside the county."""
    said = {
        "结算编号": ref, "版次": revision, "险种": "城乡居民", "类别": "住院", "结算日期": "2025-03-05", "医院": "省人民医院", "备案": "是", "总费用": "1000",
        "统筹基金": pool, "个人负担": f"{1000 - float(pool):.2f}",
    } | more  # fmt: skip
    return [said.get(name, "") for name in FILED]


def standing() -> tuple[int, int, int]:
    """(count, fund, provisional fund) of the sums."""
    told = FundMonth.objects.aggregate(n=Sum("cases", default=0), pool=Sum("pool", default=0))
    open_ = FundMonth.objects.filter(provisional=True).aggregate(pool=Sum("pool", default=0))["pool"]
    return told["n"], told["pool"], open_


def test_settlements_inside_and_outside(clerk: Person, house: InstitutionData) -> None:
    """The insurance office takes them on; funds are kept apart; what is late is provisional until a later revision; one revision is one content."""
    office = make_person("insurance_clerk")
    rows = [
        filed("A1", 证件号码=NUMBER), filed("A2", 大病保险="100", 个人负担="300", 类别="慢特病"),
        filed("A3", 机构代码="QX-YY", 医院="", 备案=""), filed("A4", 个人负担="1"), filed("A5", 就医地="县内", 机构代码="NOPE"),
        filed("A6", 险种="商业"), filed("A7", 医院="", 结算日期="2999-01-01"), filed("A8", 统筹基金="-1", 个人负担="1001"),
    ]  # fmt: skip
    key = send(office, "settlements", csv_of(FILED, rows, "gb18030"))
    name_columns(office, key)
    tried = Import.objects.get(pk=key)
    faults = {(f.line, f.rule) for f in tried.faults.all()}
    assert tried.counts["new"] == 3 and NUMBER not in page(office, key)
    assert faults == {(5, "sum"), (6, "institution"), (7, "choice"), (8, "date"), (9, "negative")}, faults
    assert standing() == (0, 0, 0)
    take_on(office, key)
    assert standing() == (3, 180_000, 120_000)
    inside = FundFact.objects.get(ref="A3")
    assert (inside.place, inside.institution_id, inside.booked, inside.provisional) == (
        "inside",
        house.id,
        inside.month,
        False,
    )
    assert FundFact.objects.get(ref="A1").resident_id and FundFact.objects.get(ref="A1").booked > inside.booked
    split = FiledSettlement.objects.get(ref="A2")
    assert (
        split.figures["kind"] == "chronic"
        and split.figures["funds"] == {"critical": 10_000}
        and split.figures["other_funds"] == 10_000
    )
    assert NUMBER not in str(FiledSettlement.objects.get(ref="A1").figures)

    other = whole(
        office, "settlements", csv_of(FILED, [filed("A1", 证件号码=NUMBER), filed("A2")]), system="市医保中心"
    )
    assert other.counts["same"] == 1 and "更正请提高版次" in page(office, other.pk)
    later = whole(
        office, "settlements", csv_of(FILED, [filed("A2", "2", "550", 定案="是"), filed("A2", "3", "560", 定案="是")])
    )
    assert later.counts["new"] == 2 and standing() == (3, 60_000 + 56_000 + 60_000, 60_000)
    shown = office.client().get("/budget/filed/").content.decode()
    assert "清溪县人民医院" in shown and "已有更新版次" in shown and "大病保险" in shown and "导入文件" in shown
    assert "A2" not in office.client().get("/budget/filed/?only=provisional").content.decode()
    office.client().post(f"/takeon/imports/{later.pk}/", {"reason": "导错了"})
    work(later.pk)
    assert standing() == (3, 180_000, 120_000)
    office.client().post(f"/takeon/imports/{key}/", {"reason": "导错了"})
    work(key)
    assert standing() == (0, 0, 0) and not FiledSettlement.objects.exists()


def test_inpatient_settlements_of_the_county_become_cases(clerk: Person, house: InstitutionData) -> None:
    """By the record number: front page, group, payment; again nothing is doubled, a later revision takes the place, undo takes the case back."""
    office = make_person("insurance_clerk")
    header = (*FILED, "病案号", "病组编码", "病组名称")

    def inside(
        ref: str, revision: str = "", record: str = "00012345", pool: str = "600", day: str = "2025-03-08"
    ) -> list[str]:
        return [
            *filed(ref, revision, pool, 证件号码=NUMBER, 机构代码="QX-YY", 医院="", 备案="", 结算日期=day),
            record,
            "GD29",
            "阑尾切除术",
        ]

    rows = [
        inside("C1"), inside("C2", record="NOBODY"), inside("C3", day="2025-03-07"),
        [*filed("C4", 证件号码=NUMBER), "00012345", "", ""],
    ]  # fmt: skip
    done = whole(office, "settlements", csv_of(header, rows))
    assert done.counts["new"] == 4 and standing()[0] == 4
    case = (
        FundCase.objects.get()
    )  # a record nobody knows, a day before the discharge, a stay elsewhere: facts, no cases
    assert (case.filed_ref, case.group, case.diagnosis, case.operation) == ("C1", "GD29", "K35.800", "47.0100")
    assert (case.days, case.other_diagnoses, case.cost, case.pool, case.person) == (7, 2, 100_000, 60_000, 40_000)
    assert case.institution_id == house.id and case.department_id and case.age == 64
    assert whole(office, "settlements", csv_of(header, rows)).counts["same"] == 4 and FundCase.objects.count() == 1
    later = whole(office, "settlements", csv_of(header, [inside("C1", "2", pool="550")]))
    assert FundCase.objects.get().pool == 55_000 and FundCase.objects.get().pk != case.pk
    shown = office.client().get("/budget/filed/").content.decode()
    assert "看病例" in shown
    for one in (later, done):
        office.client().post(f"/takeon/imports/{one.pk}/", {"reason": "导错了"})
        work(one.pk)
        assert FundCase.objects.count() == (1 if one is later else 0)
    assert standing() == (0, 0, 0)


@pytest.mark.race("clinic.load_charges")
@pytest.mark.django_db(transaction=True)
def test_two_files_with_the_same_lines() -> None:
    """Each line is there once."""
    from yigong.core import clock
    from yigong.core.ids import new_id

    encounter, resident, place, now = new_id(), new_id(), new_id(), clock.now()

    def lines(load: UUID) -> list[tuple[Any, ...]]:
        return [
            (new_id(), load, b"x", encounter, resident, place, "HIS", "B", str(n), False, "", "甲", "", "drug", "", None, None, 5, now, None)
            for n in range(50)
        ]  # fmt: skip

    done = race(*[lambda: load_charges(lines(new_id()), BOSS, "试")] * 2)
    assert sorted(done) == [(0, 0, 50), (50, 0, 0)] and PastCharge.objects.count() == 50
