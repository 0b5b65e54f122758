"""The app in a real Chromium whose network is cut: take along, five visits, one conflict, back on line, reviewed."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from yigong.core.ui.tests.screens import PHONE, look
from yigong.programmes.models import Visit
from yigong.programmes.tests.world import make_world, visit
from yigong.villageday.models import Bundle, Entry

from .world import World, household, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PIN = "246813"
expect.set_options(timeout=20_000)


@pytest.fixture
def village(transactional_db: None) -> World:
    """A village that the server's connections see."""
    return make_world()


class Phone:
    """The doctor's phone; scripts' complaints are kept."""

    def __init__(self, browser: Browser, base: str, world: World) -> None:
        cookie = signed_in(world.doctor).cookies["sessionid"].value
        self.context = browser.new_context(viewport=PHONE, locale="zh-CN")
        self.context.add_cookies([{"name": "sessionid", "value": cookie, "url": base}])
        self.base, self.page, self.complaints = base, self.context.new_page(), []
        self.page.set_default_timeout(30000)
        self.page.on("pageerror", lambda fault: self.complaints.append(str(fault)))

    def shoot(self, name: str) -> None:
        """No page is wider than the phone; keep a picture where YIGONG_SHOTS names a folder."""
        look(self.page, f"village-{name}")


def write(page: Page, sbp: int) -> None:
    """Fill the first open visit of the house that is shown."""
    page.locator("#v-main .btn-primary").filter(has_text="随访").first.click()
    page.locator("[name=sbp]").fill(str(sbp))
    page.locator("[name=dbp]").fill("84")
    for name, value in (
        ("symptoms", "1"),
        ("danger", "none"),
        ("adherence", "1"),
        ("reaction", "1"),
        ("complication", "1"),
    ):
        page.locator(f"[name={name}][value='{value}']").check()
    page.get_by_role("button", name="保存随访").click()
    expect(page.locator(".v-good")).to_be_visible()


def test_a_day_without_the_network(live_server: Any, browser: Browser, village: World) -> None:
    """Five people in two houses; the network is cut and the app opened anew from the phone; meanwhile a colleague visits one of them."""
    rows = household(village, 3, "12号") + household(village, 2, "3号")
    phone = Phone(browser, live_server.url, village)
    page = phone.page
    page.goto(live_server.url + "/villageday/?tab=week")
    phone.shoot("day")
    page.goto(live_server.url + "/villageday/app/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()  # from now on the worker answers
    page.locator("#pin").fill(PIN)
    page.locator("#pin_again").fill(PIN)
    phone.shoot("take")
    page.get_by_role("button", name="带走随访包").click()
    expect(page.locator(".v-stop")).to_have_count(2)

    phone.context.set_offline(True)
    page.reload()
    page.locator("#pin").fill("999999")
    page.get_by_role("button", name="打开").click()
    expect(page.locator(".v-error")).to_contain_text("还可以试 4 次")
    page.locator("#pin").fill(PIN)
    page.get_by_role("button", name="打开").click()
    expect(page.locator("#v-line")).to_have_text("没有网络")
    phone.shoot("list")
    for stop, people in ((0, 2), (1, 3)):
        page.locator(".v-stop button").nth(stop).click()
        phone.shoot(f"house-{stop}")
        for n in range(people):
            write(page, 131 + 10 * stop + n)
        page.get_by_role("button", name="返回").click()
    expect(page.locator("#v-queue")).to_have_text("5 条待上传")
    kept = page.evaluate(
        "new Promise((r) => { const o = indexedDB.open('village-day'); o.onsuccess = () => { const g = o.result.transaction('queue').objectStore('queue').getAll();"
        " g.onsuccess = () => r(JSON.stringify(g.result.map((e) => [Object.keys(e).sort(), new TextDecoder().decode(e.data).includes('sbp')]))); }; })"
    )
    assert kept.count('["bundle","data","id","iv"],false') == 5, "nothing readable lies on the phone"
    assert Visit.objects.count() == 0
    visit(village, rows[0], sbp=150, actor=village.colleague)

    phone.context.set_offline(False)
    page.reload()
    page.locator("#pin").fill(PIN)
    page.get_by_role("button", name="打开").click()
    page.get_by_role("button", name="上传").click()
    expect(page.locator("#v-told")).to_have_text("已上传 5 条，其中 1 条待核对。")
    phone.shoot("told")
    assert Visit.objects.count() == 5 and Entry.objects.filter(state="accepted").count() == 4
    waiting = Entry.objects.get(state="review")
    page.goto(f"{live_server.url}/villageday/reviews/{waiting.id}/")
    phone.shoot("review")
    page.locator("#id_reason").fill("同一天，同事已测")
    page.get_by_role("button", name="不采用").click()
    page.wait_for_url("**/villageday/reviews/")
    assert Entry.objects.get(pk=waiting.id).state == "dropped" and Bundle.objects.get().returned_at
    assert phone.complaints == []
