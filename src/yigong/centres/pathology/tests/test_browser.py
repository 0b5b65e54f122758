"""The pathology loop in a real Chromium: containers, receipt, grossing, the scanner's box, reading with a picture, on a desk and on a phone."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from yigong.centres.pathology.commands import lending
from yigong.centres.pathology.models import Specimen
from yigong.centres.pathology.tests.test_flow import loan_of, now_text
from yigong.centres.pathology.tests.world import PathologyWorld, make_pathology_world, picture
from yigong.core.ui.tests.screens import PHONE, Sit
from yigong.orders.tests.world import browser_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(transactional_db: None) -> PathologyWorld:
    """A small county."""
    return make_pathology_world()


def test_the_loop_in_a_browser(seat: Sit, world: PathologyWorld, tmp_path: Path) -> None:
    """A GP asks, a nurse registers, the technician receives, cuts and scans, a doctor reads, the senior signs, the GP sees the picture."""
    gp, nurse, bench, reader, senior = (
        seat(browser_of(who)) for who in (world.gp, world.nurse, world.technician, world.reader, world.reviewer)
    )
    page = gp.open(f"/orders/pathology/new/{world.base.resident_id}/")
    page.locator("#id_pick").press_sequentially("wjhj")
    page.locator(".y-option.is-on").wait_for()
    page.locator("#id_pick").press("Enter")
    page.locator("#id_diagnosis").fill("胃溃疡")
    page.locator("#id_purpose").fill("排除恶性")
    page.locator("#id_infection").select_option("no") if page.locator("select#id_infection").count() else page.locator(
        "#id_infection"
    ).get_by_label("无").check()
    gp.shoot("pa-request")
    page.locator("main form .btn-primary").last.click()
    page.wait_for_selector(".y-steps")
    order_id = page.url.rstrip("/").rsplit("/", 1)[1]

    page = nurse.open(f"/pathology/{order_id}/containers/")
    page.locator("#id_label").fill("胃窦黏膜")
    page.locator("#id_site").fill("胃窦大弯")
    page.locator("#id_fixative").last.select_option("formalin")
    page.locator("#id_removed_at").last.fill(now_text(500))
    page.locator("#id_fixed_at").last.fill(now_text(488))
    page.get_by_role("button", name="添加").click()
    expect(page.get_by_text("冷缺血 12 分钟")).to_be_visible()
    nurse.shoot("pa-containers")
    nurse.shoot("pa-containers", PHONE)

    code = Specimen.objects.get(kind="container").code
    page = bench.open("/pathology/receive/")
    page.locator("#id_code").fill(code)
    page.locator("#id_code").press("Enter")
    page.wait_for_url("**/check/**")
    page.get_by_label("瓶签与申请单的姓名、标本、部位一致").check()
    bench.shoot("pa-check")
    bench.shoot("pa-check", PHONE)
    page.get_by_role("button", name="核收").click()
    expect(page.get_by_text("本单标本已全部处理。")).to_be_visible()
    page = bench.open("/pathology/bench/")
    bench.shoot("pa-bench")
    page.locator("#id_code").fill(code)
    page.locator("#id_code").press("Enter")
    page.wait_for_url("**/gross/")
    page.locator("#id_description").fill("灰白色黏膜组织 2 块，直径 0.2 cm。")
    page.locator("#id_tissues").fill("胃窦一\n胃窦二")
    page.get_by_role("button", name="登记取材").click()
    expect(page.get_by_text("已取材：")).to_be_visible()
    bench.shoot("pa-gross")
    bench.shoot("pa-gross", PHONE)
    for station, kind in (("process", "block"), ("embed", "block"), ("section", "slide"), ("stain", "slide")):
        bench.open(f"/pathology/bench/?station={station}")
        for one in Specimen.objects.filter(kind=kind):
            bench.page.locator("#id_code").fill(one.code)
            bench.page.locator("#id_code").press("Enter")
            expect(bench.page.locator(".y-toast, .y-notice").filter(has_text=one.code)).to_be_visible()
    bench.shoot("pa-station")
    bench.shoot("pa-station", PHONE)

    page = reader.open(f"/pathology/{order_id}/case/")
    file = tmp_path / "he.png"
    file.write_bytes(picture())
    page.locator("#id_picture").set_input_files(file)
    page.locator("#id_caption").fill("HE ×100")
    page.get_by_role("button", name="添加图片").click()
    expect(page.locator(".pa-pictures img")).to_be_visible()
    reader.shoot("pa-case")
    reader.shoot("pa-case", PHONE)
    page = reader.open("/orders/pathology/worklist/")
    reader.shoot("pa-worklist")
    page.keyboard.press("n")
    page.wait_for_url("**/report/")
    page.locator("#template").select_option("gastric-gastritis")
    for area in page.locator("textarea[name^=s_], textarea[name=impression]").all():
        area.fill("胃黏膜慢性炎，未见异型增生。")
    page.get_by_label("炎症").check()
    page.locator("#id_positive").get_by_label("阴性").check()
    reader.shoot("pa-report")
    reader.shoot("pa-report", PHONE)
    page.get_by_role("button", name="提交审核").click()
    page.wait_for_url("**/worklist/")
    page = senior.open(f"/orders/{order_id}/report/")
    page.get_by_role("button", name="审核发布").click()
    page.wait_for_selector(".y-steps")
    page = gp.open(f"/orders/{order_id}/")
    expect(page.locator("img.o-picture")).to_be_visible()
    gp.shoot("pa-result")
    gp.shoot("pa-result", PHONE)
    slide = Specimen.objects.filter(kind="slide").first()
    assert slide is not None
    loan = lending.lend(**loan_of(world, slide.code), actor=world.technician)
    bench.open(f"/pathology/loans/{loan.pk}/")
    bench.shoot("pa-loan")
    bench.open("/pathology/specimens/?view=ready")
    bench.shoot("pa-listed")
    bench.shoot("pa-listed", PHONE)
    senior.open("/pathology/figures/")
    senior.shoot("pa-figures")
    senior.shoot("pa-figures", PHONE)
