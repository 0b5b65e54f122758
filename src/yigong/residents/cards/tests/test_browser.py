"""The code in a real Chromium: shown on a phone, scanned by keystrokes into the search box and on the scan page."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from yigong.access.tests.factories import Person, make_person
from yigong.residents.cards import api
from yigong.residents.cards.data import NewCard
from yigong.residents.tests.factories import make_resident

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DESK, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}


def opened(browser: Browser, base: str, person: Person, size: dict[str, int]) -> tuple[Page, list[str]]:
    """A signed-in page and what its console complains of."""
    context = browser.new_context(viewport=size, locale="zh-CN")  # type: ignore[arg-type]
    cookie = person.client().cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": base}])
    page, complaints = context.new_page(), []
    page.set_default_timeout(20000)
    page.on("pageerror", lambda fault: complaints.append(str(fault)))
    return page, complaints


def test_shown_on_a_phone_and_scanned_at_the_desk(live_server: Any, browser: Browser) -> None:
    """The picture fills the phone; the scanner's keystrokes and Enter open the file from any page; a changed code says why not."""
    clerk = make_person("registrar")
    person = make_resident(clerk.actor)
    api.issue_card(resident_id=person.id, given=NewCard("99H", medium="electronic"), actor=clerk.actor)
    phone, complaints = opened(browser, live_server.url, clerk, PHONE)
    phone.goto(f"{live_server.url}/cards/of/{person.id}/code/")
    drawn = phone.locator(".c-code svg path").bounding_box()
    assert drawn and drawn["width"] > 220
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    before = phone.locator(".c-code svg path").get_attribute("d")
    phone.evaluate("htmx.ajax('GET', location.pathname, {target: '.c-show'})")
    expect(phone.locator(".c-code svg path")).not_to_have_attribute("d", str(before))

    desk, more = opened(browser, live_server.url, clerk, DESK)
    desk.goto(live_server.url + "/")
    code = api.code_of(person.id, actor=clerk.actor).text
    desk.keyboard.press("/")
    desk.keyboard.type(code)
    desk.keyboard.press("Enter")
    desk.wait_for_url(f"**/{person.id}/**")
    desk.goto(live_server.url + "/cards/scan/")
    desk.keyboard.type(code[:-1] + ("A" if code[-1] != "A" else "B"))
    desk.keyboard.press("Enter")
    expect(desk.locator(".c-told")).to_contain_text("不是本平台签发的")
    desk.keyboard.type(api.code_of(person.id, actor=clerk.actor).text)
    desk.keyboard.press("Enter")
    desk.wait_for_url(f"**/{person.id}/**")
    assert complaints + more == []
