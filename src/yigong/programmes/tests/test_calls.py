"""Whom to ring, and the result in one tap."""

from datetime import timedelta

import pytest

from yigong.core import clock
from yigong.programmes import api
from yigong.programmes.models import Attempt, Due, Enrolment
from yigong.programmes.queries import lists
from yigong.residents import api as residents
from yigong.tasks.models import Task

from .cards import card
from .test_pages import signed_in
from .world import World, enrolled, later, months_ago


@pytest.mark.django_db
def test_from_the_list_to_the_last_attempt(world: World) -> None:
    """Number, purpose and attempts on one line; rung in vain he waits for tomorrow, booked for his day; the definition says when he is lost."""
    given = residents.NewResident(
        name="郝有福", sex="1", birth_date=months_ago(clock.today(), 700), managing_institution_id=world.village.id, phone="13900001111"
    )  # fmt: skip
    person = residents.register_resident(given=given, actor=world.doctor).resident.id
    row, browser = enrolled(world, resident_id=person), signed_in(world.doctor)
    other = enrolled(world)
    page = browser.get("/programmes/calls/").content.decode()
    due = Due.objects.get(enrolment_id=row.id, stage="followup", state="open")
    assert "tel:13900001111" in page and f"/programmes/calls/{due.id}/no_answer/" in page and "没有登记" in page
    told = browser.post(f"/programmes/calls/{due.id}/no_answer/", follow=True).content.decode()
    assert "连续 1 次未访到" in told and str(due.id) not in told
    assert Attempt.objects.get(enrolment_id=row.id).note == "电话无人接听"
    assert str(due.id) in browser.get("/programmes/calls/?tried=1").content.decode()
    second = Due.objects.get(enrolment_id=other.id, stage="followup", state="open")
    on = (clock.today() + timedelta(days=2)).isoformat()
    browser.post(f"/programmes/calls/{second.id}/booked/", {"on": on})
    assert Due.objects.get(pk=second.id).booked_on is not None
    assert str(second.id) not in browser.get("/programmes/calls/").content.decode()
    lost = next(e for e in _endings(row) if e.attempts)
    for _n in range(lost.attempts - 1):
        browser.post(f"/programmes/calls/{due.id}/wrong/")
    assert Enrolment.objects.get(pk=row.id).ending == lost.code
    assert signed_in(world.neighbour).post(f"/programmes/calls/{second.id}/no_answer/").status_code in {302, 403}
    assert Attempt.objects.filter(enrolment_id=other.id).count() == 0


@pytest.mark.django_db
def test_nobody_is_rung_or_told_for_a_report(world: World) -> None:
    """A report is written at a desk within its hours: it is a task, and on no list of people to meet."""
    row, seen = enrolled(world, "infectious", answers=card()), enrolled(world)
    report = Due.objects.get(enrolment_id=row.id, state="open")
    assert Task.objects.filter(key=f"programmes/{report.id}", state="open").exists()
    with later(days=20):  # past the report's hours, within the follow-up's window
        Due.objects.filter(enrolment_id=seen.id, stage="followup").update(closes_on=clock.today())
        rung = {d.enrolment_id for d in lists.calls(world.doctor, tried=False)}
        told = {d.enrolment_id for late in (False, True) for d in lists.to_tell(world.doctor, late=late)}
        met = {d.enrolment_id for d in api.bundle_for(actor=world.doctor, days=7).dues}
    for found in (rung, told, met):
        assert seen.id in found and row.id not in found


def _endings(row: Enrolment) -> list:
    from yigong.programmes.rules.packs import version_of

    return version_of("hypertension", row.definition).endings
