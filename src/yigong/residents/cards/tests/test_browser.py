"""The code in a real Chromium: shown on a phone, scanned by keystrokes into the search box and on the scan page."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import segno
from playwright.sync_api import BrowserType, expect

from yigong.access.tests.factories import make_person
from yigong.core.ui.tests.screens import PHONE, Seat, Sit, look
from yigong.residents.cards import api
from yigong.residents.cards.data import NewCard
from yigong.residents.tests.factories import make_resident

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_shown_on_a_phone_and_scanned_at_the_desk(seat: Sit) -> None:
    """The picture fills the phone; the scanner's keystrokes and Enter open the file from any page; a changed code says why not."""
    clerk = make_person("registrar")
    person = make_resident(clerk.actor)
    api.issue_card(resident_id=person.id, given=NewCard("99H", medium="electronic"), actor=clerk.actor)
    phone = seat(clerk, PHONE).open(f"/cards/of/{person.id}/code/")
    drawn = phone.locator(".c-code svg path").bounding_box()
    assert drawn and drawn["width"] > 220
    look(phone, "card")
    before = phone.locator(".c-code svg path").get_attribute("d")
    phone.evaluate("htmx.ajax('GET', location.pathname, {target: '.c-show'})")
    expect(phone.locator(".c-code svg path")).not_to_have_attribute("d", str(before))

    own = seat(clerk)
    desk = own.open("/")
    code = api.code_of(person.id, actor=clerk.actor).text
    desk.keyboard.press("/")
    desk.keyboard.type(code)
    desk.keyboard.press("Enter")
    desk.wait_for_url(f"**/{person.id}/**")
    own.open("/cards/scan/")
    desk.keyboard.type(code[:-1] + ("A" if code[-1] != "A" else "B"))
    desk.keyboard.press("Enter")
    expect(desk.locator(".c-told")).to_contain_text("不是本平台签发的")
    desk.keyboard.type(api.code_of(person.id, actor=clerk.actor).text)
    desk.keyboard.press("Enter")
    desk.wait_for_url(f"**/{person.id}/**")


def film(text: str, target: Path) -> Path:
    """What a camera sees that is held before the code: raw pictures of 640 by 480 in the form Chromium's own camera plays."""
    code = np.array(list(segno.make(text, error="m").matrix_iter(scale=5, border=4)), dtype=bool)
    picture = np.full((480, 640), 200, np.uint8)
    top, left = (480 - code.shape[0]) // 2, (640 - code.shape[1]) // 2
    picture[top : top + code.shape[0], left : left + code.shape[1]] = np.where(code, 20, 235)
    frame = b"FRAME\n" + picture.tobytes() + b"\x80" * (640 * 480 // 2)
    target.write_bytes(b"YUV4MPEG2 W640 H480 F10:1 Ip A1:1 C420jpeg\n" + frame * 4)
    return target


def test_read_by_the_camera(
    live_server: Any, browser_type: BrowserType, browser_type_launch_args: dict[str, Any], tmp_path: Path
) -> None:
    """A phone's camera before the code opens the file, in a browser that cannot read codes by itself; without a camera the page says what to do."""
    clerk = make_person("registrar")
    person = make_resident(clerk.actor)
    api.issue_card(resident_id=person.id, given=NewCard("99H", medium="electronic"), actor=clerk.actor)
    seen = film(api.code_of(person.id, actor=clerk.actor).text, tmp_path / "code.y4m")
    camera = [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={seen}",
    ]
    phone = browser_type.launch(**{**browser_type_launch_args, "args": [*browser_type_launch_args["args"], *camera]})
    try:
        own = Seat(phone, live_server.url, clerk, PHONE)
        page = own.open("/cards/scan/")
        assert not page.evaluate("'BarcodeDetector' in window"), "this browser would not use the library"
        page.get_by_role("button", name="用手机摄像头扫").click()
        page.wait_for_url(f"**/{person.id}/**")
        own.open("/cards/scan/")
        page.evaluate("void (navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error('none')))")
        page.get_by_role("button", name="用手机摄像头扫").click()
        expect(page.get_by_text("摄像头没有打开")).to_be_visible()
        own.shoot("card-scan")
        own.leave()
    finally:
        phone.close()
