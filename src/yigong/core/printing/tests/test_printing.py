"""Sheets are typeset, counted and logged."""

import io
from uuid import uuid4

import pytest
from pypdf import PdfReader

from yigong.core.actor import Actor
from yigong.core.printing import api, codes
from yigong.core.testing import race

ACTOR = Actor(name="周明", role="radiologist", institution_name="清河县人民医院", account_id=uuid4())
RARE = "㼆䶮𠮷"


def sample(lines: int = 3) -> dict:
    """Values of the sample sheet."""
    return {
        "title": "影像检查报告单",
        "facts": [["姓名", RARE], ["性别", "女"], ["检查号", "YX202603010001"], ["罕见字", "\U0002a6d7"]],
        "bar": api.bar_code("YX202603010001"),
        "qr": api.qr_code("YX202603010001"),
        "text": "右下肺见斑片状密度增高影，边界模糊。",
        "heads": ["序号", "项目", "数量"],
        "lines": [[str(n), "胸部正位片", "1"] for n in range(lines)],
    }


def read(pdf: bytes) -> tuple[int, str]:
    """Pages and text of a PDF."""
    pages = PdfReader(io.BytesIO(pdf)).pages
    return len(pages), "\n".join(page.extract_text() for page in pages)


@pytest.mark.django_db
def test_original_and_reprint() -> None:
    """The first copy has no mark, the second says so, both are in the log, a new version is an original again."""
    about = api.About("report", uuid4(), "1")
    first = api.print_document("report", "printing/sample", sample(), actor=ACTOR, about=about)
    second = api.print_document("report", "printing/sample", sample(), actor=ACTOR, about=about)
    amended = api.About("report", about.id, "2")
    third = api.print_document("report", "printing/sample", sample(), actor=ACTOR, about=amended)
    assert [first.copy, second.copy, third.copy] == [1, 2, 1] and first.number == second.number != third.number
    assert "补打" not in read(first.pdf)[1]
    assert "第 2 次打印（补打）" in read(second.pdf)[1]
    assert [(line.actor_name, line.copy) for line in api.prints_of(about)][1:] == [("周明", 2), ("周明", 1)]


@pytest.mark.django_db
def test_long_sheet_numbers_its_pages() -> None:
    """120 rows take several pages, each with number and heading, the table's head repeated."""
    document = api.print_document("list", "printing/sample", sample(120), actor=ACTOR, about=api.About("list", uuid4()))
    pages, text = read(document.pdf)
    assert pages == document.pages > 2
    assert f"第 {pages} 页 共 {pages} 页" in text and text.count("序号") == pages
    assert text.count("清河县人民医院") == pages


@pytest.mark.race("printing.print_document")
@pytest.mark.django_db(transaction=True)
def test_two_printers_at_once_get_two_copies() -> None:
    """One is the original, the other says that it is the second copy."""
    about = api.About("report", uuid4())

    def once() -> int:
        return api.print_document("report", "printing/sample", sample(), actor=ACTOR, about=about).copy

    assert sorted(race(once, once)) == [1, 2]


def test_rare_names_are_never_empty_boxes() -> None:
    """Rare characters of names are drawn; one outside the font is named by its number."""
    assert all(map(api.covers, RARE))
    assert api.legible({"name": ["王\U0002a6d7"]}) == {"name": ["王〓(U+2A6D7)"]}
    assert RARE in read(api.typeset("printing/sample", sample(), _MARK))[1]


def test_bar_code_widths() -> None:
    """Every symbol of Code 128 is eleven modules wide and unlike all others; the check symbol is right."""
    assert len(codes._WIDTHS) == 107 == len(set(codes._WIDTHS))
    assert {sum(map(int, w)) for w in codes._WIDTHS[:-1]} == {11}
    assert (
        codes._values("PJJ123C")[-2] == 55
    )  # the often printed example gives 54 from start A (103); start B is one more
    assert codes._values("202603")[0] == 105


_MARK = {"institution": "清河县人民医院", "number": "DY1", "copy": 1, "printed_by": "周明", "printed_at": ""}
