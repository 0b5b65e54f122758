"""The loop in a real Chromium: a scanner that does not wait, one load, a box to the township, use on a phone, a failed test and its recall."""

import pytest
from playwright.sync_api import Page, expect

from yigong.centres.sterile.models import Pack, Recall
from yigong.centres.sterile.tests.world import SterileWorld, make_sterile_world
from yigong.core.ui.tests.screens import PHONE, Sit, follow
from yigong.orders.tests.world import browser_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(transactional_db: None) -> SterileWorld:
    """A small county with a sterile supply centre."""
    return make_sterile_world()


def scan(page: Page, *codes: str) -> None:
    """As a hand scanner does: type, Enter, the next one at once; then the lines are awaited."""
    before = page.locator("[data-lines] li").count()
    for code in codes:
        page.locator("#id_code").press_sequentially(code)
        page.keyboard.press("Enter")
    expect(page.locator("[data-lines] li")).to_have_count(before + len(codes))
    expect(page.locator("#id_code")).to_be_focused()


def button(page: Page, name: str) -> None:
    """A button or a link that looks like one."""
    page.get_by_role("button", name=name).or_(page.get_by_role("link", name=name)).first.click()


def test_the_loop_in_a_browser(seat: Sit, world: SterileWorld) -> None:
    """From return to use, and back when the biological test fails."""
    labels = [pack.label for pack in world.packs(3)]
    centre = seat(browser_of(world.technician))
    page = centre.open("/sterile/scan/sort/")
    scan(page, *labels)
    expect(page.locator("[data-lines] .is-good")).to_have_count(3)
    scan(page, labels[0])
    expect(page.locator("[data-lines] .is-bad")).to_contain_text("孙消毒")
    centre.shoot("sterile-scan")
    centre.open(f"/sterile/machines/{world.washer.pk}/load/")
    button(page, "开一锅")
    page.wait_for_url("**/scan/clean/**")
    scan(page, *labels)
    centre.open("/sterile/loads/")
    page.get_by_role("link", name="Q1-").first.click()
    button(page, "启动")
    button(page, "结束并登记物理监测")
    page.locator("#id_a0").fill("1200")
    page.locator("main form .btn-primary").last.click()
    button(page, "放行")
    expect(page.get_by_text("已放行 3 包。")).to_be_visible()
    centre.open("/sterile/scan/inspect/")
    scan(page, *labels)
    centre.open("/sterile/scan/pack/")
    page.locator("#id_second").fill("吴消毒")
    scan(page, *labels)
    centre.shoot("sterile-pack")
    world.bowie_dick(world.steriliser)
    centre.open(f"/sterile/machines/{world.steriliser.pk}/load/")
    button(page, "开一锅")
    page.wait_for_url("**/scan/load/**")
    scan(page, "M1", *labels)
    load = Pack.objects.get(round__label=labels[0]).round.load_id
    centre.open(f"/sterile/loads/{load}/")
    button(page, "启动")
    button(page, "结束并登记物理监测")
    page.locator("#id_curve").fill("\n".join(f"08:{n:02d}:00,{134.0 + n % 4 / 10},{206 + n % 3}" for n in range(7)))
    page.locator("main form .btn-primary").last.click()
    button(page, "登记监测结果")
    page.locator("#id_good").get_by_label("合格", exact=True).check()
    page.locator("main form .btn-primary").last.click()
    expect(page.locator("#curve canvas")).to_be_visible()
    centre.shoot("sterile-load")
    button(page, "放行")
    expect(page.get_by_text("已放行 3 包。")).to_be_visible()

    nurse = seat(browser_of(world.nurse))
    phone = nurse.open("/sterile/requests/new/")
    phone.locator("[id='id_q_HYB-XZ']").fill("2")
    nurse.shoot("sterile-request", PHONE)
    follow(phone.locator("main form .btn-primary").last)
    centre.open("/sterile/requests/")
    page.get_by_role("link", name="SL").first.click()
    button(page, "开发放单配货")
    page.wait_for_url("**/scan/issue/**")
    scan(page, *labels[:2])
    centre.shoot("sterile-issue")
    centre.open("/sterile/requests/?view=deliveries")
    page.get_by_role("link", name="FF").first.click()
    button(page, "交运")
    page.locator("#id_courier").fill("老陈")
    page.locator("#id_container").fill("X-1")
    follow(page.locator("main form .btn-primary").last)
    nurse.open("/sterile/")
    nurse.shoot("sterile-own", PHONE)
    nurse.open("/sterile/scan/receive/")
    scan(phone, *labels[:2])
    nurse.shoot("sterile-receive", PHONE)
    nurse.open(f"/sterile/use/{world.resident_id}/")
    phone.locator("#id_code").fill(labels[0])
    phone.locator("#id_used_for").fill("伤口换药")
    phone.locator("#id_indicator").get_by_label("合格", exact=True).check()
    nurse.shoot("sterile-use", PHONE)
    phone.locator("main form .btn-primary").last.click()
    expect(phone.locator("main")).to_contain_text("已登记使用")

    centre.open(f"/sterile/loads/{load}/result/?kind=biological")
    page.locator("#id_good").get_by_label("不合格").check()
    page.locator("#id_note").fill("48 小时培养阳性")
    page.locator("main form .btn-primary").last.click()
    page.wait_for_url("**/recalls/**")
    expect(page.locator("main")).to_contain_text("李秀英")
    centre.shoot("sterile-recall")
    nurse.open("/tasks/")
    expect(phone.get_by_text("请封存并退回 1 包").first).to_be_visible()
    nurse.open(f"/sterile/recalls/{Recall.objects.get().pk}/")
    nurse.shoot("sterile-recall", PHONE)
    button(phone, "本机构已全部封存")
    expect(phone.locator("main")).to_contain_text("已就地封存")
    centre.open("/sterile/scan/collect/")
    scan(page, labels[1])
    centre.open(f"/sterile/find/?code={labels[0]}")
    centre.shoot("sterile-trace")
    centre.open("/sterile/")
    centre.shoot("sterile-board")
    centre.shoot("sterile-board", PHONE)
    centre.open("/sterile/figures/")
    centre.shoot("sterile-figures")
    centre.open("/sterile/costs/")
    centre.shoot("sterile-costs")
