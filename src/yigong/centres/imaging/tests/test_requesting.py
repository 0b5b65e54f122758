"""Request templates in a real Chromium: one tap fills the form, nothing that was typed is lost, the last filling can be taken back, drafts keep their items."""

import pytest
from playwright.sync_api import expect

from yigong.core.ui.tests.screens import DESK, PHONE, Sit, follow
from yigong.orders import api as orders
from yigong.orders.data import RequestPart, TemplateText
from yigong.orders.models import Order, TextTemplateUse
from yigong.orders.tests.world import World, browser_of, make_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TEXTS = {"purpose": "咳嗽待查，除外肺炎。", "symptoms": "咳嗽〔几〕天。"}
FILMS = RequestPart(items=("DR-CHEST-PA",), priority="urgent")


@pytest.fixture
def world(transactional_db: None) -> World:
    """A small county whose doctor has a template."""
    made = make_world()
    given = TemplateText("我的胸片", "", TEXTS, request=FILMS)
    orders.write_template(service_code="imaging", given=given, actor=made.gp)
    return made


def test_one_tap_fills_and_asks_before_it_replaces(seat: Sit, world: World) -> None:
    """An empty form is filled at once; a typed field is asked about: kept, added to or replaced; taken back everything is as before; the order says with
    which version it was written."""
    gp = seat(browser_of(world.gp))
    page = gp.open(f"/orders/imaging/new/{world.resident_id}/")
    mine = page.get_by_role("button", name="我的胸片")
    mine.click()
    expect(page.locator("[data-chips] li")).to_have_count(1)
    expect(page.locator("#id_purpose")).to_have_value(TEXTS["purpose"])
    expect(page.get_by_label("急", exact=True)).to_be_checked()
    expect(page.locator("[data-use-told]")).to_contain_text("已填入“我的胸片”")
    gp.shoot("request-template", DESK)
    gp.shoot("request-template", PHONE)
    page.get_by_role("button", name="撤回填入").click()
    expect(page.locator("[data-chips] li")).to_have_count(0)
    expect(page.locator("#id_purpose")).to_have_value("")
    expect(page.get_by_label("平", exact=True)).to_be_checked()

    page.locator("#id_purpose").fill("我写的目的")
    mine.click()
    dialog = page.locator("[data-use-ask]")
    expect(dialog).to_be_visible()
    expect(page.locator("#id_purpose")).to_have_value("我写的目的")
    gp.shoot("request-template-ask", PHONE)
    dialog.get_by_role("button", name="取消").click()
    expect(page.locator("#id_symptoms")).to_have_value("")
    mine.click()
    dialog.locator("select").select_option("add")
    dialog.get_by_role("button", name="填入").click()
    expect(page.locator("#id_purpose")).to_have_value(f"我写的目的\n{TEXTS['purpose']}")
    expect(page.locator("#id_symptoms")).to_have_value(TEXTS["symptoms"])

    # A tap more, and a reload: the draft brings back the words and the item with its name.
    page.locator("#id_symptoms").press("End")
    page.wait_for_function("() => Object.keys(localStorage).some((name) => localStorage[name].includes('DR-CHEST-PA'))")
    page.reload()
    expect(page.locator("[data-chips] li")).to_contain_text("胸部正位")
    page.locator("#id_diagnosis").fill("咳嗽")
    page.locator("#id_pregnancy").get_by_label("否").check()
    send = page.get_by_role("button", name="提交申请")
    send.click()
    expect(page.get_by_text("模板中的〔几〕还没有改写").first).to_be_visible()
    page.locator("#id_symptoms").fill("咳嗽 3 天。")
    follow(send)
    expect(page.get_by_text("按申请模板开具：")).to_contain_text("我的胸片 第 1 版")
    order = Order.objects.get()
    assert (order.priority, order.purpose.replace("\r\n", "\n")) == ("urgent", f"我写的目的\n{TEXTS['purpose']}")
    assert TextTemplateUse.objects.get().order_id == order.pk


def test_a_template_is_written_changed_and_compared(seat: Sit, world: World) -> None:
    """From the link beside the form: items by their picker, a second version, both side by side on desk and phone."""
    gp = seat(browser_of(world.gp))
    page = gp.open("/orders/templates/?kind=request&service=imaging")
    gp.shoot("request-templates")
    gp.shoot("request-templates", PHONE)
    follow(page.get_by_role("link", name="新建模板"))
    page.locator("#id_title").fill("腰痛 正侧位")
    page.locator("#id_pick").press_sequentially("yzz")
    page.locator(".y-option", has_text="腰椎正侧位").click()
    expect(page.locator("[data-chips] li")).to_contain_text("腰椎正侧位")
    page.locator("#id_s_purpose").fill("腰痛待查。")
    gp.shoot("request-template-new")
    follow(page.get_by_role("button", name="保存模板"))
    page.locator("#id_s_purpose").fill("腰痛待查，除外骨折。")
    follow(page.get_by_role("button", name="保存为新版本"))
    follow(page.get_by_role("link", name="版本对照"))
    expect(page.locator("ins")).to_have_text("，除外骨折")
    gp.shoot("request-template-compare")
    gp.shoot("request-template-compare", PHONE)
