"""The kit in a real Chromium: keys, drafts, double clicks, no error in the console."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Route, expect

from yigong.access.models import Session
from yigong.console.tests.people import PASSWORD, make_account
from yigong.core.ui.models import FormReceipt
from yigong.core.ui.tests.screens import look

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SCREENS = [(1366, 768), (390, 844)]


def sign_in(page: Page, base: str, name: str) -> None:
    """Through the login page, like a person."""
    page.locator("input[name=username]").fill(name)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form button").first.click()


@pytest.fixture
def sheet(live_server: object, context: BrowserContext) -> Iterator[Page]:
    """The gallery, opened by the administrator; any console error fails the test."""
    name = make_account("admin")
    page = context.new_page()
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and "status of 422" not in message.text:
            complaints.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda fault: complaints.append(str(fault)))
    page.set_default_timeout(8000)
    page.goto(f"{live_server.url}/ui/gallery/")
    sign_in(page, live_server.url, name)
    page.wait_for_selector(".y-side")
    yield page
    assert not complaints, complaints


def fill(page: Page, reason: str) -> None:
    """Fill in the sample form, the resident picked with the keyboard."""
    page.locator("#id_resident").press_sequentially("王秀")
    page.locator(".y-option.is-on").wait_for()
    page.locator("#id_resident").press("Enter")
    page.locator("#id_day").fill("2026-03-01")
    page.locator("#id_arm").select_option("left")
    page.locator("#id_systolic").fill("186")
    page.locator("#id_reason").fill(reason)


def test_gallery_on_two_screens(sheet: Page) -> None:
    """Every component is drawn without an error, the chart too, and no page is wider than its screen."""
    for width, height in SCREENS:
        sheet.set_viewport_size({"width": width, "height": height})
        sheet.reload(wait_until="networkidle")
        expect(sheet.locator("#sample-chart canvas")).to_be_visible()
        look(sheet, "gallery")


def test_keyboard(sheet: Page) -> None:
    """Slash, question mark, j and k, n: the page can be used without a mouse."""
    sheet.keyboard.press("?")
    expect(sheet.locator("#keys")).to_be_visible()
    sheet.keyboard.press("Escape")
    sheet.keyboard.press("j")
    sheet.keyboard.press("j")
    expect(sheet.locator(".y-table tbody tr").nth(1)).to_have_class("is-on")
    sheet.keyboard.press("n")
    sheet.wait_for_url("**page=2**")


def test_the_menu_stays_where_it_is_on_a_long_page(sheet: Page) -> None:
    """Scrolled far down, menu and search are still there."""
    sheet.evaluate("scrollTo(0, 900)")
    tops = sheet.evaluate(
        "['.y-side', '.y-top'].map((name) => document.querySelector(name).getBoundingClientRect().top)"
    )
    assert sheet.evaluate("scrollY") == 900 and tops == [0, 0]


def test_a_part_asked_for_anew_keeps_what_was_typed_meanwhile(sheet: Page) -> None:
    """On a slow line the answer comes after the next words; what the answer changes elsewhere it still changes."""
    sheet.locator("#id_systolic").fill("120")

    def slow(route: Route) -> None:
        sheet.locator("#id_reason").fill("血压控制不佳")
        route.continue_()

    sheet.route("**/ui/gallery/?slow", slow)
    sheet.evaluate(
        """htmx.ajax("GET", "/ui/gallery/?slow", {target: "form:has(#id_reason)", select: "form:has(#id_reason)", swap: "outerHTML"})"""
    )
    expect(sheet.locator("#id_systolic")).to_have_value("")
    expect(sheet.locator("#id_reason")).to_have_value("血压控制不佳")


def test_double_click_sends_once(sheet: Page) -> None:
    """Two clicks in one instant make one effect."""
    fill(sheet, "血压控制不佳")
    sheet.get_by_role("button", name="提交申请").dblclick()
    sheet.wait_for_url("**sent=1")
    assert FormReceipt.objects.count() == 1


def test_nothing_typed_is_lost_when_the_session_ends(sheet: Page, live_server: object) -> None:
    """The form comes back filled after signing in again, and the draft is gone once it was sent."""
    fill(sheet, "反复头痛三天，血压 186/112")
    Session.objects.all().delete()
    sheet.get_by_role("button", name="提交申请").click()
    sheet.locator("input[name=password]").wait_for()
    sign_in(sheet, live_server.url, "admin-t")
    expect(sheet.locator("#id_reason")).to_have_value("反复头痛三天，血压 186/112")
    expect(sheet.locator("input[name=resident]")).to_have_value("r0")
    look(sheet, "draft")
    sheet.get_by_role("button", name="提交申请").click()
    sheet.wait_for_url("**sent=1")
    sheet.reload()
    expect(sheet.locator("#id_reason")).to_have_value("")


def test_dangerous_act_asks_first(sheet: Page) -> None:
    """The safe answer has the focus, the dangerous one is no default, and a refusal points at its fields."""
    sheet.get_by_role("button", name="撤销转诊").click()
    expect(sheet.locator("[data-confirm-no]")).to_be_focused()
    sheet.keyboard.press("Enter")
    expect(sheet.locator("#confirm")).not_to_be_visible()
    sheet.get_by_role("button", name="提交申请").click()
    expect(sheet.locator(".y-error").first).to_contain_text("请填写「居民」")
    fill(sheet, "x")
    sheet.locator("#id_systolic").fill("9999")
    sheet.get_by_role("button", name="提交申请").click()
    expect(sheet.locator(".y-errors")).to_contain_text("收缩压")
    expect(sheet.locator("#id_resident")).to_have_value("王秀英")
    look(sheet, "refused-form")
