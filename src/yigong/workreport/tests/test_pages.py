"""Pages: list, a new report, writing, files, comparison, statutory tables; within what the reader may do."""

import io
import re
from typing import Any

import openpyxl
import pypdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from yigong.access.tests.factories import make_person
from yigong.core.jobs import worker
from yigong.indicators.api import registry
from yigong.network import api as network
from yigong.workreport.commands import editing, moving
from yigong.workreport.models import ChapterVersion, Edition
from yigong.workreport.queries import editions
from yigong.workreport.tests.test_files import edited, file_of, plain, type_into
from yigong.workreport.tests.world import BEFORE, LAST, built, make_reporting

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> Any:
    """Three frozen months."""
    return make_reporting()


@pytest.fixture
def director(world: Any) -> Client:
    """The director's browser."""
    return client_of("director", world.county)


def client_of(role: str, house: Any) -> Client:
    """A signed-in person of the role at this house."""
    return make_person(role, network.institution(house)).client()


def page(name: str, *keys: Any) -> str:
    """An address of the room."""
    return reverse(f"workreport:{name}", args=keys)


def test_from_the_list_to_a_report(world: Any, director: Client) -> None:
    """Asked for on the form, built by the job, read on its page, found in the list, downloaded."""
    asked = {"period": f"month:{LAST:%Y-%m}", "scope": "county", "template": "community-progress"}
    answer = director.post(page("new"), asked)
    row = Edition.objects.get()
    assert answer.status_code == 302 and answer["Location"] == page("edition", row.pk)
    waiting = director.get(page("edition", row.pk)).content.decode()
    assert "w-progress" in waiting and director.get(page("word", row.pk)).status_code == 404
    worker.run_job(row.job_id)
    assert director.get(page("edition", row.pk), headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    shown = director.get(page("edition", row.pk)).content.decode()
    figures = re.findall(r'<b data-key="([^"]+)">([^<]+)</b>', shown)
    from yigong.workreport.queries.documents import document

    mine = document(Edition.objects.get()).figures()
    assert len(figures) > 60 and all(mine[key] == text for key, text in figures)
    assert f"（{registry()['premature-mortality'].missing}）" in shown and "官方名称待核对原文" in shown
    for name, kind in (("word", "wordprocessingml"), ("export", "spreadsheetml"), ("print", "pdf")):
        file = director.get(page(name, row.pk))
        assert file.status_code == 200 and kind in file["Content-Type"], name
    assert row.number in director.get(page("list") + "?q=全县 HB").content.decode()
    assert row.number not in director.get(page("list") + "?q=没有这个").content.decode()
    again = director.post(page("new"), asked)
    assert again.status_code == 422 and "已经有一份汇报" in again.content.decode()


def test_unfrozen_on_the_form(world: Any, director: Client) -> None:
    """The refusal stands on the form and says both ways on; with the tick it is built and marked."""
    from yigong.indicators.tests.world import this_month

    asked = {"period": f"month:{this_month(3):%Y-%m}", "scope": "county", "template": "community-progress"}
    refused = director.post(page("new"), asked)
    assert refused.status_code == 422 and "还没有冻结" in refused.content.decode()
    director.post(page("new"), asked | {"provisional": "on"})
    row = Edition.objects.get()
    worker.run_job(row.job_id)
    assert "初步数：统计期尚未冻结" in director.get(page("edition", row.pk)).content.decode()


def test_writing_saves_and_tells(world: Any, director: Client) -> None:
    """What is typed is saved with its version; a second writer is shown both texts; presence is told; a closed edition refuses in words."""
    row = built(world)
    bureau = client_of("bureau", world.county)
    write, save, here = (page(name, row.pk, "next") for name in ("chapter", "save", "here"))
    assert "下一步打算" in director.get(write).content.decode()
    first = director.post(save, {"text": "甲的话", "base": "0"}).content.decode()
    assert 'data-saved="1"' in first and 'id="w-base" value="1"' in first
    second = bureau.post(save, {"text": "乙的话", "base": "0"}).content.decode()
    assert "甲的话" in second and "乙的话" in second and "没有丢" in second
    assert ChapterVersion.objects.filter(number=0, text="乙的话").exists()
    told = director.post(here, {"base": "1"}).content.decode()
    assert told.strip() == ""
    newer = bureau.post(here, {"base": "0"}).content.decode()
    assert "也在写这一章" in newer and "已保存了第 1 稿" in newer
    assert "没有采用" in director.get(page("versions", row.pk, "next")).content.decode()
    assert "在这里找回" in bureau.get(write).content.decode()
    assert bureau.post(write, {"text": "甲的话\n乙的话", "base": "1"}).status_code == 302
    assert editions.chapter_text(row, "next").text == "甲的话\n乙的话"
    assert "y-notice" in director.post(save, {"text": "x", "base": "abc"}).content.decode()
    assert editions.chapter_text(row, "next").version == 2
    moving.move_edition(edition_id=row.pk, action="submit", actor=world.quality)
    assert "不在编写状态" in director.post(save, {"text": "晚了", "base": "2"}).content.decode()


def test_the_way_on_the_page(world: Any, director: Client) -> None:
    """Submit, sign, issue by another; the refusal of the same person stands on the page; a correction with its difference."""
    row = built(world)
    bureau = client_of("bureau", world.county)
    director.post(page("act", row.pk, "submit"))
    assert director.post(page("act", row.pk, "return"), {"reason": ""}).status_code == 422
    director.post(page("act", row.pk, "sign"))
    refused = director.post(page("act", row.pk, "issue"))
    assert refused.status_code in (403, 422) and "不能是同一个人" in refused.content.decode()
    bureau.post(page("act", row.pk, "issue"))
    row.refresh_from_db()
    assert row.state == "issued"
    assert director.post(page("correct", row.pk), {"reason": "县外回流"}).status_code == 302
    fresh = Edition.objects.get(supersedes=row)
    worker.run_job(fresh.job_id)
    compared = director.get(page("compare", fresh.pk)).content.decode()
    assert "数字没有不同" in compared and row.number in compared
    assert "这一版有更正版" in director.get(page("edition", row.pk)).content.decode()
    other = built(world, first=BEFORE)
    assert "不同的数字" in director.get(page("compare", fresh.pk) + f"?with={other.pk}").content.decode()
    assert director.get(page("act", row.pk, "built")).status_code == 404


def test_a_word_file_on_the_page(world: Any, director: Client) -> None:
    """Upload, look, take; a bad file is told beside the field."""
    row = built(world)
    bad = director.post(page("import", row.pk), {"file": SimpleUploadedFile("x.docx", b"")})
    assert bad.status_code == 422 and "0 字节" in bad.content.decode()
    assert director.post(page("import", row.pk), {}).status_code == 422
    content = edited(row, lambda document: type_into(document, "next", "抓签约。"))
    answer = director.post(page("import", row.pk), {"file": SimpleUploadedFile("改.docx", content)})
    assert answer.status_code == 302
    look = director.get(answer["Location"]).content.decode()
    assert "抓签约。" in look and "八、下一步打算" in look and "总体情况" not in look
    director.post(answer["Location"], {"chapter": "next", "seen_next": "0"})
    assert editions.chapter_text(row, "next").text == "抓签约。"
    assert "已经导入" in director.get(answer["Location"]).content.decode()
    assert (
        director.post(page("import", row.pk), {"file": SimpleUploadedFile("改.docx", file_of(row))}).status_code == 302
    )


def test_who_may(world: Any, director: Client) -> None:
    """A township manager has no right; a director of a member house sees neither the county's report nor its tables."""
    row = built(world)
    manager, member = client_of("township_manager", world.township), client_of("director", world.township)
    for name, keys in (("list", ()), ("edition", (row.pk,)), ("word", (row.pk,)), ("chapter", (row.pk, "next"))):
        assert manager.get(page(name, *keys)).status_code == 403, name
    assert member.get(page("edition", row.pk)).status_code == 404
    assert row.number not in member.get(page("list")).content.decode()
    assert member.post(page("save", row.pk, "next"), {"text": "x", "base": "0"}).status_code == 404


@pytest.mark.parametrize(("code", "items"), [("2024", 14), ("2020", 26)])
def test_statutory_tables(world: Any, director: Client, code: str, items: int) -> None:
    """Every item of the set, in order; what has no figure says why and is empty in the spreadsheet, never zero; page, sheet and print agree."""
    query = f"?period=month:{LAST:%Y-%m}&scope=county"
    shown = director.get(page("table", code) + query).content.decode()
    book = openpyxl.load_workbook(io.BytesIO(director.get(page("table_export", code) + query).content))
    heads = next(n for n, line in enumerate(book["监测表"].iter_rows(values_only=True), 1) if line[0] == "序号")
    lines = list(book["监测表"].iter_rows(min_row=heads + 1, values_only=True))
    assert sorted({line[0] for line in lines}) == list(range(1, items + 1)) and all(line[1] for line in lines)
    empty = [line for line in lines if line[3] is None]
    filled = [line for line in lines if line[3] is not None]
    assert all(line[8] and line[4] is None for line in empty) and all(line[9] and not line[8] for line in filled)
    assert all(isinstance(line[3], int | float) for line in filled)
    print(
        f"\n{code}: {len({line[0] for line in lines})} of {items} items, {len(filled)} figures, {len(empty)} empty cells with their reason"
    )
    pdf = pypdf.PdfReader(io.BytesIO(director.get(page("table_print", code) + query).content))
    text = plain("".join(one.extract_text() for one in pdf.pages))
    for line in lines:
        assert str(line[2]) in shown and plain(str(line[2]))[:8] in text, line[2]
    assert ("评判标准" in shown) == (code == "2020") and (len(book.sheetnames) == 2) == (code == "2020")
    if code == "2020":
        assert book["评判标准"].max_row == 12
    unfrozen = director.get(page("table", code) + "?period=month:2020-01").content.decode()
    assert unfrozen  # an unknown period falls back to the newest


def test_an_unfrozen_table_is_empty_or_marked(world: Any, director: Client) -> None:
    """Without the tick every cell is empty and says that the period is not frozen; with it every page says provisional."""
    from yigong.indicators.tests.world import this_month

    query = f"?period=month:{this_month(3):%Y-%m}"
    assert "这个期间没有冻结" in director.get(page("table", "2024") + query).content.decode()
    assert "初步数" in director.get(page("table", "2024") + query + "&provisional=on").content.decode()
    assert director.get(page("table", "1999")).status_code == 404


def test_the_list_asks_few_questions(world: Any, director: Client, django_assert_max_num_queries: Any) -> None:
    """However many editions there are."""
    for month in (LAST, BEFORE):
        built(world, first=month)
    director.get(page("list"))
    with django_assert_max_num_queries(20):
        director.get(page("list"))
    editing.save_chapter(edition_id=Edition.objects.first().pk, chapter="next", text="x", base=0, actor=world.director)
    with django_assert_max_num_queries(30):
        director.get(page("edition", Edition.objects.first().pk))
