"""What assessments found of institutions, by file: template, trial, errors by row, the figures that follow, again, corrected, undone."""

import io
from datetime import date

import openpyxl
import pytest

from yigong.access.tests.factories import Person, make_person
from yigong.core import clock
from yigong.exchange.takeon.tests.helpers import csv_of, name_columns, page, refused_rows, send, take_on, whole, work
from yigong.indicators import api as indicators
from yigong.network.models import Accreditation

pytestmark = pytest.mark.django_db
HOUSES = ("机构代码", "机构名称", "机构级别", "机构类别", "上级机构代码")
COUNTY = [
    ("QX-Y1", "清溪县人民医院", "县级", "A100", ""), ("QX-T1", "石桥镇卫生院", "乡级", "C220", "QX-Y1"),
    ("QX-T2", "临河镇卫生院", "乡级", "C220", "QX-Y1"), ("QX-W1", "柳树村卫生室", "村级", "D600", "QX-T1"),
]  # fmt: skip
HEADER = ("机构代码", "单位名称", "评审类别", "达标等次", "通报日期", "文号", "评审单位")
SERVICE, CLINIC = "优质服务基层行", "村卫生室标准化"
DUE = 3  # the file's two health centres and the clerk's own
GOOD = [
    ("QX-T1", "石桥镇卫生院", SERVICE, "基本标准", "2025年6月1日", "县卫发〔2025〕31号", "县卫健局"),
    ("QX-W1", "柳树村卫生室", CLINIC, "达标", "45809", "县卫发〔2025〕31号", "县卫健局"),
]
BAD = [
    ("QX-T9", "", SERVICE, "基本标准", "2025-06-01", "31号", "局"),
    ("QX-T2", "石桥镇卫生院", SERVICE, "基本标准", "2025-06-01", "31号", "局"),
    ("QX-Y1", "", SERVICE, "推荐标准", "2025-06-01", "31号", "局"),
    ("QX-T2", "", SERVICE, "达标", "2025-06-02", "31号", "局"),
    ("QX-T2", "", SERVICE, "基本标准", f"{clock.today().year + 1}-12-31", "31号", "局"),
    ("QX-T2", "", SERVICE, "基本标准", "2025-06-03", "", "局"),
    ("QX-T1", "", SERVICE, "推荐标准", "2025-06-01", "31号", "局"),
]


@pytest.fixture
def clerk() -> Person:
    """The administrator, with the county's houses taken on."""
    person = make_person("admin")
    assert whole(person, "institutions", csv_of(HOUSES, COUNTY)).counts["new"] == 4
    return person


def rate(code: str) -> tuple[int, int | None]:
    """Numerator and denominator of this month after the worker has counted what changed."""
    indicators.count_stale()
    month = clock.today().replace(day=1)
    amounts = indicators.figures_of([indicators.definition(code)], indicators.Span(month, month), None)[code].amounts
    assert amounts is not None
    return amounts.numerator, amounts.denominator


def standing() -> list[tuple[str, str, str]]:
    """What holds."""
    rows = Accreditation.objects.filter(withdrawn_at=None, institution__code__startswith="QX-")
    return sorted(rows.values_list("institution__code", "kind", "level"))


def test_a_template_names_assessments_and_verdicts(clerk: Person) -> None:
    """Drop-downs for both; the example row of the template is passed over."""
    book = openpyxl.load_workbook(io.BytesIO(clerk.client().get("/takeon/accreditations/template/").content))
    header = [cell.value for cell in book.worksheets[0][1]]
    assert header[:5] == ["机构代码", "机构名称", "评审", "结果", "起始日期"]
    assert {str(v.sqref).split(":")[0] for v in book.worksheets[0].data_validations.dataValidation} == {"C2", "D2"}
    out = io.BytesIO()
    book.save(out)
    key = send(clerk, "accreditations", out.getvalue(), name="达标.xlsx")
    name_columns(clerk, key)
    assert "没有数据行" in page(clerk, key) and not Accreditation.objects.exists()


def test_verdicts_are_tried_taken_on_and_counted(clerk: Person) -> None:
    """Each mistake at its line in words; the good rows are written, the rates follow, the same file again makes nothing."""
    key = send(clerk, "accreditations", csv_of(HEADER, [*GOOD, *BAD], "gbk"))
    name_columns(clerk, key)
    text = page(clerk, key)
    for said in (
        "没有这个机构", "与平台登记的名称“临河镇卫生院”不同", "不参加这项评审", "这项评审没有这个结果", "评审结果的日期不能晚于今天", "没有填写",
        "与第 2 行编号相同",
    ):  # fmt: skip
        assert said in text, said
    assert not Accreditation.objects.exists()
    done = take_on(clerk, key)
    assert (done.counts["new"], done.counts["refused"]) == (2, len(BAD)), done.counts
    assert [row[-2] for row in refused_rows(clerk, key)[1:]] == [str(line) for line in range(4, 4 + len(BAD))]
    assert standing() == [("QX-T1", "service", "basic"), ("QX-W1", "clinic", "met")]
    assert Accreditation.objects.get(kind="clinic").starts_on == date(2025, 6, 1), "a serial day of a spreadsheet"
    assert rate("good-service-standard") == (1, DUE) and rate("village-clinic-standard") == (1, 1)
    again = whole(clerk, "accreditations", csv_of(HEADER, GOOD))
    assert (again.counts.get("new", 0), again.counts["same"]) == (0, 2), again.counts


def test_a_corrected_row_replaces_and_an_undone_file_is_withdrawn(clerk: Person) -> None:
    """Nothing is deleted: what was said before stays to be seen with the reason, and counts no more."""
    first = whole(clerk, "accreditations", csv_of(HEADER, GOOD))
    better = [(*GOOD[0][:3], "推荐标准", *GOOD[0][4:]), GOOD[1]]
    assert whole(clerk, "accreditations", csv_of(HEADER, better)).counts["changed"] == 1
    assert standing() == [("QX-T1", "service", "recommended"), ("QX-W1", "clinic", "met")]
    clerk.client().post(f"/takeon/imports/{first.pk}/", {"reason": "发错了文件"})
    undone = work(first.pk)
    assert undone.state == "undone" and undone.counts["undone"] == 2, undone.counts
    assert standing() == [] and rate("good-service-standard") == (0, DUE)
    house = Accreditation.objects.filter(kind="service").latest("recorded_at")
    shown = clerk.client().get(f"/network/institutions/{house.institution_id}/").content.decode()
    assert "已撤回" in shown and "发错了文件" in shown and "来源的这一行已更正" in shown
    assert whole(clerk, "accreditations", csv_of(HEADER, GOOD)).counts["new"] == 2
