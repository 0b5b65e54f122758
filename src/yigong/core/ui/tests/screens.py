"""
The one way tests drive a browser: a seat for each person, a look at each page, and clicks that arrive.

A test asks for the fixture ``seat`` (in the project's conftest.py) and gives it
the signed-in client of a person::

    def test_a_visit(seat: Sit, world: World) -> None:
        doctor = seat(browser_of(world.doctor))
        page = doctor.open("/programmes/calls/")
        doctor.shoot("calls", DESK, PHONE)
        follow(page.get_by_role("link", name="随访"))
        expect(page.locator("h1")).to_have_text("随访")

What is asked of a page is asked through ``expect``, which waits: a click returns
before the page has changed. Seats are left when the test ends, before its rows
go, and no script of theirs may have complained.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, TimeoutError, ViewportSize, expect

DESK: ViewportSize = {"width": 1366, "height": 768}
PHONE: ViewportSize = {"width": 390, "height": 844}
PATIENCE = 20_000  # ms; how long a page takes says how busy the machine is, not whether it comes
expect.set_options(timeout=PATIENCE)
_FITS = "most => document.documentElement !== null && document.documentElement.scrollWidth <= most"
# A refused form answers 422, a search that the sending of its form overtakes is called off, and a line that was cut is missed.
_NO_FAULT = ("status of 422", "htmx:sendAbort", "htmx:afterRequest", "htmx:sendError", "net::ERR_INTERNET_DISCONNECTED")


class Seat:
    """One person at a browser of their own; what its scripts complain about is kept."""

    def __init__(self, browser: Browser, base: str, who: Any = None, size: ViewportSize = DESK) -> None:
        """`who` is somebody's signed-in test client, or a person who has one (``client()``); nobody is a stranger's browser."""
        self.context = browser.new_context(viewport=size, locale="zh-CN")
        if who is not None:
            cookie = (who.client() if hasattr(who, "client") else who).cookies["sessionid"].value
            self.context.add_cookies([{"name": "sessionid", "value": cookie, "url": base}])
        self.base, self.size, self.page, self.complaints = base, size, self.context.new_page(), list[str]()
        self.page.set_default_timeout(PATIENCE)
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda fault: self.complaints.append(str(fault)))

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(text in message.text for text in _NO_FAULT):
            self.complaints.append(message.text)

    def open(self, path: str) -> Page:
        """Go to a page."""
        self.page.goto(self.base + path)
        return self.page

    def shoot(self, name: str, *sizes: ViewportSize, slack: int = 0) -> None:
        """Look at the page on each of these screens (on the seat's own without any), and stay at the own one."""
        for size in sizes or (self.size,):
            self.page.set_viewport_size(size)
            look(self.page, name, slack=slack)
        self.page.set_viewport_size(self.size)

    def leave(self) -> None:
        """Close the browser; no script complained on the way."""
        self.context.close()
        assert not self.complaints, self.complaints


class Sit(Protocol):
    """The fixture ``seat``."""

    def __call__(self, who: Any = None, size: ViewportSize = DESK) -> Seat:
        """A seat for somebody."""
        ...


@contextmanager
def seats(browser: Browser, base: str) -> Iterator[Sit]:
    """Seats at the server with this address; all are left at the end."""
    taken: list[Seat] = []

    def sit(who: Any = None, size: ViewportSize = DESK) -> Seat:
        taken.append(Seat(browser, base, who, size))
        return taken[-1]

    try:
        yield sit
    finally:
        for one in taken:
            one.context.close()
    complaints = [text for one in taken for text in one.complaints]
    assert not complaints, complaints


def look(page: Page, name: str, *, slack: int = 0) -> None:
    """
    The page is no wider than its screen (but for `slack` points); its picture is kept where YIGONG_SHOTS names a folder.

    A page on its way has no document for a moment after a click, and its styles
    come later: it is asked again until it fits, not once. Whoever clicked waits
    for the new page first, or the old one is looked at.
    """
    size = page.viewport_size
    assert size is not None
    page.wait_for_load_state()
    try:
        page.wait_for_function(_FITS, arg=size["width"] + slack)
    except TimeoutError:
        raise AssertionError(f"{name} is wider than {size['width']} points") from None
    if folder := os.environ.get("YIGONG_SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}-{size['width']}.png", full_page=True)


def follow(what: Locator) -> None:
    """Click a link or a button that leads to another page, and be there: a click alone returns before the page has changed."""
    with what.page.expect_navigation():
        what.click()
