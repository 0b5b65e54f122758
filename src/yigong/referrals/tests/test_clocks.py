"""Every clock: what it does when it rings, and that nothing expires silently."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import msgspec
import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from yigong.core import clock
from yigong.core.clock import SHANGHAI
from yigong.core.states.api import history
from yigong.core.states.clocks import sweep
from yigong.referrals import api
from yigong.referrals.models import Referral
from yigong.referrals.rules import definitions as rules
from yigong.referrals.tests.test_journeys import given_access, waiting
from yigong.referrals.tests.world import World, down, fed_back, publish, sent, treated, up


@contextmanager
def later(**span: float) -> Iterator[None]:
    """Some time later, with the clocks swept."""
    with clock.travel(timedelta(**span)):
        sweep()
        yield


def state_of(row) -> str:
    """The referral's state now."""
    return Referral.objects.get(pk=row.id).state


def test_routine_is_escalated_then_expires_with_calls(world: World) -> None:
    """RF-ANS-R: after its working day the chief is called, after two it expires, the sender is asked to phone, the place is free."""
    sheet = publish(world, day=clock.today() + timedelta(days=10))
    row = sent(world, sheet_id=sheet.id)
    with later(minutes=10):
        assert state_of(row) == "pending_receive" and waiting(world.chief) == []
    until = row.due_at - clock.now()
    with later(seconds=until.total_seconds() + 60):
        assert (state_of(row), waiting(world.chief)[-1:]) == ("pending_receive", ["referral.escalated"])
    with later(days=until.days + 6):
        assert state_of(row) == "expired"
        assert history(row.id)[-1].actor_role == "system" and history(row.id)[-1].reason
        assert waiting(world.doctor) == ["referral.phone"] and waiting(world.chief) == []
        assert api.slots_of(world.county.id)[0].left == 1


def test_urgent_is_escalated_again_and_again(world: World) -> None:
    """RF-ANS-U: two hours, then the chief; it stays open."""
    row = sent(world, urgency="urgent")
    assert row.due_at - row.submitted_at < timedelta(hours=2, minutes=1)
    with later(hours=2, minutes=1):
        assert waiting(world.chief)[-1:] == ["referral.escalated"]
    with later(hours=30):
        assert state_of(row) == "pending_receive" and Referral.objects.get(pk=row.id).escalations >= 2


def test_asking_for_more_stops_the_clock(world: World) -> None:
    """What was left of the answer time goes on when it comes back; the author is reminded after two days."""
    row = sent(world, urgency="urgent")
    with clock.travel(timedelta(minutes=90)):
        api.ask_for_more(referral_id=row.id, reason="请上传心电图", actor=world.office)
        assert waiting(world.doctor) == ["referral.complete"]
    with later(hours=50):
        assert waiting(world.manager)[-1:] == ["referral.escalated"]
        back = api.submit(referral_id=row.id, actor=world.doctor, confirmed=True)
        assert timedelta(minutes=29) < back.due_at - clock.now() < timedelta(minutes=31)
        assert Referral.objects.get(pk=row.id).round == 2


def test_no_show_asks_the_sender_to_phone(world: World) -> None:
    """RF-VAL: after the day of the slot the patient counts as not come; reopened once with a new slot."""
    row = sent(world, sheet_id=publish(world).id)
    api.accept(referral_id=row.id, actor=world.office)
    with later(days=3):
        assert (state_of(row), waiting(world.doctor)) == ("no_show", ["referral.phone"])
        again = api.reopen(referral_id=row.id, sheet_id=publish(world, session="afternoon").id, actor=world.doctor)
        assert again.state == "accepted" and again.due_at > clock.now()


def test_first_visit_overdue_stays_open(world: World) -> None:
    """RF-DOWN1: three days (two after a stroke); then the manager is called, and the visit is still to be made."""
    row = api.request_referral(given=down(world, diagnosis_code="I63.900"), actor=given_access(world))
    row = api.accept(referral_id=row.id, actor=world.manager)
    assert (row.due_at - row.accepted_at).days == 2
    with later(days=2, hours=1):
        assert (state_of(row), waiting(world.manager)[-1:]) == ("accepted", ["referral.escalated"])
        api.first_visit(referral_id=row.id, manner="visit", note="平稳", actor=world.gp)
        assert waiting(world.manager) == []


def test_feedback_and_follow_up_overdue(world: World) -> None:
    """RF-FB calls the referral office; RF-CHR calls the manager of the health centre."""
    row = treated(world)
    with later(hours=25):
        assert waiting(world.office)[-1:] == ["referral.escalated"]
    other = fed_back(world)
    with later(days=14, hours=1):
        assert waiting(world.manager)[-1:] == ["referral.escalated"]
    assert {row.state, other.state} == {"in_treatment", "completed"}


def test_own_approval_where_the_county_wants_it(world: World) -> None:
    """With approval switched on it waits at the health centre's manager, who approves or returns; RF-HOLD rings after an hour."""
    wanted = msgspec.structs.replace(rules.parameters(), own_approval=["village"])
    with patch.object(rules, "parameters", return_value=wanted):
        row = api.request_referral(given=up(world), actor=world.doctor)
        assert (row.state, waiting(world.manager), waiting(world.office)) == ("submitted", ["referral.approve"], [])
        with later(hours=2):
            assert Referral.objects.get(pk=row.id).escalated_at
        api.return_(referral_id=row.id, reason="补充用药", actor=world.manager)
        api.submit(referral_id=row.id, actor=world.doctor, confirmed=True)
        row = api.approve(referral_id=row.id, actor=world.manager)
        assert (row.state, waiting(world.office)) == ("pending_receive", ["referral.answer"])


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-20 15:00", 24, "2026-11-23 15:00"),
        ("2026-11-21 10:00", 24, "2026-11-24 00:00"),
        ("2026-11-18 09:00", 24, "2026-11-19 09:00"),
        ("2026-09-30 12:00", 24, "2026-10-08 12:00"),
    ],
)
def test_working_calendar(start: str, hours: int, end: str) -> None:
    """Weekends and holidays do not count."""
    off = [datetime(2026, 10, day, tzinfo=UTC).date() for day in range(1, 8)]
    answer = rules.Answer(10, 2, 24, 48, holidays=off)
    at = datetime.fromisoformat(start).replace(tzinfo=SHANGHAI)
    assert rules.after_working_hours(at, hours, answer).strftime("%Y-%m-%d %H:%M") == end


@examples(st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1)), st.integers(1, 100))  # noqa: DTZ001
def test_working_time_never_goes_back(start: datetime, hours: int) -> None:
    """Whenever it starts, the end is at least the span later, never on a day off, and a longer span never ends earlier."""
    answer = rules.Answer(10, 2, 24, 48)
    at = start.replace(tzinfo=SHANGHAI)
    end = rules.after_working_hours(at, hours, answer)
    assert end - at >= timedelta(hours=hours)
    assert end <= rules.after_working_hours(at, hours + 1, answer)
    assert rules.is_working_day((end - timedelta(microseconds=1)).date(), answer)
