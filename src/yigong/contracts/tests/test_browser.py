"""Family-doctor contracts in a real Chromium: signed in person, confirmed by a link, found empty, renewed, ended."""

import pytest
from playwright.sync_api import expect

from yigong.contracts.models import Contract
from yigong.core.ui.tests.screens import DESK, PHONE, Sit
from yigong.residents import api as residents

from .world import ago, make_world, sign, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_life_of_a_contract(seat: Sit) -> None:
    """In person at the desk, online on the resident's own phone, nothing done, renewed with the preview, ended with a reason."""
    world = make_world()
    one, two = world.person(66), world.person(50)
    old = sign(world, world.person(40), starts_on=ago(320))
    doctor = seat(signed_in(world.doctor))
    page = doctor.open(f"/contracts/sign/{one}/")
    page.locator('#c-sign input[name="packages"][value="basic"]').check()
    doctor.shoot("contract-sign", PHONE, DESK, slack=2)
    page.get_by_role("button", name="签约", exact=True).click()
    expect(page.locator("main")).to_contain_text("签而未做")
    signed = Contract.objects.get(resident_id=one)

    page = doctor.open(f"/contracts/offer/{two}/")
    page.locator('#c-sign input[name="packages"][value="basic"]').check()
    page.get_by_role("button", name="生成链接").click()
    expect(page.locator("main svg").first).to_be_visible()
    link = page.evaluate("document.documentElement.outerHTML.match(/\\/contracts\\/confirm\\/[\\w-]+\\//)[0]")
    own = seat(size=PHONE).open(link)
    born = residents.identity(two).birth_date
    assert born is not None
    own.locator('[name="proof"]').fill(f"{born:%Y%m%d}")
    own.get_by_role("button", name="同意并确认签约").click()
    expect(own.locator("body")).to_contain_text("协议已生效")

    page = doctor.open("/contracts/?tab=empty")
    expect(page.locator("table tbody tr")).to_have_count(3)
    doctor.shoot("contract-empty", PHONE, DESK, slack=2)
    page = doctor.open("/contracts/renewals/")
    page.get_by_role("button", name="续签选中的").click()
    expect(page.locator("body")).to_contain_text("已续签 1 份")
    assert Contract.objects.filter(resident_id=old.resident_id).count() == 2

    page = doctor.open(f"/contracts/{signed.id}/")
    page.get_by_role("link", name="解约", exact=True).click()
    page.locator('[name="ending"][value="refused"]').check()
    page.locator('[name="reason"]').fill("本人要求")
    page.get_by_role("button", name="解约", exact=True).click()
    expect(page.locator("main")).to_contain_text("已解约")
    assert Contract.objects.get(pk=signed.id).state == "ended"
