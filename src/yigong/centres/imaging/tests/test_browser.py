"""The imaging loop in a real Chromium: item picker, earlier results, templates, drafts, one key for the next case, a phone for the alarm."""

import re

import pytest
from playwright.sync_api import expect

from yigong.core.ui.tests.screens import PHONE, Sit
from yigong.orders import api as orders
from yigong.orders.tests.world import BOOT, World, browser_of, make_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(transactional_db: None) -> World:
    """A small county."""
    return make_world()


def test_the_loop_in_a_browser(seat: Sit, world: World) -> None:
    """GP orders with the keyboard, technician performs, reader reads with a template, GP acknowledges on a phone."""
    world.signed()
    gp = seat(browser_of(world.gp))
    page = gp.open(f"/orders/imaging/new/{world.resident_id}/")
    page.locator("#id_pick").press_sequentially("xbzw")
    page.locator(".y-option.is-on").wait_for()
    page.locator("#id_pick").press("Enter")
    expect(page.locator("[data-chips] li")).to_have_count(1)
    expect(page.locator(".o-earlier")).to_be_visible()
    expect(page.locator("#id_contrast_allergy")).to_be_hidden()
    page.get_by_label("急", exact=True).check()
    page.locator("#id_purpose").fill("排除气胸")
    page.locator("#id_diagnosis").fill("胸痛待查")
    page.locator("#id_pregnancy").get_by_label("否").check()
    page.locator("#id_repeat_reason_code").select_option("1")
    gp.shoot("request")
    gp.shoot("request", PHONE)
    page.locator("main form .btn-primary").last.click()
    page.wait_for_selector(".y-steps")
    order_id = page.url.rstrip("/").rsplit("/", 1)[1]
    technician = seat(browser_of(world.technician))
    technician.open("/orders/imaging/workbench/")
    technician.shoot("workbench")
    technician.shoot("workbench", PHONE)
    technician.page.get_by_role("button", name="到检").click()
    technician.page.get_by_role("button", name="开始").click()
    technician.page.get_by_label("甲级").check()
    technician.shoot("perform")
    technician.page.get_by_role("button", name="完成检查").click()
    technician.page.wait_for_url("**/workbench/")
    orders.study_received(order_id=order_id, study_uid="1.2.840.7", modality="DX", images=1, actor=BOOT)

    reader = seat(browser_of(world.reader))
    reader.open("/orders/imaging/worklist/")
    reader.shoot("worklist")
    reader.shoot("worklist", PHONE)
    reader.page.keyboard.press("n")
    reader.page.wait_for_url("**/report/")
    reader.page.locator("[data-template-find]").fill("xbqx")
    reader.page.locator("[data-template-find]").press("Enter")
    expect(reader.page.locator("input[name=templates]")).to_have_value(re.compile("chest-pneumothorax@"))
    expect(reader.page.locator("[data-saved]")).to_contain_text("✓")
    for area, text in (
        ("#id_s_findings", "左侧胸腔外带见无肺纹理区。"),
        ("#id_impression", "左侧气胸，肺压缩约 80%。"),
    ):
        reader.page.locator(area).fill(text)
    reader.page.locator("#id_positive").get_by_label("阳性").check()
    reader.shoot("report")
    reader.shoot("report", PHONE)
    reader.open(f"/orders/{order_id}/critical/")
    reader.page.locator("#id_item").select_option("tension_pneumothorax")
    reader.page.locator("#id_detail").fill("左侧肺压缩约 80%，纵隔右移")
    reader.shoot("flag")
    reader.page.get_by_role("button", name="确认上报危急值").click()
    reader.page.wait_for_url("**/orders/critical/**")
    alarm = reader.page.url.removeprefix(reader.base)
    gp.page.set_viewport_size(PHONE)
    gp.open("/")
    gp.shoot("home", PHONE)
    gp.open(alarm)
    gp.shoot("alarm", PHONE)
    gp.page.get_by_label("已复述核对").check()
    gp.page.get_by_role("button", name="确认接收").click()
    gp.page.locator("#id_measure").select_option("transfer")
    gp.page.locator("#id_text").fill("救护车转县医院胸外科")
    gp.page.get_by_role("button", name="登记处置").click()
    expect(gp.page.locator(".o-alarm.is-acted")).to_be_visible()
    reader.open(f"/orders/{order_id}/report/")
    # A template's blanks must be filled before the report can go on.
    for part in reader.page.locator("textarea[name^=s_]").all():
        part.fill("左侧胸腔见无肺纹理区，肺压缩约 80%，纵隔右移。")
    reader.page.locator("[name=impression]").fill("左侧张力性气胸")
    reader.page.locator("[name=positive][value=yes]").check()
    reader.page.get_by_role("button", name="提交审核").click()
    reader.page.wait_for_url("**/worklist/")
    orders.sign_report(order_id=order_id, actor=world.reviewer)
    gp.open(f"/orders/{order_id}/")
    gp.shoot("result")
    gp.shoot("result", PHONE)
    gp.open("/tasks/")
    gp.shoot("tasks")
    gp.shoot("tasks", PHONE)
    reviewer = seat(browser_of(world.reviewer))
    reviewer.open("/orders/imaging/statistics/")
    expect(reviewer.page.locator("#by-day canvas")).to_be_visible()
    reviewer.shoot("statistics")
