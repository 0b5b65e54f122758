"""In a real Chromium: a whole run from the request to the receipt, and the driver's telephone at phone size with the network cut."""

import msgspec
import pytest
from playwright.sync_api import Page, expect

from yigong.core.ui.tests.screens import PHONE, Seat, Sit, follow, look
from yigong.logistics import api as logistics
from yigong.logistics.models import Consignment, Run, RunStop, Signature, Tap, Temperature
from yigong.logistics.rules import definitions
from yigong.logistics.tests.world import RoadWorld, make_road_world
from yigong.whereabouts.models import Point

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(transactional_db: None) -> RoadWorld:
    """A county that the server's connections see."""
    return make_road_world()


def telephone(seat: Sit, world: RoadWorld) -> Seat:
    """The driver's, with the page kept on it."""
    desk = seat(world.client("driver"), PHONE)
    desk.open("/logistics/drive/")
    desk.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    desk.page.reload()  # from now on the worker answers
    expect(desk.page.locator("[data-line]")).to_have_text("有网络")
    return desk


def press(page: Page, name: str) -> None:
    """The button that is shown with this name."""
    page.locator("button.w-tap:visible", has_text=name).first.click()


def sign(page: Page, name: str) -> None:
    """Somebody takes over: a name, and a line of the finger."""
    page.locator("[data-sign] [name=name]:visible").fill(name)
    pad = page.locator("[data-pad]:visible")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + 30)
    page.mouse.down()
    for step in range(1, 6):
        page.mouse.move(box["x"] + 40 + 35 * step, box["y"] + 30 + 10 * (step % 2 + step))
    page.mouse.up()
    press(page, "签名接下")


def unsent(page: Page, n: int) -> None:
    """So many lie on the telephone."""
    expect(page.locator("[data-unsent] summary")).to_have_text(f"未上传 {n} 条")


def test_a_run_without_the_network(seat: Sit, world: RoadWorld) -> None:
    """The line goes after the first stop; the page is closed and opened anew on the way; everything is sent once when the line is back."""
    run, box = world.run(), world.waiting()
    desk = telephone(seat, world)
    page = desk.page
    press(page, "到达县医院")
    expect(page.locator("#notices")).to_contain_text("已登记到达县医院")
    press(page, "离开县医院")
    expect(page.locator("#notices")).to_contain_text("已登记离开县医院")
    desk.context.grant_permissions(["geolocation"])
    desk.context.set_geolocation({"latitude": 33.05, "longitude": 115.8, "accuracy": 12})
    assert not Point.objects.exists(), "nothing before it is switched on"
    page.locator("[data-toggle]").check()
    expect(page.locator("[data-told]")).to_have_text("正在上报位置。")
    assert Point.objects.get().trail.subject == run.id
    page.locator("[data-toggle]").uncheck()
    expect(page.locator("[data-told]")).to_have_text("位置上报已关闭。")
    look(page, "logistics-drive-line")

    desk.context.set_offline(True)
    expect(page.locator("[data-line]")).to_contain_text("没有网络")
    press(page, "到达河西卫生院")
    unsent(page, 1)
    press(page, "装入标本箱")
    unsent(page, 2)
    expect(page.locator("[data-aboard]:visible")).to_contain_text(box.number)
    page.locator(".w-cold [name=celsius]").fill("5.2")
    press(page, "登记温度")
    unsent(page, 3)
    look(page, "logistics-drive-offline")
    page.reload()
    unsent(page, 3)
    press(page, "离开河西卫生院")
    unsent(page, 4)
    page.locator(".w-skip:visible summary").click()
    page.locator(".w-skip:visible [name=reason]").fill("桥面封闭")
    press(page, "登记不停靠")
    unsent(page, 5)
    press(page, "到达县医院")
    press(page, "已卸下")
    unsent(page, 7)
    sign(page, "李检验")
    unsent(page, 8)
    press(page, "离开县医院")
    unsent(page, 9)
    expect(page.locator("[data-over]")).to_be_visible()
    look(page, "logistics-drive-over")
    kept = page.evaluate(
        "new Promise((r) => { const o = indexedDB.open('drive'); o.onsuccess = () => { const g = o.result.transaction('queue').objectStore('queue').getAll();"
        " g.onsuccess = () => r(g.result.filter((e) => new TextDecoder().decode(e.data).includes('arrive')).length + ' of ' + g.result.length); }; })"
    )
    assert kept == "0 of 9", "nothing readable lies on the telephone"
    assert (
        RunStop.objects.filter(run_id=run.id, arrived_at__isnull=False).count() == 1 and not Signature.objects.exists()
    )

    desk.context.set_offline(False)
    expect(page.locator("#notices")).to_contain_text("已补传 9 条")
    expect(page.locator("[data-unsent]")).to_be_hidden()
    assert Run.objects.get().state == "done" and Tap.objects.filter(state="accepted").count() == 11
    row = Consignment.objects.get(pk=box.id)
    assert row.state == "arrived" and row.signature and row.signature.name == "李检验"
    assert Temperature.objects.count() == 1


def test_from_the_request_to_the_receipt(seat: Sit, world: RoadWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """A nurse books, the driver fetches and measures too warm, the laboratory counts and signs; the dispatcher sees it all; a contradiction is decided."""
    world.run()
    nurse = seat(world.client("nurse"))
    page = nurse.open("/logistics/consignments/new/")
    page.locator("#id_receiver_id").press_sequentially("县医院")
    page.locator("#found_receiver_id .y-option").first.click()
    page.locator("#id_kind").select_option("specimen")
    page.locator("#id_band").select_option("2-8")
    page.locator("#id_pieces").fill("3")
    page.locator("#id_seal").fill("F-7")
    follow(page.locator("main .y-form-foot button").last)
    expect(page.locator("main")).to_contain_text("等待来取")
    look(nurse.page, "logistics-booked")
    box = Consignment.objects.get()

    driver = telephone(seat, world)
    phone = driver.page
    for name in ("到达县医院", "离开县医院", "到达河西卫生院", "装入标本箱"):
        press(phone, name)
        expect(phone.locator("#notices")).to_contain_text("已登记" if "装" not in name else "已装入标本箱")
    phone.locator(".w-cold [name=celsius]").fill("9.6")
    press(phone, "登记温度")
    expect(phone.locator("#notices")).to_contain_text("超温")
    phone.locator(".w-scan [name=number]:visible").fill("WL0")
    press(phone, "装车")
    expect(phone.locator("#notices")).to_contain_text("没有编号为")
    look(phone, "logistics-drive-here")
    press(phone, "离开河西卫生院")
    expect(phone.locator("#notices")).to_contain_text("已登记离开")

    boss = seat(world.client("dispatcher"))
    board = boss.open("/logistics/")
    expect(board.locator("main")).to_contain_text(box.number)
    look(boss.page, "logistics-board")
    run = Run.objects.get()
    east = RunStop.objects.get(run=run, rank=3)
    driver.context.set_offline(True)
    press(phone, "到达河东卫生院")
    unsent(phone, 1)
    logistics.skip(stop_id=east.pk, reason="桥面封闭", actor=world.actor("dispatcher"))
    strict = msgspec.structs.replace(definitions.parameters(), tap_seconds=0)
    monkeypatch.setattr(definitions, "parameters", lambda: strict)  # late from the first second
    driver.context.set_offline(False)
    expect(phone.locator("#notices")).to_contain_text("由调度核对")
    waiting = Tap.objects.get(state="review")
    page = boss.open(f"/logistics/taps/{waiting.pk}/")
    expect(page.locator("main")).to_contain_text("桥面封闭")
    look(boss.page, "logistics-tap")
    page.locator("#id_reason").fill("司机未到，桥已封")
    follow(page.get_by_role("button", name="不采用"))
    assert Tap.objects.get(pk=waiting.pk).state == "dropped"

    monkeypatch.undo()
    driver.open("/logistics/drive/")
    for name, said in (("到达县医院", "已登记到达"), ("已卸下", "已送达")):
        press(phone, name)
        expect(phone.locator("#notices")).to_contain_text(said)
    sign(phone, "李检验")
    expect(phone.locator("#notices")).to_contain_text("李检验 已签名接下 1 件")
    look(phone, "logistics-drive-signed")

    lab = seat(world.client("lab"))
    page = lab.open(f"/logistics/consignments/{box.pk}/")
    expect(page.locator(".w-signed path")).to_be_attached()
    expect(page.locator("main")).to_contain_text("途中超温 1 次")
    look(lab.page, "logistics-receipt")
    page.get_by_role("button", name="本人签收").click()
    expect(page.locator("#notices")).to_contain_text("已签收")
    assert Consignment.objects.get().received_by == world.actor("lab").name
    boss.open(f"/logistics/runs/{run.pk}/")
    look(boss.page, "logistics-run")
