"""The pages, as the clerk, the director and a township's manager use them."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from yigong.insurance.budget import api
from yigong.insurance.budget.models import (
    Appraisal,
    Clearing,
    Package,
    SpecialRequest,
    Statement,
    WeightSet,
)
from yigong.insurance.budget.tests.world import SCHEME, browser, close_year, frozen, make_world, package, put, put_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> Any:
    """The county with browsers."""
    found = make_world()
    found.at_clerk, found.at_director, found.at_manager = (
        browser(one) for one in (found.clerk, found.director, found.manager)
    )
    return found


def text(answer: Any) -> str:
    """The page."""
    return answer.content.decode()


def test_from_package_to_clearing(world: Any) -> None:
    """Made by the clerk, published by the director, used, appraised, signed, cleared, printed, reversed: all through pages."""
    clerk, director = world.at_clerk, world.at_director
    made = clerk.post(
        "/budget/packages/", {"scheme": SCHEME, "year": "2025", "insured": "1000", "idempotency_key": str(uuid4())}
    )
    page = made["Location"]
    assert "894,400.00" in text(clerk.get(page)) and "演示参数" in text(clerk.get(page))
    again = clerk.post(
        "/budget/packages/", {"scheme": SCHEME, "year": "2025", "insured": "9", "idempotency_key": str(uuid4())}
    )
    assert again.status_code == 422 and "已有打包总额" in text(again)
    assert clerk.post(page, {"action": "publish"}).status_code == 422
    for action in ("publish", "begin"):
        assert director.post(page, {"action": action}).status_code == 302
    assert "必填" in text(clerk.post(page, {"action": "change", "amount": "100", "reason": ""}))
    assert (
        clerk.post(
            page, {"action": "change", "amount": "-400", "reason": "市级调减", "idempotency_key": str(uuid4())}
        ).status_code
        == 302
    )
    put(date(2025, 5, 1), 79_960_000, institution_id=world.county)
    seen = text(clerk.get("/budget/?year=2025"))
    assert "关账 2025-01" in seen and "89.40" in seen and "79.96" in seen
    assert "没有关账" in text(clerk.get("/budget/clearing/?year=2025"))
    assert clerk.post("/budget/close-month/?year=2025", {"idempotency_key": str(uuid4())}).status_code == 302
    for month in range(2, 13):
        api.close_month(region="990100", scheme=SCHEME, month=date(2025, month, 1), actor=world.clerk)
    frozen(world)
    assert "按现在的数字会是" in text(clerk.get("/budget/clearing/?year=2025"))
    assert "清溪县人民医院" in text(clerk.get("/budget/clearing/preview/?year=2025"))
    done = clerk.post("/budget/clearing/?year=2025", {"action": "clear"})
    row = Clearing.objects.get()
    assert done["Location"] == f"/budget/clearing/{row.id}/"
    shown = text(clerk.get(done["Location"]))
    assert "退回基金" in shown and "清溪县人民医院" in shown
    assert clerk.get(f"/budget/clearing/{row.id}/print/").content.startswith(b"%PDF")
    assert "原因" in text(clerk.post(done["Location"], {"reason": ""}))
    assert clerk.post(done["Location"], {"reason": "考核更正"}).status_code == 302
    assert Package.objects.get().state == "in_force"


def test_the_clerk_has_a_short_menu(world: Any) -> None:
    """What belongs together is one entry with tabs; who sees one of them only has it as before."""
    page = text(world.at_clerk.get("/review/"))
    assert page.count('class="y-menu-item') <= 10 and "清单与疑点" in page and "参保与待遇" in page
    assert page.count('href="/claims/"') == 2 and 'href="/review/" class="is-active"' in page
    assert "清单与疑点" not in text(world.at_manager.get("/budget/statements/"))


def test_paying_by_page(world: Any) -> None:
    """Weighed, adopted, calculated, printed; the township's manager sees the own statement and cases only, and asks for a special case."""
    clerk, manager = world.at_clerk, world.at_manager
    for group, cost in (("A", 900_000), ("B", 1_500_000)):
        put_case(world.county, group, cost, month=date(2024, 3, 1))
    mine = put_case(world.township, "A", 4_000_000)
    put_case(world.county, "B", 1_000_000)
    for house in (world.county, world.township):
        put(date(2025, 3, 1), 100_000, institution_id=house)
    made = clerk.post("/budget/weights/", {"method": "drg", "year": "2025", "history": ["2024"], "predicted": "24000"})
    assert made.status_code == 302, text(made)
    assert "支付标准" in text(clerk.get(made["Location"]))
    assert world.at_director.post(made["Location"], {"action": "adopt"}).status_code == 302
    assert WeightSet.objects.get().state == "adopted"
    assert (
        clerk.post("/budget/statements/calculate/?month=2025-03", {"idempotency_key": str(uuid4())}).status_code == 302
    )
    county, township = (Statement.objects.get(institution_id=key) for key in (world.county, world.township))
    listed = text(manager.get("/budget/statements/?year=2025"))
    assert township.number in listed and county.number not in listed
    assert manager.get(f"/budget/statements/{county.id}/").status_code == 403
    assert f"/budget/statements/{township.id}/" in text(manager.get("/"))
    assert "怎么算出来的" in text(manager.get(f"/budget/statements/{township.id}/"))
    assert manager.get(f"/budget/statements/{township.id}/print/").content.startswith(b"%PDF")
    assert "清溪县人民医院" not in text(manager.get("/budget/cases/?year=2025"))
    assert "CMI" in text(clerk.get("/budget/indicators/?year=2025")) and "未登记" in text(
        clerk.get("/budget/indicators/?year=2025&by=doctor_id")
    )
    assert "每点" in text(clerk.get("/budget/weights/methods/?month=2025-03"))
    asked = manager.post(
        f"/budget/cases/{mine.id}/special/", {"asked": "38000", "evidence": "见病程", "idempotency_key": str(uuid4())}
    )
    assert asked.status_code == 302, text(asked)
    page = asked["Location"]
    assert world.at_director.post(page, {"granted": "", "reason": ""}).status_code == 422
    assert world.at_director.post(page, {"granted": "30000", "reason": "材料齐全"}).status_code == 302
    assert SpecialRequest.objects.get().granted == 3_000_000
    assert clerk.post(f"/budget/statements/{township.id}/", {"action": "pay"}).status_code == 302
    frozen(world)
    assert "结清" in text(clerk.get(f"/budget/statements/{township.id}/"))
    assert clerk.post(f"/budget/statements/{township.id}/", {"action": "release"}).status_code == 302
    assert Statement.objects.get(pk=township.pk).state == "final"


def test_paying_by_score_by_page(world: Any) -> None:
    """DIP is chosen where weights are made and where a month is calculated; a case shows both ways; the methods stand side by side."""
    clerk = world.at_clerk
    for number in range(6):
        put_case(
            world.county,
            "A",
            800_000 + number * 20_000,
            month=date(2024, 3, 1),
            diagnosis="J18.9",
            diagnosis_name="肺炎",
            age=60,
        )
    mine = put_case(world.county, "A", 900_000, diagnosis="J18.9", diagnosis_name="肺炎", age=83)
    put(date(2025, 3, 1), 100_000, institution_id=world.county)
    for method in ("drg", "dip"):
        made = clerk.post(
            "/budget/weights/", {"method": method, "year": "2025", "history": ["2024"], "predicted": "60000"}
        )
        assert made.status_code == 302, text(made)
        assert world.at_director.post(made["Location"], {"action": "adopt"}).status_code == 302
    shown = text(clerk.get(made["Location"]))
    assert "预算单价" in shown and "高龄" in shown and "肺炎 · 保守治疗" in shown and "死亡风险" not in shown
    month = text(clerk.get("/budget/statements/?year=2025&month=2025-03"))
    assert "按病组（DRG）计算 2025-03" in month and "按病种分值（DIP）计算 2025-03" in month
    for method in ("drg", "dip"):
        given = {"method": method, "idempotency_key": str(uuid4())}
        assert clerk.post("/budget/statements/calculate/?month=2025-03", given).status_code == 302
    row = Statement.objects.get()
    assert row.point_value and "每分" in text(clerk.get(f"/budget/statements/{row.id}/"))
    assert "按病种分值（DIP）" in text(clerk.get("/budget/statements/?year=2025"))
    case = text(clerk.get(f"/budget/cases/{mine.id}/"))
    assert case.index("按病种分值（DIP）：应付") < case.index("按病组（DRG）：应付")
    assert "本月结算单按此" in case and "高龄（80 岁及以上）" in case and "结算分值" in case
    side = text(clerk.get("/budget/weights/methods/?month=2025-03"))
    assert "分值比病组" in side and "清溪县人民医院" in side
    assert world.at_manager.get(f"/budget/cases/{mine.id}/").status_code == 403


def test_appraisal_by_page(world: Any) -> None:
    """Scores by file with faults by line, checked, signed by the director."""
    clerk = world.at_clerk
    members = {world.county: "county", world.township: "township"}
    key = api.new_appraisal(scheme=SCHEME, year=2025, community_score=Decimal(90), members=members, actor=world.clerk)
    page = f"/budget/appraisals/{key}/"

    def sent(content: str) -> Any:
        return clerk.post(page, {"action": "scores", "file": SimpleUploadedFile("得分.csv", content.encode())})

    bad = sent("机构,得分\n清溪县人民医院,101\n某医院,5\n")
    assert bad.status_code == 422 and "“某医院”不是参加分配的成员" in text(bad) and "“101”" in text(bad)
    assert sent("机构,得分\n清溪县人民医院,88.5,年度考核表\n石桥镇卫生院,90\n").status_code == 302
    assert "88.50" in text(clerk.get(page))
    assert clerk.post(page, {"action": "check"}).status_code == 302
    assert clerk.post(page, {"action": "sign"}).status_code == 422
    assert world.at_director.post(page, {"action": "sign"}).status_code == 302
    assert Appraisal.objects.get().state == "frozen" and "已签署冻结" in text(clerk.get("/budget/appraisals/"))


def test_what_if_by_page(world: Any) -> None:
    """The plan's rows, a bad number named, a good one queued."""
    clerk = world.at_clerk
    shown = text(clerk.get("/budget/what-if/"))
    assert "ratio.inpatient.2" in shown and "县级医院" in shown
    given = {
        "plan": "resident-demo/2026.1",
        "title": "提高县级比例",
        "asked_year": "2025",
        "idempotency_key": str(uuid4()),
    }
    bad = clerk.post("/budget/what-if/", given | {"ratio.inpatient.2": "800"})
    assert bad.status_code == 422 and "支付比例“800”" in text(bad)
    assert "至少改动一项" in text(clerk.post("/budget/what-if/", given | {"idempotency_key": str(uuid4())}))
    made = clerk.post("/budget/what-if/", given | {"ratio.inpatient.2": "80", "idempotency_key": str(uuid4())})
    assert made.status_code == 302
    assert "住院 县级医院：支付比例改为 80%" in text(clerk.get(made["Location"]))
    assert clerk.get(made["Location"] + "sheet/").status_code == 404


def test_breakdown_by_place_of_treatment_and_of_insurance(world: Any) -> None:
    """The same fund by institution and by home township."""
    package(world)
    close_year(2024)
    put(date(2025, 3, 1), 100_000, institution_id=world.county, home_id=world.township)
    put(date(2025, 3, 1), 50_000, place="registered", source="return", home_id=world.township)
    by_house = text(world.at_clerk.get("/budget/breakdown/?year=2025&by=institution"))
    assert "清溪县人民医院" in by_house and "县外机构" in by_house and "66.7%" in by_house
    assert "1,500.00" in text(world.at_clerk.get("/budget/breakdown/?year=2025&by=home"))
    assert "住院" in text(world.at_clerk.get("/budget/breakdown/?year=2025&by=kind&month=2025-03"))
