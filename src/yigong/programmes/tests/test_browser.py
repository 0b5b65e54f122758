"""A child's growth curves, the list of calls, vaccine by lot and a warning in a real Chromium."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from yigong.core import clock
from yigong.core.ui.tests.screens import DESK, PHONE, Sit
from yigong.programmes import api
from yigong.programmes.commands import warnings
from yigong.programmes.models import Due, SiteRecord, SyndromeAlarm, SyndromeDay, VaccineLot
from yigong.records import api as records

from .mother_child import CHECK
from .test_cold_chain import fridge
from .test_pages import signed_in
from .test_vaccines import SHEET, child, stocked
from .world import enrolled, make_world, visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_growth_calls_vaccines_and_a_warning(seat: Sit) -> None:
    """The curves are drawn with the child's point on them; a call is noted in one tap; a lot is recalled and its list opened; a warning is resolved."""
    world = make_world()
    person = world.person(months=12)
    row = enrolled(world, "child", resident_id=person, on=clock.today() - timedelta(days=310))
    api.record_visit(enrolment_id=row.id, stage="m12", answers=CHECK, actor=world.doctor)
    enrolled(world)
    store = fridge(world)
    stocked(world, store_id=fridge(world, "2号冰箱").id)
    stocked(world, lot="B202602", store_id=store.id)
    infant = child(world)
    visit(world, child(world), "hepb1", **SHEET)
    yesterday = clock.today() - timedelta(days=1)
    SyndromeDay.objects.bulk_create(
        SyndromeDay(
            institution_id=world.township.id,
            syndrome="ili",
            on=yesterday - timedelta(days=n),
            contacts=60,
            cases=9 if n == 0 else n % 3,
        )
        for n in range(40)
    )
    for n in range(9):
        met = records.Visit(
            occurred_at=clock.now() - timedelta(days=1), complaint="发热", diagnoses=(("J11.1", "流行性感冒", False),)
        )
        records.record_visit(resident_id=world.person(20 + n, actor=world.nurse), visit=met, actor=world.nurse)
    assert warnings.watch(yesterday) == 1

    doctor = seat(signed_in(world.doctor))
    page = doctor.open(f"/programmes/person/{person}/")
    expect(page.locator("[id^=p-curve-] canvas, [id^=p-curve-] svg").first).to_be_visible()
    expect(page.locator("main")).to_contain_text("WS/T 423-2022")
    assert page.locator("[id^=p-curve-]").count() >= 4
    doctor.shoot("growth", PHONE, DESK, slack=2)
    page = doctor.open("/programmes/calls/")
    doctor.shoot("calls", PHONE, DESK, slack=2)
    page.get_by_role("button", name="无人接听").first.click()
    expect(page.locator("body")).to_contain_text("连续 1 次未访到")
    page = doctor.open(f"/programmes/due/{Due.objects.get(enrolment_id=infant.id, stage='hepb1').id}/")
    page.get_by_role("button", name="B202602").click()
    expect(page.locator("[name=lot]")).to_have_value("B202602")
    expect(page.locator("[name=expires_on]")).to_have_value(SHEET["expires_on"])
    expect(page.get_by_role("button", name="B202602")).to_have_attribute("aria-pressed", "true")
    doctor.shoot("lots", PHONE, DESK, slack=2)
    page = doctor.open(f"/programmes/sites/{store.id}/record/morning/")
    page.locator("[name=store][value='1']").check()
    page.locator("[name=celsius]").fill("11.5")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("main")).to_contain_text("超温待判定")
    doctor.shoot("excursion", PHONE, DESK, slack=2)
    doctor.open("/programmes/vaccines/")
    doctor.shoot("vaccines", PHONE, DESK, slack=2)
    doctor.open("/programmes/vaccines/in/")
    doctor.shoot("vaccine-in", PHONE, DESK, slack=2)

    manager = seat(signed_in(world.manager))
    page = manager.open(f"/programmes/activities/{SiteRecord.objects.get().id}/")
    manager.shoot("judge", PHONE, DESK, slack=2)
    page.get_by_label("判定依据").fill("县疾控复函：可继续使用")
    page.get_by_role("button", name="判定可用").click()
    expect(page.locator("main")).not_to_contain_text("超温待判定")
    page = manager.open(f"/programmes/sites/{store.id}/")
    manager.shoot("store", PHONE, DESK, slack=2)
    page = manager.open(f"/programmes/vaccines/{VaccineLot.objects.get(lot=SHEET['lot']).id}/")
    manager.shoot("vaccine", PHONE, DESK, slack=2)
    recall = page.locator("form[action$='/recall/']")
    recall.locator('[name="reason"]').fill("召回通知")
    recall.get_by_role("button").click()
    expect(page.locator("main")).to_contain_text("已召回")
    page.get_by_role("link", name="接种对象名单").click()
    expect(page.locator("table tbody tr")).to_have_count(1)
    manager.shoot("given", PHONE, DESK, slack=2)
    page = manager.open("/programmes/warnings/")
    manager.shoot("warnings", PHONE, DESK, slack=2)
    page.get_by_role("link", name="流感样与急性上呼吸道感染").click()
    expect(page.locator("#days canvas, #days svg").first).to_be_visible()
    manager.shoot("warning", PHONE, DESK, slack=2)
    page.get_by_role("link", name="看病例").first.click()
    expect(page.locator("table tbody tr")).to_have_count(9)
    manager.shoot("warning-people", PHONE, DESK, slack=2)
    page.go_back()
    page.get_by_label("有原因，不是聚集").check()
    page.locator('[name="reason"]').fill("周末义诊，就诊增多")
    page.get_by_role("button", name="记录核实结果").click()
    expect(page.locator("main")).to_contain_text("周末义诊")
    assert SyndromeAlarm.objects.get().state == "resolved"
