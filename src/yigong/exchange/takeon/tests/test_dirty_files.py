"""Spreadsheets as they really come: sheets in another order, titles, two rows of heads, merged cells, formulas, days written in every way."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from yigong.access.tests.factories import Person, make_person
from yigong.exchange.takeon.models import Fault, Import
from yigong.exchange.takeon.rules.layouts import Column
from yigong.exchange.takeon.rules.values import Bad
from yigong.exchange.takeon.rules.values import read as value_of
from yigong.exchange.takeon.tests.helpers import csv_of, name_columns, page, refused_rows, send, take_on, whole
from yigong.network.models import Institution

pytestmark = pytest.mark.django_db
ROWS = [
    ("QX-Y1", "清溪县人民医院", "县级", "A100", "", date(1958, 3, 1)),
    ("QX-T1", "石桥镇卫生院", "乡级", "C220", "QX-Y1", 45809),
    ("QX-W1", "柳树村卫生室", "村级", "D600", "QX-T1", "2012年7月1日"),
    ("QX-W2", "杨家村卫生室", "村级", "D600", "QX-T1", "2012.7.1"),
]


@pytest.fixture
def clerk() -> Person:
    """The administrator."""
    return make_person("admin")


def dirty(change: Callable[[Any], None] = lambda _sheet: None) -> bytes:
    """A workbook whose second sheet has a merged title, two rows of heads, and a parent merged over two villages."""
    book = openpyxl.Workbook()
    book.active.title = "填表说明"
    book.active["A1"] = "请各单位如实填报"
    sheet = book.create_sheet("机构表")
    sheet["A1"] = "清溪县医疗卫生机构一览表"
    sheet.merge_cells("A1:F1")
    for place, (group, name) in enumerate(
        [("机构", "代码"), ("", "名称"), ("", "级别"), ("", "类别"), ("上级机构", "代码"), ("开业日期", "")], 1
    ):
        sheet.cell(2, place, group or None)
        sheet.cell(3, place, name or None)
    sheet.merge_cells("A2:D2")
    sheet.merge_cells("F2:F3")
    for line, row in enumerate(ROWS, 4):
        for place, value in enumerate(row, 1):
            sheet.cell(line, place, value or None)
    sheet["E7"] = None
    sheet.merge_cells("E6:E7")
    change(sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def faults(key: Any) -> set[tuple[int, str, str]]:
    """What was wrong, where."""
    return {(f.line, f.column, f.rule) for f in Fault.objects.filter(of=key)}


def test_the_right_sheet_heads_over_two_rows_and_merged_cells(clerk: Person) -> None:
    """The sheet with the best header is taken and named; merged cells count for every cell they cover; days are read in four ways."""
    key = send(clerk, "institutions", dirty(), name="机构.xlsx")
    row = Import.objects.get(pk=key)
    assert (row.sheet, row.sheet_name) == (1, "机构表")
    assert row.header == ["机构代码", "机构名称", "机构级别", "机构类别", "上级机构代码", "开业日期"]
    shown = clerk.client().get(f"/takeon/imports/{key}/columns/").content.decode()
    assert "取自工作表“机构表”" in shown and "石桥镇卫生院" in shown
    name_columns(clerk, key)
    assert not faults(key), faults(key)
    done = take_on(clerk, key)
    assert done.counts["new"] == 4 and done.counts["filled"] == 1, done.counts
    assert "按左上角的内容补填的格" in page(clerk, key)
    houses = {house.code: house for house in Institution.objects.all()}
    assert houses["QX-W2"].parent == houses["QX-T1"]
    assert houses["QX-Y1"].opened_on == date(1958, 3, 1) and houses["QX-T1"].opened_on == date(2025, 6, 1)
    assert houses["QX-W1"].opened_on == houses["QX-W2"].opened_on == date(2012, 7, 1)


def test_formulas_are_told_at_their_cell(clerk: Person) -> None:
    """One without a result, one that came to an error, a long number that became an exponent: each with its line and what to do."""

    def spoil(sheet: Any) -> None:
        sheet["B5"] = '=CONCATENATE("石桥镇","卫生院")'
        sheet["B6"] = "#REF!"
        sheet["A7"] = 5.3018e17

    key = send(clerk, "institutions", dirty(spoil), name="机构.xlsx")
    name_columns(clerk, key)
    assert faults(key) >= {(5, "机构名称", "formula"), (6, "机构名称", "spoilt"), (7, "机构代码", "scientific")}
    text = page(clerk, key)
    assert "是公式，文件里没有它的结果" in text and "保存一次" in text and "（公式）" in text
    assert "（公式）" in str(refused_rows(clerk, key)[1])


def test_a_saved_result_counts(clerk: Person) -> None:
    """A formula that a spreadsheet program has calculated is its result."""
    plain = io.BytesIO(dirty())
    content = _with_result(plain, "石桥镇卫生院")
    key = send(clerk, "institutions", content, name="机构.xlsx")
    name_columns(clerk, key)
    assert not faults(key) and take_on(clerk, key).counts["new"] == 4
    assert Institution.objects.get(code="QX-T1").name == "石桥镇卫生院"


def _with_result(given: io.BytesIO, text: str) -> bytes:
    """The workbook as a program leaves it that has calculated: B5 holds a formula and its result."""
    out = io.BytesIO()
    with zipfile.ZipFile(given) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            body = old.read(name)
            if name == "xl/worksheets/sheet2.xml":
                cell = f'<c r="B5" t="str"><f>CONCATENATE("石桥镇","卫生院")</f><v>{text}</v></c>'
                body = re.sub(rb'<c r="B5"[^>]*>.*?</c>', cell.encode(), body)
            new.writestr(name, body)
    return out.getvalue()


def test_a_gbk_file_with_a_title_and_two_rows_of_heads(clerk: Person) -> None:
    """The same heads as text in the encoding of an old system."""
    lines = [
        ("清溪县机构一览",), ("机构", "", "", "", "上级机构"), ("代码", "名称", "级别", "类别", "代码"),
        *[tuple(map(str, row[:5])) for row in ROWS],
    ]  # fmt: skip
    done = whole(clerk, "institutions", csv_of(lines[0], lines[1:], "gbk"))
    assert done.counts["new"] == 4 and done.header[4] == "上级机构代码", (done.counts, done.header)


def test_a_wrong_choice_that_was_remembered_is_changed(clerk: Person) -> None:
    """The next file shows what is only remembered, and goes back to the header by one link; what is then sent is remembered instead."""
    header = ("机构代码", "机构名称", "机构级别", "机构类别", "备注名")
    rows = [(*row[:4], row[1]) for row in ROWS[:1]]
    first = send(clerk, "institutions", csv_of(header, rows))
    name_columns(clerk, first, name="备注名")
    second = send(clerk, "institutions", csv_of(header, rows))
    assert Import.objects.get(pk=second).columns["name"] == "备注名"
    address = f"/takeon/imports/{second}/columns/"
    shown = clerk.client().get(address).content.decode()
    assert "上次的对应" in shown and "按表头重新对应" in shown
    fresh = clerk.client().get(address + "?by_header=1").content.decode()
    assert '<option value="机构名称" selected>' in fresh and "上次的对应</" not in fresh
    name_columns(clerk, second, name="机构名称")
    third = send(clerk, "institutions", csv_of(header, rows))
    assert Import.objects.get(pk=third).columns["name"] == "机构名称"
    assert "按表头重新对应" not in clerk.client().get(f"/takeon/imports/{third}/columns/").content.decode()


def test_too_much_that_is_merged_is_refused_with_the_way_out(clerk: Person) -> None:
    """A sheet that is merged all over is no table."""
    content = dirty(lambda sheet: sheet.merge_cells("H1:XFD40"))
    sent = {"file": SimpleUploadedFile("a.xlsx", content), "system": "台账"}
    answer = clerk.client().post("/takeon/institutions/", sent)
    assert answer.status_code == 422 and "取消合并" in answer.content.decode()


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2025-06-01", date(2025, 6, 1)), ("2025/6/1", date(2025, 6, 1)), ("2025年6月1日", date(2025, 6, 1)), ("20250601", date(2025, 6, 1)),
        ("45809", date(2025, 6, 1)), ("45809.5", date(2025, 6, 1)), ("２０２５－０６－０１", date(2025, 6, 1)), ("2025-06-31", None), ("6/1/2025", None),
        ("去年", None), ("0", None),
    ],
)  # fmt: skip
def test_days_as_they_are_written(written: str, read: date | None) -> None:
    """Text, serial numbers of spreadsheets, full-width digits; what is no day is said to be none."""
    column = Column("d", "日期", "date")
    if read is None:
        with pytest.raises(Bad) as bad:
            value_of(column, written)
        assert bad.value.rule == "date"
    else:
        assert value_of(column, written) == read
