"""The loop in a real Chromium: a call on the dispatcher's page, the crew's telephone with the line cut, the hospital, pathway, hand-over, outcome."""

import pytest
from playwright.sync_api import Page, expect

from yigong.centres.emergency.models import Case, Run, TimePoint
from yigong.centres.emergency.tests.world import EmergencyWorld, make_emergency_world
from yigong.core.ui.tests.screens import PHONE, Sit, follow
from yigong.orders.tests.world import browser_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(transactional_db: None) -> EmergencyWorld:
    """A small county with an emergency centre."""
    return make_emergency_world()


def button(page: Page, name: str) -> None:
    """A button or a link that looks like one."""
    page.get_by_role("button", name=name).or_(page.get_by_role("link", name=name)).first.click()


def pick(page: Page, field: str, text: str) -> None:
    """Pick by name."""
    page.locator(f"#id_{field}").press_sequentially(text)
    page.locator(f"#found_{field} .y-option").first.click()


def submit(page: Page) -> None:
    """Send the page's form, and be on the page it leads to."""
    follow(page.locator("main .y-form-foot button").last)


def tap(page: Page, name: str) -> None:
    """The crew's button, until the page shows its time."""
    page.locator("button.e-tap", has_text=name).click()
    expect(page.locator(".e-tap.is-done", has_text=name)).to_be_visible()


def test_the_loop_in_a_browser(seat: Sit, world: EmergencyWorld) -> None:
    """From the call to the outcome."""
    desk = seat(browser_of(world.dispatcher))
    page = desk.open("/emergency/call/")
    page.locator("#id_phone").fill("13900001111")
    page.locator("#id_address").fill("柳树村东头小卖部")
    page.locator("#id_complaint").select_option("chest_pain")
    page.locator("#id_conscious").get_by_label("是").check()
    desk.shoot("emergency-call")
    submit(page)
    page.wait_for_url("**/dispatch/")
    page.get_by_label("急救 1 号").check()
    pick(page, "driver", "孙驾驶")
    pick(page, "doctor", "钱院前")
    desk.shoot("emergency-dispatch")
    submit(page)
    page.wait_for_url("**/emergency/desk/")
    expect(page.locator("main")).to_contain_text("已派车")
    desk.shoot("emergency-desk")

    crew = seat(browser_of(world.crew), PHONE)
    phone = crew.open("/emergency/mine/")
    phone.locator("a.e-big").click()
    phone.wait_for_url("**/runs/**")
    crew.shoot("emergency-run", PHONE)
    tap(phone, "出车")
    tap(phone, "到达现场")
    # The line is cut: the tap stays on the telephone and is sent when it is back.
    crew.context.set_offline(True)
    phone.locator("button.e-tap", has_text="接触患者").click()
    expect(phone.locator("[data-line]")).to_contain_text("恢复后自动补传")
    crew.context.set_offline(False)
    expect(phone.locator(".e-tap.is-done", has_text="接触患者")).to_be_visible(timeout=20000)
    button(phone, "生命体征")
    for code, value in (("sbp", "86"), ("dbp", "54"), ("pulse", "112"), ("spo2", "89")):
        phone.locator(f"#id_{code}").fill(value)
    crew.shoot("emergency-signs", PHONE)
    submit(phone)
    phone.wait_for_url("**/runs/**")
    button(phone, "心电图")
    phone.get_by_label("ST 段抬高").check()
    submit(phone)
    phone.wait_for_url("**/runs/**")
    tap(phone, "患者上车")
    tap(phone, "离开现场")
    button(phone, "15 分钟")
    expect(phone.locator("main")).to_contain_text("预计到达")
    crew.shoot("emergency-run-done", PHONE)

    nurse = seat(browser_of(world.nurse))
    ward = nurse.open("/emergency/hospital/")
    expect(ward.locator(".e-coming")).to_contain_text("86/54")
    nurse.shoot("emergency-hospital")
    nurse.shoot("emergency-hospital", PHONE)
    follow(ward.locator(".e-coming h3 a"))
    button(ward, "预留 导管室")
    expect(ward.locator("main")).to_contain_text("已预留")
    follow(ward.get_by_role("button", name="呼叫团队"))
    follow(ward.get_by_role("button", name="导管室人员到位"))
    nurse.shoot("emergency-case-coming")

    run = Run.objects.get()
    crew.open(f"/emergency/runs/{run.pk}/")
    tap(phone, "到达医院")
    button(phone, "交接单")
    phone.locator("#id_condition").fill("神志清，胸痛减轻，血压 90/60")
    phone.locator("#id_given").fill("阿司匹林 300mg、替格瑞洛 180mg 嚼服")
    submit(phone)
    phone.wait_for_url("**/runs/**")
    case = Case.objects.get()
    nurse.open(f"/emergency/{case.pk}/")
    button(ward, "签收")
    expect(ward.locator("main")).to_contain_text("陈护士")
    button(ward, "核实身份")
    pick(ward, "resident_id", "李秀英")
    ward.locator("#id_proof").fill("身份证")
    submit(ward)
    expect(ward.locator("main")).to_contain_text("李秀英")
    button(ward, "分诊")
    ward.locator("#id_level").get_by_label("Ⅱ级 急重").check()
    submit(ward)
    doctor = seat(browser_of(world.doctor))
    room = doctor.open(f"/emergency/{case.pk}/treatment/")
    room.get_by_label("直接介入（PCI）").check()
    submit(room)
    for node in ("心电图确诊", "抽血", "启动导管室", "导管室就绪", "患者进导管室", "穿刺", "导丝通过"):
        row = room.locator("tr", has_text=node).filter(has=room.get_by_role("button", name="现在"))
        row.last.get_by_role("button", name="现在").click()
        expect(room.get_by_text(f"{node}").first).to_be_visible()
    doctor.open(f"/emergency/{case.pk}/")
    expect(room.locator("#targets canvas")).to_be_visible()
    expect(room.locator("#timeline canvas")).to_be_visible()
    doctor.shoot("emergency-case")
    doctor.shoot("emergency-case", PHONE)
    doctor.open(f"/emergency/{case.pk}/outcome/")
    room.get_by_label("收住入院").check()
    room.locator("#id_diagnosis_code").fill("急性心肌梗死")
    room.locator("#id_place").fill("心内科")
    doctor.shoot("emergency-outcome")
    submit(room)
    expect(room.locator("main")).to_contain_text("收住入院")
    watcher = seat(browser_of(world.quality))
    figures = watcher.open("/emergency/figures/")
    expect(figures.locator("#months canvas")).to_be_visible()
    watcher.shoot("emergency-figures")
    watcher.shoot("emergency-figures", PHONE)
    keeper = desk.open("/emergency/fleet/")
    expect(keeper.locator("main")).to_contain_text("急救 2 号")
    desk.shoot("emergency-fleet")
    desk.shoot("emergency-desk", PHONE)
    assert TimePoint.objects.filter(case=case, code="wire").exists() and Case.objects.get().encounter_id
