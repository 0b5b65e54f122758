"""The app in a real Chromium whose network is cut: take along, five visits, one conflict, back on line, reviewed."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from yigong.core import clock
from yigong.core.ui.tests.screens import PHONE, Sit
from yigong.programmes import api as programmes
from yigong.programmes.models import Visit
from yigong.programmes.tests.test_vaccines import LOT, child, left, stocked
from yigong.programmes.tests.world import make_world, visit
from yigong.records import api as records
from yigong.records.data import NewLine
from yigong.villageday.models import Bundle, Entry

from .world import World, household, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PIN = "246813"


@pytest.fixture
def village(transactional_db: None) -> World:
    """A village that the server's connections see."""
    return make_world()


def write(page: Page, sbp: int) -> None:
    """Fill the first open visit of the house that is shown."""
    page.locator("#v-main .btn-primary").filter(has_text="随访").first.click()
    page.locator("[name=sbp]").fill(str(sbp))
    page.locator("[name=dbp]").fill("84")
    for name, value in (
        ("symptoms", "1"),
        ("danger", "none"),
        ("adherence", "1"),
        ("reaction", "1"),
        ("complication", "1"),
    ):
        page.locator(f"[name={name}][value='{value}']").check()
    page.get_by_role("button", name="保存随访").click()
    expect(page.locator(".v-good")).to_be_visible()


def test_a_day_without_the_network(seat: Sit, village: World) -> None:
    """Five people in two houses; the network is cut and the app opened anew from the phone; meanwhile a colleague visits one of them."""
    rows = household(village, 3, "12号") + household(village, 2, "3号")
    phone = seat(signed_in(village.doctor), PHONE)
    page = phone.page
    phone.open("/villageday/?tab=week")
    phone.shoot("village-day")
    phone.open("/villageday/app/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()  # from now on the worker answers
    page.locator("#pin").fill(PIN)
    page.locator("#pin_again").fill(PIN)
    phone.shoot("village-take")
    page.get_by_role("button", name="带走随访包").click()
    expect(page.locator(".v-stop")).to_have_count(2)

    phone.context.set_offline(True)
    page.reload()
    page.locator("#pin").fill("999999")
    page.get_by_role("button", name="打开").click()
    expect(page.locator(".v-error")).to_contain_text("还可以试 4 次")
    page.locator("#pin").fill(PIN)
    page.get_by_role("button", name="打开").click()
    expect(page.locator("#v-line")).to_have_text("没有网络")
    phone.shoot("village-list")
    for stop, people in ((0, 2), (1, 3)):
        page.locator(".v-stop button").nth(stop).click()
        expect(page.get_by_role("button", name="返回")).to_be_visible()
        phone.shoot(f"village-house-{stop}")
        for n in range(people):
            write(page, 131 + 10 * stop + n)
        page.get_by_role("button", name="返回").click()
    expect(page.locator("#v-queue")).to_have_text("5 条待上传")
    kept = page.evaluate(
        "new Promise((r) => { const o = indexedDB.open('village-day'); o.onsuccess = () => { const g = o.result.transaction('queue').objectStore('queue').getAll();"
        " g.onsuccess = () => r(JSON.stringify(g.result.map((e) => [Object.keys(e).sort(), new TextDecoder().decode(e.data).includes('sbp')]))); }; })"
    )
    assert kept.count('["bundle","data","id","iv"],false') == 5, "nothing readable lies on the phone"
    assert Visit.objects.count() == 0
    visit(village, rows[0], sbp=150, actor=village.colleague)

    phone.context.set_offline(False)
    page.reload()
    page.locator("#pin").fill(PIN)
    page.get_by_role("button", name="打开").click()
    page.get_by_role("button", name="上传").click()
    expect(page.locator("#v-told")).to_have_text("已上传 5 条，其中 1 条待核对。")
    phone.shoot("village-told")
    assert Visit.objects.count() == 5 and Entry.objects.filter(state="accepted").count() == 4
    waiting = Entry.objects.get(state="review")
    phone.open(f"/villageday/reviews/{waiting.id}/")
    phone.shoot("village-review")
    page.locator("#id_reason").fill("同一天，同事已测")
    page.get_by_role("button", name="不采用").click()
    page.wait_for_url("**/villageday/reviews/")
    assert Entry.objects.get(pk=waiting.id).state == "dropped" and Bundle.objects.get().returned_at


def test_a_dose_and_medicines_without_the_network(seat: Sit, village: World) -> None:
    """Without a line: the lot by a tap, the barred one with its reason, doses written here counted off; each medicine by a tap, one more written in by
    hand; allergies in sight. Back on line it is one dose off the stock, and the form's answers follow from the medicines."""
    lot, stopped = stocked(village, doses=2), stocked(village, lot="STOPPED")
    programmes.judge_lot(lot_id=stopped.id, action="stop", reason="疑问", actor=village.doctor)
    (row,) = household(village, 1, "7号")
    at = clock.now() - timedelta(days=40)
    told = [NewLine("苯磺酸氨氯地平片", dose="5mg", frequency="每日一次", days=28)]
    records.add_prescription(resident_id=row.resident_id, lines=told, actor=village.gp, occurred_at=at)
    records.add_allergy(resident_id=row.resident_id, substance="青霉素", reaction="皮疹", actor=village.gp)
    infant = child(village)
    phone = seat(signed_in(village.doctor), PHONE)
    page = phone.page
    phone.open("/villageday/app/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    page.locator("#pin").fill(PIN)
    page.locator("#pin_again").fill(PIN)
    page.get_by_role("button", name="带走随访包").click()
    expect(page.locator(".v-stop")).to_have_count(2)
    phone.context.set_offline(True)

    page.locator(".v-stop button").filter(has_text="7号").click()
    expect(page.locator("#v-main")).to_contain_text("青霉素（皮疹）")
    page.locator("#v-main .btn-primary").filter(has_text="随访").first.click()
    expect(page.locator(".v-use").first).to_contain_text("苯磺酸氨氯地平片")
    expect(page.locator(".v-use").first).to_contain_text("用完")
    phone.shoot("village-medicines")
    page.locator("[name=_use_0][value='2']").check()
    page.get_by_role("button", name="加一种药").click()
    page.locator("[name=_use_1_name]").fill("丹参片")
    for name, value in (("sbp", "138"), ("dbp", "84")):
        page.locator(f"[name={name}]").fill(value)
    for name, value in (("symptoms", "1"), ("danger", "none"), ("reaction", "1"), ("complication", "1")):
        page.locator(f"[name={name}][value='{value}']").check()
    page.get_by_role("button", name="保存随访").click()
    expect(page.locator("form .v-error").first).to_contain_text("丹参片")
    page.locator("[name=_use_1][value='1']").check()
    page.get_by_role("button", name="保存随访").click()
    expect(page.locator(".v-good")).to_be_visible()
    page.get_by_role("button", name="返回").click()

    page.locator(".v-stop:not(.is-done) button").filter(has_not_text="7号").click()
    page.locator("#v-main .btn-primary").filter(has_text="乙肝疫苗第1剂").first.click()
    expect(page.locator(".v-lot")).to_contain_text("剩 2 剂")
    expect(page.locator(".v-barred").first).to_contain_text("暂停使用")
    page.locator(".v-lot").first.click()
    expect(page.locator("[name=lot]")).to_have_value(LOT)
    phone.shoot("village-lots")
    for name in ("contra", "consented", "checked", "verified", "site", "route", "observed"):
        page.locator(f"[name={name}][value='1']").check()
    page.locator("[name=dose]").fill("0.5 ml")
    page.get_by_role("button", name="保存随访").click()
    expect(page.locator(".v-good")).to_be_visible()
    page.locator("#v-main .btn-primary").filter(has_text="卡介苗").first.click()
    page.locator("summary").filter(has_text="其他疫苗").click()
    expect(page.locator(".v-lot")).to_contain_text("剩 1 剂")
    assert left(lot) == (2, 0, 0), "nothing moves before it is sent"

    phone.context.set_offline(False)
    page.reload()
    page.locator("#pin").fill(PIN)
    page.get_by_role("button", name="打开").click()
    page.get_by_role("button", name="上传").click()
    expect(page.locator("#v-told")).to_have_text("已上传 2 条，其中 0 条待核对。")
    assert left(lot) == (1, 1, 0) and Visit.objects.filter(enrolment_id=infant.id).count() == 1
    made = Visit.objects.get(enrolment_id=row.id)
    assert [(u.name, u.taken) for u in made.medicines.order_by("place")] == [("苯磺酸氨氯地平片", "2"), ("丹参片", "1")]
