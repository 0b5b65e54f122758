"""An institution's year of health education: drafted by norms and days, moved, dropped, done by records of the same work only."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest

from yigong.core import clock
from yigong.core.errors import Conflict, DomainError, Forbidden, InvalidInput, NotFound
from yigong.core.testing import race
from yigong.programmes import api
from yigong.programmes.models import PlannedActivity, SiteRecord
from yigong.programmes.rules import sites as rules
from yigong.programmes.rules import yearplan
from yigong.tasks.models import Task

from .test_pages import signed_in
from .world import World, make_world

EDUCATION = "health_education"
TALK = {"topic": "高血压防治", "place": "村文化室", "audience": ["2"], "people": "31", "archive": ["5"]}
PAPER = {"title": "减盐折页", "medium": "1", "copies": "200"}


def definition() -> rules.Outreach:
    """The national definition in force."""
    return rules.definitions()[EDUCATION]


@pytest.mark.parametrize("year", [2025, 2026, 2027, 2028])
@pytest.mark.parametrize("level", ["township", "village"])
def test_a_draft_meets_every_norm(level: str, year: int) -> None:
    """As many of each work as the norm asks, one in each stretch of the year, no day's topic twice for one work, days with a topic first."""
    p = definition()
    found = yearplan.draft(p, level, year)
    norms = {n.activity: n.times for n in p.norms if n.level == level}
    print(f"\n{level} {year}: {len(found)} things, {sum(bool(d.occasion) for d in found)} on days with a topic")
    assert Counter(d.activity for d in found) == norms
    assert all(d.on.year == year and d.topic for d in found) and found == sorted(
        found, key=lambda d: (d.on, d.activity)
    )
    for activity, times in norms.items():
        own = [d for d in found if d.activity == activity]
        assert all(12 * n // times < d.on.month <= 12 * (n + 1) // times for n, d in enumerate(own)), (activity, own)
        assert all(n == 1 for n in Counter(d.occasion for d in own if d.occasion).values())
    assert all(d.on.isoweekday() <= 5 for d in found if not d.occasion)


def test_days_of_the_calendar() -> None:
    """A date, and the third Wednesday of November in years that begin differently."""
    days = {o.code: o for o in definition().occasions}
    assert yearplan.day_of(days["tb_day"], 2026) == date(2026, 3, 24)
    assert [yearplan.day_of(days["copd_day"], y) for y in (2023, 2024, 2025, 2026)] == [
        date(2023, 11, 15), date(2024, 11, 20), date(2025, 11, 19), date(2026, 11, 18),
    ]  # fmt: skip
    later = yearplan.draft(definition(), "village", 2026, since=date(2026, 9, 1))
    assert later and all(d.on >= date(2026, 9, 1) for d in later)


def planned(world: World, activity: str = "lecture", **more: Any) -> PlannedActivity:
    """One thing of next year's plan of the village clinic, so that no test depends on the day it runs."""
    on = date(clock.today().year + 1, 5, 17)
    return api.plan_activity(programme=EDUCATION, activity=activity, on=on, topic="高血压防治", actor=world.doctor, **more)  # fmt: skip


def state(row: PlannedActivity) -> tuple[str, int]:
    """Where it stands, and how many open tasks it has."""
    row.refresh_from_db()
    return row.state, Task.objects.filter(key=f"programmes/plan/{row.id}", state="open").count()


def talk(world: World, activity: str = "lecture", answers: Any = TALK, **more: Any) -> SiteRecord:
    """Something that was done today."""
    return api.record_activity(programme=EDUCATION, activity=activity, answers=answers, actor=world.doctor, **more)


@pytest.mark.django_db
def test_done_by_a_record_of_the_same_work(world: World) -> None:
    """Paper handed out is no lecture, a lecture to nobody neither; a lecture is; taken back it is planned again."""
    row = planned(world)
    assert state(row) == ("planned", 1)
    with pytest.raises(InvalidInput):
        talk(world, "material", PAPER, plan_id=row.id)
    assert not SiteRecord.objects.exists()
    talk(world, "material", PAPER)
    talk(world, answers=TALK | {"people": "0", "topic": "没人来"}, plan_id=row.id)
    assert state(row) == ("planned", 1)
    done = talk(world, plan_id=row.id)
    assert state(row) == ("done", 0) and row.record_id == done.id
    with pytest.raises(DomainError):
        talk(world, answers=TALK | {"topic": "再讲一次"}, plan_id=row.id)
    api.void_record(record_id=done.id, reason="录重了", actor=world.doctor)
    assert state(row) == ("planned", 1) and row.record_id is None


@pytest.mark.django_db
def test_moved_and_dropped_with_a_reason(world: World) -> None:
    """Another day within the year, the first one stays known; a dropped one comes back; neither without saying why."""
    row = planned(world)
    later = row.on + timedelta(days=20)
    with pytest.raises(InvalidInput):
        api.move_planned(plan_id=row.id, on=later, reason=" ", actor=world.doctor)
    api.move_planned(plan_id=row.id, on=later, reason="农忙", actor=world.doctor)
    assert state(row) == ("planned", 1) and row.on == later and row.first_on == later - timedelta(days=20)
    for wrong in (clock.today() - timedelta(days=1), date(row.year + 1, 1, 1)):
        with pytest.raises(InvalidInput):
            api.move_planned(plan_id=row.id, on=wrong, reason="农忙", actor=world.doctor)
    api.drop_planned(plan_id=row.id, reason="并入义诊", actor=world.doctor)
    assert state(row) == ("dropped", 0)
    with pytest.raises(DomainError):
        talk(world, plan_id=row.id)
    api.restore_planned(plan_id=row.id, actor=world.doctor)
    assert state(row) == ("planned", 1)
    with pytest.raises(Conflict):
        api.plan_activity(programme=EDUCATION, activity="lecture", on=later, topic="高血压防治", actor=world.doctor)


@pytest.mark.django_db
def test_whose_plan(world: World) -> None:
    """The clinic's own people and the health centre above it; not a neighbour, not under a definition without plans, not of a past year."""
    row = planned(world)
    for stranger in (world.neighbour, world.specialist):
        with pytest.raises((NotFound, Forbidden)):
            api.drop_planned(plan_id=row.id, reason="不要", actor=stranger)
        with pytest.raises(Forbidden):
            api.draft_plan(programme=EDUCATION, year=row.year, institution_id=world.village.id, actor=stranger)
    api.drop_planned(plan_id=row.id, reason="卫生院统一办", actor=world.manager)
    with pytest.raises(NotFound):
        api.draft_plan(programme="cold_chain", year=row.year, actor=world.doctor)
    with pytest.raises(InvalidInput):
        api.draft_plan(programme=EDUCATION, year=row.year - 2, actor=world.doctor)
    with pytest.raises(InvalidInput):
        planned(world, activity="patrol")


@pytest.mark.race("programmes.draft_plan")
@pytest.mark.django_db(transaction=True)
def test_drafted_once(transactional_db: None) -> None:
    """Two who draft in the same instant: one plan, the other is told."""
    world = make_world()
    year = clock.today().year + 1
    done = race(
        lambda: api.draft_plan(programme=EDUCATION, year=year, actor=world.doctor),
        lambda: api.draft_plan(programme=EDUCATION, year=year, actor=world.colleague),
    )
    made = [n for n in done if isinstance(n, int)]
    assert len(made) == 1 and sum(isinstance(n, Conflict) for n in done) == 1, done
    assert PlannedActivity.objects.count() == made[0] == Task.objects.filter(kind="programmes.plan").count()


@pytest.mark.django_db
def test_the_page(world: World) -> None:
    """Drafted by a button, what is behind stands out, registering from it fills the topic in, the health centre sees how far the clinic has come."""
    browser, year = signed_in(world.doctor), clock.today().year + 1
    address = f"/programmes/outreach/{EDUCATION}/plan/?year={year}"
    assert "编制计划" in browser.get(address).content.decode()
    drawn = browser.post(
        f"/programmes/outreach/{EDUCATION}/plan/draft/", {"place": str(world.village.id), "year": year}, follow=True
    ).content.decode()
    assert "已按方案编好 12 项" in drawn and "计划中" in drawn
    row = PlannedActivity.objects.filter(activity="lecture").order_by("on")[0]
    moved = browser.post(f"/programmes/plans/{row.id}/move/", {"on": f"{year}-12-30", "reason": "农忙"}, follow=True)
    assert "原定" in moved.content.decode()
    form = browser.get(f"/programmes/activities/{EDUCATION}/lecture/?plan={row.id}").content.decode()
    assert f'value="{row.topic}"' in form and f'value="{row.id}" selected' in form
    sent = browser.post(
        f"/programmes/activities/{EDUCATION}/lecture/", {"on": clock.today().isoformat(), **TALK, "plan": str(row.id)}
    )
    assert sent.status_code == 302 and state(row) == ("done", 0)
    gone = clock.today() - timedelta(days=1)
    PlannedActivity.objects.filter(state="planned", activity="board").update(on=gone, year=gone.year)
    past = f"/programmes/outreach/{EDUCATION}/plan/?year={gone.year}&place={world.village.id}"
    assert browser.get(past).content.decode().count("过期未做") == 7  # six things and the figure above them
    assert "有 6 项过期未做" in browser.get(f"/programmes/sites/?of={EDUCATION}").content.decode()
    assert signed_in(world.neighbour).get(f"{address}&place={world.village.id}").status_code == 403
    api.plan_activity(programme=EDUCATION, activity="board", on=date(year, 3, 3), topic="爱眼", actor=world.manager, institution_id=world.township.id)  # fmt: skip
    above = signed_in(world.manager).get(address).content.decode()
    assert "各机构进度" in above and "庄村卫生室" in above
