"""Writing in a real Chromium: saved while it is typed, the preview beside it, a second writer told and nothing lost; on a phone too."""

import pytest
from playwright.sync_api import expect

from yigong.access.tests.factories import make_person
from yigong.core.ui.tests.screens import PHONE, Sit
from yigong.network import api as network
from yigong.workreport.queries import editions
from yigong.workreport.tests.world import built, make_reporting

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_two_write_one_chapter(seat: Sit) -> None:
    """The director types, the quality manager too; each hears of the other, the later sees both texts and merges."""
    world = make_reporting()
    row = built(world)
    one, other = (
        seat(make_person(role, network.institution(world.county)).client()) for role in ("director", "quality_manager")
    )
    address = f"/workreport/{row.pk}/chapters/next/"
    first, second = one.open(address), other.open(address)
    first.locator("#id_text").fill("一、抓家庭医生签约。")
    expect(first.locator("#w-saved")).to_contain_text("已保存，第 1 稿")
    expect(first.locator("#w-free")).to_have_text("一、抓家庭医生签约。")
    first.locator("#id_text").press_sequentially("二、抓随访。")
    expect(first.locator("#w-saved")).to_contain_text("第 2 稿")
    second.locator("#id_text").fill("三、抓信息化。")
    expect(second.locator("#w-saved")).to_contain_text("您的文字已另存，没有丢")
    expect(second.locator("#w-saved")).to_contain_text("二、抓随访。")
    other.shoot("workreport-conflict")
    second.locator("#id_text").fill("一、抓家庭医生签约。二、抓随访。三、抓信息化。")
    second.get_by_role("button", name="以我的文字为准").click()
    expect(second.locator("#w-saved")).to_contain_text("已保存，第 3 稿")
    first.reload()
    expect(first.locator("#w-here")).to_contain_text("也在写这一章")
    expect(first.locator("#id_text")).to_have_value("一、抓家庭医生签约。二、抓随访。三、抓信息化。")
    one.shoot("workreport-chapter")
    one.shoot("workreport-chapter", PHONE)
    first.get_by_role("button", name="保存并返回").click()
    expect(first.locator("h1")).to_contain_text("推进医共体建设工作情况汇报")
    expect(first.locator("canvas").first).to_be_visible()
    one.shoot("workreport-edition")
    one.shoot("workreport-edition", PHONE)
    with first.expect_download() as download:
        first.get_by_role("link", name="Word", exact=True).click()
    assert download.value.suggested_filename.endswith(".docx")
    one.open("/workreport/tables/2020/")
    one.shoot("workreport-table")
    one.shoot("workreport-table", PHONE)
    one.open("/workreport/")
    one.shoot("workreport-list")
    assert editions.chapter_text(row, "next").version == 3
