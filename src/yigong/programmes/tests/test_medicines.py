"""Medicines are asked for one by one: by the record, what follows for the form, what contradicts it."""

from datetime import timedelta
from typing import Any

import pytest

from yigong.core import clock
from yigong.core.errors import InvalidInput
from yigong.core.forms import api as forms
from yigong.programmes import api
from yigong.programmes.errors import Unconfirmed
from yigong.programmes.models import Due, MedicineUse
from yigong.programmes.rules.medicines import Use, checked, in_words, whole
from yigong.records import api as records
from yigong.records.data import NewLine

from .test_pages import signed_in
from .world import ANSWERS, World, enrolled, later, visit

pytestmark = pytest.mark.django_db
AMLODIPINE, ASPIRIN = "苯磺酸氨氯地平片", "阿司匹林肠溶片"


def prescribe(world: World, resident: Any, *lines: NewLine, ago: int = 10) -> None:
    """Prescribed so many days ago by the general practitioner of the health centre."""
    at = clock.now() - timedelta(days=ago)
    records.add_prescription(resident_id=resident, lines=lines, actor=world.gp, occurred_at=at)


def line(name: str, days: int | None = 28, dose: str = "5mg") -> NewLine:
    """One medicine."""
    return NewLine(name, dose=dose, frequency="每日一次", days=days)


def test_what_somebody_takes_by_the_record(world: World) -> None:
    """Each medicine once, as prescribed last, since the first time, from whom; a short course is over after its days; nothing of somebody else."""
    one, two = (enrolled(world, age=age).resident_id for age in (60, 61))
    prescribe(world, one, line(AMLODIPINE, dose="2.5mg"), ago=70)
    prescribe(world, one, line(AMLODIPINE), line("头孢克肟胶囊", days=5), ago=40)
    prescribe(world, one, line("感冒灵颗粒", days=3), line(ASPIRIN, days=None, dose="100mg"), ago=4)
    prescribe(world, two, line("二甲双胍片"), ago=200)
    records.add_allergy(resident_id=one, category="drug", substance="青霉素", reaction="皮疹", actor=world.gp)
    found = api.medicine_rows([one, two])
    assert [(m.name, m.text, (clock.today() - m.since).days, m.ran_out) for m in found[one] if m.since] == [
        (AMLODIPINE, "5mg 每日一次", 70, True), (ASPIRIN, "100mg 每日一次", 4, False),
    ]  # fmt: skip
    assert found[one][0].giver.startswith(world.township.short_name) and two not in found
    assert [a.substance for a in records.allergies_of([one, two])[one]] == ["青霉素"]


@pytest.mark.parametrize(
    ("taken", "follows"), [("11", "1"), ("12", "2"), ("13", "2"), ("33", "3"), ("14", "1"), ("44", ""), ("", "")]
)
def test_the_single_answer_follows(taken: str, follows: str) -> None:
    """Regular when all are, not at all when none is, in between otherwise; what a physician stopped says nothing."""
    assert whole([Use(f"药{n}", code) for n, code in enumerate(taken)]) == follows


def test_one_by_one_and_the_form_follows(world: World) -> None:
    """Both items of the form are filled from what was said; what was typed stays; a contradiction is asked back; next time what was said is shown."""
    row = enrolled(world)
    prescribe(world, row.resident_id, line(AMLODIPINE))
    said = [Use(AMLODIPINE, "1", "5mg 每日一次"), Use("降压零号片", "2", "自己买的")]
    done = visit(world, row, adherence=None, medicines=said)
    answers = forms.answers_of([done.visit.response_id])[done.visit.response_id]
    assert answers["adherence"] == "2" and answers["medicines"] == in_words(said)
    assert [(u.name, u.taken) for u in MedicineUse.objects.order_by("place")] == [
        (AMLODIPINE, "1"),
        ("降压零号片", "2"),
    ]
    rows = api.medicine_rows([row.resident_id])[row.resident_id]
    assert [(m.name, m.before, m.heard) for m in rows] == [(AMLODIPINE, "规律", False), ("降压零号片", "间断", True)]
    with later(days=90):
        with pytest.raises(Unconfirmed) as told:
            visit(world, row, adherence="1", medicines=[Use(AMLODIPINE, "3")])
        assert "逐药登记是不服药" in told.value.errors["adherence"]
        again = visit(world, row, adherence="1", medicines=[Use(AMLODIPINE, "3")], confirmed=True, on=clock.today())
    assert forms.answers_of([again.visit.response_id])[again.visit.response_id]["adherence"] == "1"
    with pytest.raises(InvalidInput):
        checked([Use(AMLODIPINE, "9")])
    with pytest.raises(InvalidInput):
        checked([Use(AMLODIPINE, "1"), Use(AMLODIPINE, "2")])


def test_the_page_asks_and_keeps_what_was_typed(world: World) -> None:
    """Rows with since when and from whom; written in by hand and not answered is asked back with everything still there; then it is one visit."""
    row, browser = enrolled(world), signed_in(world.doctor)
    prescribe(world, row.resident_id, line(AMLODIPINE))
    due = Due.objects.filter(enrolment_id=row.id, stage="followup").first()
    at = f"/programmes/due/{due.id}/" if due else f"/programmes/enrolment/{row.id}/visit/followup/"
    page = browser.get(at).content.decode()
    assert AMLODIPINE in page and "最近" in page and world.township.short_name in page
    typed = {k: v for k, v in ANSWERS["hypertension"].items() if k != "adherence"} | {
        "on": clock.today().isoformat(), "way": "2", "use-0-name": AMLODIPINE, "use-0-text": "5mg 每日一次", "use-0-taken": "1",
        "use-1-own": "1", "use-1-name": "丹参片", "use-1-text": "3片",
    }  # fmt: skip
    refused = browser.post(at, typed)
    kept = refused.content.decode()
    assert refused.status_code == 422 and "请为每种药选择服用情况" in kept and "丹参片" in kept
    answer = browser.post(at, typed | {"use-1-taken": "1"}, follow=True).content.decode()
    assert "丹参片" in answer and "规律" in answer and MedicineUse.objects.count() == 2
