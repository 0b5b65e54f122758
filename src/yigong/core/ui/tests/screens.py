"""What every test in a browser asks of a page: that it fits its screen, and a picture of it for whoever wants to look."""

import os
from pathlib import Path

from playwright.sync_api import Locator, Page, TimeoutError

DESK, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}
_FITS = "most => document.documentElement !== null && document.documentElement.scrollWidth <= most"


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
