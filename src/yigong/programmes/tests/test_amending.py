"""A visit whose results come later: kept, not counted, completed; and a visit that is corrected."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from yigong.core import clock
from yigong.core.errors import Conflict, Forbidden, InvalidInput
from yigong.core.forms import api as forms
from yigong.core.forms.models import FormResponse
from yigong.core.packs import api as packs
from yigong.core.testing import race
from yigong.programmes import api
from yigong.programmes.models import Standing, Visit
from yigong.records import api as records
from yigong.records.data import NewResult
from yigong.records.models import Encounter
from yigong.tasks.models import Task

from .test_pages import signed_in
from .world import ANSWERS, World, broken_invariants, enrolled, later, make_world, visit

GLYCATED = "4548-4"


@pytest.fixture(autouse=True)
def glycated_is_compulsory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A county whose diabetes follow-up counts with a glycated haemoglobin only."""
    for name in ("national", "demo"):
        (tmp_path / name).symlink_to(packs.ROOT / name)
    text = (packs.ROOT / "national/programmes/diabetes.toml").read_text(encoding="utf-8")
    before = 'form = "diabetes-followup"\n'
    assert before in text
    (tmp_path / "own" / "programmes").mkdir(parents=True)
    changed = text.replace(before, f'{before}compulsory = ["hba1c"]\ncomplete_days = 10\n', 1)
    (tmp_path / "own/programmes/diabetes.toml").write_text(changed, encoding="utf-8")
    sheet = (packs.ROOT / "national/forms/diabetes-followup.toml").read_text(encoding="utf-8")
    asked = sheet.replace(' prefill = "4548-4",', "").replace(
        'code = "hba1c",', 'code = "hba1c", prefill = "4548-4",', 1
    )
    (tmp_path / "own" / "forms").mkdir()
    (tmp_path / "own/forms/diabetes-followup.toml").write_text(asked, encoding="utf-8")
    monkeypatch.setattr(packs, "ROOT", tmp_path)
    monkeypatch.setenv("YIGONG_PACKS", "national,demo,own")
    packs.forget()
    yield
    packs.forget()


def amended(done: api.Outcome, actor: Any, reason: str = "", **changes: Any) -> api.Outcome:
    """The same visit with some answers changed; None takes one away."""
    now = Visit.objects.get(pk=done.visit.id)
    answers = forms.answers_of([now.response_id])[now.response_id] | changes
    answers = {code: value for code, value in answers.items() if value is not None}
    return api.amend_visit(visit_id=now.id, answers=answers, based_on=now.response_id, actor=actor, reason=reason)


def counted(rate: str = "standard") -> int:
    """How many count in a rate."""
    return Standing.objects.filter(programme="diabetes", rate=rate, counts=True).count()


@pytest.mark.django_db
def test_kept_asked_for_and_completed(world: World) -> None:
    """The day's findings are saved; somebody is asked for the rest within ten days; with it the visit counts, and the record has the value."""
    row = enrolled(world, "diabetes")
    done = visit(world, row)
    assert not done.visit.is_complete and done.visit.grade and counted() == 0
    asked = Task.objects.get(kind="programmes.complete")
    assert asked.state == "open" and "还缺 1 项结果" in asked.title and (asked.due_at.date() - done.visit.on).days == 10
    whole = amended(done, world.doctor, hba1c="6.4")
    assert whole.visit.is_complete and whole.visit.id == done.visit.id and counted() == 1
    assert Task.objects.get(pk=asked.pk).state == "done" and broken_invariants() == []
    found = records.summary(row.resident_id, actor=world.doctor).result(GLYCATED)
    assert found is not None and found.value == Decimal("6.4")
    kept = FormResponse.objects.filter(subject_id=done.visit.id)
    assert kept.count() == 2 and kept.get(replaces=done.visit.response_id).answers["hba1c"] == "6.4"


@pytest.mark.django_db
def test_a_correction_says_why_and_judges_again(world: World) -> None:
    """A changed value needs a reason; grade, later visits, tasks and the record follow, the contact is not there twice."""
    row = enrolled(world, "diabetes")
    done = visit(world, row, hba1c="6.4")
    with pytest.raises(InvalidInput) as refused:
        amended(done, world.doctor, fpg="17.2")
    assert set(refused.value.errors) == {"reason", "fpg"}
    fixed = amended(done, world.doctor, "看错化验单", fpg="17.2")
    assert fixed.visit.emergency and not done.visit.emergency
    found = records.summary(row.resident_id, actor=world.doctor).result("14771-0")
    assert found is not None and found.value == Decimal("17.2")
    assert sorted(Encounter.objects.values_list("status", flat=True)) == ["cancelled", "finished"]
    back = amended(fixed, world.doctor, "原值无误", fpg="6.2")
    assert back.visit.grade == done.visit.grade and broken_invariants() == []


@pytest.mark.django_db
def test_refusals(world: World) -> None:
    """Nothing changed; somebody was faster; a void visit; an impossible value; whoever does not manage the person; a locked period without reason."""
    row = enrolled(world, "diabetes")
    done = visit(world, row)
    with pytest.raises(InvalidInput, match="没有任何改动"):
        amended(done, world.doctor)
    with pytest.raises(InvalidInput) as refused:
        amended(done, world.doctor, hba1c="64")
    assert "2 到 25" in refused.value.errors["hba1c"]
    with pytest.raises(Conflict, match="刷新页面"):
        api.amend_visit(visit_id=done.visit.id, answers=ANSWERS["diabetes"], based_on=uuid4(), actor=world.doctor)
    with pytest.raises(Forbidden):
        amended(done, world.people["neighbour"], hba1c="6.4")
    with later(days=200):
        with pytest.raises(InvalidInput) as refused:
            amended(done, world.doctor, hba1c="6.4")
        assert "reason" in refused.value.errors
        assert amended(done, world.doctor, "县医院报告迟到", hba1c="6.4").visit.is_complete
    api.void_visit(visit_id=done.visit.id, reason="录错人", actor=world.doctor)
    with pytest.raises(Conflict, match="作废"):
        amended(done, world.doctor, "再改", hba1c="6.5")


@pytest.mark.django_db
def test_void_ends_the_asking(world: World) -> None:
    """Nobody is asked for results of a visit that was taken back."""
    done = visit(world, enrolled(world, "diabetes"))
    api.void_visit(visit_id=done.visit.id, reason="录错人", actor=world.doctor)
    assert Task.objects.get(kind="programmes.complete").state == "cancelled"


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("programmes.amend_visit")
def test_two_complete_at_once(transactional_db: None) -> None:
    """The second is told to look again: the first one's addition is not written over."""
    world = make_world()
    done = visit(world, enrolled(world, "diabetes"))
    outcomes = race(
        lambda: amended(done, world.doctor, hba1c="6.4"), lambda: amended(done, world.people["colleague"], heart_rate=71)
    )  # fmt: skip
    refused = [o for o in outcomes if isinstance(o, Exception)]
    assert len(refused) == 1 and isinstance(refused[0], Conflict) and "刷新页面" in str(refused[0])
    assert FormResponse.objects.filter(subject_id=done.visit.id).count() == 2 and broken_invariants() == []


@pytest.mark.django_db
def test_the_page_brings_the_result_in(world: World) -> None:
    """The visit says what it lacks and leads to its form; a result that arrived since stands there with where it is from, one button saves it."""
    row, browser = enrolled(world, "diabetes"), signed_in(world.doctor)
    done = visit(world, row, smoking=5)
    shown = browser.get(f"/programmes/visits/{done.visit.id}/").content.decode()
    assert "还缺：糖化血红蛋白。" in shown and f"/programmes/visits/{done.visit.id}/amend/" in shown
    records.add_result(
        resident_id=row.resident_id, title="糖化血红蛋白", results=[NewResult(GLYCATED, "糖化血红蛋白", value=Decimal("6.60"), unit="%")],
        actor=world.people["gp"],
    )  # fmt: skip
    page = browser.get(f"/programmes/visits/{done.visit.id}/amend/").content.decode()
    assert 'value="6.6"' in page
    assert "已从健康档案带入 1 项新结果" in page and f"取自 {clock.today()} 的结果" in page
    stands = Visit.objects.get(pk=done.visit.id)
    typed = forms.typed_again(forms.answers_of([stands.response_id])[stands.response_id])
    sent = typed | {"hba1c": "6.6", "based_on": str(stands.response_id)}
    answer = browser.post(f"/programmes/visits/{stands.id}/amend/", sent | {"smoking": "10"})
    assert answer.status_code == 422 and "请写明更正原因" in answer.content.decode()
    saved = browser.post(f"/programmes/visits/{stands.id}/amend/", sent, follow=True).content.decode()
    assert "这次随访已齐全" in saved and "还缺" not in saved and counted() == 1


@pytest.mark.django_db
def test_measured_at_the_consultation_is_not_typed_again(world: World) -> None:
    """The follow-up beside a consultation begins with the pressure measured there today; the day after it begins empty."""
    row, browser = enrolled(world), signed_in(world.doctor)
    records.record_vitals(
        resident_id=row.resident_id, signs={"sbp": Decimal(152), "dbp": Decimal(94)}, actor=world.doctor
    )
    page = browser.get(f"/programmes/enrolment/{row.id}/visit/followup/").content.decode()
    assert 'value="152"' in page.split('data-item="sbp"')[1].split("data-item=")[0]
    with later(days=1):
        start = api.start_of(row.id, "followup", forms.form("hypertension-followup"), actor=world.doctor)
        assert "sbp" not in start.values and start.facts["stage"] == "followup"
