"""A contract's life in a real Chromium: signed in person, offered and confirmed on a phone, renewed, handed over, ended with the fee back, empty ones found."""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from yigong.contracts.models import Contract
from yigong.core.jobs import worker
from yigong.core.jobs.models import Job
from yigong.residents import api as residents

from .world import World, ago, make_world, sign, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
expect.set_options(timeout=20_000)


@pytest.fixture
def village(transactional_db: None) -> World:
    """Teams that the server's connections see."""
    return make_world()


def opened(browser: Browser, base: str, actor: Any = None, *, phone: bool = False) -> Page:
    """A page of this person (of nobody), at desk or phone size."""
    size = {"width": 390, "height": 844} if phone else {"width": 1366, "height": 768}
    context = browser.new_context(viewport=size, locale="zh-CN", base_url=base)  # type: ignore[arg-type]
    if actor is not None:
        context.add_cookies([{"name": "sessionid", "value": signed_in(actor).cookies["sessionid"].value, "url": base}])
    page = context.new_page()
    page.set_default_timeout(30_000)
    return page


def shoot(page: Page, name: str) -> None:
    """A picture where YIGONG_SHOTS names a folder; nothing is wider than the screen."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
    if folder := os.environ.get("YIGONG_SHOTS"):
        page.screenshot(path=Path(folder) / f"contract-{name}.png", full_page=True)


def test_a_contracts_life(village: World, browser: Browser, live_server: Any) -> None:
    """Everything that a team does with a contract in a year, through the pages."""
    base, world = live_server.url, village
    person, online = world.person(66, name="欧阳桂兰"), world.person(45, name="司马建国")
    old = sign(world, world.person(52, name="上官玉芬"), starts_on=ago(345))
    desk = opened(browser, base, world.doctor)
    # in person
    desk.goto(f"/contracts/sign/{person}/")
    desk.locator("[name=packages][value=basic]").check()
    shoot(desk, "sign")
    desk.get_by_role("button", name="签约", exact=True).click()
    expect(desk.get_by_text("签而未做").first).to_be_visible()
    shoot(desk, "signed")
    # online: the resident confirms on a phone, without an account
    desk.goto(f"/contracts/offer/{online}/")
    desk.locator("[name=packages][value=basic]").check()
    desk.get_by_role("button", name="生成链接").click()
    link = desk.evaluate("document.body.innerHTML.match(/\\/contracts\\/confirm\\/[\\w-]+\\//)[0]")
    phone = opened(browser, base, phone=True)
    phone.goto(link)
    expect(phone.get_by_text("司**国").first).to_be_visible()
    phone.locator("[name=proof]").fill(f"{residents.identity(online).birth_date:%Y%m%d}")
    shoot(phone, "confirm")
    phone.get_by_role("button", name="同意并确认签约").click()
    expect(phone.get_by_text("协议已生效")).to_be_visible()
    # renewal
    desk.goto("/contracts/renewals/")
    expect(desk.get_by_text("上官玉芬")).to_be_visible()
    shoot(desk, "renewals")
    desk.get_by_role("button", name="续签选中的").click()
    expect(desk).to_have_url(lambda url: "/jobs/" in url or "/contracts/" in url)
    for job in Job.objects.filter(kind="contracts.renew"):
        worker.run_job(job.id)
    assert Contract.objects.get(renews_id=old.id).starts_on == old.ends_on
    # nothing done yet: both are found
    desk.goto("/contracts/?tab=empty")
    shoot(desk, "empty")
    # handed over to the other team
    row = Contract.objects.get(resident_id=person)
    manager = opened(browser, base, world.manager)
    manager.goto(f"/contracts/{row.id}/transfer/")
    manager.get_by_role("combobox").first.fill("第二")
    manager.locator(".y-option").filter(has_text="东河镇第二团队").first.click()
    manager.locator("[name=reason]").fill("搬到王家村")
    manager.get_by_role("button", name="转签").click()
    expect(manager.get_by_text("东河镇第二团队").first).to_be_visible()
    # ended before its term, the fee for the days to come goes back
    manager.goto(f"/contracts/{row.id}/end/")
    manager.locator("[name=ending][value=institution]").check()
    manager.locator("[name=reason]").fill("团队撤销")
    shoot(manager, "end")
    manager.get_by_role("button", name="解约").click()
    expect(manager.get_by_text("提前解约已退回")).to_be_visible()
    shoot(manager, "ended")
    row.refresh_from_db()
    assert row.state == "ended" and sum(row.returned.values()) == row.fee_fen
