"""Postings, holds and the database's part in them."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yigong.core import clock
from yigong.core.actor import system
from yigong.core.ledger import api
from yigong.core.ledger.models import Entry, LedgerAccount, Posting
from yigong.core.numbers.models import Counter
from yigong.core.states import clocks
from yigong.core.testing import race

ME = system("test")


def open_pair(units: int) -> tuple[uuid.UUID, uuid.UUID]:
    """A source that may go negative and a free account with so many units."""
    owner = uuid.uuid4()
    source = api.open_account("slots.published", owner, "slot", may_go_negative=True)
    free = api.open_account("slots", owner, "slot")
    if units:
        api.post([(source.id, -units), (free.id, units)], key=f"publish:{owner}", actor=ME)
    return source.id, free.id


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(1, 9)), max_size=12))
def test_sums_stay_zero_and_nothing_goes_negative(steps: list[tuple[int, int, int]]) -> None:
    """Whatever is booked in whatever order: entries sum to zero, balances equal their entries, none is negative."""
    source, first = open_pair(10)
    ids = [source, first] + [api.open_account("slots", uuid.uuid4(), "slot").id for _ in range(2)]
    run = uuid.uuid4()
    for place, (giver, taker, amount) in enumerate(steps):
        if giver == taker:
            continue
        try:
            api.post([(ids[giver], -amount), (ids[taker], amount)], key=f"{run}:{place}", actor=ME)
        except api.NotEnough as refusal:
            assert refusal.fields["left"] < amount
    balances = {pk: api.balance(pk) for pk in ids}
    assert sum(balances.values()) == 0
    assert all(balances[pk] >= 0 for pk in ids[1:])
    for pk in ids:
        assert sum(Entry.objects.filter(account_id=pk).values_list("amount", flat=True)) == balances[pk]


@pytest.mark.django_db
def test_same_key_is_the_same_posting() -> None:
    """A repeated submission books once; the same key for other entries is refused."""
    source, free = open_pair(0)
    one = api.post([(source, -2), (free, 2)], key="form-1", actor=ME)
    assert api.post([(source, -2), (free, 2)], key="form-1", actor=ME) == one
    assert api.balance(free) == 2
    with pytest.raises(api.KeyReused):
        api.post([(source, -3), (free, 3)], key="form-1", actor=ME)


@pytest.mark.django_db
def test_a_posting_is_reversed_once() -> None:
    """The counter-posting restores the balances; a second one with another key is refused, the same key is the same."""
    source, free = open_pair(0)
    one = api.post([(source, -2), (free, 2)], key="form-1", actor=ME)
    back = api.reverse(one.id, key="back-1", actor=ME, reason="录错")
    assert api.balance(free) == 0 and back.reverses == one.id
    assert api.reverse(one.id, key="back-1", actor=ME, reason="录错") == back
    with pytest.raises(api.AlreadyReversed):
        api.reverse(one.id, key="back-2", actor=ME, reason="录错")


@pytest.mark.django_db(transaction=True)
def test_the_database_holds_the_line() -> None:
    """Unbalanced, edited, deleted or late entries and hand-written balances are refused below the program."""
    _, free = open_pair(3)
    posting = Posting.objects.get()
    with pytest.raises(DatabaseError, match="do not sum to zero"), transaction.atomic():
        row = Posting.objects.create(key="x", at=clock.now(), actor_name="x")
        Entry.objects.create(posting=row, account_id=free, amount=1)
    with pytest.raises(DatabaseError, match="Cannot update"):
        Entry.objects.update(amount=5)
    with pytest.raises(DatabaseError, match="Cannot"):
        Posting.objects.filter(pk=posting.pk).delete()
    with pytest.raises(DatabaseError, match="transaction of its posting"):
        Entry.objects.create(posting=posting, account_id=free, amount=1)
    with pytest.raises(DatabaseError, match="by entries only"):
        LedgerAccount.objects.filter(pk=free).update(balance=100)
    assert api.balance(free) == 3


@pytest.mark.django_db
def test_a_hold_is_released_settled_or_expires() -> None:
    """Units come back on release and on expiry by the clock, and are used up by settling."""
    _, free = open_pair(3)
    one = api.hold(free, 1, key="a", actor=ME, until=clock.now() + timedelta(hours=1))
    two = api.hold(free, 1, key="b", actor=ME)
    assert api.hold(free, 1, key="b", actor=ME) == two
    assert api.balance(free) == 1
    api.settle(two.id, actor=ME)
    clocks.sweep()
    assert api.hold_of("a").state == "held"
    with clock.travel(timedelta(hours=2)):
        assert clocks.sweep() >= 1
    assert api.hold_of("a").state == "expired" and api.balance(free) == 2
    assert api.release(one.id, actor=ME).state == "expired"
    assert [line.balance for line in api.statement(free).lines] == [2, 1, 2, 3]
    assert [line.balance for line in api.statement(free, page=2, size=2).lines] == [2, 3]


@pytest.mark.race("ledger.hold")
@pytest.mark.django_db(transaction=True)
def test_the_last_slot_is_taken_once() -> None:
    """Two people hold the last slot in the same instant: one has it, the other learns what is left."""
    for turn in range(5):
        _, free = open_pair(1)
        outcomes = race(*(lambda n=n, f=free, t=turn: api.hold(f, 1, key=f"{t}-{n}-{f}", actor=ME) for n in range(2)))
        refused = [o for o in outcomes if isinstance(o, api.NotEnough)]
        assert len(refused) == 1 and refused[0].fields["left"] == 0
        assert api.balance(free) == 0


@pytest.mark.django_db(transaction=True)
def test_looking_first_sells_the_last_slot_twice() -> None:
    """The naive way (read, compare, write) lets both win: this is what the ledger is for."""
    slot = Counter.objects.create(kind="naive", scope="slot", value=1)
    both_have_looked = threading.Barrier(2)

    def take() -> bool:
        left = Counter.objects.get(pk=slot.pk).value
        both_have_looked.wait()
        if left >= 1:
            Counter.objects.filter(pk=slot.pk).update(value=left - 1)
            return True
        return False

    assert race(take, take) == [True, True]
    connections["default"].close()


@pytest.mark.race("ledger.post")
@pytest.mark.django_db(transaction=True)
def test_one_key_from_two_connections_books_once() -> None:
    """The same submission twice in the same instant gives the same posting to both."""
    source, free = open_pair(0)
    one, two = race(*[lambda: api.post([(source, -1), (free, 1)], key="twice", actor=ME)] * 2)
    assert one == two and api.balance(free) == 1


@pytest.mark.race("ledger.reverse")
@pytest.mark.django_db(transaction=True)
def test_two_reversals_at_once() -> None:
    """One counter-posting is booked, the other person is told."""
    source, free = open_pair(0)
    done = api.post([(source, -1), (free, 1)], key="p", actor=ME)
    outcomes = race(*(lambda n=n: api.reverse(done.id, key=f"r{n}", actor=ME, reason="错") for n in range(2)))
    assert sum(isinstance(o, api.AlreadyReversed) for o in outcomes) == 1
    assert api.balance(free) == 0


@pytest.mark.django_db
def test_a_negative_hold_is_refused() -> None:
    """Holding minus one would create units."""
    _, free = open_pair(1)
    with pytest.raises((IntegrityError, api.NotEnough)), transaction.atomic():
        api.hold(free, -1, key="n", actor=ME)
