"""Transitions, clocks and history on the ledger's hold table, the ground floor's own workflow."""

import logging
import uuid
from datetime import timedelta

import pytest
from django.db import DatabaseError

from yigong.core import clock
from yigong.core.actor import Actor, system
from yigong.core.ledger import api as ledger
from yigong.core.ledger.models import Hold
from yigong.core.states import api, clocks
from yigong.core.states.models import ClockFailure, StateChange
from yigong.core.testing import race

ME = system("test")


@pytest.fixture(autouse=True)
def only_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clocks that rooms add by ``clocks.also`` run when they like; these tests count the states' own."""
    monkeypatch.setattr(clocks, "_others", [])


def make_hold(hours: int | None = None) -> Hold:
    """A hold of one unit, ending in so many hours."""
    owner = uuid.uuid4()
    source = ledger.open_account("s", owner, "u", may_go_negative=True)
    free = ledger.open_account("f", owner, "u")
    ledger.post([(source.id, -1), (free.id, 1)], key=str(owner), actor=ME)
    until = clock.now() + timedelta(hours=hours) if hours is not None else None
    return Hold.objects.get(pk=ledger.hold(free.id, 1, key=f"h{owner}", actor=ME, until=until).id)


@pytest.mark.django_db
def test_the_loser_learns_who_was_first() -> None:
    """A second step from the old state names the person and the time of the first."""
    row = make_hold()
    api.transition(ledger.HOLD, row, "release", actor=Actor(name="王医生", role="gp"))
    with pytest.raises(api.WrongState, match="王医生"):
        api.transition(ledger.HOLD, row, "settle", actor=ME)


@pytest.mark.django_db
def test_an_old_page_is_refused() -> None:
    """A form made from version 1 is refused once the row moved on, also when the step itself would be allowed."""
    row = make_hold()
    with pytest.raises(api.Stale):
        api.transition(ledger.HOLD, row, "release", actor=ME, expected_version=7)
    assert api.transition(ledger.HOLD, row, "release", actor=ME, expected_version=1).version == 2


@pytest.mark.django_db
def test_history_is_append_only_and_ordered() -> None:
    """Steps of the same instant keep their order; the database refuses to change or delete one."""
    row = make_hold()
    api.transition(ledger.HOLD, row, "release", actor=ME)
    assert [(h.version, h.from_state, h.to_state) for h in api.history(row.pk)] == [
        (1, "", "held"),
        (2, "held", "released"),
    ]
    with pytest.raises(DatabaseError, match="Cannot update"):
        StateChange.objects.filter(object_id=row.pk).update(reason="改写")


@pytest.mark.django_db
def test_a_person_cannot_take_a_clocks_step() -> None:
    """Steps of the system are refused to people, whatever their rights."""
    with pytest.raises(api.Forbidden):
        api.transition(ledger.HOLD, make_hold(), "expire", actor=Actor(name="王", role="admin"))


@pytest.mark.race("states.transition")
@pytest.mark.django_db(transaction=True)
def test_two_steps_at_once() -> None:
    """Of two different steps from one state in the same instant, one is taken."""
    row = make_hold()
    outcomes = race(*(lambda a=a: api.transition(ledger.HOLD, row, a, actor=ME) for a in ("release", "settle")))
    assert sum(isinstance(o, api.WrongState) for o in outcomes) == 1
    assert len(api.history(row.pk)) == 2


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_ring_a_clock_once() -> None:
    """Two relays that look at the clocks together handle each due row once."""
    rows = [make_hold(1) for _ in range(6)]

    def sweep() -> int:
        with clock.travel(timedelta(hours=2)):
            return clocks.sweep()

    assert sum(race(sweep, sweep)) == 6
    assert {len(api.history(r.pk)) for r in rows} == {2}


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> uuid.UUID:
    """One hold whose expiry fails."""
    caplog.set_level(logging.CRITICAL)
    bad = make_hold(1)
    real = ledger.HOLD.on_due

    def on_due(row: Hold) -> None:
        if row.pk == bad.pk:
            raise RuntimeError("坏了")
        real(row)

    monkeypatch.setitem(ledger.HOLD.__dict__, "on_due", on_due)
    return bad.pk


@pytest.mark.django_db
def test_a_failing_clock_does_not_stop_the_others(broken: uuid.UUID) -> None:
    """Its failure is kept for the administrator, it waits before the next try, and goes away when it works."""
    good = make_hold(1)
    with clock.travel(timedelta(hours=2)):
        assert clocks.sweep() == 1
        assert clocks.sweep() == 0
        assert Hold.objects.get(pk=good.pk).state == "expired"
        assert clocks.failures()[0].object_id == broken and "坏了" in clocks.failures()[0].last_error
    with clock.travel(timedelta(hours=3)):
        clocks.sweep()
        assert ClockFailure.objects.get().attempts == 2


@pytest.mark.django_db
def test_a_clock_rings_once_or_starts_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a step the receipt stops it; a returned span is a second level."""
    row, calls = make_hold(1), []

    def on_due(due: Hold) -> timedelta | None:
        calls.append(due.pk)
        return timedelta(hours=24) if len(calls) == 1 else None

    monkeypatch.setitem(ledger.HOLD.__dict__, "on_due", on_due)
    for hours in (2, 3, 27, 60):
        with clock.travel(timedelta(hours=hours)):
            clocks.sweep()
    assert calls == [row.pk, row.pk]
    assert Hold.objects.get(pk=row.pk).escalated_at


@pytest.mark.django_db
def test_many_rows_start_together() -> None:
    """Each gets its own state, clock and first line of history; two statements however many there are."""
    known = make_hold()
    rows = [
        Hold(key=f"many-{n}", free_id=known.free_id, held_id=known.held_id, amount=1, until=clock.now() + timedelta(hours=1))
        for n in range(3)
    ]  # fmt: skip
    api.start_many(ledger.HOLD, rows, lambda row: "held" if row.key != "many-2" else "released", actor=ME)
    assert [Hold.objects.get(pk=row.pk).state for row in rows] == ["held", "held", "released"]
    assert [row.due_at is not None for row in rows] == [True, True, False]
    assert [api.history(row.pk)[0].action for row in rows] == ["create"] * 3
    api.start_many(ledger.HOLD, [], lambda row: "held", actor=ME)
