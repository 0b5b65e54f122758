"""The consultation loop in a real Chromium: a request with its file, slots, the expert on a phone, the session, conclusion, follow-through, evaluation."""

import pytest
from playwright.sync_api import expect

from yigong.centres.consultation.tests.world import ConsultWorld, make_consult_world
from yigong.core import clock
from yigong.core.ui.tests.screens import PHONE, Sit
from yigong.orders.tests.world import browser_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(transactional_db: None) -> ConsultWorld:
    """A small county with a consultation centre."""
    return make_consult_world()


def test_the_loop_in_a_browser(seat: Sit, world: ConsultWorld) -> None:
    """From the request at the township to the figures at the county; no page wider than its screen, no complaint of the browser."""
    gp, office, expert = (seat(browser_of(who)) for who in (world.gp, world.coordinator, world.lead))
    page = gp.open(f"/consultation/new/{world.base.resident_id}/")
    page.locator("#id_purpose").fill("1. 胸腔积液性质；2. 能否在本院治疗")
    page.locator("#id_diagnosis").fill("胸腔积液待查")
    page.get_by_label("已向患者或家属说明").check()
    gp.shoot("consult-request")
    page.get_by_role("button", name="提交会诊申请").click()
    expect(page.get_by_text("会诊资料缺少").first.or_(page.get_by_text("缺少：").first)).to_be_visible()
    gp.shoot("consult-request-incomplete", PHONE)
    for title in ("门诊病历", "胸水常规"):
        page.locator("label", has_text=title).first.click()
    page.get_by_role("button", name="提交会诊申请").click()
    expect(page.get_by_text("会诊申请已送达会诊中心")).to_be_visible()
    order_id = page.url.rstrip("/").rsplit("/", 1)[1]

    desk = office.open("/consultation/desk/")
    office.shoot("consult-desk")
    desk = office.open(f"/consultation/{order_id}/")
    desk.get_by_role("button", name="受理", exact=True).click()
    desk.get_by_role("link", name="邀请专家").click()
    day = world.tomorrow.astimezone(clock.SHANGHAI).date().isoformat()
    desk.locator("#day").select_option(day)
    desk.get_by_role("button", name="查看").click()
    desk.get_by_label("刘主任").check()
    desk.get_by_role("radio", name="10:00").check()
    desk.locator("#id_meeting_url").fill("https://meet.example.cn/room/1")
    office.shoot("consult-invite")
    office.shoot("consult-invite", PHONE)
    desk.get_by_role("button", name="发出邀请").click()
    expect(desk.get_by_text("邀请已发出")).to_be_visible()

    phone = expert.open("/consultation/")
    expert.shoot("consult-mine", PHONE)
    phone = expert.open(f"/consultation/{order_id}/")
    phone.get_by_role("button", name="接受邀请").click()
    expect(phone.get_by_text("已接受邀请，可以调阅会诊资料")).to_be_visible()
    phone.get_by_role("link", name="调阅会诊资料").first.click()
    expect(phone.get_by_text("胸水常规").first).to_be_visible()
    expert.shoot("consult-file", PHONE)

    desk = office.open(f"/consultation/{order_id}/begin/")
    desk.get_by_role("button", name="会诊开始").click()
    desk.get_by_role("button", name="会诊结束").click()
    expect(desk.get_by_text("等待专家签署意见和结论")).to_be_visible()

    page = expert.open(f"/consultation/{order_id}/opinion/")
    page.locator("#id_text").fill("渗出液，淋巴细胞为主，考虑结核。")
    page.get_by_role("button", name="签署意见").click()
    page.get_by_role("link", name="出具会诊结论").click()
    page.locator("#id_text").fill("考虑结核性胸膜炎，可在本院治疗。")
    page.locator("#id_kind_1").select_option("tests")
    page.locator("#id_advice_1").fill("查 T-SPOT 与胸水腺苷脱氨酶")
    page.locator("#id_days_1").fill("3")
    page.locator("#id_kind_2").select_option("transfer")
    page.locator("#id_advice_2").fill("治疗两周无效转县医院呼吸科")
    expert.shoot("consult-conclude")
    page.get_by_role("button", name="签发会诊结论").click()
    expect(page.get_by_text("会诊结论已签发")).to_be_visible()
    expert.shoot("consult-concluded")

    page = gp.open("/tasks/")
    expect(page.get_by_text("完善检查").first).to_be_visible()
    page = gp.open(f"/consultation/{order_id}/")
    gp.shoot("consult-advice")
    gp.shoot("consult-advice", PHONE)
    page.get_by_role("button", name="确认已查阅").click()
    page.get_by_role("button", name="已落实").first.click()
    expect(page.get_by_text("已登记落实")).to_be_visible()
    page.get_by_role("link", name="评价会诊").click()
    for name in ("promptness", "usefulness"):
        page.locator(f"input[name={name}][value='5']").check()
    page.locator("input[name=adoption][value=all]").check()
    gp.shoot("consult-evaluate", PHONE)
    page.get_by_role("button", name="评价会诊").click()
    expect(page.get_by_text("评价已提交")).to_be_visible()

    office.open("/consultation/figures/")
    office.shoot("consult-figures")
    office.open("/consultation/figures/rows/?measure=advised")
    office.shoot("consult-rows")
