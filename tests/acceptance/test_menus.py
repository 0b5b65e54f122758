"""Every role's menu in a real Chromium: at most a dozen entries, no dead page, no dead link on them, no error in the console."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from yigong.demo import api as demo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MOST = 12
LINKS_A_PAGE = 5
_NOT_PAGES = ("/static/", "/access/logout/", "/ohif/", "/dicomweb/")


def sign_in(page: Page, base: str, login: demo.Login) -> None:
    """Through the login page."""
    page.goto(f"{base}/access/login/")
    page.locator("input[name=username]").fill(login.username)
    page.locator("input[name=password]").fill(login.password)
    page.locator("main form button").first.click()
    page.wait_for_selector(".y-side")


def addresses(page: Page, selector: str) -> list[str]:
    """Own addresses of the links below a selector, each once, without fragments."""
    found = page.eval_on_selector_all(f"{selector} a[href]", "all => all.map(a => a.href)")
    own = [a.split("#")[0] for a in found if urlsplit(a).netloc == urlsplit(page.url).netloc]
    return [a for a in dict.fromkeys(own) if not urlsplit(a).path.startswith(_NOT_PAGES)]


def shoot(page: Page, name: str) -> None:
    """Keep pictures on both screens where YIGONG_SHOTS names a folder."""
    if not (folder := os.environ.get("YIGONG_SHOTS")):
        return
    for width, height in [(1366, 768), (390, 844)]:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(150)
        page.screenshot(path=Path(folder) / f"{name}-{width}.png")
    page.set_viewport_size({"width": 1366, "height": 768})


def crawl(page: Page, login: demo.Login, seen: dict[str, int]) -> list[str]:
    """Walk one role's menu; what is wrong, in words."""
    wrong: list[str] = []
    entries = addresses(page, ".y-menu")
    if not 0 < len(entries) <= MOST:
        wrong.append(f"{login.role}: {len(entries)} menu entries")
    for place, entry in enumerate(entries):
        answer = page.goto(entry)
        status = answer.status if answer else 0
        if status != 200:
            wrong.append(f"{login.role}: {urlsplit(entry).path} answers {status}")
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wrong.append(f"{login.role}: {urlsplit(entry).path} is wider than the screen")
        shoot(page, f"{login.username}-{place:02}")
        seen["pages"] += 1
        for link in addresses(page, "main")[:LINKS_A_PAGE]:
            status = page.request.get(link).status
            seen["links"] += 1
            if status >= 400:
                wrong.append(f"{login.role}: link {urlsplit(link).path} on {urlsplit(entry).path} answers {status}")
    return wrong


def test_no_dead_page_for_any_role(live_server: object, browser: Browser) -> None:
    """Counts roles, pages and links, and names what is dead."""
    demo.ensure("small")
    wrong: list[str] = []
    seen = {"pages": 0, "links": 0}
    logins = [one for one in demo.logins() if one.username in os.environ.get("YIGONG_ROLES", one.username)]
    for login in logins:
        context = browser.new_context(viewport={"width": 1366, "height": 768})
        page = context.new_page()

        def note(message: ConsoleMessage, role: str = login.role) -> None:
            if message.type == "error":
                wrong.append(f"{role}: {message.text}")

        page.on("console", note)
        page.on("pageerror", lambda fault, role=login.role: wrong.append(f"{role}: {fault}"))
        sign_in(page, live_server.url, login)
        wrong.extend(crawl(page, login, seen))
        context.close()
    print(f"\n{len(logins)} roles, {seen['pages']} pages, {seen['links']} links, {len(wrong)} faults")
    assert logins and not wrong, "\n".join(wrong)
