"""Postings, holds and the database's part in them."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yigong.core import clock
from yigong.core.actor import Actor, system
from yigong.core.audit.api import acting, changes_of
from yigong.core.ledger import api
from yigong.core.ledger.models import Entry, LedgerAccount, Posting
from yigong.core.numbers.models import Counter
from yigong.core.statements import answers
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
        pair = [Entry(posting=posting, account_id=free, amount=amount) for amount in (1, -1)]
        Entry.objects.bulk_create(pair)
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


@pytest.mark.django_db
def test_by_key_and_by_name_write_the_same_rows() -> None:
    """One booking in three words (plain rows as a program below the door would write them, by key, by name): the same posting, entries and balances."""
    actor, about = Actor("李", "registrar", staff_id=uuid.uuid4()), uuid.uuid4()
    said = {"actor": actor, "reason": "结算", "about": about}
    found = []
    for way in ("rows", "key", "name"):
        owner = uuid.uuid4()
        names = [("t.charges", owner), ("t.till", owner), ("t.pool", owner)]
        amounts = (-4936, 2000, 2936)
        if way == "name":
            entries = [(*name, amount) for name, amount in zip(names, amounts, strict=True)]
            api_booking = api.booking_by_name(entries, unit="fen", negative={"t.charges"}, key=way, **said)
            (posting,) = answers(api_booking)
            assert answers(api_booking)[0].id == posting.id, "the same key again"
            accounts = api.open_accounts({name: name[0] == "t.charges" for name in names}, "fen")
        else:
            accounts = api.open_accounts({name: name[0] == "t.charges" for name in names}, "fen")
            pairs = [(accounts[name], amount) for name, amount in zip(names, amounts, strict=True)]
            if way == "key":
                api.post(pairs, key=way, **said)
            else:
                row = Posting.objects.create(
                    key=way, actor_name="李", staff_id=actor.staff_id, reason="结算", about=about, at=clock.now()
                )
                Entry.objects.bulk_create([Entry(posting=row, account_id=key, amount=amount) for key, amount in pairs])
        row = Posting.objects.get(key=way)
        told = (row.actor_name, row.staff_id, row.reason, row.about, row.reverses_id)
        kept = sorted(row.entries.values_list("account__kind", "amount"))
        held = sorted(
            LedgerAccount.objects.filter(owner_id=owner).values_list("kind", "unit", "may_go_negative", "balance")
        )
        assert all(
            account.id == accounts[account.kind, owner] for account in LedgerAccount.objects.filter(owner_id=owner)
        )
        found.append((told, kept, held))
    assert found[0] == found[1] == found[2]


@pytest.mark.django_db
def test_what_is_short_is_told_and_nothing_written() -> None:
    """By name and by key: wanted, left and which account; the transaction goes on, no posting stands, a name that was new is open and empty."""
    source, free = open_pair(2)
    owner = uuid.uuid4()
    with pytest.raises(api.NotEnough) as refused:
        api.post([(free, -3), (source, 3)], key="short", actor=ME)
    assert refused.value.fields == {"wanted": 3, "left": 2} and refused.value.account_id == free
    entries = [("t.till", owner, -1), ("t.charges", owner, 1)]
    with pytest.raises(api.NotEnough) as refused:
        answers(api.booking_by_name(entries, unit="fen", negative={"t.charges"}, key="short", actor=ME))
    assert refused.value.fields == {"wanted": 1, "left": 0} and api.account(refused.value.account_id).kind == "t.till"
    assert not Posting.objects.filter(key="short").exists() and api.balance(free) == 2


@pytest.mark.django_db
def test_a_known_key_is_known_also_when_the_account_is_empty_by_now() -> None:
    """A repeated submission whose posting used the account up is the same posting, not a refusal."""
    source, free = open_pair(1)
    one = api.post([(free, -1), (source, 1)], key="last", actor=ME)
    assert api.post([(free, -1), (source, 1)], key="last", actor=ME) == one
    with pytest.raises(api.KeyReused):
        api.post([(free, -2), (source, 2)], key="last", actor=ME)


@pytest.mark.race("ledger.post")
@pytest.mark.django_db(transaction=True)
def test_postings_in_opposite_order_do_not_wait_for_each_other() -> None:
    """Accounts are locked in the order of their keys, whatever the order of the entries; new names are opened once."""
    source, free = open_pair(50)
    owner = uuid.uuid4()

    def book(turn: int, names: bool) -> None:
        if names:
            entries = [("t.a", owner, 1), ("t.b", owner, -1)][:: 1 if turn % 2 else -1]
            answers(api.booking_by_name(entries, unit="fen", negative={"t.a", "t.b"}, key=f"n{turn}", actor=ME))
        else:
            api.post([(free, -1), (source, 1)][:: 1 if turn % 2 else -1], key=f"k{turn}", actor=ME)

    for names in (True, False):
        race(*(lambda n=n, by=names: [book(turn, by) for turn in range(n, 24, 4)] for n in range(4)))
    assert api.balance(free) == 50 - 24
    accounts = api.accounts_of([owner], "t.a"), api.accounts_of([owner], "t.b")
    assert [found[owner].balance for found in accounts] == [24, -24]


@pytest.mark.django_db
def test_who_opened_an_account_stands_in_its_history() -> None:
    """Opened by a posting or alone, with the person and the reason of the moment."""
    owner = uuid.uuid4()
    with acting(Actor("王医生", "gp"), reason="收费"):
        answers(
            api.booking_by_name(
                [("t.a", owner, 1), ("t.b", owner, -1)], unit="fen", negative={"t.b"}, key="x", actor=ME
            )
        )
        api.open_accounts({("t.c", owner): False}, "fen")
    rows = LedgerAccount.objects.filter(owner_id=owner)
    assert len(rows) == 3
    for row in rows:
        assert [(one.operation, one.context["actor"], one.context["reason"]) for one in changes_of(row)] == [
            ("insert", "王医生", "收费")
        ]


@pytest.mark.django_db
def test_accounts_balance_at_each_statement() -> None:
    """Entries that would balance only together with a later statement are refused at once."""
    source, free = open_pair(0)
    with pytest.raises(DatabaseError, match="do not sum to zero"), transaction.atomic():
        row = Posting.objects.create(key="x", at=clock.now(), actor_name="x")
        Entry.objects.create(posting=row, account_id=free, amount=1)
        Entry.objects.create(posting=row, account_id=source, amount=-1)
