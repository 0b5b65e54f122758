"""Growth curves, places under watch and the trial of a version in a real Chromium, at desk and phone size; no script complains."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from yigong.core import clock
from yigong.core.months import add_months
from yigong.programmes import api
from yigong.programmes.models import Enrolment

from .test_growth import CHECK
from .test_pages import signed_in
from .test_sites import lecture, patrol, school
from .world import enrolled, make_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
expect.set_options(timeout=20_000)
SIZES = {"desk": (1366, 768), "phone": (390, 844)}
# Month, kilograms, centimetres, head.
MEASURED = [
    (3, "6.1", "60.5", "39.6"),
    (6, "7.4", "66.2", "42.0"),
    (8, "7.7", "69.0", "43.1"),
    (12, "7.9", "74.0", "44.8"),
]


def test_what_is_drawn(transactional_db: None, browser: Browser, live_server: Any) -> None:
    """A year of a child's measurements as curves, a place with its recheck, the year's figures, what another version would change."""
    world = make_world()
    born = add_months(clock.today(), -12) - timedelta(days=8)
    child = world.person(months=12, name="周小雨")
    row = enrolled(world, "child", resident_id=child, on=born + timedelta(days=50))
    for month, weight, length, head in MEASURED:
        on = min(clock.today(), add_months(born, month) + timedelta(days=2))
        answers = CHECK | {"weight": weight, "length": length, "head": head}
        api.record_visit(
            enrolment_id=row.id,
            stage=f"m{month}",
            answers=answers,
            on=on,
            actor=world.doctor,
            late_reason="补录",
            confirmed=True,
        )
    site = school(world)
    patrol(world, site, result="3", problem="食堂从业人员健康证过期1人")
    lecture(world, "秋冬季预防流感", asked="18", asked_of="26")
    Enrolment.objects.filter(pk=row.id).update(definition="2017.1")
    api.try_version(code="child", version="2023.1", actor=world.gp)
    assert api.adopt(code="child", actor=world.gp) == 1
    pages = {
        "growth": (world.doctor, f"/programmes/person/{child}/", "生长曲线"), "sites": (world.doctor, "/programmes/sites/?of=health_inspection", "东河小学"),
        "site": (world.doctor, f"/programmes/sites/{site.id}/", "复查"), "figures": (world.manager, "/programmes/outreach/health_education/", "全年应做与已做"),
        "effect": (world.gp, "/programmes/definitions/child/effect/?version=2023.1", "新开任务"), "definition": (world.gp, "/programmes/definitions/child/", "生长评价"),
        "record": (world.doctor, f"/programmes/sites/{site.id}/record/patrol/", "巡查结果"),
    }  # fmt: skip
    cookies: dict[Any, str] = {}
    for name, (actor, address, word) in pages.items():
        if actor.staff_id not in cookies:
            cookies[actor.staff_id] = signed_in(actor).cookies["sessionid"].value
        for size, (width, height) in SIZES.items():
            context = browser.new_context(
                viewport={"width": width, "height": height}, locale="zh-CN", base_url=live_server.url
            )
            context.add_cookies([{"name": "sessionid", "value": cookies[actor.staff_id], "url": live_server.url}])
            page, complaints = context.new_page(), []
            page.on("pageerror", lambda fault, kept=complaints: kept.append(str(fault)))
            page.goto(address)
            expect(page.get_by_text(word).first).to_be_visible()
            if name == "growth":
                expect(page.locator("[data-chart] canvas")).to_have_count(page.locator("[data-chart]").count())
                assert page.locator("[id^=p-curve-]").count() == 4
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (name, size)
            assert not complaints, (name, complaints)
            if folder := os.environ.get("YIGONG_SHOTS"):
                page.screenshot(path=Path(folder) / f"programmes-{name}-{size}.png", full_page=True)
            context.close()
