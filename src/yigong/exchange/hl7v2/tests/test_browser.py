"""The laboratory's loop in a real Chromium, with values sent by the public library's own MLLP client."""

import asyncio
import re
import socket
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from hl7.client import MLLPClient
from playwright.sync_api import expect

from yigong.centres.laboratory.models import Tube
from yigong.centres.laboratory.tests.world import LabWorld, make_lab_world
from yigong.core.ui.tests.screens import PHONE, Sit, follow
from yigong.exchange.hl7v2.server import serve
from yigong.exchange.hl7v2.tests.writers import oru
from yigong.orders.tests.world import browser_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(transactional_db: None) -> LabWorld:
    """A small county with a laboratory."""
    return make_lab_world()


@pytest.fixture
def analyser_port() -> Iterator[int]:
    """The door for analysers on a free port, in a thread of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    started, loop, running = threading.Event(), asyncio.new_event_loop(), list[asyncio.Task]()

    async def run() -> None:
        ready = asyncio.Event()
        running.append(asyncio.ensure_future(serve("127.0.0.1", free, workers=1, ready=ready)))
        await ready.wait()
        started.set()
        await asyncio.wait({running[0]})

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()))
    thread.start()
    assert started.wait(20)
    yield free
    loop.call_soon_threadsafe(running[0].cancel)
    thread.join(20)
    loop.close()


def test_the_loop_in_a_browser(seat: Sit, world: LabWorld, analyser_port: int) -> None:
    """Order in the township, label, collect, pack, send, receive, analyser, both reviews, seen by the asker; the critical value on the way."""
    doctor = seat(browser_of(world.gp))
    page = doctor.open(f"/orders/laboratory/new/{world.base.resident_id}/")
    for letters in ("djz", "xcg"):
        page.locator("#id_pick").press_sequentially(letters)
        page.locator(".y-option.is-on").wait_for()
        page.locator("#id_pick").press("Enter")
    expect(page.locator("[data-needs]")).to_contain_text("需要采集 2 管")
    page.locator("#id_purpose").fill("复查血钾")
    page.locator("#id_diagnosis").fill("高血压")
    doctor.shoot("lab-request")
    page.locator("main form .btn-primary").last.click()
    page.wait_for_selector(".y-steps")
    order_id = page.url.rstrip("/").rsplit("/", 1)[1]
    doctor.shoot("lab-order")

    nurse = seat(browser_of(world.nurse))
    page = nurse.open("/laboratory/tubes/")
    numbers = [t.number for t in Tube.objects.filter(order_id=order_id).order_by("number")]
    assert nurse.page.request.get(f"{nurse.base}/laboratory/{order_id}/labels/").body()[:5] == b"%PDF-"
    for number in numbers:
        page.locator("#id_number").fill(number)
        page.get_by_label("已核对姓名").check()
        page.get_by_role("button", name="确认采集").click()
        expect(page.get_by_text(f"已采集 {number}")).to_be_visible()
    page.locator("#id_number").fill(numbers[0])
    page.get_by_label("已核对姓名").check()
    page.get_by_role("button", name="确认采集").click()
    expect(page.get_by_text("不能采集")).to_be_visible()
    nurse.shoot("lab-collect-twice", PHONE)
    page = nurse.open("/laboratory/boxes/")
    page.get_by_role("button", name="新开一箱").click()
    page.wait_for_url(re.compile(r"/boxes/[0-9a-f-]{36}/"))
    for number in numbers:
        page.locator("[name=number]").first.fill(number)
        page.get_by_role("button", name="放入本箱").click()
        expect(page.get_by_role("link", name=number)).to_be_visible()
    page.locator("[name=courier]").fill("物流老陈")
    page.locator("[name=seal]").fill("F-01")
    page.get_by_role("button", name="交运").click()
    page.locator("[name=celsius]").fill("9.4")
    page.get_by_role("button", name="登记温度").click()
    expect(page.get_by_text("超温").first).to_be_visible()
    nurse.shoot("lab-box", PHONE)

    bench = seat(browser_of(world.technician))
    page = bench.open(urlsplit(nurse.page.url).path)
    page.locator("[name=tubes_in]").fill("2")
    page.get_by_role("button", name="本人签收").click()
    expect(page.get_by_text("逐支签收")).to_be_visible()
    page = bench.open("/laboratory/receive/")
    for number in numbers:
        page.locator("#id_number").first.fill(number)
        page.get_by_role("button", name="签收", exact=True).click()
        expect(page.get_by_text(f"已签收 {number}")).to_be_visible()
    bench.shoot("lab-receive")
    tubes = {t.tube: t.number for t in Tube.objects.filter(order_id=order_id)}
    salts = {
        "K": ("6.91", "mmol/L"),
        "NA": ("139", "mmol/L"),
        "CL": ("101", "mmol/L"),
        "CA": ("2.3", "mmol/L"),
        "MG": ("0.9", "mmol/L"),
        "P": ("1.1", "mmol/L"),
    }
    with MLLPClient("127.0.0.1", analyser_port) as client:
        assert b"MSA|AA|" in client.send_message(oru(tubes["yellow"], salts))
        assert b"MSA|AE|" in client.send_message(oru("1000000000000000", salts))
    page = bench.open("/hl7v2/")
    bench.shoot("lab-messages")
    follow(page.get_by_role("link", name="打开").first)
    bench.shoot("lab-message")
    page = bench.open(f"/laboratory/{order_id}/report/")
    expect(page.locator(".o-critical").first).to_contain_text("钾：6.91")
    values = {
        "WBC": "6.1",
        "NEUTP": "61",
        "NEUT": "3.7",
        "LYMP": "30",
        "RBC": "4.5",
        "HGB": "x",
        "HCT": "40",
        "MCV": "90",
        "PLT": "210",
    }
    for code, value in values.items():
        page.locator(f"[name=v_{code}]").fill(value)
    page.get_by_role("button", name="技术审核").click()
    expect(page.locator(".y-error").first).to_contain_text("不是数字")
    page.locator("[name=v_HGB]").fill("132")
    bench.shoot("lab-results")
    page.get_by_role("button", name="技术审核").click()
    page.wait_for_url("**/worklist/")

    doctor.open("/orders/critical/")
    doctor.page.get_by_role("link", name="处理", exact=True).first.click()
    doctor.page.get_by_label("已复述核对").check()
    follow(doctor.page.get_by_role("button", name="确认接收"))
    doctor.shoot("lab-critical", PHONE)

    reviewer = seat(browser_of(world.doctor))
    page = reviewer.open("/orders/laboratory/worklist/?view=review")
    reviewer.shoot("lab-worklist")
    follow(page.get_by_role("link", name="打开").first)
    reviewer.shoot("lab-review", PHONE)
    page.get_by_role("button", name="医学审核").click()
    page.wait_for_url("**view=review")
    doctor.page.set_viewport_size({"width": 1366, "height": 768})
    page = doctor.open(f"/orders/{order_id}/")
    expect(page.get_by_role("cell", name="6.91")).to_be_visible()
    doctor.shoot("lab-result")
    doctor.shoot("lab-result", PHONE)
    page = reviewer.open("/laboratory/turnaround/")
    reviewer.shoot("lab-turnaround")
