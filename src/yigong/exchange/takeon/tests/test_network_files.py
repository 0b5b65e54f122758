"""Institutions, departments and staff through the pages: template, trial, errors by line, correction, the real run, again, undo."""

import io
from typing import Any

import openpyxl
import pytest

from yigong.access.tests.factories import Person, make_person
from yigong.core.testing import race
from yigong.exchange.takeon.commands import running
from yigong.exchange.takeon.models import Fault, Import, Source, TakenRow
from yigong.exchange.takeon.tests.helpers import (
    csv_of,
    name_columns,
    page,
    refused_rows,
    send,
    take_on,
    whole,
    work,
)
from yigong.network import api as network
from yigong.network.models import Department, Institution, Post, Staff

pytestmark = pytest.mark.django_db
HEADER = ("机构代码", "机构名称", "机构级别", "机构类别", "上级机构代码")
ROWS = [
    ("QX-W1", "柳树村卫生室", "村级", "D600", "QX-T1"),
    ("QX-T1", "石桥镇卫生院", "乡级", "C220", "QX-Y1"),
    ("QX-Y1", "清溪县人民医院", "county", "A100 综合医院", ""),
]
STAFF = ("工号", "姓名", "性别", "机构代码", "科室代码", "岗位", "任职日期")


@pytest.fixture
def clerk() -> Person:
    """The administrator."""
    return make_person("admin")


def test_a_template_is_filled_tried_corrected_taken_on_and_undone(clerk: Person) -> None:
    """The whole way: the workbook comes back with errors at their lines, then without; again it makes nothing new; undone it is gone."""
    answer = clerk.client().get("/takeon/institutions/template/")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    sheet = book.worksheets[0]
    header = [cell.value for cell in sheet[1]]
    assert header[:4] == ["机构代码", "机构名称", "简称", "机构级别"] and len(book.worksheets) == 3
    assert {str(v.sqref).split(":")[0] for v in sheet.data_validations.dataValidation} >= {"D2", "E2"}
    for line, row in enumerate([*ROWS, ("QX-X1", "", "省级", "D600", "没有这家"), ROWS[0]], 3):
        for label, value in zip(HEADER, row, strict=True):
            sheet.cell(line, header.index(label) + 1, value)
    out = io.BytesIO()
    book.save(out)

    key = send(clerk, "institutions", out.getvalue(), name="机构.xlsx")
    shown = clerk.client().get(f"/takeon/imports/{key}/columns/").content.decode()
    assert "柳树村卫生室" in shown and "试运行" in shown
    name_columns(clerk, key)
    row = Import.objects.get(pk=key)
    assert row.state == "checked" and row.counts["new"] == 3 and row.counts["refused"] == 2, row.counts
    assert not Institution.objects.filter(code__startswith="QX-").exists()
    faults = {(f.line, f.column, f.rule) for f in Fault.objects.filter(of=key)}
    assert faults == {(6, "机构名称", "required"), (6, "机构级别", "choice"), (7, "机构代码", "twice")}
    text = page(clerk, key)
    assert "没有填写" in text and "与第 3 行编号相同" in text and "试运行没有写入任何数据" in text
    sent_back = refused_rows(clerk, key)
    assert sent_back[0][-1] == "错误" and sent_back[1][-2] == "6" and "机构级别不在代码表中" in str(sent_back[1][-1])

    done = take_on(clerk, key)
    assert done.state == "done" and done.counts["new"] == 3
    village = Institution.objects.get(code="QX-W1")
    assert village.parent and village.parent.parent and village.parent.parent.code == "QX-Y1"

    again = whole(clerk, "institutions", csv_of(HEADER, ROWS))
    assert (again.counts.get("new", 0), again.counts["same"]) == (0, 3), again.counts
    renamed = [(*ROWS[0][:1], "柳树村中心卫生室", *ROWS[0][2:]), *ROWS[1:]]
    changed = whole(clerk, "institutions", csv_of(HEADER, renamed))
    assert changed.counts["changed"] == 1 and network.institution(village.id).name == "柳树村中心卫生室"

    answer = clerk.client().post(f"/takeon/imports/{key}/", {"reason": "文件不对"})
    assert answer.status_code == 302
    undone = work(key)
    assert undone.state == "undone" and undone.counts["undone"] == 3, undone.counts
    assert not Institution.objects.filter(code__startswith="QX-").exists()
    history = clerk.client().get("/takeon/").content.decode()
    assert "机构.xlsx" in history and "已撤销" in history


def test_departments_and_staff_stand_on_institutions(clerk: Person) -> None:
    """In order; unknown codes are named; two posts of one person are one person; what is used stays, with why."""
    whole(clerk, "institutions", csv_of(HEADER, ROWS))
    wards = whole(
        clerk,
        "departments",
        csv_of(("机构代码", "科室编码", "科室"), [("QX-Y1", "NK", "内科"), ("QX-Y1", "WK", "外科"), ("NO", "A", "B")]),
    )
    assert wards.counts["new"] == 2 and wards.counts["refused"] == 1
    rows = [
        ("A1", "李建国", "男", "QX-Y1", "NK", "专科医师", "2026-01-01"),
        ("A1", "李建国", "1", "QX-T1", "", "gp", "2026/1/1"),
        ("A2", "王芳", "女", "QX-Y1", "EK", "nurse", ""),
    ]
    people = whole(clerk, "staff", csv_of(STAFF, rows))
    assert people.counts["new"] == 2 and Post.objects.filter(staff__code="A1").count() == 2, people.counts
    assert [(f.line, f.column, f.rule) for f in people.faults.all()] == [(4, "科室代码", "department")]

    clerk.client().post(f"/takeon/imports/{wards.pk}/", {"reason": "试"})
    assert work(wards.pk).counts["kept"] == 1
    assert list(Department.objects.filter(institution__code="QX-Y1").values_list("code", flat=True)) == ["NK"]
    assert "已被使用：科室、人员与岗位" in page(clerk, wards.pk)
    clerk.client().post(f"/takeon/imports/{people.pk}/", {"reason": "试"})
    assert work(people.pk).counts["undone"] == 3 and not Staff.objects.filter(code="A1").exists()


def test_columns_named_by_hand_are_remembered(clerk: Person) -> None:
    """A header nobody knows is chosen once; the next file of that source has it chosen. GBK is read like UTF-8."""
    header = ("甲", "机构名称", "级别", "类别", "上级代码")
    key = send(clerk, "institutions", csv_of(header, ROWS, "gbk"))
    assert Import.objects.get(pk=key).columns.get("code") is None
    refused = name_columns(clerk, key)
    assert refused.status_code == 422 and "这一列必填" in refused.content.decode()
    twice = name_columns(clerk, key, code="甲", short_name="甲")
    assert twice.status_code == 422 and "“甲”已用于另一列" in twice.content.decode()
    name_columns(clerk, key, code="甲")
    assert take_on(clerk, key).counts["new"] == 3
    assert network.institutions_by_code(["QX-T1"])["QX-T1"].name == "石桥镇卫生院"
    second = send(clerk, "institutions", csv_of(header, ROWS, "gbk"))
    assert Import.objects.get(pk=second).columns["code"] == "甲"
    other = send(clerk, "institutions", csv_of(header, ROWS), system="卫健局台账")
    assert Import.objects.get(pk=other).columns["code"] == "甲"


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"\xff\xfea\x00", "UTF-16"), (b"PK\x03\x04xx", "旧版 Excel"), (b"\r\n\r\n", "文件是空的")],
)
def test_a_file_that_cannot_be_read_is_refused_at_once(content: bytes, said: str, clerk: Person) -> None:
    """With a sentence on the form; nothing is kept."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    sent = {"file": SimpleUploadedFile("a.csv", content), "system": "HIS"}
    answer = clerk.client().post("/takeon/institutions/", sent)
    assert answer.status_code == 422 and said in answer.content.decode()
    assert not Import.objects.exists() and not Source.objects.exists()


def test_who_lacks_the_owners_right_is_told_so() -> None:
    """The index's keeper takes on people, not institutions; a nurse has no such page."""
    keeper = make_person("identity_manager").client()
    assert "居民" in keeper.get("/takeon/").content.decode()
    answer = keeper.get("/takeon/institutions/")
    assert answer.status_code == 403 and "维护机构" in answer.content.decode()
    assert make_person("nurse").client().get("/takeon/").status_code == 403


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("takeon.write_batch")
def test_the_same_file_twice_at_once(clerk: Person) -> None:
    """Two uploads of one file run on two connections: each row is made once, the other run finds it."""
    keys = [send(clerk, "institutions", csv_of(HEADER, ROWS)) for _n in range(2)]
    for key in keys:
        name_columns(clerk, key)
        running.start_run(import_id=key, actor=clerk.actor)
    outcomes = race(*(lambda key=key: work(key) for key in keys))
    counts: list[Any] = [row.counts for row in outcomes]
    assert sorted(c.get("new", 0) for c in counts) == [0, 3] and sorted(c.get("same", 0) for c in counts) == [0, 3]
    assert TakenRow.objects.count() == 3 and Institution.objects.filter(code__startswith="QX-").count() == 3
