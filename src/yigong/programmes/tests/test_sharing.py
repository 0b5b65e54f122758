"""One check-up answers the yearly check-up of every programme a person is in."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from yigong.core import clock
from yigong.core.errors import Conflict, DomainError
from yigong.core.forms.models import FormResponse
from yigong.core.testing import race
from yigong.programmes import api
from yigong.programmes.models import Due, Enrolment, Standing, Visit
from yigong.programmes.rules.packs import programmes
from yigong.records import api as records
from yigong.records.models import Encounter, Result
from yigong.tasks.models import Task

from .test_pages import signed_in
from .world import ANSWERS, World, broken_invariants, enrolled, make_world, visit

pytestmark = pytest.mark.django_db
ALL = ("elderly", "hypertension", "diabetes")
CHECKUP = ANSWERS["elderly"]


def in_all(world: World, age: int = 70) -> tuple[UUID, dict[str, Any]]:
    """Somebody in three programmes, since the first day of the year."""
    person, since = world.person(age), date(clock.today().year, 1, 1)
    return person, {code: enrolled(world, code, resident_id=person, on=since) for code in ALL}


def checked(world: World, row: Any, stage: str, **changes: Any) -> Any:
    """A check-up entered under one programme."""
    return visit(world, row, stage, of="elderly", **changes)


@pytest.mark.parametrize(
    ("under", "stage"), [("elderly", "checkup"), ("hypertension", "yearly"), ("diabetes", "yearly")]
)
def test_written_once_and_counted_by_each(world: World, under: str, stage: str) -> None:
    """Whichever programme it is entered under: three visits of one answer and one contact, nothing left to do, the elders' rate counts it."""
    person, rows = in_all(world)
    checked(world, rows[under], stage)
    visits = list(Visit.objects.filter(enrolment__resident_id=person))
    assert (
        len(visits) == 3 and {v.stage for v in visits} == {"checkup", "yearly"} and all(v.is_complete for v in visits)
    )
    assert (
        len({v.response_id for v in visits}) == 1
        and FormResponse.objects.filter(form_code="health-checkup").count() == 1
    )
    assert len({v.encounter_id for v in visits}) == 1 and Encounter.objects.filter(resident_id=person).count() == 1
    # Haemoglobin is a measure of the elders' programme: it is in the record even when the hypertension page was used.
    assert Result.objects.filter(resident_id=person, code="718-7").count() == 1
    left = Due.objects.filter(
        enrolment__resident_id=person, state="open", stage__in=["checkup", "yearly"], due_on__year=clock.today().year
    )
    assert not left.exists()
    assert Visit.objects.get(enrolment_id=rows["elderly"].id).grade == "independent"
    assert Standing.objects.get(enrolment_id=rows["elderly"].id, rate="managed").counts
    assert broken_invariants() == []


def test_each_wants_its_own_and_completing_completes_all(world: World) -> None:
    """Without laboratory and foot: the elders' and the diabetics' are incomplete, the hypertension one is complete; one task, one completion."""
    _person, rows = in_all(world)
    late = {"hb": None, "wbc": None, "plt": None, "fpg": None, "check_foot": None}
    done = checked(world, rows["elderly"], "checkup", **late)
    complete = {v.enrolment_id: v.is_complete for v in Visit.objects.all()}
    assert complete == {rows["elderly"].id: False, rows["hypertension"].id: True, rows["diabetes"].id: False}
    assert Task.objects.filter(kind="programmes.complete", state="open").count() == 1
    assert not Standing.objects.get(enrolment_id=rows["elderly"].id, rate="managed").counts
    page = signed_in(world.doctor).get(f"/programmes/visits/{done.visit.id}/").content.decode()
    assert "同时计入" in page and "糖尿病 年度体检" in page and "还缺必查项目" in page
    after = {**CHECKUP, "check_foot": None}
    amended = api.amend_visit(
        visit_id=done.visit.id, answers={k: v for k, v in after.items() if v is not None}, based_on=done.visit.response_id, actor=world.doctor
    )  # fmt: skip
    complete = {v.enrolment_id: v.is_complete for v in Visit.objects.all()}
    assert complete == {rows["elderly"].id: True, rows["hypertension"].id: True, rows["diabetes"].id: False}
    # The elders' lacks nothing any more: now somebody is asked for the diabetics' foot.
    (task,) = Task.objects.filter(kind="programmes.complete", state="open")
    assert "糖尿病" in task.title
    sugar = Visit.objects.get(enrolment_id=rows["diabetes"].id)
    assert sugar.response_id == amended.visit.response_id
    api.amend_visit(visit_id=sugar.id, answers=CHECKUP, based_on=sugar.response_id, actor=world.doctor)
    assert all(Visit.objects.values_list("is_complete", flat=True))
    assert not Task.objects.filter(kind="programmes.complete", state="open").exists() and broken_invariants() == []


def test_a_result_of_the_laboratory_is_not_written_twice(world: World) -> None:
    """What the page took from the record stays one result, at the check-up and when it is completed; another value is a new one."""
    person, rows = in_all(world)
    _laboratory(world, person, "718-7", "血红蛋白", 130)
    done = checked(world, rows["elderly"], "checkup", cr=None)
    assert Result.objects.filter(resident_id=person, code="718-7").count() == 1
    _laboratory(world, person, "14682-9", "肌酐", 70)
    api.amend_visit(visit_id=done.visit.id, answers=CHECKUP, based_on=done.visit.response_id, actor=world.doctor)
    assert Result.objects.filter(resident_id=person, code="14682-9").count() == 1
    other, again = in_all(world)
    _laboratory(world, other, "718-7", "血红蛋白", 118)
    checked(world, again["elderly"], "checkup")
    assert Result.objects.filter(resident_id=other, code="718-7").count() == 2


def _laboratory(world: World, person: UUID, code: str, name: str, value: int) -> None:
    found = records.NewResult(code, name, Decimal(value))
    records.add_result(resident_id=person, title=name, results=[found], actor=world.doctor)


def test_taken_back_from_all(world: World) -> None:
    """A check-up entered for the wrong person is void everywhere, the contact once, everything is due again."""
    person, rows = in_all(world)
    done = checked(world, rows["hypertension"], "yearly")
    api.void_visit(visit_id=done.visit.id, reason="录错人", actor=world.doctor)
    assert set(Visit.objects.values_list("void_reason", flat=True)) == {"录错人"}
    assert Encounter.objects.get(resident_id=person).status == "cancelled"
    open_again = Due.objects.filter(state="open", stage__in=["checkup", "yearly"], due_on__year=clock.today().year)
    assert open_again.count() == 3 and broken_invariants() == []
    assert not Standing.objects.get(enrolment_id=rows["elderly"].id, rate="managed").counts


def test_who_does_not_share(world: World) -> None:
    """A management that began later, one whose check-up of the year was made, one that is protected from this doctor, one that has ended."""
    person, today = world.person(70), clock.today()
    since = today - timedelta(days=40)
    elder = enrolled(world, "elderly", resident_id=person, on=since)
    enrolled(world, "hypertension", resident_id=person, on=today)
    over = enrolled(world, "diabetes", resident_id=person, on=since)
    api.end(enrolment_id=over.id, ending="wrong", reason="诊断更正", actor=world.doctor)
    mental = Enrolment.objects.create(
        resident_id=person, programme="mental_illness", definition=programmes()["mental_illness"].version, institution_id=world.village.id,
        staff_id=world.doctor.staff_id, restricted=True, started_on=since, state="active", state_since=clock.now(), version=1,
    )  # fmt: skip
    checked(world, elder, "checkup", on=today - timedelta(days=1), actor=world.colleague)
    assert list(Visit.objects.values_list("enrolment_id", flat=True)) == [elder.id]
    # The responsible doctor's own entry answers it; the elders' has its check-up of the year.
    if (today - timedelta(days=1)).year == today.year:
        checked(world, elder, "checkup", on=today)
        assert Visit.objects.filter(enrolment_id=mental.id).count() == 1


def test_one_a_year(world: World) -> None:
    """A second check-up of the year under one programme stays with it."""
    _person, rows = in_all(world)
    first = date(clock.today().year, 1, 1)
    checked(world, rows["elderly"], "checkup", on=first, late_reason="年初体检，补录")
    assert Visit.objects.count() == 3
    page = signed_in(world.doctor).get(f"/programmes/enrolment/{rows['elderly'].id}/visit/checkup/").content.decode()
    assert "保存后同时计入" not in page
    if clock.today() > first:
        checked(world, rows["elderly"], "checkup", on=clock.today())
        assert Visit.objects.count() == 4
    with pytest.raises(Conflict):
        checked(world, rows["hypertension"], "yearly", on=first, late_reason="补录")


def test_an_ordinary_follow_up_is_not_shared(world: World) -> None:
    """Only shared stages are."""
    _person, rows = in_all(world)
    visit(world, rows["hypertension"])
    assert Visit.objects.count() == 1


def test_the_page_says_what_else_it_answers(world: World) -> None:
    """Before saving."""
    _person, rows = in_all(world)
    browser = signed_in(world.doctor)
    page = browser.get(f"/programmes/enrolment/{rows['elderly'].id}/visit/checkup/").content.decode()
    assert "保存后同时计入：" in page and "高血压 年度体检" in page and "糖尿病 年度体检" in page
    # A check-up without a grade asks for none while it is typed; what may come later is named.
    typed = {"on": clock.today().isoformat(), "way": "1", "symptoms": "1"}
    told = browser.post(f"/programmes/enrolment/{rows['diabetes'].id}/judge/yearly/", typed).content.decode()
    assert "填写后给出分级" not in told and "可以先保存" in told


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("programmes.record_visit")
def test_two_check_ups_of_one_person_at_once(transactional_db: None) -> None:
    """Entered under two programmes in the same instant: one check-up stands in all, the other is told; nobody waits for ever."""
    world = make_world()
    _person, rows = in_all(world)
    outcomes = race(
        lambda: checked(world, rows["elderly"], "checkup"),
        lambda: checked(world, rows["hypertension"], "yearly", actor=world.colleague),
    )
    assert sum(isinstance(o, DomainError) for o in outcomes) == 1, outcomes
    assert Visit.objects.count() == 3 and len(set(Visit.objects.values_list("response_id", flat=True))) == 1
    assert broken_invariants() == []
