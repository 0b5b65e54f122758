"""The report as Word, PDF and spreadsheet says what was frozen; a Word file that was edited comes back without its figures being touched."""

import io
import re
import unicodedata
import zipfile
from typing import Any

import docx
import openpyxl
import pypdf
import pytest
from docx.oxml.ns import qn
from lxml import etree

from yigong.core.errors import Conflict, InvalidInput
from yigong.core.testing import race
from yigong.indicators.api import Span, counted, frozen_of, registry
from yigong.workreport.commands import editing, returning
from yigong.workreport.models import ReturnedFile
from yigong.workreport.output import controls, reading, sheet, spreadsheet, word
from yigong.workreport.output.controls import FIGURE_LOCK, TEXT
from yigong.workreport.queries import documents, editions
from yigong.workreport.tests.world import BEFORE, LAST, YEAR_AGO, built, make_reporting

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> Any:
    """Three frozen months."""
    return make_reporting()


@pytest.fixture
def row(world: Any) -> Any:
    """A built edition with some text."""
    made = built(world)
    editing.save_chapter(
        edition_id=made.pk, chapter="overview", text="组织健全。\n章程已修订。", base=0, actor=world.director
    )
    return made


def file_of(row: Any) -> bytes:
    """The edition as Word document."""
    return word.write(documents.document(row), row.pk)


def control(document: Any, start: str) -> Any:
    """The content control whose tag begins so."""
    return next(one for tag, one in controls.controls(document.element.body) if tag.startswith(start))


def type_into(document: Any, chapter: str, *lines: str) -> None:
    """As somebody types in Word: the control's paragraphs are replaced."""
    one = control(document, f"{TEXT}{chapter}:")
    content = one.find(qn("w:sdtContent"))
    for old in list(content):
        content.remove(old)
    for line in lines:
        paragraph = document.add_paragraph(line)
        content.append(paragraph._p)


def edited(row: Any, change: Any) -> bytes:
    """The downloaded document after a change with python-docx."""
    document = docx.Document(io.BytesIO(file_of(row)))
    change(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def shown(code: str, variant: str, month: Any) -> str | None:
    """The frozen county figure as people read it, without its unit."""
    found = frozen_of(code, variant, Span(month, month), None)
    return found.corrected.text if found else None


def test_word_says_what_was_frozen(row: Any) -> None:
    """Each figure is a locked control with its key; parsed back, each is the frozen figure. Outside of controls no sentence holds a number."""
    found = reading.read(file_of(row))
    mine = documents.document(row).figures()
    looked = agree = 0
    for key, texts in found.figures.items():
        for text in texts:
            looked += 1
            agree += mine[key] == text
    wholes = same = 0
    for code, definition in counted().items():
        for variant in definition.variants:
            key = ".".join(part for part in (code, variant, "v") if part)
            if key in found.figures and (frozen := shown(code, variant, LAST)):
                wholes += 1
                same += all(text.split(" ")[0] == frozen for text in found.figures[key])
    print(
        f"\n{agree} of {looked} controls agree with the edition, {same} of {wholes} figures with what was frozen, {len(mine)} keys"
    )
    assert found.figures.keys() == mine.keys() and agree == looked > 80 and same == wholes > 8
    document = docx.Document(io.BytesIO(file_of(row)))
    locks = [
        one.find(f"{qn('w:sdtPr')}/{qn('w:lock')}").get(qn("w:val"))
        for tag, one in controls.controls(document.element.body)
        if not tag.startswith(TEXT)
    ]
    assert set(locks) == {FIGURE_LOCK}
    names = sorted({d.name for d in registry().values()}, key=len, reverse=True)
    for paragraph in document.element.body.iter(qn("w:p")):
        text = controls.text_of(paragraph, outside=True)
        if any(tag.endswith(".v") for tag, _one in controls.controls(paragraph)) and text.endswith("。"):
            for name in names:
                text = text.replace(name, "")
            assert not re.search(
                r"\d", re.sub(r"P[12] 口径|\[注 \d+\]|不(低|高)于 [\d.]+%|不足 \d+|\d+q\d+", "", text)
            ), text


def test_word_is_sound(row: Any) -> None:
    """Real footnotes with separators, unique control numbers, tags that Word keeps, a picture with its words, the text in its control."""
    content = file_of(row)
    document = docx.Document(io.BytesIO(content))
    notes = controls.footnotes_of(document)
    assert notes is not None
    references = [one.get(qn("w:id")) for one in document.element.body.iter(qn("w:footnoteReference"))]
    held = [one.get(qn("w:id")) for one in notes if one.get(qn("w:type")) is None]
    assert references == held == [str(n) for n in range(1, len(documents.document(row).notes) + 1)]
    numbers = [
        one.get(qn("w:val"))
        for root in (document.element.body, notes)
        for one in root.iter(qn("w:id"))
        if one.get(qn("w:val"))
    ]
    assert len(numbers) == len(set(numbers)) > 80
    tags = [tag for root in (document.element.body, notes) for tag, _one in controls.controls(root)]
    assert max(map(len, tags)) <= 64
    pictures = [
        one.get("descr")
        for one in document.element.body.iter(
            "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"
        )
    ]
    assert (
        len(pictures) == 1
        and "总诊疗人次" in pictures[0]
        and documents.document(row).figures()["visits.v"] in pictures[0]
    )
    assert reading.read(content).texts["overview"] == (1, "组织健全。\n章程已修订。")
    assert "附件：指标口径" in [paragraph.text for paragraph in document.paragraphs]


def test_no_key_is_too_long_for_word() -> None:
    """Every counted indicator with the longest code of an institution fits into a control's name."""
    longest = max(len(f"{d.code}.{v}.{'9' * 22}.v") for d in counted().values() for v in d.variants)
    assert longest <= controls.LONGEST_TAG
    with pytest.raises(ValueError, match="64"):
        controls.inline("x" * 65, "", "1", 1)


def test_provisional_stands_on_every_page(world: Any) -> None:
    """In the header of the Word document, on each page of the PDF, on each sheet of the spreadsheet."""
    from yigong.indicators.tests.world import this_month

    row = built(world, first=this_month(3), provisional=True)
    report = documents.document(row)
    document = docx.Document(io.BytesIO(word.write(report, row.pk)))
    assert documents.MARK in document.sections[0].header.paragraphs[0].text
    pages = pypdf.PdfReader(io.BytesIO(sheet.print_report(report, row, world.director).pdf)).pages
    assert len(pages) > 1 and all("初步数" in plain(page.extract_text()) for page in pages)
    book = openpyxl.load_workbook(io.BytesIO(spreadsheet.write(report)))
    assert all(documents.MARK in one["A1"].value for one in book.worksheets)


def test_the_spreadsheet_holds_numbers(row: Any) -> None:
    """A sheet for each chapter with figures and one of definitions; numbers are numbers and equal what was frozen, nothing is zero for want of data."""
    report = documents.document(row)
    book = openpyxl.load_workbook(io.BytesIO(spreadsheet.write(report)))
    held = {}
    for one in book.worksheets:
        heads = [cell.value for cell in one[2]]
        if "键" in heads:
            held |= {line[heads.index("键")]: line for line in one.iter_rows(min_row=3, values_only=True)}
    looked = agree = 0
    for span, prefix, month in (
        ("now", "v", LAST),
        ("previous", "previous.v", BEFORE),
        ("last_year", "last_year.v", YEAR_AGO),
    ):
        for one in row.figures.filter(span=span, place_code=""):
            line = held[".".join(part for part in (one.code, one.variant, prefix) if part)]
            frozen = frozen_of(one.code, one.variant, Span(month, month), None) if one.code in counted() else None
            value = frozen.corrected.value if frozen else None
            looked += 1
            if value is None:
                agree += line[3] in (None, 0) if one.numerator == 0 else line[3] is None
            else:
                scaled = value / 100 if registry()[one.code].unit == "percent" else value
                agree += isinstance(line[3], int | float) and abs(line[3] - float(scaled)) < 1e-9
    print(f"\n{agree} of {looked} cells are the frozen figures; sheets: {book.sheetnames}")
    assert agree == looked > 80
    missing = held["premature-mortality.v"]
    assert missing[3] is None and missing[5] is None
    assert book.sheetnames[-1] == "指标口径" and len(book.sheetnames) >= 6
    assert held["fund-in-county-share.v"][5] == 3600 and held["fund-in-county-share.v"][6] == 7600  # yuan


def plain(text: str) -> str:
    """The words of a PDF without spaces, compatibility characters as their own."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def test_the_pdf_says_the_same(world: Any, row: Any) -> None:
    """Every figure of the sentences and tables stands in the PDF's text, and every note."""
    report = documents.document(row)
    printed = sheet.print_report(report, row, world.director)
    text = plain("".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(printed.pdf)).pages))
    figures = report.figures()
    there = sum(plain(shown) in text for shown in figures.values())
    sentences = [one.text for chapter in report.chapters for one in chapter.paragraphs]
    told = sum(plain(one)[:24] in text for one in sentences)
    print(f"\n{there} of {len(figures)} figures and {told} of {len(sentences)} sentences stand in the PDF")
    assert there == len(figures) and told == len(sentences)
    assert "组织健全。" in text and printed.copy == 1
    assert sheet.print_report(report, row, world.director).copy == 2


def test_there_and_back_unchanged(world: Any, row: Any) -> None:
    """A document that nobody edited brings nothing: no text, no refusal; saved anew by python-docx as well."""
    for content in (file_of(row), edited(row, lambda document: None)):
        file = returning.look_at_file(edition_id=row.pk, name="a.docx", content=content, actor=world.director)
        assert file.refused == []
        assert {code: one["text"] for code, one in file.texts.items()} == {
            one.chapter: one.text for one in row.texts.all()
        }


def test_edited_in_word_and_back(world: Any, row: Any) -> None:
    """Changed text is taken chapter by chapter; a changed, a deleted and an invented figure and stray words are named; the links stay."""

    def change(document: Any) -> None:
        type_into(document, "overview", "组织健全。", "章程已于 6 月修订。", "新增成员 1 家。")
        type_into(document, "next", "抓签约。")
        figure = control(document, "visits.v")
        next(figure.iter(qn("w:t"))).text = "9,999"
        gone = control(document, "discharges.v")  # of its two places one
        gone.getparent().remove(gone)
        document.element.body.insert(4, _paragraph(controls.inline("made.up.v", "", "1", 9999)))
        document.paragraphs[0].insert_paragraph_before("写在外面的话")

    file = returning.look_at_file(edition_id=row.pk, name="改.docx", content=edited(row, change), actor=world.quality)
    kinds = {(one["kind"], one["what"]) for one in file.refused}
    assert {
        ("changed", "visits.v"),
        ("gone", "discharges.v"),
        ("unknown", "made.up.v"),
        ("outside", "写在外面的话"),
    } == kinds
    before = documents.document(row).figures()
    assert editions.chapter_text(row, "overview").version == 1  # looked at, not taken
    assert returning.take_file(file_id=file.pk, chapters={"overview": 1}, actor=world.quality) == ["overview"]
    kept = editions.chapter_text(row, "overview")
    newest = kept.versions.get(number=2)
    assert kept.text == "组织健全。\n章程已于 6 月修订。\n新增成员 1 家。" and (newest.by, newest.source) == (
        "孙质控",
        "word",
    )
    assert editions.chapter_text(row, "next").text == ""  # not chosen
    assert documents.document(row).figures() == before
    with pytest.raises(Conflict):
        returning.take_file(file_id=file.pk, chapters={"next": 0}, actor=world.quality)
    again = returning.look_at_file(edition_id=row.pk, name="b.docx", content=file_of(row), actor=world.quality)
    assert again.refused == []


def test_a_text_that_was_changed_meanwhile(world: Any, row: Any) -> None:
    """The file began from an older version: the choice shows it, and a change after the look is not overwritten."""

    def change(document: Any) -> None:
        type_into(document, "overview", "文件里的话")

    content = edited(row, change)
    editing.save_chapter(edition_id=row.pk, chapter="overview", text="页面上的话", base=1, actor=world.director)
    file = returning.look_at_file(edition_id=row.pk, name="改.docx", content=content, actor=world.quality)
    assert file.texts["overview"] == {"base": 1, "text": "文件里的话"}
    with pytest.raises(Conflict, match="王院长"):
        returning.take_file(file_id=file.pk, chapters={"overview": 1}, actor=world.quality)
    file.refresh_from_db()
    assert file.taken_at is None and editions.chapter_text(row, "overview").text == "页面上的话"
    returning.take_file(file_id=file.pk, chapters={"overview": 2}, actor=world.quality)
    versions = list(
        editions.chapter_text(row, "overview")
        .versions.filter(number__gt=0)
        .order_by("number")
        .values_list("text", flat=True)
    )
    assert versions[1:] == ["页面上的话", "文件里的话"]


def test_tracked_changes_count_as_they_read(row: Any) -> None:
    """What Word marks as deleted is not read, what it marks as inserted is."""
    paragraph = etree.fromstring(
        f'<w:p xmlns:w="{controls.nsdecls("w").split(chr(34))[1]}"><w:r><w:t>原有</w:t></w:r><w:del><w:r><w:delText>旧</w:delText><w:t>旧</w:t></w:r></w:del><w:ins><w:r><w:t>新</w:t></w:r></w:ins><w:r><w:tab/><w:br/></w:r></w:p>'
    )
    assert controls.text_of(paragraph) == "原有新\t\n"


def bomb() -> bytes:
    """A small archive that unpacks to 150 MB."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * 150_000_000)
    return out.getvalue()


def archive(**parts: bytes) -> bytes:
    """A zip of these parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in parts.items():
            made.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return out.getvalue()


def plain_word() -> bytes:
    """Somebody else's document."""
    out, document = io.BytesIO(), docx.Document()
    document.add_paragraph("通知")
    document.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (lambda: b"", "0 字节"),
        (lambda: b"%PDF-1.7 hello", "不是 Word 文档"),
        (lambda: b"\xd0\xcf\x11\xe0" + b"0" * 100, "旧的 .doc"),
        (lambda: b"PK\x03\x04" + b"0" * 40, "不是 Word 文档"),
        (bomb, "大得不正常"),
        (lambda: b"0" * 20_000_001, "超过 20 MB"),
        (lambda: archive(xl__workbook_xml=b"<a/>"), "不是 Word 文档"),
        (lambda: archive(word__document_xml=b"<broken"), "读不出来"),
        (lambda: archive(word__document_xml=b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'), "不允许的声明"),
        (plain_word, "没有汇报编号"),
    ],
)
def test_bad_files(world: Any, row: Any, content: Any, told: str) -> None:
    """Each says what it is and what to do; nothing is kept."""
    with pytest.raises(InvalidInput) as refusal:
        returning.look_at_file(edition_id=row.pk, name="x.docx", content=content(), actor=world.director)
    assert told in refusal.value.errors["file"]
    assert not ReturnedFile.objects.exists()


def test_a_file_cut_off_or_of_another_edition(world: Any, row: Any) -> None:
    """Half a file, another edition's file, a file whose text boxes are gone."""
    content = file_of(row)
    with pytest.raises(InvalidInput):
        returning.look_at_file(
            edition_id=row.pk, name="x.docx", content=content[: len(content) // 2], actor=world.director
        )
    other = built(world, first=BEFORE)
    with pytest.raises(InvalidInput) as refusal:
        returning.look_at_file(edition_id=other.pk, name="x.docx", content=content, actor=world.director)
    assert row.number in refusal.value.errors["file"]

    def strip(document: Any) -> None:
        one = control(document, f"{TEXT}overview:")
        one.getparent().remove(one)

    file = returning.look_at_file(edition_id=row.pk, name="x.docx", content=edited(row, strip), actor=world.director)
    assert [(one["kind"], one["what"]) for one in file.refused] == [
        ("no_text", "一、总体情况")
    ] and "overview" not in file.texts


@pytest.mark.race("workreport.take_file")
@pytest.mark.django_db(transaction=True)
def test_two_take_one_file() -> None:
    """It is taken once."""
    world = make_reporting()
    row = built(world)
    content = edited(row, lambda document: type_into(document, "next", "抓签约。"))
    file = returning.look_at_file(edition_id=row.pk, name="a.docx", content=content, actor=world.director)
    outcomes = race(
        *[
            lambda who=who: returning.take_file(file_id=file.pk, chapters={"next": 0}, actor=who)
            for who in (world.director, world.quality)
        ]
    )
    assert sorted(isinstance(one, Conflict) for one in outcomes) == [False, True]
    assert editions.chapter_text(row, "next").versions.count() == 1


def _paragraph(inside: Any) -> Any:
    made = docx.oxml.OxmlElement("w:p")
    made.append(inside)
    return made
