"""Every role's menu in a real Chromium: at most a dozen entries, no dead page, no dead link on them, no error in the console, no half-width mark."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.acceptance.conftest import PASSWORD
from tests.acceptance.platform import Platform
from tests.marks import half_width, words_of
from yigong.demo.generate.county import LOGINS
from yigong.launch.bench_pages import kind_of

pytestmark = pytest.mark.browser
MOST = 12
LINKS_A_PAGE = 3
_NOT_PAGES = ("/static/", "/access/logout/", "/ohif/", "/dicomweb/")


def sign_in(page: Page, base: str, username: str) -> None:
    """Through the login page."""
    page.goto(f"{base}/access/login/")
    page.locator("input[name=username]").fill(username)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form button").first.click()
    page.wait_for_selector(".y-side")


def addresses(page: Page, selector: str) -> list[str]:
    """Own addresses of the links below a selector, each once, without fragments."""
    found = page.eval_on_selector_all(
        f"{selector} a[href]", "all => all.map(a => new URL(a.getAttribute('href'), document.baseURI).href)"
    )
    own = [a.split("#")[0] for a in found if urlsplit(a).netloc == urlsplit(page.url).netloc]
    return [a for a in dict.fromkeys(own) if not urlsplit(a).path.startswith(_NOT_PAGES)]


def unlike(links: list[str], met: set[str]) -> list[str]:
    """The first links that lead to a kind of page this role has not met: rows of one list differ by their keys only."""
    found = []
    for link in links:
        kind = kind_of(link)
        if kind not in met and len(found) < LINKS_A_PAGE:
            met.add(kind)
            found.append(link)
    return found


def shoot(page: Page, name: str) -> None:
    """Keep pictures on both screens where YIGONG_SHOTS names a folder."""
    if not (folder := os.environ.get("YIGONG_SHOTS")):
        return
    for width, height in [(1366, 768), (390, 844)]:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(150)
        page.screenshot(path=Path(folder) / f"{name}-{width}.png")
    page.set_viewport_size({"width": 1366, "height": 768})


def crawl(page: Page, username: str, seen: dict[str, int]) -> list[str]:
    """Walk one role's menu; what is wrong, in words."""
    wrong: list[str] = []
    entries = addresses(page, ".y-menu")
    if not 0 < len(entries) <= MOST:
        wrong.append(f"{username}: {len(entries)} menu entries")
    met = {kind_of(entry) for entry in entries}
    for place, entry in enumerate(entries):
        opened = page.goto(entry)
        status = opened.status if opened else 0
        if status != 200:
            wrong.append(f"{username}: {urlsplit(entry).path} answers {status}")
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wrong.append(f"{username}: {urlsplit(entry).path} is wider than the screen")
        wrong.extend(
            f"{username}: {urlsplit(entry).path}: {found}" for found in half_width(page.locator("main").inner_text())
        )
        shoot(page, f"{username}-{place:02}")
        seen["pages"] += 1
        for link in unlike(addresses(page, "main"), met):
            answer = page.request.get(link)
            seen["links"] += 1
            if answer.status >= 400:
                wrong.append(
                    f"{username}: link {urlsplit(link).path} on {urlsplit(entry).path} answers {answer.status}"
                )
            elif "text/html" in answer.headers.get("content-type", ""):
                wrong.extend(
                    f"{username}: {urlsplit(link).path}: {found}" for found in half_width(words_of(answer.text()))
                )
    return wrong


def test_no_dead_page_for_any_role(platform: Platform, browser: Browser) -> None:
    """Counts roles, pages and links, and names what is dead."""
    wrong: list[str] = []
    seen = {"pages": 0, "links": 0}
    usernames = [one for one in LOGINS if one in os.environ.get("YIGONG_ROLES", one)]
    for username in usernames:
        context = browser.new_context(viewport={"width": 1366, "height": 768})
        page = context.new_page()

        def note(message: ConsoleMessage, role: str = username) -> None:
            if message.type == "error":
                wrong.append(f"{role}: {message.text}")

        page.on("console", note)
        page.on("pageerror", lambda fault, role=username: wrong.append(f"{role}: {fault}"))
        sign_in(page, platform.url, username)
        wrong.extend(crawl(page, username, seen))
        context.close()
    print(f"\n{len(usernames)} roles, {seen['pages']} pages, {seen['links']} links, {len(wrong)} faults")
    assert usernames and not wrong, "\n".join(wrong)
