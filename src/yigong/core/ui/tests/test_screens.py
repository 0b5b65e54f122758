"""What tests in a browser rely on: a script that complains fails them, and nobody's page outlives them."""

import pytest
from playwright.sync_api import Browser

from yigong.core.ui.tests.screens import PHONE, look, seats

pytestmark = pytest.mark.browser
PAGE = "data:text/html,"


@pytest.mark.parametrize("script", ["throw Error('broken')", "console.error('broken')"])
def test_a_script_that_complains_fails_the_test(browser: Browser, script: str) -> None:
    """A fault on the page, or an error in the console; the seats are left all the same."""
    with pytest.raises(AssertionError, match="broken"), seats(browser, PAGE) as sit:
        sit().open(f"<p>fine</p><script>{script}</script>")
        sit(size=PHONE).open("<p>fine</p>")
        assert len(browser.contexts) == 2
    assert not browser.contexts


def test_a_page_wider_than_its_screen_is_named(browser: Browser) -> None:
    """On the desk it fits, on a phone it does not."""
    with seats(browser, PAGE) as sit:
        page = sit().open("<div style='width:600px'>wide</div>")
        look(page, "wide")
        page.set_viewport_size(PHONE)
        page.set_default_timeout(500)
        with pytest.raises(AssertionError, match="wide is wider than 390 points"):
            look(page, "wide")
