"""Settling against the simulator, a program of its own, with every fault switched on."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from django.conf import settings

from yigong.core import clock
from yigong.exchange.nhsa import api, seeding
from yigong.exchange.nhsa.api import gateway_for
from yigong.exchange.nhsa.models import PlatformMessage
from yigong.insurance.settlement import errors
from yigong.insurance.settlement.bills import Bill
from yigong.insurance.settlement.commands import remote
from yigong.insurance.settlement.commands.reconciling import reconcile
from yigong.insurance.settlement.commands.resolving import (
    accept_platform,
    ask_again,
    ask_platform,
    reverse_there,
    withdraw_disputed,
)
from yigong.insurance.settlement.data import Payment
from yigong.insurance.settlement.models import Difference, PersonYear, Settlement
from yigong.insurance.settlement.queries.preview import Choice
from yigong.insurance.settlement.tests.world import ITEMS, Counter, bill, charge, give_account, make_counter, money
from yigong.residents.tests.factories import citizen_number, make_actor, make_resident

pytestmark = pytest.mark.django_db
_people = count()
HEAD = "code,name,cls,first_self_pay,ceiling,restriction,category,source,certainty"


class Simulator:
    """The running program, with the catalogue of the tests or (``own_items`` false) that of the demo."""

    def __init__(self, folder: Path, own_items: bool = True) -> None:
        self.folder, self.more = folder, ["--catalogue", str(folder / "catalogue.csv")] if own_items else []
        rows = [
            f"{i.code},{i.name},{i.cls},{i.first_self_pay or ''},{i.ceiling or ''},,{i.category},,"
            for i in ITEMS.values()
        ]
        (folder / "catalogue.csv").write_text("\n".join([HEAD, *rows]), "utf-8")
        self.start(0)

    def start(self, port: int) -> None:
        """Run it; its books are in the folder."""
        command = [
            sys.executable,
            "-m",
            "yigong.exchange.nhsa.simulator",
            "--port",
            str(port),
            "--folder",
            str(self.folder),
        ]
        self.child = subprocess.Popen([*command, *self.more], stdout=subprocess.PIPE, text=True)
        assert self.child.stdout is not None
        self.address = self.child.stdout.readline().strip().partition("：")[2]

    def kill(self) -> None:
        """The machine loses its power."""
        self.child.kill()
        if self.child.stdout is not None and not self.child.stdout.closed:
            self.child.communicate()

    def again(self) -> None:
        """Start it at the same address from what it wrote down."""
        self.kill()
        self.start(int(self.address.rstrip("/").rsplit(":", 1)[1]))

    def post(self, path: str, what: dict[str, Any]) -> Any:
        """Master data and faults."""
        request = urllib.request.Request(
            self.address.rstrip("/") + path, json.dumps(what).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.loads(answer.read())

    def fault(self, infno: str, kind: str, times: int = 1, seconds: float = 6) -> None:
        """Switch a fault on."""
        self.post("/simulator/faults", {"infno": infno, "fault": kind, "times": times, "seconds": seconds})

    def state(self) -> Any:
        """What it knows."""
        with urllib.request.urlopen(self.address.rstrip("/") + "/simulator/state", timeout=5) as answer:
            return json.loads(answer.read())


@pytest.fixture
def simulator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    """A simulator for one test."""
    from yigong.insurance.settlement import calculation

    monkeypatch.setattr(calculation, "catalogued", ITEMS.get)
    running = Simulator(tmp_path)
    monkeypatch.setattr(settings, "NHSA_ADDRESS", running.address)
    monkeypatch.setattr(settings, "NHSA_KEY", "demo-key")
    yield running
    running.kill()


@pytest.fixture
def counter() -> Counter:
    """A counter."""
    return make_counter()


def known(simulator: Simulator, counter: Counter, **values: Any) -> UUID:
    """An insured person whom the platform knows as well."""
    given = {"scheme": "390", "type": "1501", "categories": ()} | values
    boss = replace(counter.clerk, permissions=make_actor("all").permissions)
    name = f"王小{'红兰梅'[next(_people) % 3]}"
    key = make_resident(
        boss, name, number=citizen_number(sex="2", born=date(1950 + next(_people), 3, 4)), birth_date=None
    ).id
    counter.insure(key, given)
    if values.get("account"):
        give_account(key, values["account"])
    simulator.post("/simulator/enter", seeding.everything([key], [counter.place, counter.county]))
    return key


def pay(of: Bill, counter: Counter, choice: Choice | None = None, key: UUID | None = None) -> Settlement:
    """Pre-settle, then settle in cash."""
    gateway, choice = gateway_for(of.institution_id), choice or Choice()
    assert gateway is not None
    clerk = replace(counter.clerk, institution_ids=counter.clerk.institution_ids | {of.institution_id})
    seen = remote.presettle(bill=of, choice=choice, gateway=gateway, actor=clerk)
    given = {"payment": Payment(cash=seen.figures.cash), "key": key or uuid4(), "gateway": gateway, "actor": clerk}
    return remote.settle_there(bill=of, choice=choice, **given)


def test_both_sides_agree(simulator: Simulator, counter: Counter) -> None:
    """A year of visits and stays of people of several kinds: two separate calculations, the same fen, and the totals of the day."""
    poor = known(simulator, counter, categories=("dibao",))
    worker = known(simulator, counter, scheme="310", type="1201", account=5000)
    visits = [
        bill(counter, who, charge("A-EXAM", "60.35"), charge("B-DRUG", "33.33"), charge("C-ITEM", "6.50"))
        for who in (poor, worker)
    ]
    stays = [
        bill(counter, who, charge("A-DRUG", amount), charge("B-CT", "230.00"), kind="inpatient", institution_id=counter.county)
        for who in (poor, worker) for amount in ("8123.45", "66000.01", "150000.77")
    ]  # fmt: skip
    for of in (*visits, *stays):
        row = pay(of, counter)
        assert row.state == "settled" and row.settlement_ref and row.channel == "platform"
    assert sum(money().values()) == 0
    office = replace(counter.officer, institution_ids=frozenset({counter.county}))
    for scheme in ("390", "310"):
        assert reconcile(institution_id=counter.county, day=clock.today(), scheme=scheme, actor=office).equal
    last = Settlement.objects.filter(resident_id=worker).latest("settled_at")
    gateway = gateway_for(counter.county)
    assert gateway is not None
    before = PersonYear.objects.get(pk=last.year_id).sums
    correction = reverse_there(
        settlement_id=last.id,
        reason="退",
        key=uuid4(),
        gateway=gateway,
        actor=replace(counter.clerk, institution_ids=frozenset({counter.county})),
    )
    assert correction.total == -last.total and PersonYear.objects.get(pk=last.year_id).sums != before
    print(f"\n{Settlement.objects.filter(state='settled').count()} settlements agree to the fen with the simulator")
    assert reconcile(institution_id=counter.county, day=clock.today(), scheme="310", actor=office).equal
    assert "王小红" not in json.dumps([m.request for m in PlatformMessage.objects.all()], ensure_ascii=False)


def test_a_lost_answer_is_asked_for(simulator: Simulator, counter: Counter) -> None:
    """It settled, the answer got lost: unknown, no money booked, a repeated click sends nothing, asking brings the fact, once."""
    of, key = bill(counter, known(simulator, counter)), uuid4()
    simulator.fault("2207", "lost")
    with pytest.raises(errors.ResultUnknown):
        pay(of, counter, key=key)
    row = Settlement.objects.get(key=key)
    assert row.state == "unknown" and not money() and Difference.objects.get().what == "unknown"
    gateway = gateway_for(counter.place)
    assert gateway is not None
    with pytest.raises(errors.ResultUnknown):
        remote.settle_there(
            bill=of, choice=Choice(), payment=Payment(cash=row.paid_cash), key=key, gateway=gateway, actor=counter.clerk
        )
    assert PlatformMessage.objects.filter(infno="2207").count() == 1
    row = ask_platform(settlement_id=row.id, actor=counter.clerk)
    assert row.state == "settled" and money()["settle.till", counter.clerk.staff_id] == row.paid_cash
    assert Difference.objects.get().state == "resolved" and simulator.state()["settled"] == 1


def test_the_platform_dies_between_request_and_answer(simulator: Simulator, counter: Counter) -> None:
    """Killed while it thinks: unknown. Back again from its journal it knows nothing of it; our late message would be refused; settle anew."""
    of = bill(counter, known(simulator, counter))
    simulator.fault("2207", "slow", seconds=30)
    import threading

    threading.Timer(0.6, simulator.child.kill).start()
    with pytest.raises(errors.ResultUnknown):
        pay(of, counter)
    row = Settlement.objects.get(state="unknown")
    with pytest.raises(errors.PlatformDown):
        ask_platform(settlement_id=row.id, actor=counter.clerk)
    simulator.again()
    with clock.travel(timedelta(minutes=5)):
        assert ask_again() == 1
    row.refresh_from_db()
    assert row.state == "dropped" and not money()
    assert pay(of, counter).state == "settled"


def test_one_fen_goes_to_the_desk(simulator: Simulator, counter: Counter) -> None:
    """Never silently accepted: nothing booked; the office takes it back or takes the platform's sums, and the ledger agrees with it."""
    person = known(simulator, counter)
    simulator.fault("2207", "fen", 2)
    for resolve in (withdraw_disputed, accept_platform):
        of = bill(counter, person)
        with pytest.raises(errors.SumsDisagree, match=r"统筹基金 本地 58\.00 元、平台 57\.99 元"):
            pay(of, counter)
        row = Settlement.objects.get(bill_id=of.id, state="disputed")
        assert not money() and Difference.objects.get(settlement=row).state == "open"
        with pytest.raises(errors.SettlementError if resolve is None else Exception):
            resolve(settlement_id=row.id, reason="核对", actor=counter.clerk)
        row = resolve(settlement_id=row.id, reason="与平台核对", actor=counter.officer)
        assert Difference.objects.get(settlement=row).state == "resolved"
    assert (row.state, row.pool, row.paid_cash) == ("settled", 5799, 4201)
    assert reconcile(institution_id=counter.place, day=clock.today(), scheme="390", actor=counter.officer).equal


def test_a_withdrawn_dispute_leaves_nothing_on_the_desk(simulator: Simulator, counter: Counter) -> None:
    """Settled and taken back there, never booked here: a day that does not agree for another reason names that one only."""
    person = known(simulator, counter)
    simulator.fault("2207", "fen")
    with pytest.raises(errors.SumsDisagree):
        pay(bill(counter, person), counter)
    disputed = Settlement.objects.get(state="disputed")
    withdraw_disputed(settlement_id=disputed.id, reason="平台尾差", actor=counter.officer)
    simulator.fault("2207", "lost")
    with pytest.raises(errors.ResultUnknown):
        pay(bill(counter, person), counter)
    lost = Settlement.objects.get(state="unknown")
    done = reconcile(institution_id=counter.place, day=clock.today(), scheme="390", actor=counter.officer)
    assert not done.equal and done.theirs is not None and done.theirs["count"] == 1
    assert [one.settlement_id for one in Difference.objects.filter(state="open")] == [lost.id]


def test_what_only_one_side_knows(simulator: Simulator, counter: Counter) -> None:
    """A settlement that the platform has and we lost, and the reverse, both stand on the desk with their evidence; a second run adds none."""
    person = known(simulator, counter)
    pay(bill(counter, person), counter)
    lost = bill(counter, person)
    simulator.fault("2207", "lost")
    with pytest.raises(errors.ResultUnknown):
        pay(lost, counter)
    Difference.objects.all().delete()
    for _turn in range(2):
        done = reconcile(institution_id=counter.place, day=clock.today(), scheme="390", actor=counter.officer)
        assert not done.equal and done.theirs is not None and done.theirs["count"] == 2
    (difference,) = Difference.objects.all()
    assert difference.what == "only_there" and difference.theirs is not None and difference.theirs["total"] == 10000


def test_refused_duplicate_slow_and_down(simulator: Simulator, counter: Counter) -> None:
    """Refused: may be settled again. Twice: done once. Slow reading: told, nothing lost. Down: nothing sent, and settled when it is back."""
    person = known(simulator, counter)
    simulator.fault("2207", "refused")
    with pytest.raises(errors.PlatformRefused, match="按设定拒绝"):
        pay(bill(counter, person), counter)
    simulator.fault("2207", "duplicate")
    assert pay(bill(counter, person), counter).state == "settled" and simulator.state()["settled"] == 1
    simulator.fault("2206", "down", 1)
    of = bill(counter, person)
    assert pay(of, counter).state == "settled"
    simulator.kill()
    with pytest.raises(errors.PlatformDown, match="拒绝连接"):
        pay(bill(counter, person), counter)


def test_a_reversal_whose_answer_is_lost(simulator: Simulator, counter: Counter) -> None:
    """Unknown first, then found out; the money goes back once."""
    row = pay(bill(counter, known(simulator, counter)), counter)
    gateway = gateway_for(counter.place)
    assert gateway is not None
    simulator.fault("2208", "lost")
    key = uuid4()
    with pytest.raises(errors.ResultUnknown):
        reverse_there(settlement_id=row.id, reason="退", key=key, gateway=gateway, actor=counter.clerk)
    assert Settlement.objects.get(pk=row.pk).state == "reverse_unknown" and money()
    correction = ask_platform(settlement_id=row.id, actor=counter.clerk)
    assert correction.key == key and not money()


def test_a_lost_card(simulator: Simulator, counter: Counter) -> None:
    """A card reported lost settles nothing; the electronic credential does."""
    person = known(simulator, counter)
    told = seeding.person(person)
    assert told is not None
    told["cards"] = [{"sn": told["certno"], "lost": True}]
    simulator.post("/simulator/enter", {"people": [told]})
    gateway = gateway_for(counter.place)
    assert gateway is not None
    with pytest.raises(errors.CardLost):
        gateway.identify(person, "03")


def test_a_wrong_signature_is_refused(simulator: Simulator, counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message that somebody changed on the way is not carried out."""
    person = known(simulator, counter)
    monkeypatch.setattr(settings, "NHSA_KEY", "another")
    gateway = gateway_for(counter.place)
    assert gateway is not None
    with pytest.raises(errors.PlatformRefused, match="签名"):
        gateway.identify(person, "02")


@pytest.mark.parametrize("fault", ["", "lost", "slow", "duplicate", "refused", "fen"])
def test_a_referred_stay_agrees_under_each_fault(
    simulator: Simulator, counter: Counter, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """Township, then county by referral: both sides ask for the difference of the deductibles only, and after each fault there is one settlement
    that agrees to the fen."""
    rules = msgspec.structs.replace(api.interface_rules(), timeout=1.5)
    monkeypatch.setattr(api, "interface_rules", lambda: rules)
    person = known(simulator, counter)
    first = pay(bill(counter, person, charge("A-DRUG", "1600.00"), kind="inpatient"), counter)
    of = bill(
        counter, person, charge("A-DRUG", "9000.00"), charge("B-CT", "230.00"), kind="inpatient", institution_id=counter.county,
        referral="up", referral_number="ZZ1",
    )  # fmt: skip
    if fault:
        simulator.fault("2304", fault, seconds=3)
    office = replace(counter.officer, institution_ids=frozenset({counter.place, counter.county}))
    try:
        row = pay(of, counter)
    except errors.ResultUnknown:
        assert fault in ("lost", "slow")
        row = ask_platform(settlement_id=Settlement.objects.get(bill_id=of.id, state="unknown").id, actor=office)
    except errors.SumsDisagree:
        assert fault == "fen"
        row = withdraw_disputed(settlement_id=Settlement.objects.get(state="disputed").id, reason="尾差", actor=office)
    except errors.PlatformRefused:
        assert fault == "refused"
        row = first
    if row.state != "settled" or row == first:
        row = pay(of, counter)
    assert row.state == "settled" and row.channel == "platform" and row.working.get("continues") == str(first.id)
    assert 0 < first.deductible < first.deductible + row.deductible == 45_000
    assert simulator.state()["counting"] == 2 and sum(money().values()) == 0
    for place in (counter.place, counter.county):
        assert reconcile(institution_id=place, day=clock.today(), scheme="390", actor=office).equal
    print(
        f"\n{fault or 'no fault'}: deductible {first.deductible} + {row.deductible}, pool {row.pool} fen on both sides"
    )
