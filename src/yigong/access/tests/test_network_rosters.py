"""Rosters: what must be staffed, what nobody has, a week copied, a shift that changes hands."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yigong.access.tests.factories import Person, make_person
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import Forbidden, InvalidInput
from yigong.core.events.models import OutboxEvent
from yigong.core.states import clocks
from yigong.core.states.api import WrongState
from yigong.core.testing import race
from yigong.network import api as network
from yigong.network import errors, roster_reads
from yigong.network.commands.rosters import look_for_gaps
from yigong.network.models import Duty, DutySwap
from yigong.network.rosters import Gap, Need, Shift, gaps
from yigong.network.tests.factories import BOSS, actor_at, make_institution, make_staff

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 30)
NIGHT = Need("gp", "1234567", time(18), time(8))


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of the week of MONDAY, 0 for Monday."""
    return datetime.combine(MONDAY + timedelta(days=day), time(hour, minute), clock.SHANGHAI)


@pytest.mark.parametrize(
    ("needs", "shifts", "found"),
    [
        ([], [], []),
        ([Need("gp", "1", time(8), time(17))], [], [Gap("gp", at(0, 8), at(0, 17), 1)]),
        ([Need("gp", "1", time(8), time(17))], [Shift("gp", at(0, 7), at(0, 18))], []),
        ([Need("gp", "1", time(8), time(17))], [Shift("nurse", at(0, 7), at(0, 18))], [Gap("gp", at(0, 8), at(0, 17), 1)]),
        # A hole in the middle, and one at the end.
        (
            [Need("gp", "1", time(8), time(18))],
            [Shift("gp", at(0, 8), at(0, 11)), Shift("gp", at(0, 13), at(0, 17))],
            [Gap("gp", at(0, 11), at(0, 13), 1), Gap("gp", at(0, 17), at(0, 18), 1)],
        ),
        # Over midnight, staffed until five.
        ([Need("gp", "2", time(20), time(8))], [Shift("gp", at(1, 20), at(2, 5))], [Gap("gp", at(2, 5), at(2, 8), 1)]),
        # Two are needed: one all the time, the second for half of it.
        (
            [Need("gp", "3", time(8), time(16), 2)],
            [Shift("gp", at(2, 8), at(2, 16)), Shift("gp", at(2, 12), at(2, 16))],
            [Gap("gp", at(2, 8), at(2, 12), 1)],
        ),
        # The same time twice is a whole day.
        ([Need("gp", "7", time(8), time(8))], [], [Gap("gp", at(6, 8), at(7, 8), 1)]),
        # Not before it begins, not from the day on which it ends.
        ([Need("gp", "12", time(8), time(9), 1, MONDAY + timedelta(days=1))], [], [Gap("gp", at(1, 8), at(1, 9), 1)]),
        ([Need("gp", "12", time(8), time(9), 1, None, MONDAY + timedelta(days=1))], [], [Gap("gp", at(0, 8), at(0, 9), 1)]),
    ],
)  # fmt: skip
def test_gaps(needs: list[Need], shifts: list[Shift], found: list[Gap]) -> None:
    """Where fewer are there than needed, to the minute."""
    assert gaps(needs, shifts, MONDAY, 7) == found


@given(st.lists(st.tuples(st.integers(0, 6 * 24), st.integers(1, 30)), max_size=12), st.integers(1, 3))
def test_a_gap_is_where_too_few_are(spans: list[tuple[int, int]], people: int) -> None:
    """Hour by hour the gaps say what counting says."""
    shifts = [Shift("gp", at(0, 0) + timedelta(hours=b), at(0, 0) + timedelta(hours=b + n)) for b, n in spans]
    need = Need("gp", "1234567", time(18), time(8), people)
    found = gaps([need], shifts, MONDAY, 7)
    for hour in range(7 * 24):
        begin = at(0, 0) + timedelta(hours=hour)
        if not (begin.hour >= 18 or (begin.hour < 8 and hour >= 24)):
            continue
        here = sum(s.starts_at <= begin < s.ends_at for s in shifts)
        said = [g.missing for g in found if g.starts_at <= begin < g.ends_at]
        assert said == ([people - here] if here < people else [])


class House:
    """A township with its manager and three doctors; Li is on duty tomorrow night, Wang the night after."""

    def __init__(self) -> None:
        self.manager = make_person("township_manager")
        self.site: UUID = self.manager.actor.institution_id
        self.li, self.wang, self.zhao = (self.doctor() for _n in range(3))
        self.first, self.second = self.night(self.li, 1), self.night(self.wang, 2)

    def doctor(self) -> Person:
        """A GP of the house."""
        return make_person("gp", at=self.manager.institution)

    def night(self, who: Person, days: int) -> UUID:
        """On duty from six in the evening until eight."""
        begin = datetime.combine(clock.today() + timedelta(days=days), time(18), clock.SHANGHAI)
        return network.plan_duty(
            institution_id=self.site, role="gp", staff_id=who.actor.staff_id, starts_at=begin, ends_at=begin + timedelta(hours=14),
            actor=BOSS,
        ).id  # fmt: skip

    def on_duty(self, days: int) -> set[UUID]:
        """Who is on duty at nine in the evening."""
        moment = datetime.combine(clock.today() + timedelta(days=days), time(21), clock.SHANGHAI)
        there = network.duty_staff(self.site, "gp", moment)
        return {there.id} if there else set()

    def offer(self, **given: Any) -> UUID:
        """Li offers his night."""
        return network.offer_swap(duty_id=self.first, actor=self.li.actor, **given).id


@pytest.fixture
def house() -> House:
    """A house with a roster."""
    return House()


def answer(swap: UUID, action: str, actor: Actor, reason: str = "家中有事") -> Any:
    """One step."""
    return network.answer_swap(swap_id=swap, action=action, actor=actor, reason=reason)


def test_two_shifts_change_hands(house: House) -> None:
    """Offered, agreed, approved: each has the other's night; a keeper of another house approves nothing."""
    swap = house.offer(in_exchange_id=house.second)
    with pytest.raises(Forbidden):
        answer(swap, "agree", house.zhao.actor)
    answer(swap, "agree", house.wang.actor)
    stranger = actor_at(make_institution("township").id, "township_manager")
    for actor in (house.wang.actor, stranger):
        with pytest.raises(Forbidden):
            answer(swap, "approve", actor)
    answer(swap, "approve", house.manager.actor)
    assert (house.on_duty(1), house.on_duty(2)) == ({house.wang.actor.staff_id}, {house.li.actor.staff_id})
    assert Duty.objects.filter(cancelled_at=None).count() == 2
    with pytest.raises(WrongState):
        answer(swap, "withdraw", house.li.actor)


def test_a_stand_in(house: House) -> None:
    """Zhao takes the night for nothing; one offer at a time; withdrawn it can be offered again."""
    swap = house.offer(colleague_id=house.zhao.actor.staff_id)
    with pytest.raises(errors.OfferedAlready):
        house.offer(colleague_id=house.wang.actor.staff_id)
    answer(swap, "withdraw", house.li.actor)
    swap = house.offer(colleague_id=house.zhao.actor.staff_id)
    answer(swap, "agree", house.zhao.actor)
    answer(swap, "approve", house.manager.actor)
    assert house.on_duty(1) == {house.zhao.actor.staff_id}


@pytest.mark.parametrize(("step", "who"), [("decline", "wang"), ("withdraw", "li")])
def test_nothing_changes_without_agreement(house: House, step: str, who: str) -> None:
    """Declined, withdrawn: everybody keeps his night, and the manager has nothing to approve."""
    swap = house.offer(in_exchange_id=house.second)
    answer(swap, step, getattr(house, who).actor)
    with pytest.raises(WrongState):
        answer(swap, "approve", house.manager.actor)
    assert (house.on_duty(1), house.on_duty(2)) == ({house.li.actor.staff_id}, {house.wang.actor.staff_id})


def test_what_cannot_be_offered(house: House) -> None:
    """Another's shift, to nobody, to oneself, to somebody of another role, for another role's shift, one that has begun or was cancelled."""
    nurse = make_person("nurse", at=house.manager.institution)
    with pytest.raises(Forbidden):
        network.offer_swap(duty_id=house.second, actor=house.li.actor, colleague_id=house.zhao.actor.staff_id)
    for wrong in (
        {},
        {"colleague_id": house.li.actor.staff_id},
        {"colleague_id": nurse.actor.staff_id},
        {"colleague_id": make_staff().id},
    ):
        with pytest.raises(InvalidInput):
            house.offer(**wrong)
    with clock.travel(timedelta(days=2)), pytest.raises(errors.ShiftBegun):
        house.offer(colleague_id=house.zhao.actor.staff_id)
    network.cancel_duty(duty_id=house.second, reason="停诊", actor=BOSS)
    with pytest.raises(errors.ShiftGone):
        house.offer(in_exchange_id=house.second)


def test_an_agreed_swap_whose_shift_was_cancelled(house: House) -> None:
    """Approving is refused as a whole: nobody loses the night he still has."""
    swap = house.offer(in_exchange_id=house.second)
    answer(swap, "agree", house.wang.actor)
    network.cancel_duty(duty_id=house.second, reason="停诊", actor=BOSS)
    with pytest.raises(errors.ShiftGone):
        answer(swap, "approve", house.manager.actor)
    assert house.on_duty(1) == {house.li.actor.staff_id}
    assert DutySwap.objects.get().state == "agreed"


def test_the_taker_is_elsewhere_that_night(house: House) -> None:
    """The database refuses a second shift at the same time, and nothing is half exchanged."""
    swap = house.offer(colleague_id=house.zhao.actor.staff_id)
    answer(swap, "agree", house.zhao.actor)
    house.night(house.zhao, 1)
    with pytest.raises(errors.OnDutyElsewhere):
        answer(swap, "approve", house.manager.actor)
    assert Duty.objects.get(pk=house.first).cancelled_at is None


def test_an_offer_lapses_when_the_shift_begins(house: House) -> None:
    """The clock ends it with a line of history."""
    swap = house.offer(in_exchange_id=house.second)
    with clock.travel(timedelta(days=1, hours=20)):
        clocks.sweep()
    assert DutySwap.objects.get(pk=swap).state == "lapsed"


def test_a_week_is_copied(house: House) -> None:
    """Twice is once; somebody who has left or is on duty elsewhere is named and the rest is planned."""
    week = {"institution_id": house.site, "actor": house.manager.actor}
    begin = clock.today() + timedelta(days=1)
    monday = begin - timedelta(days=begin.weekday())
    there = [d for d in network.duties_between(house.site, *span(monday)) if d.starts_at >= span(monday)[0]]
    done = network.copy_week(source=monday, target=monday + timedelta(days=21), **week)
    assert (done.planned, done.left_out) == (len(there), ())
    assert network.copy_week(source=monday, target=monday + timedelta(days=21), **week).planned == 0
    gone = next(p for p in network.posts_of(house.li.actor.staff_id))
    network.end_post(post_id=gone.id, reason="调离", actor=BOSS)
    done = network.copy_week(source=monday, target=monday + timedelta(days=28), **week)
    assert (done.planned, len(done.left_out)) == (len(there) - 1, 1)
    assert "已不在本机构工作" in done.left_out[0]
    with pytest.raises(InvalidInput):
        network.copy_week(source=monday, target=monday + timedelta(days=6), **week)


def span(monday: date) -> tuple[datetime, datetime]:
    """A week from Monday."""
    begin = datetime.combine(monday, time(), clock.SHANGHAI)
    return begin, begin + timedelta(days=7)


def test_gaps_are_told_once_a_day(house: House) -> None:
    """Two of seven nights are staffed; the keeper hears of five, and of none when all are."""
    network.set_duty_need(
        institution_id=house.site,
        role="gp",
        weekdays="1234567",
        begins=time(18),
        ends=time(8),
        people=1,
        actor=house.manager.actor,
    )
    assert (look_for_gaps(), look_for_gaps()) == (1, 0)
    told = OutboxEvent.objects.filter(name="network.roster_gaps_found").order_by("id")
    assert [e.payload["gaps"] for e in told] == [5]
    for day in (0, 3, 4, 5, 6, 7):
        house.night(house.zhao, day)
    with clock.travel(timedelta(days=1)):
        assert look_for_gaps() == 1
    assert [e.payload["gaps"] for e in told.all()] == [5, 0]
    assert network.keeper_role(house.site) == "township_manager"


def test_a_need_stands_once_and_ends(house: House) -> None:
    """Bad ones are refused by field; the same one twice; ended it asks for nobody."""
    facts: dict[str, Any] = {
        "institution_id": house.site,
        "role": "gp",
        "weekdays": "71",
        "begins": time(8),
        "ends": time(17),
        "people": 1,
    }
    manager = house.manager.actor
    for wrong in ({"role": "x"}, {"weekdays": ""}, {"weekdays": "18"}, {"people": 0}, {"people": 21}):
        with pytest.raises(InvalidInput) as refused:
            network.set_duty_need(**facts | wrong, actor=manager)
        assert set(refused.value.errors) == set(wrong)
    need = network.set_duty_need(**facts, actor=manager)
    assert need.weekdays == "17"
    with pytest.raises(errors.NeededAlready):
        network.set_duty_need(**facts, actor=manager)
    assert network.roster_gaps(house.site, clock.today(), 7)
    network.end_duty_need(need_id=need.id, reason="合并", actor=manager)
    assert not network.roster_gaps(house.site, clock.today(), 7)


def test_by_page(house: House) -> None:
    """The week with its gaps, a need set and ended, a week copied, and a swap from offer to approval, each by its page."""
    manager, li, wang = house.manager.client(), house.li.client(), house.wang.client()
    roster, day = (
        "/network/roster/",
        {"institution": str(house.site), "week": (clock.today() + timedelta(days=1)).isoformat()},
    )
    need = {
        "role": "gp",
        "weekdays": list("1234567"),
        "begins": "18:00",
        "ends": "08:00",
        "people": "2",
        "idempotency_key": "n1",
    }
    assert manager.post(f"{roster}{house.site}/needs/new/", need).status_code == 302
    assert "每天" in manager.get(f"{roster}{house.site}/needs/").content.decode()
    shown = li.get(roster, day).content.decode()
    assert (
        "缺 1 人" in shown and f"{roster}{house.first}/swap/" in shown and f"{roster}{house.second}/swap/" not in shown
    )
    form = li.get(f"{roster}{house.first}/swap/").content.decode()
    assert f"duty:{house.second}" in form and f"staff:{house.zhao.actor.staff_id}" in form
    assert wang.get(f"{roster}{house.first}/swap/").status_code == 403
    sent = li.post(
        f"{roster}{house.first}/swap/", {"with": f"duty:{house.second}", "reason": "进修", "idempotency_key": "s1"}
    )
    page = sent["Location"]
    assert house.zhao.client().get(page).status_code == 403
    assert "同意换班" in wang.get(page).content.decode()
    assert "批准换班" not in wang.get(page).content.decode()
    wang.post(page + "answer/", {"action": "agree", "version": "1"})
    assert "当前状态" in wang.post(page + "answer/", {"action": "agree"}, follow=True).content.decode()
    assert "换班申请" in manager.get(roster, day).content.decode()
    assert (
        "已换班" in manager.post(page + "answer/", {"action": "approve", "version": "2"}, follow=True).content.decode()
    )
    copied = {
        "source": day["week"],
        "target": (clock.today() + timedelta(days=22)).isoformat(),
        "idempotency_key": "c1",
    }
    assert manager.post(f"{roster}{house.site}/copy/", copied, follow=True).status_code == 200
    ended = roster_reads.needs_of(house.site, clock.today(), clock.today() + timedelta(days=1))[0]
    assert manager.post(f"{roster}needs/{ended.id}/end/", {"idempotency_key": "e1"}).status_code == 302


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("network.offer_swap")
def test_one_shift_offered_twice_at_once() -> None:
    """Two windows, two colleagues: one offer."""
    house = House()
    done = race(*(lambda who=who: house.offer(colleague_id=who.actor.staff_id) for who in (house.wang, house.zhao)))
    assert sum(isinstance(d, errors.OfferedAlready) for d in done) == 1
    assert DutySwap.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("network.answer_swap")
def test_withdrawn_while_it_is_approved() -> None:
    """One of the two; an approved one has exchanged the shifts, a withdrawn one has not."""
    house = House()
    swap = house.offer(in_exchange_id=house.second)
    answer(swap, "agree", house.wang.actor)
    done = race(lambda: answer(swap, "approve", house.manager.actor), lambda: answer(swap, "withdraw", house.li.actor))
    assert sum(isinstance(d, WrongState) for d in done) == 1
    exchanged = house.on_duty(1) == {house.wang.actor.staff_id}
    assert exchanged == (DutySwap.objects.get().state == "done")


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("network.copy_week")
def test_two_keepers_copy_a_week_at_once() -> None:
    """Each shift is planned once; neither is refused."""
    house = House()
    begin = clock.today() + timedelta(days=1)
    week = {
        "institution_id": house.site,
        "source": begin,
        "target": begin + timedelta(days=21),
        "actor": house.manager.actor,
    }
    before = Duty.objects.count()
    done = race(lambda: network.copy_week(**week), lambda: network.copy_week(**week))
    assert sorted(d.planned for d in done)[0] == 0
    assert Duty.objects.count() == before + done[0].planned + done[1].planned
