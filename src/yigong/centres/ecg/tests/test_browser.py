"""The ECG loop in a real Chromium: a phone in the village, the reader with calipers and one signature, the red alert on the phone."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from yigong.centres.ecg.commands.measuring import measure_recording
from yigong.centres.ecg.tests.world import INFERIOR, EcgWorld, make_ecg_world, tell
from yigong.core.ui.tests.screens import PHONE, Sit, follow
from yigong.orders.tests.world import browser_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(transactional_db: None) -> EcgWorld:
    """A small county with an ECG centre."""
    return make_ecg_world()


def test_the_loop_in_a_browser(seat: Sit, world: EcgWorld, tmp_path: Path) -> None:
    """Order and upload at 390 wide, read with calipers and the machine's values, alarm, referral link, print."""
    assert measure_recording  # subscribed
    world.signed(seed=4)
    village = seat(browser_of(world.village_doctor), PHONE)
    page = village.open(f"/orders/ecg/new/{world.resident_id}/")
    page.locator("#id_pick").press_sequentially("cgsed")
    page.locator(".y-option.is-on").wait_for()
    page.locator("#id_pick").press("Enter")
    expect(page.locator(".o-earlier")).to_be_visible()
    page.locator("#id_purpose").fill("胸痛，排除心肌梗死")
    page.locator("#id_diagnosis").fill("胸痛待查")
    page.locator("#id_chest_pain").get_by_label("正在发作").check()
    village.shoot("ecg-request", PHONE)
    page.locator("#id_repeat_reason_code").select_option("1")
    page.locator("main form .btn-primary").last.click()
    page.wait_for_selector(".y-steps")
    order_id = page.url.rstrip("/").rsplit("/", 1)[1]
    follow(page.get_by_role("link", name="采集上传"))
    village.shoot("ecg-record", PHONE)
    picture = tmp_path / "photo.jpg"
    picture.write_bytes(b"\xff\xd8\xff\xe0 photo")
    page.locator("#id_file").set_input_files(picture)
    page.locator("#id_chest_pain").get_by_label("正在发作").check()
    page.get_by_role("button", name="上传心电图").click()
    expect(page.locator(".y-errors")).to_contain_text("没有波形数据")
    village.shoot("ecg-record-refused", PHONE)
    file = tmp_path / "ecg.scp"
    file.write_bytes(world.file(INFERIOR, seed=5))
    page.locator("#id_file").set_input_files(file)
    expect(page.locator("[data-picked]")).to_contain_text("ecg.scp")
    page.get_by_role("button", name="上传心电图").click()
    page.wait_for_url(f"**/orders/{order_id}/")
    tell()
    village.shoot("ecg-uploaded", PHONE)

    reader = seat(browser_of(world.reader))
    reader.open("/orders/ecg/worklist/")
    reader.shoot("ecg-worklist")
    reader.page.keyboard.press("n")
    reader.page.wait_for_url("**/report/")
    frame = reader.page.frame_locator("iframe")
    trace = frame.locator("img.e-trace").first
    expect(trace).to_be_visible()
    assert trace.evaluate("image => image.decode().then(() => image.naturalWidth / 96 * 25.4)") == pytest.approx(
        258, abs=1
    )
    frame.get_by_role("button", name="分规").click()
    reading = frame.locator("[data-reading]")
    lines = frame.locator(".e-line.is-time")
    lines.nth(1).focus()
    before = _ms(reading.text_content())
    for _press in range(4):
        lines.nth(1).press("Shift+ArrowRight")
    assert _ms(reading.text_content()) - before == pytest.approx(800, abs=8)  # 4 × 5 mm at 25 mm/s
    box = lines.nth(0).bounding_box()
    assert box is not None
    reader.page.mouse.move(box["x"], box["y"] + 60)
    reader.page.mouse.down()
    reader.page.mouse.move(box["x"] - 96 / 2.54, box["y"] + 60, steps=4)
    reader.page.mouse.up()
    assert _ms(reading.text_content()) - before == pytest.approx(1200, abs=25)  # and 10 mm further
    reader.shoot("ecg-report")
    reader.page.get_by_role("button", name="全部采用机器值").click()
    expect(reader.page.locator("#id_s_heart_rate")).to_have_value("88")
    reader.page.locator("#id_s_findings").press_sequentially("/stemi-inferior ")
    expect(reader.page.locator("#id_impression")).not_to_have_value("")
    expect(reader.page.locator("#id_s_findings")).not_to_have_value(re.compile("/stemi"))
    reader.page.locator("#id_s_findings").fill("窦性心律。II、III、aVF 导联 ST 段抬高 0.25 mV,I 导联压低。")
    reader.page.locator("#id_positive").get_by_label("阳性").check()
    expect(reader.page.locator("[data-saved]")).to_contain_text("✓")
    reader.page.get_by_role("link", name="上报危急值").click()
    reader.page.locator("#id_item").select_option("acs_st_elevation")
    reader.page.locator("#id_detail").fill("II、III、aVF 抬高 0.25 mV,胸痛 2 小时")
    reader.page.get_by_role("button", name="确认上报危急值").click()
    reader.page.wait_for_url("**/orders/critical/**")
    alarm = reader.page.url.removeprefix(reader.base)
    village.open(alarm)
    expect(village.page.get_by_text("县急诊急救中心")).to_be_visible()
    village.shoot("ecg-alarm", PHONE)
    village.page.get_by_label("已复述核对").check()
    village.page.get_by_role("button", name="确认接收").click()
    village.page.get_by_role("link", name="发起急诊转诊").click()
    village.page.wait_for_url("**/referrals/new/**")
    expect(village.page.get_by_text("李秀英").first).to_be_visible()

    reader.open(f"/orders/{order_id}/report/")
    reader.page.get_by_role("button", name="签发报告").click()
    reader.page.wait_for_url("**/worklist/")
    village.open(f"/orders/{order_id}/")
    expect(village.page.get_by_text("88 次/分")).to_be_visible()
    village.shoot("ecg-result", PHONE)
    whole = reader.open(f"/ecg/{order_id}/trace/")
    whole.locator("[name=with]").select_option(index=1)
    expect(whole.locator("[data-sheet]")).to_have_count(2)
    reader.shoot("ecg-compare")
    village.open(f"/ecg/{order_id}/trace/?layout=12x1")
    village.shoot("ecg-trace", PHONE)
    tell()
    chief = seat(browser_of(world.chief))
    chief.open("/tasks/")
    expect(chief.page.get_by_text("胸痛通道").first).to_be_visible()
    chief.shoot("ecg-chief")


def _ms(text: str | None) -> int:
    found = re.match(r"(\d+) ms", text or "")
    assert found, text
    return int(found[1])
