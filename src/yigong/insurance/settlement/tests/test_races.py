"""Several counters in the same instant, each on a connection of its own."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connections

from yigong.access import api as access
from yigong.clinic import api as clinic
from yigong.core import clock
from yigong.core.errors import DomainError
from yigong.core.ledger.models import Entry
from yigong.core.testing import race
from yigong.insurance.settlement import api, errors, gateway
from yigong.insurance.settlement.commands import closing as closings
from yigong.insurance.settlement.commands import remote
from yigong.insurance.settlement.commands.counter import return_part
from yigong.insurance.settlement.commands.resolving import (
    accept_platform,
    ask_platform,
    reverse_there,
    withdraw_disputed,
)
from yigong.insurance.settlement.commands.reversing import reverse_here
from yigong.insurance.settlement.commands.settling import settle_here
from yigong.insurance.settlement.data import Payment
from yigong.insurance.settlement.gateway import PlatformAnswer, PlatformBill, PlatformDay, PlatformPerson
from yigong.insurance.settlement.models import (
    ClosedMonth,
    DayClosing,
    DepositMovement,
    PersonYear,
    Reconciliation,
    Settlement,
)
from yigong.insurance.settlement.queries.preview import Choice, look
from yigong.insurance.settlement.tests.clinic_world import charged_bill
from yigong.insurance.settlement.tests.world import Counter, _items, bill, charge, make_counter, money, settled
from yigong.residents.tests.factories import make_actor

pytestmark = pytest.mark.django_db(transaction=True)
assert _items


@pytest.fixture
def counter(transactional_db: None) -> Iterator[Counter]:
    """A counter that other connections see."""
    yield make_counter()
    connections["default"].close()


def sound() -> None:
    """The ledger sums to nothing, and no account that must not is below nothing."""
    assert sum(Entry.objects.values_list("amount", flat=True)) == 0
    negative = {"settle.charges", "settle.deposits", "settle.deposit.owed", "insurance.accounts"}
    assert not [(kind, amount) for (kind, _), amount in money().items() if amount < 0 and kind not in negative]


@pytest.mark.race("settlement.settle_here")
def test_one_settlement_sent_four_times(counter: Counter) -> None:
    """The same click four times at once is one settlement; four clerks with keys of their own: one wins, three read its number."""
    of, key = bill(counter, counter.person()), uuid4()
    pay = {"bill": of, "payment": Payment(cash=4200), "actor": counter.clerk}
    outcomes = race(*[lambda: settle_here(choice=Choice(), key=key, **pay)] * 4)
    assert {one.id for one in outcomes} == {Settlement.objects.get().id}
    other = replace(pay["bill"], id=uuid4())
    outcomes = race(*[lambda: settle_here(choice=Choice(), key=uuid4(), **(pay | {"bill": other}))] * 4)
    assert sum(isinstance(one, errors.AlreadySettled) for one in outcomes) == 3
    assert Settlement.objects.count() == 2 and money()["settle.till", counter.clerk.staff_id] == 8400
    sound()


def test_two_counters_share_one_ceiling(counter: Counter) -> None:
    """Two visits of one person at once never get more than the year's ceiling together; the naive way (look, then write) would."""
    person = counter.person()
    bills = [bill(counter, person, charge("A-EXAM", "400.00")) for _ in range(2)]
    assert [look(of).figures.pool for of in bills] == [23200, 23200]  # both have looked

    def pay(of: Any) -> Settlement:
        for due in (16800, 37200):
            try:
                return settle_here(
                    bill=of, choice=Choice(), payment=Payment(cash=due), key=uuid4(), actor=counter.clerk
                )
            except errors.WrongPayment:
                continue
        raise AssertionError

    race(*(lambda of=of: pay(of) for of in bills))
    assert PersonYear.objects.get(resident_id=person).sums == {"paid:pooling": 26000}
    sound()


@pytest.mark.race("settlement.reverse_here")
def test_two_reversals_at_once(counter: Counter) -> None:
    """The money goes back once."""
    row = settled(counter, bill(counter, counter.person()))
    outcomes = race(*[lambda: reverse_here(settlement_id=row.id, reason="退", key=uuid4(), actor=counter.clerk)] * 3)
    assert sum(isinstance(one, Settlement) for one in outcomes) == 1
    assert not money() and PersonYear.objects.get().sums == {}


@pytest.mark.race("settlement.return_part")
def test_two_returns_at_once(counter: Counter) -> None:
    """Both want the last pack back: one gets it, the other learns that nothing is left of it or that it was first."""
    person = counter.person()
    access.open_relationship(resident_id=person, institution_id=counter.place, basis="encounter")
    bill_id = charged_bill(person, "王小红", counter.place, [("YP-AMLODIPINE", Decimal(1)), ("HY-XCG", Decimal(1))])
    due = api.presettle(bill_id=bill_id, choice=Choice(), actor=counter.clerk).figures.cash
    row = api.settle(bill_id=bill_id, choice=Choice(), payment=Payment(cash=due), key=uuid4(), actor=counter.clerk)
    drug = next(line for line in clinic.bill(bill_id).lines if line.item_code == "YP-AMLODIPINE")
    wanted = {"quantities": {drug.id: Decimal(1)}, "reason": "退药", "actor": counter.clerk, "settlement_id": row.id}
    outcomes = race(*[lambda: return_part(key=uuid4(), **wanted)] * 2)
    assert sum(isinstance(one, Settlement) for one in outcomes) == 1
    assert sum(isinstance(one, DomainError) for one in outcomes) == 1
    (left,) = Settlement.objects.filter(state="settled")
    assert left.total == row.total - drug.amount
    sound()


@pytest.mark.race("settlement.take_deposit")
@pytest.mark.race("settlement.return_deposit")
def test_deposits_at_once(counter: Counter) -> None:
    """One click is one receipt; two returns of what is there once: one."""
    person, key = counter.person(), uuid4()
    take = {"resident_id": person, "amount": 10_000, "means": "cash", "actor": counter.clerk}
    race(*[lambda: api.take_deposit(key=key, **take)] * 2)
    assert DepositMovement.objects.count() == 1
    outcomes = race(*[lambda: api.return_deposit(key=uuid4(), **take)] * 2)
    assert sum(isinstance(one, (errors.DepositShort, errors.TillShort)) for one in outcomes) == 1 and not money()


@pytest.mark.race("settlement.share_account")
def test_an_account_is_shared_once(counter: Counter) -> None:
    """Two desks register the same family at once: one row."""
    share = {"giver_id": counter.person(), "user_id": uuid4(), "starts_on": clock.today(), "actor": counter.clerk}
    outcomes = race(*[lambda: api.share_account(**share)] * 2)
    assert sum(isinstance(one, UUID) for one in outcomes) == 1
    assert sum(isinstance(one, DomainError) for one in outcomes) == 1


@pytest.mark.race("settlement.close_day")
@pytest.mark.race("settlement.draw_float")
def test_a_day_is_closed_once(counter: Counter) -> None:
    """Two closings at once hand the cash in once; the safe gives out what it has."""
    settled(counter, bill(counter, counter.person()))
    outcomes = race(*[lambda: closings.close_day(counted_cash=4200, key=uuid4(), actor=counter.clerk)] * 2)
    assert sum(isinstance(one, DayClosing) for one in outcomes) == 1 and money()["settle.safe", counter.place] == 4200
    outcomes = race(*[lambda: closings.draw_float(amount=3000, key=uuid4(), actor=counter.clerk)] * 2)
    assert sum(isinstance(one, DomainError) for one in outcomes) == 1
    sound()


@pytest.mark.race("settlement.close_month")
def test_nothing_slips_into_a_month_that_is_being_closed(counter: Counter) -> None:
    """While somebody closes the month, a settlement is in before or refused after; never in and not counted. Closed once."""
    month = (clock.today().replace(day=1) - timedelta(days=1)).replace(day=1)
    close = {"institution_id": counter.place, "month": month, "actor": counter.officer}
    outcomes = race(*[lambda: closings.close_month(**close)] * 2)
    assert sum(isinstance(one, ClosedMonth) for one in outcomes) == 1

    def late() -> Settlement:
        row = Settlement(
            number=uuid4().hex[:20], key=uuid4(), resident_id=uuid4(), institution_id=counter.place, kind="self", state="settled", total=1, own=1,
            person=1, paid_cash=1, settled_on=month, month=month, settled_at=clock.now(),
        )  # fmt: skip
        row.save(force_insert=True)
        return row

    (refused,) = race(late)
    assert "closed" in str(refused)
    assert ClosedMonth.objects.get().sums["count"] == 0


class Platform:
    """A platform in this process that agrees, or is off by so many fen, and counts what it is asked."""

    def __init__(self) -> None:
        self.settled: dict[str, PlatformAnswer] = {}
        self.reversed: set[str] = set()
        self.off = 0
        self.lose = False
        self.calls = 0
        self.lock = threading.Lock()

    def identify(self, resident_id: UUID, certificate: str) -> PlatformPerson:
        """Everybody is known."""
        return PlatformPerson("P1", {"390": "1501"}, 0)

    def presettle(self, of: PlatformBill) -> PlatformAnswer:
        """As we calculate."""
        return self._answer(of, "")

    def _answer(self, of: PlatformBill, ref: str) -> PlatformAnswer:
        figures = {name: of.figures.get(name, 0) for name in gateway.COMPARED}
        figures["maf"] = of.figures["aid"] + of.figures["tilt"]
        figures["pool"] -= self.off
        figures["person"] += self.off
        return PlatformAnswer(figures, of.visit_ref or f"M{of.bill.id}", "P1", ref)

    def new_message_id(self) -> str:
        """Fresh."""
        return uuid4().hex[:30]

    def settle(self, of: PlatformBill) -> PlatformAnswer:
        """Counts; may lose the answer."""
        with self.lock:
            self.calls += 1
        self.settled[of.message_id] = self._answer(of, f"S{of.message_id}"[:40])
        if self.lose:
            raise errors.ResultUnknown()
        return self.settled[of.message_id]

    def ask(self, of: PlatformBill) -> PlatformAnswer | None:
        """What was settled."""
        return self.settled.get(of.message_id)

    def reverse(self, of: PlatformBill) -> str:
        """Counts."""
        with self.lock:
            self.calls += 1
        self.reversed.add(of.settlement_ref)
        return "R"

    def ask_reversed(self, of: PlatformBill) -> bool:
        """Whether."""
        return of.settlement_ref in self.reversed

    def withdraw(self, of: PlatformBill) -> None:
        """Nothing."""

    def reconcile(self, day: date, scheme: str, sums: Any, rows: Any) -> PlatformDay:
        """Equal."""
        return PlatformDay(True, "")


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> Platform:
    """Registered for the test."""
    found = Platform()
    monkeypatch.setattr(gateway, "_providers", [lambda _institution: found])
    return found


def presettled(counter: Counter, platform: Platform) -> dict[str, Any]:
    """A bill ready to be sent."""
    of = bill(counter, counter.person())
    remote.presettle(bill=of, choice=Choice(), gateway=platform, actor=counter.clerk)
    return {"bill": of, "payment": Payment(cash=4200), "gateway": platform, "actor": counter.clerk}


@pytest.mark.race("settlement.settle_there")
def test_the_platform_is_asked_once(counter: Counter, platform: Platform) -> None:
    """One click four times: the platform settles once, money is booked once."""
    pay, key = presettled(counter, platform), uuid4()
    outcomes = race(*[lambda: remote.settle_there(choice=Choice(), key=key, **pay)] * 4)
    assert platform.calls == 1 and Settlement.objects.get().state == "settled"
    assert all(isinstance(one, (Settlement, errors.ResultUnknown)) for one in outcomes)
    assert money()["settle.till", counter.clerk.staff_id] == 4200
    sound()


@pytest.mark.race("settlement.ask_platform")
def test_two_ask_for_a_lost_answer(counter: Counter, platform: Platform) -> None:
    """The fact is booked once."""
    platform.lose = True
    with pytest.raises(errors.ResultUnknown):
        remote.settle_there(choice=Choice(), key=uuid4(), **presettled(counter, platform))
    row = Settlement.objects.get()
    race(*[lambda: ask_platform(settlement_id=row.id, actor=counter.clerk)] * 2)
    row.refresh_from_db()
    assert row.state == "settled" and money()["settle.till", counter.clerk.staff_id] == 4200
    assert PersonYear.objects.get().sums == {"paid:pooling": 5800}
    sound()


@pytest.mark.race("settlement.reverse_there")
def test_two_reversals_at_the_platform(counter: Counter, platform: Platform) -> None:
    """Sent once, given back once."""
    row = remote.settle_there(choice=Choice(), key=uuid4(), **presettled(counter, platform))
    platform.calls = 0
    back = {"settlement_id": row.id, "reason": "退", "gateway": platform, "actor": counter.clerk}
    race(*[lambda: reverse_there(key=uuid4(), **back)] * 2)
    assert platform.calls == 1 and not money()


@pytest.mark.race("settlement.accept_platform")
@pytest.mark.race("settlement.withdraw_disputed")
def test_a_dispute_ends_one_way(counter: Counter, platform: Platform) -> None:
    """Two officers accept at once: booked once. One who withdraws afterwards is told that nothing is open."""
    platform.off = 1
    with pytest.raises(errors.SumsDisagree):
        remote.settle_there(choice=Choice(), key=uuid4(), **presettled(counter, platform))
    row = Settlement.objects.get()
    accept = {"settlement_id": row.id, "reason": "以平台为准", "actor": counter.officer}
    outcomes = race(*[lambda: accept_platform(**accept)] * 2)
    assert sum(isinstance(one, Settlement) for one in outcomes) == 1
    outcomes = race(*[lambda: withdraw_disputed(**accept)] * 2)
    assert all(isinstance(one, DomainError) for one in outcomes) and not platform.reversed
    assert money()["settle.receivable.pool", counter.place] == 5799
    sound()


def test_another_house_clears_up_nothing(counter: Counter, platform: Platform) -> None:
    """An insurance clerk of elsewhere neither asks, accepts, withdraws nor reconciles; nothing is asked of the platform, nothing booked."""
    platform.off = 1
    with pytest.raises(errors.SumsDisagree):
        remote.settle_there(choice=Choice(), key=uuid4(), **presettled(counter, platform))
    row, stranger = Settlement.objects.get(), make_actor("insurance_clerk", staff_id=uuid4())
    asked = platform.calls
    given: dict[str, Any] = {"settlement_id": row.id, "actor": stranger}
    for deed in (
        lambda: ask_platform(**given),
        lambda: accept_platform(**given, reason="以平台为准"),
        lambda: withdraw_disputed(**given, reason="撤销"),
        lambda: api.reconcile(institution_id=counter.place, day=clock.today(), scheme="390", actor=stranger),
    ):
        with pytest.raises(errors.NotHere):
            deed()
    row.refresh_from_db()
    assert row.state == "disputed" and platform.calls == asked and not money() and not Reconciliation.objects.exists()


@pytest.mark.race("settlement.reconcile")
def test_a_day_is_reconciled_once(counter: Counter, platform: Platform) -> None:
    """Two at once leave one line for the day."""
    same = {"institution_id": counter.place, "day": clock.today(), "scheme": "390", "actor": counter.officer}
    race(*[lambda: api.reconcile(**same)] * 2)
    assert Reconciliation.objects.count() == 1
