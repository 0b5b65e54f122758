"""Syndromic early warning: each institution against its own past."""

from datetime import timedelta

import pytest

from yigong.access.models import ReadLog
from yigong.core import clock
from yigong.programmes.commands import warnings
from yigong.programmes.models import SyndromeAlarm, SyndromeDay
from yigong.programmes.rules.warning import Syndrome, judge, surveillance
from yigong.records import api as records
from yigong.residents import api as residents
from yigong.tasks.models import Task

from .cards import card
from .test_pages import signed_in
from .world import World

C1 = Syndrome("x", "试", ["R50"], "c1", 3.0, 3)


@pytest.mark.parametrize(
    ("past", "today", "alarm"),
    [
        ([2, 4] * 14, 6, False),  # mean 3, sd 1.02: the limit is 6.06
        ([2, 4] * 14, 7, True),
        ([0] * 28, 2, False),  # above the limit of 1.5, below the least number of cases
        ([0] * 28, 3, True),
        ([40, 44] * 14, 47, False),  # many every day is no alarm where many are usual
        ([0] * 13, 30, False),  # thirteen days of its own are too few to judge
        ([*[None] * 14, *[0] * 14], 3, True),  # days without contacts are not days without cases
    ],
)
def test_c1_on_both_sides(past: list[int | None], today: int, alarm: bool) -> None:
    """Three standard deviations above the own mean, not fewer than the least number of cases."""
    told = judge([*past, today], C1)
    assert told.is_alarm is alarm and (told.limit is None) == (len(past) < 14)


def test_c2_and_c3_look_past_a_slow_start() -> None:
    """What rises over three days hides itself from C1 and not from C2; C3 adds the days up."""
    quiet = [1, 2, 1, 2] * 8
    rising = [*quiet, 5, 5, 5]
    assert not judge([*rising, 6], C1).is_alarm or judge([*rising, 6], C1).limit > judge([*quiet, 6], C1).limit
    assert judge([*quiet, 4, 4, 4], Syndrome("x", "试", ["R50"], "c2", 3.0, 3)).is_alarm
    assert judge([*quiet, 3, 3, 3], Syndrome("x", "试", ["R50"], "c3", 2.0, 3)).is_alarm
    assert not judge([*quiet, 1, 2, 2], Syndrome("x", "试", ["R50"], "c3", 2.0, 2)).is_alarm
    assert {s.method for s in surveillance().syndromes} == {"c1", "c2", "c3"}


@pytest.mark.django_db
def test_from_the_record_to_the_resolved_alarm(world: World) -> None:
    """Four children with diarrhoea in a quiet village: an alarm and a task at its health centre, the chart, the finding, no second alarm."""
    yesterday = clock.today() - timedelta(days=1)
    SyndromeDay.objects.bulk_create(
        SyndromeDay(
            institution_id=world.village.id, syndrome="diarrhoea", on=yesterday - timedelta(days=n), contacts=9, cases=0
        )
        for n in range(8, 32)
    )
    at = clock.now() - timedelta(days=1)
    for n in range(4):
        seen = records.Visit(occurred_at=at, complaint="腹泻", diagnoses=(("K52.9", "急性胃肠炎", False),))
        records.record_visit(resident_id=world.person(8 + n), visit=seen, actor=world.doctor)
    assert warnings.watch(yesterday) == 1 and warnings.watch(yesterday) == 0
    alarm, task = SyndromeAlarm.objects.get(), Task.objects.get(kind="programmes.warning")
    assert (alarm.syndrome, alarm.cases, alarm.institution_id) == ("diarrhoea", 4, world.village.id)
    assert task.institution_id == world.township.id and "共 4 例" in task.title and "庄村卫生室" in task.title
    browser = signed_in(world.gp)
    assert "急性腹泻" in browser.get("/programmes/warnings/").content.decode()
    page = browser.get(f"/programmes/warnings/{alarm.id}/").content.decode()
    assert "data-chart" in page and "本机构常态上限" in page
    assert page.count(f"/programmes/warnings/{alarm.id}/people/?on={yesterday}") == 2  # the bar and the line below it
    assert browser.post(f"/programmes/warnings/{alarm.id}/", {"outcome": "real", "reason": ""}).status_code == 422
    told = browser.post(
        f"/programmes/warnings/{alarm.id}/", {"outcome": "real", "reason": "同席就餐，已报县疾控"}, follow=True
    )
    assert "确有聚集，已报告" in told.content.decode() and "同席就餐" in told.content.decode()
    assert not Task.objects.filter(kind="programmes.warning", state="open").exists() and warnings.watch(yesterday) == 0
    assert signed_in(world.neighbour).get("/programmes/warnings/").status_code == 403


@pytest.mark.django_db
def test_the_people_behind_a_day(world: World) -> None:
    """A day opens whom it counted, each read is logged; where the diagnosis asks for a report the way leads to it, and it is asked once."""
    at, day = clock.now() - timedelta(days=1), clock.today() - timedelta(days=1)
    seen = [("A09.9", "感染性腹泻"), ("K52.9", "急性胃肠炎"), ("K52.9", "急性胃肠炎"), ("J00", "急性鼻咽炎")]
    people = [world.person(8 + n) for n in range(4)]
    for person, (code, text) in zip(people, seen, strict=True):
        met = records.Visit(occurred_at=at, complaint="腹泻", diagnoses=((code, text, False),))
        records.record_visit(resident_id=person, visit=met, actor=world.doctor)
    SyndromeDay.objects.bulk_create(
        SyndromeDay(
            institution_id=world.village.id, syndrome="diarrhoea", on=day - timedelta(days=n), contacts=9, cases=0
        )
        for n in range(8, 32)
    )
    assert warnings.watch(day) == 1
    alarm = SyndromeAlarm.objects.get()
    doctor, where = signed_in(world.gp), f"/programmes/warnings/{alarm.id}/people/?on={day}"
    before = ReadLog.objects.count()
    page = doctor.get(where).content.decode()
    names = {p: n.name for p, n in residents.resident_names(people).items()}
    assert names[people[0]] in page and names[people[1]] in page and names[people[3]] not in page
    assert "1 人的诊断按编码属于应报告" in page and ReadLog.objects.count() >= before + 2
    way = page.split('btn-primary" href="')[1].split('"')[0].replace("&amp;", "&")
    assert f"/programmes/person/{people[0]}/enrol/infectious/" in way
    form = doctor.get(way).content.decode()
    assert 'value="其他感染性腹泻病"' in form and f'value="{day}"' in form
    given = card(disease="其他感染性腹泻病", onset_on=str(day), diagnosed_on=str(day))
    assert doctor.post(way.split("?")[0], given | {"on": clock.today().isoformat()}).status_code == 302
    page = doctor.get(where).content.decode()
    assert "已登记" in page and "登记报告" not in page and "应报告的传染病，还没有" not in page
    assert signed_in(world.neighbour).get(where).status_code == 403
