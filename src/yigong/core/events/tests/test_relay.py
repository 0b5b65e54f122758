"""Delivery: once each, effects once, whatever fails or dies."""

import logging
import signal
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction

from yigong.core import clock
from yigong.core.actor import system
from yigong.core.events import api, relay
from yigong.core.events.models import Delivery, OutboxEvent
from yigong.core.events.tests.handlers import Happened
from yigong.core.numbers.models import Counter
from yigong.core.testing import process, race, wait_for

HANDLERS = "yigong.core.events.tests.handlers"


def tell(*places: int, poison: bool = False) -> None:
    """Record one event per place, each in its own transaction."""
    for place in places:
        with transaction.atomic():
            api.record(Happened(place, poison))


def effects(name: str) -> dict[str, int]:
    """How often the effect took place, per event."""
    return dict(Counter.objects.filter(kind=f"effect.{name}").values_list("scope", "value"))


def all_done() -> bool:
    """Nothing waits any more."""
    return not OutboxEvent.objects.filter(done_at__isnull=True).exists()


@pytest.mark.django_db(transaction=True)
def test_kill_9_in_the_middle_of_delivery(tmp_path: Path) -> None:
    """A relay killed between two handlers: the next one delivers everything, every effect exactly once."""
    tell(*range(5))
    sign = tmp_path / "in-the-middle"
    with process("relay", preload=HANDLERS, TEST_HOLD_FILE=str(sign)) as first:
        wait_for(sign.exists)
        first.send_signal(signal.SIGKILL)
        first.wait()
    assert effects("first") == {}, "what the dead relay had half done is rolled back"
    with process("relay", preload=HANDLERS) as second:
        wait_for(all_done)
        tell(5)
        wait_for(all_done)
        second.send_signal(signal.SIGTERM)
        assert second.wait(20) == 0
    assert effects("first") == effects("second") == {str(n): 1 for n in range(6)}
    assert Delivery.objects.count() == 12


@pytest.mark.django_db
def test_events_arrive_in_the_order_of_recording() -> None:
    """One relay delivers oldest first."""
    tell(*range(20))
    relay.deliver_waiting()
    assert list(Delivery.objects.order_by("id").values_list("event_id", flat=True)[::2]) == list(
        OutboxEvent.objects.order_by("id").values_list("id", flat=True)
    )


@pytest.mark.django_db
def test_a_poison_event_blocks_nobody(caplog: pytest.LogCaptureFixture) -> None:
    """The others go on; its good handler keeps its effect, it waits longer each time and is parked in a visible list."""
    caplog.set_level(logging.CRITICAL)
    tell(1, poison=True)
    tell(2)
    assert relay.deliver_waiting() == 2
    assert effects("first") == {"1": 1, "2": 1} and effects("second") == {"2": 1}
    assert relay.deliver_waiting() == 0, "not before its time"
    for turn in range(1, relay.ATTEMPTS):
        with clock.travel(timedelta(hours=turn)):
            relay.deliver_waiting()
    (given_up,) = api.parked()
    assert given_up.attempts == relay.ATTEMPTS and "毒事件" in given_up.last_error
    assert effects("first") == {"1": 1, "2": 1}
    api.retry_parked(given_up.id, actor=system("test"))
    assert relay.deliver_waiting() == 1 and not api.parked()


@pytest.mark.django_db
def test_an_event_nobody_declares_is_kept() -> None:
    """An unknown name is not an endless loop and not lost."""
    OutboxEvent.objects.create(name="from.the.future", payload={})
    assert relay.deliver_waiting() == 1
    assert "from.the.future" in OutboxEvent.objects.get().last_error


@pytest.mark.django_db(transaction=True)
def test_two_relays_share_the_work() -> None:
    """Two at once deliver each event once."""
    tell(*range(40))
    assert sum(race(relay.deliver_waiting, relay.deliver_waiting)) == 40
    assert set(effects("first").values()) == {1} and len(effects("second")) == 40


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_change_tells_nothing() -> None:
    """The event goes with its transaction, and cannot be recorded outside of one."""
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        api.record(Happened(1))
        _ = 1 / 0
    with pytest.raises(transaction.TransactionManagementError):
        api.record(Happened(1))
    assert not OutboxEvent.objects.exists()


@pytest.mark.django_db
def test_old_events_are_forgotten() -> None:
    """Delivered events go after their time, waiting ones stay."""
    tell(1)
    relay.deliver_waiting()
    tell(2)
    with clock.travel(timedelta(days=31)):
        assert relay.forget_done() == 1
    assert OutboxEvent.objects.count() == 1 and not Delivery.objects.exists()
