"""The counter in a real Chromium against the simulator with each fault switched on: paid, printed, taken back, never twice."""

import io
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from django.conf import settings
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from yigong.core.testing import wait_for
from yigong.core.ui.tests.screens import DESK, PHONE, Seat, Sit, follow
from yigong.exchange.nhsa import api, seeding
from yigong.exchange.nhsa.models import PlatformMessage
from yigong.exchange.nhsa.simulator.server import FAULTS
from yigong.exchange.nhsa.tests.test_platform import Simulator
from yigong.insurance.settlement.models import Settlement
from yigong.insurance.settlement.tests.test_pages import Desk
from yigong.insurance.settlement.tests.world import money
from yigong.residents.tests.factories import citizen_number

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAY, REVERSE = "2207", "2208"


@dataclass
class Counter:
    """A cashier's screen, the office's screen, and the platform they speak to."""

    desk: Desk
    screen: Seat
    platform: Simulator
    office: Callable[[], Seat]
    bills: list[UUID] = field(default_factory=list)

    @property
    def page(self) -> Page:
        """What the cashier sees."""
        return self.screen.page

    def bill(self) -> UUID:
        """A fresh bill, opened at the counter by its number."""
        self.bills.append(self.desk.bill())
        self.screen.open(f"/settlement/bills/{self.bills[-1]}/")
        return self.bills[-1]

    def press(self) -> None:
        """Take the money, with ten yuan more than due handed over."""
        due = self.page.locator("[data-due]").inner_text()
        self.page.locator("[name=tendered]").fill(f"{float(due) + 10:.2f}")
        expect(self.page.locator("[data-change]")).to_have_text("10.00")
        self.page.keyboard.press("F9")

    def ask(self) -> None:
        """Find out what became of it."""
        self.page.get_by_role("button", name="现在查询").click()

    def again(self) -> None:
        """The way on that the page offers."""
        self.page.get_by_role("link", name="重新结算").click()
        self.press()

    def take_back(self) -> None:
        """The whole settlement, with a reason."""
        self.page.locator("form[action$='/reverse/'] [name=reason]").fill("患者要求改用他院")
        self.page.get_by_role("button", name="整张冲正").click()
        self.page.locator("dialog[open]").get_by_role("button", name="冲正", exact=True).click()

    def shoot(self, name: str) -> None:
        """On the desk and on the phone."""
        self.screen.shoot(f"counter-{name}", DESK, PHONE)


@pytest.fixture
def counter(transactional_db: None, seat: Sit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter]:
    """A township's counter with a bill of somebody whom the platform knows."""
    platform = Simulator(tmp_path, own_items=False)
    rules = msgspec.structs.replace(api.interface_rules(), timeout=1.5)
    monkeypatch.setattr(api, "interface_rules", lambda: rules)
    monkeypatch.setattr(settings, "NHSA_ADDRESS", platform.address)
    monkeypatch.setattr(settings, "NHSA_KEY", "demo-key")
    desk = Desk(number=citizen_number(sex="2", born=date(1966, 5, 4)))
    platform.post("/simulator/enter", seeding.everything([desk.person], [desk.place]))
    yield Counter(desk, seat(desk.client), platform, lambda: seat(desk.sign_in("insurance_clerk")))
    platform.kill()


def nothing(counter: Counter) -> None:
    """No fault."""
    counter.press()


def slow(counter: Counter) -> None:
    """The answer comes after our patience has ended: asked for, not there, called off at the platform, settled anew."""
    counter.platform.fault(PAY, "slow", seconds=3)
    counter.press()
    expect(counter.page.locator("main")).to_contain_text("还不知道结果")
    expect(counter.page.locator("main")).to_contain_text("请不要再收一次款")
    counter.ask()  # no pictures before: the late message is on its way
    expect(counter.page.locator("main")).to_contain_text("平台查询没有这次结算，可重新结算")
    counter.shoot("slow-asked")
    counter.again()


def lost(counter: Counter) -> None:
    """It settled, the answer got lost: asking brings the fact, the bill list names what is open, nobody pays twice."""
    counter.platform.fault(PAY, "lost")
    counter.press()
    expect(counter.page.locator("main")).to_contain_text("还不知道结果")
    assert not money()
    waits = Settlement.objects.get(bill_id=counter.bills[-1], state="unknown")
    sheet = counter.page.request.get(f"{counter.screen.base}/settlement/{waits.id}/print/")
    assert sheet.status == 409 and "还没有结算成功" in sheet.text()
    counter.screen.open("/settlement/")
    expect(counter.page.locator("main")).to_contain_text("还没有结果的结算")
    counter.shoot("lost-list")
    counter.screen.open(f"/settlement/bills/{counter.bills[-1]}/")
    counter.ask()


def duplicate(counter: Counter) -> None:
    """The platform carries the message out twice."""
    counter.platform.fault(PAY, "duplicate")
    counter.press()


def refused(counter: Counter) -> None:
    """The platform says no, in its own words, on the same page; the next attempt goes through."""
    counter.platform.fault(PAY, "refused")
    counter.press()
    notice = counter.page.locator(".y-notice.is-error")
    expect(notice).to_contain_text("医保平台没有办成")
    expect(notice).to_contain_text("医保平台拒绝：模拟器按设定拒绝了这次交易")
    expect(counter.page.locator(".y-errors")).to_have_count(0)
    counter.shoot("refused")
    counter.press()


def one_fen(counter: Counter) -> None:
    """Another sum by one fen: not booked; the office takes it back at the platform, the counter settles anew."""
    counter.platform.fault(PAY, "fen")
    counter.press()
    expect(counter.page.locator("main")).to_contain_text("与本地金额不一致，没有入账")
    expect(counter.page.locator("main")).to_contain_text("统筹基金 本地")
    assert not money()
    counter.shoot("fen")
    office = counter.office()
    office.open("/settlement/differences/")
    _reconcile(office)
    expect(office.page.locator("main")).to_contain_text("不平")
    expect(office.page.locator("main")).to_contain_text("0 笔")
    office.shoot("counter-fen-desk")
    follow(office.page.get_by_role("link", name="查看").first)
    expect(office.page.locator("tr.table-warning").first).to_contain_text("统筹基金")
    office.shoot("counter-fen-difference")
    office.page.goto(counter.page.url)
    office.page.locator("form[action$='/withdraw/'] [name=reason]").fill("平台尾差，撤销重结")
    office.page.get_by_role("button", name="撤销平台结算，重新来过").click()
    expect(office.page.locator("main")).to_contain_text("账单可以重新结算")
    counter.page.reload()
    counter.again()
    expect(counter.page.get_by_role("link", name="打印结算单")).to_be_visible()
    office.open("/settlement/differences/")
    expect(office.page.locator("main")).to_contain_text("没有待处理的差异")
    _reconcile(office)
    expect(office.page.locator(".badge", has_text="不平")).to_have_count(0)
    office.shoot("counter-fen-equal")


def _reconcile(office: Seat) -> None:
    """Today's residents against the platform."""
    follow(office.page.get_by_role("button", name="与平台对账"))


def hung_up(counter: Counter) -> None:
    """Connected, and hung up at once: nobody knows, so nobody pays twice; asked for, not there, settled anew."""
    counter.platform.fault(PAY, "down")
    counter.press()
    expect(counter.page.locator("main")).to_contain_text("请不要再收一次款")
    counter.ask()
    expect(counter.page.locator("main")).to_contain_text("平台查询没有这次结算，可重新结算")
    counter.again()


def dead(counter: Counter) -> None:
    """Killed between request and answer: not known, then not reachable, then back again without it, settled anew."""
    counter.platform.fault(PAY, "slow", seconds=20)
    _die_while(counter, counter.press, "请不要再收一次款")
    counter.again()


def down(counter: Counter) -> None:
    """Not reachable before anything was sent: said so, nothing was settled; back again, it goes on where it was."""
    counter.platform.kill()
    counter.press()
    expect(counter.page.locator("main")).to_contain_text("医保平台连接不上（拒绝连接），尚未结算")
    counter.shoot("down")
    counter.platform.again()
    counter.page.get_by_role("link", name="重试").click()
    counter.press()


def _die_while(counter: Counter, act: Callable[[], None], words: str) -> None:
    end = threading.Thread(target=_kill_once_it_waits, args=[counter.platform])
    end.start()
    act()
    expect(counter.page.locator("main")).to_contain_text(words)
    end.join()
    counter.ask()
    expect(counter.page.locator("main")).to_contain_text("医保平台连接不上")
    counter.platform.again()
    counter.ask()


def _kill_once_it_waits(platform: Simulator) -> None:
    """The message has arrived and is not answered yet, however slow the counter was."""
    wait_for(lambda: platform.state()["log"][-1]["fault"] == "slow")
    platform.child.kill()


def back_plainly(counter: Counter) -> None:
    """Taken back at once."""
    counter.take_back()


def back_refused(counter: Counter) -> None:
    """The platform does not take it back, and says so; the next attempt goes through."""
    counter.platform.fault(REVERSE, "refused")
    counter.take_back()
    expect(counter.page.locator(".y-notice.is-error")).to_contain_text("医保平台拒绝：模拟器按设定拒绝了这次交易")
    expect(counter.page.locator(".y-errors")).to_have_count(0)
    assert counter.page.get_by_text("已结算").count()
    counter.take_back()


def back_lost(counter: Counter) -> None:
    """Taken back there, the answer got lost: asking brings it."""
    counter.platform.fault(REVERSE, "lost")
    counter.take_back()
    expect(counter.page.locator("main")).to_contain_text("查到之前请先不要退款")
    counter.shoot("back-unknown")
    counter.ask()


def back_slow(counter: Counter) -> None:
    """The answer comes too late: called off at the platform, where the late message changes nothing, then taken back anew."""
    counter.platform.fault(REVERSE, "slow", seconds=3)
    counter.take_back()
    counter.ask()
    expect(counter.page.locator("main")).to_contain_text("查询结果：已结算")
    counter.page.wait_for_timeout(3200)  # the late message has arrived by now
    counter.take_back()


def back_duplicate(counter: Counter) -> None:
    """The platform carries the reversal out twice."""
    counter.platform.fault(REVERSE, "duplicate")
    counter.take_back()


def back_dead(counter: Counter) -> None:
    """Killed while it takes it back: still settled, and taken back anew."""
    counter.platform.fault(REVERSE, "slow", seconds=20)
    _die_while(counter, counter.take_back, "查到之前请先不要退款")
    counter.take_back()


# What the simulator can do wrong, and who drives it; killed and not reachable are done to the program itself.
DRIVEN = {
    "": (nothing, back_plainly), "slow": (slow, back_slow), "lost": (lost, back_lost), "duplicate": (duplicate, back_duplicate),
    "refused": (refused, back_refused), "fen": (one_fen, back_plainly), "down": (hung_up, back_plainly), "killed": (dead, back_dead),
    "unreachable": (down, back_plainly),
}  # fmt: skip


def test_every_fault_is_driven() -> None:
    """All faults of the simulator, and those of the line."""
    driven = [fault for fault in FAULTS if fault in DRIVEN]
    print(
        f"\n{len(driven)} of {len(FAULTS)} faults of the simulator are driven at the counter, {len(DRIVEN)} ways in all"
    )
    assert set(FAULTS) <= set(DRIVEN) and len(driven) == len(FAULTS) > 0


@pytest.mark.parametrize(("going", "coming"), DRIVEN.values(), ids=lambda one: one.__name__)
def test_with_each_fault(counter: Counter, going: Callable[[Counter], None], coming: Callable[[Counter], None]) -> None:
    """Pre-settlement, settlement, print, reversal: a clear sentence and a way on at each fault, nothing double in either ledger."""
    bill_id = counter.bill()
    expect(counter.page.locator("main")).to_contain_text("医保平台已预结算")
    going(counter)
    expect(counter.page.get_by_role("link", name="打印结算单")).to_be_visible()
    row = Settlement.objects.get(bill_id=bill_id, state="settled")
    held = money()
    assert held["settle.charges", counter.desk.place] == -row.total
    assert held["settle.receivable.pool", counter.desk.place] == row.pool > 0
    assert counter.platform.state()["counting"] == 1
    if going is nothing:
        counter.shoot("paid")
    _print(counter, row)
    counter.screen.open(f"/settlement/{row.id}/")
    coming(counter)
    expect(counter.page.locator("main")).to_contain_text(f"这是对 {row.number} 的冲正")
    if going is nothing:
        counter.shoot("back")
    assert not money() and counter.platform.state()["counting"] == 0
    assert Settlement.objects.filter(reverses=row).count() == 1
    for infno in (PAY, REVERSE):
        sent = list(PlatformMessage.objects.filter(infno=infno).values_list("message_id", flat=True))
        assert len(sent) == len(set(sent)), "a message that moves money was sent twice"
    counter.screen.open("/settlement/")
    expect(counter.page.get_by_role("link", name="收费", exact=True)).to_have_count(1)


def _print(counter: Counter, row: Settlement) -> None:
    """The bill as a sheet: one page, and what was shown on the screen is on it."""
    sheet = counter.page.request.get(f"{counter.screen.base}/settlement/{row.id}/print/")
    assert sheet.status == 200 and sheet.headers["content-type"] == "application/pdf"
    if folder := os.environ.get("YIGONG_SHOTS"):
        (Path(folder) / "bill.pdf").write_bytes(sheet.body())
    (page,) = PdfReader(io.BytesIO(sheet.body())).pages
    text = page.extract_text()
    for words in (row.number, row.bill_number, f"{row.person / 100:.2f}", "统筹基金"):
        assert words in text, text
