"""A patrol on a phone with photographs and a signature, and the year's plan, in a real Chromium."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from yigong.core import clock
from yigong.core.pictures.models import Picture
from yigong.core.pictures.tests.test_pictures import photo
from yigong.core.ui.tests.screens import DESK, PHONE, Sit, follow
from yigong.programmes.models import SitePicture

from .test_pages import signed_in
from .test_sites import school
from .world import make_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_patrol_with_photographs(seat: Sit, tmp_path: Path) -> None:
    """A large photograph is reduced before it is sent, one is taken out again, the signature is drawn with a finger; all of it stands on the record."""
    world = make_world()
    site = school(world)
    doctor = seat(signed_in(world.doctor))
    files = []
    for n, colour in enumerate(("#3a7d44", "#884422", "#223388")):
        files.append(tmp_path / f"IMG_{n}.jpg")
        files[-1].write_bytes(photo((3000, 2000), colour, quality=98))
    page = doctor.open(f"/programmes/sites/{site.id}/record/patrol/")
    page.set_viewport_size(PHONE)
    page.locator("[name=topic][value='3']").check()
    page.locator("[name=result][value='1']").check()
    page.locator("[name=photos]").set_input_files(files)
    expect(page.locator("[data-photos] canvas")).to_have_count(3)
    page.get_by_role("button", name="去掉").first.click()
    expect(page.locator("[data-photos] [role=status]")).to_contain_text("2 张")
    widest = page.evaluate(
        "async () => (await createImageBitmap(document.querySelector('[name=photos]').files[0])).width"
    )
    assert widest == 1600
    pad = page.locator("[data-signature] canvas")
    pad.scroll_into_view_if_needed()
    frame = pad.bounding_box()
    assert frame is not None
    page.mouse.move(frame["x"] + 20, frame["y"] + 40)
    page.mouse.down()
    page.mouse.move(frame["x"] + 160, frame["y"] + 90, steps=8)
    page.mouse.up()
    doctor.shoot("patrol", PHONE, DESK, slack=2)
    follow(page.get_by_role("button", name="保存"))
    expect(page.locator(".pic-shown img")).to_have_count(3)
    doctor.shoot("patrol-done", PHONE, DESK, slack=2)
    assert list(SitePicture.objects.order_by("place").values_list("kind", flat=True)) == [
        "photo",
        "photo",
        "signature",
    ]
    assert sorted(Picture.objects.values_list("width", flat=True)) == [600, 1600, 1600]
    page = doctor.open(f"/programmes/outreach/health_education/plan/?year={clock.today().year + 1}")
    follow(page.get_by_role("button", name="编制计划"))
    expect(page.locator("main")).to_contain_text("已按方案编好 12 项")
    doctor.shoot("plan", PHONE, DESK, slack=2)
