"""From the nightly run to the decision, and the warning at the counter."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from yigong.access.models import ReadLog
from yigong.clinic import api as clinic
from yigong.clinic.data import BillData, ChargeLineData
from yigong.clinic.events import BillSettled
from yigong.core import clock
from yigong.core.errors import Forbidden, InvalidInput
from yigong.core.ids import new_id
from yigong.core.jobs import worker
from yigong.core.jobs.api import job
from yigong.core.states import clocks
from yigong.core.states.api import ReasonMissing, WrongState, history
from yigong.core.testing import race
from yigong.insurance.review import api, handlers, nightly
from yigong.insurance.review.models import BillFact, Deduction, Run, Suspicion
from yigong.insurance.review.queries.lists import statistics
from yigong.insurance.review.tests.world import BOSS, County, at, sign_in
from yigong.residents.tests.factories import make_actor
from yigong.tasks.models import Task

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4 x"


def bill_of(county: County, *items: str, **values: Any) -> BillData:
    """A bill at the counter with one line per item."""
    lines = tuple(
        ChargeLineData(
            id=new_id(), item_code=item, item_name=item, national_code="", category="treatment", unit="次", unit_price=Decimal(8),
            quantity=Decimal(1), amount=800, performed_at=at(), department_id=None, staff_id=None,
        )
        for item in items
    )  # fmt: skip
    given: dict[str, Any] = {
        "id": new_id(), "number": "ZD1", "resident_id": county.resident, "institution_id": county.hospital.id, "institution_level": "2",
        "encounter_id": None, "kind": "outpatient", "state": "presented", "lines": lines, "admitted_on": None, "discharged_on": None,
        "diagnoses": (("J18.900", "肺炎"),), "total": 800 * len(items), "opened_at": at(), "patient_name": "张桂芳",
    }  # fmt: skip
    return BillData(**(given | values))


def test_the_counter_is_warned_in_one_statement(county: County, django_assert_max_num_queries: Any) -> None:
    """What concerns this bill, the person's other bills beside it; nothing is kept and another person's bills say nothing."""
    county.stay(institution_id=county.centre.id)
    bill = bill_of(county, "ZC-PT", "ZC-PT", "HY-PSA")
    bill = replace(bill, lines=tuple(replace(line, performed_at=at(2)) for line in bill.lines))
    api.check_bill(bill)
    with django_assert_max_num_queries(12):
        hits = api.check_bill(bill)
    assert {hit.rule for hit in hits} == {"R02", "R05", "R14"}
    assert not Suspicion.objects.exists() and BillFact.objects.count() == 1
    assert not api.check_bill(bill_of(county, "HY-XCG"))


def test_a_settled_bill_becomes_facts_and_a_reopened_one_is_forgotten(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was returned is taken off; taken again it replaces itself."""
    bill = bill_of(county, "ZC-PT", "ZC-PT", state="settled", settled_at=clock.now())
    monkeypatch.setattr(clinic, "bill", lambda key: bill)
    event = BillSettled(bill.id, bill.resident_id, bill.institution_id, "outpatient", "JS1", 1600)
    handlers.on_bill(event)
    handlers.on_bill(event)
    assert BillFact.objects.get().lines.count() == 2
    returned = replace(bill.lines[1], returned_quantity=Decimal(1), returned_amount=800)
    bill = replace(bill, lines=(bill.lines[0], returned), state="partly_returned")
    handlers.on_bill(event)
    assert BillFact.objects.get().lines.count() == 1
    bill = replace(bill, state="open")
    handlers.on_bill(event)
    assert not BillFact.objects.exists()


def test_the_way_of_a_finding(county: County) -> None:
    """Notice, appeal with a file, decision with a deduction, taken back by its opposite."""
    row = county.finding()
    with pytest.raises(WrongState):
        api.appeal(suspicion_id=row.id, text="不是", actor=county.coder)
    api.notify(suspicion_id=row.id, actor=county.officer)
    task = Task.objects.get(kind="review.notice")
    assert (task.role, task.institution_id) == ("quality_manager", county.hospital.id)
    api.appeal(suspicion_id=row.id, text="两位医师会诊", files=[("会诊单.pdf", PDF)], actor=county.coder)
    task.refresh_from_db()
    assert task.state != "open" and Task.objects.filter(kind="review.decide", role="insurance_clerk").count() == 1
    with pytest.raises(ReasonMissing):
        api.decide(suspicion_id=row.id, upheld=True, reason="", actor=county.officer)
    with pytest.raises(InvalidInput):
        api.decide(suspicion_id=row.id, upheld=True, reason="重复", deduct=801, actor=county.officer)
    row = api.decide(suspicion_id=row.id, upheld=True, reason="一日一次", deduct=800, actor=county.officer)
    assert (row.state, row.deduct, Deduction.objects.get().amount) == ("upheld", 800, 800)
    row = api.reopen(suspicion_id=row.id, reason="补充材料", actor=county.officer)
    assert (row.state, row.deduct) == ("notified", 0)
    assert sorted(Deduction.objects.values_list("amount", flat=True)) == [-800, 800]
    assert [step.to_state for step in history(row.id)] == ["found", "notified", "appealed", "upheld", "notified"]


@pytest.mark.parametrize(
    ("files", "text"),
    [([("a.exe", b"MZ")], "x"), ([("a.pdf", b"<html>")], "x"), ([("a.pdf", PDF)] * 6, "x"), ([], " ")],
)
def test_appeals_that_cannot_be_taken(county: County, files: list[tuple[str, bytes]], text: str) -> None:
    """Another kind of file, a false ending, too many, no text: nothing is written."""
    row = county.finding()
    api.notify(suspicion_id=row.id, actor=county.officer)
    with pytest.raises(InvalidInput):
        api.appeal(suspicion_id=row.id, text=text, files=files, actor=county.coder)
    row.refresh_from_db()
    assert row.state == "notified" and not row.appeals.exists()


def test_who_may(county: County) -> None:
    """The institution appeals for itself only; an officer decides for the own institution and those below."""
    row = county.finding(institution_id=county.centre.id)
    with pytest.raises(Forbidden):
        api.notify(suspicion_id=row.id, actor=make_actor("insurance_clerk"))
    api.notify(suspicion_id=row.id, actor=county.officer)
    assert Task.objects.get(kind="review.notice").role == "township_manager"
    with pytest.raises(Forbidden):
        api.appeal(suspicion_id=row.id, text="x", actor=county.coder)
    api.appeal(suspicion_id=row.id, text="x", actor=county.manager)
    with pytest.raises(Forbidden):
        api.decide(suspicion_id=row.id, upheld=False, reason="x", actor=county.manager)


def test_the_time_to_appeal_ends_at_the_officers_desk(county: County) -> None:
    """Ten days after the notice, once."""
    api.notify(suspicion_id=county.finding().id, actor=county.officer)
    with clock.travel(timedelta(days=11)):
        clocks.sweep()
        clocks.sweep()
    assert Task.objects.filter(kind="review.decide", state="open").count() == 1
    assert not Task.objects.filter(kind="review.notice", state="open").exists()


def test_the_database_holds_the_line(county: County) -> None:
    """The same evidence twice, a deduction beyond the amount, a decision without reason."""
    row = county.finding()
    twin = Suspicion(**{f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields} | {"id": new_id()})
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save(force_insert=True)
    for wrong in (
        {"deduct": 1},
        {"state": "upheld"},
        {"state": "upheld", "decision": "x", "decided_at": clock.now(), "deduct": 10**9},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Suspicion.objects.filter(pk=row.pk).update(**wrong)


def test_statistics_open_their_rows(county: County) -> None:
    """Found, decided, upheld share by rule and institution; undecided findings do not count in the share."""
    keys = [county.finding().id for _ in range(4)]
    api.decide(suspicion_id=keys[0], upheld=False, reason="合理", actor=county.officer)
    for key in keys[1:3]:
        api.notify(suspicion_id=key, actor=county.officer)
        api.decide(suspicion_id=key, upheld=True, reason="重复", deduct=500, actor=county.officer)
    (tally,) = statistics(county.officer)
    assert (tally.found, tally.decided, tally.upheld, tally.deducted) == (4, 3, 2, 1000)
    assert tally.precision == pytest.approx(2 / 3)
    page = sign_in(county.officer).get("/review/statistics/").content.decode()
    assert (
        f"rule=R02&amp;institution={county.hospital.id}" in page or f"rule=R02&institution={county.hospital.id}" in page
    )
    assert not statistics(make_actor("insurance_clerk"))


def test_pages(county: County) -> None:
    """List, finding, notice, appeal with a file and its download, decision, refusal of the second."""
    row = county.finding(institution_id=county.centre.id)
    officer, manager = sign_in(county.officer), sign_in(county.manager)
    assert "重复收费" in officer.get("/review/?rule=R02&state=found&text=张").content.decode()
    page = officer.get(f"/review/{row.id}/").content.decode()
    assert "ZC-PT" in page and "通知机构" in page
    assert officer.post(f"/review/{row.id}/notify/").status_code == 302
    assert officer.post(f"/review/{row.id}/notify/").status_code == 409
    file = SimpleUploadedFile("说明.pdf", PDF)
    assert manager.post(f"/review/{row.id}/appeal/", {"text": "两次会诊", "papers": file}).status_code == 302
    attachment = row.appeals.get().attachments.get()
    assert officer.get(f"/review/file/{attachment.id}/").content == PDF
    assert officer.post(f"/review/{row.id}/uphold/", {"reason": "一日一次", "deduct": "9.00"}).status_code == 422
    assert officer.post(f"/review/{row.id}/uphold/", {"reason": "一日一次", "deduct": "8.00"}).status_code == 302
    assert "扣减 8.00 元" in manager.get(f"/review/{row.id}/").content.decode()
    assert manager.get("/").status_code == 200
    assert ReadLog.objects.filter(resident_id=row.resident_id).exists()
    stranger = sign_in(county.coder)
    assert stranger.get(f"/review/{row.id}/").status_code == 200  # the hospital's coder looks at institutions below


def test_a_run_from_the_page_shows_what_came_of_it(county: County, settings: Any, tmp_path: Any) -> None:
    """As a job, with its figures."""
    settings.DATA = tmp_path
    county.bill(("ZC-PT",), ("ZC-PT",))
    started = nightly.start_run(county.officer)
    worker.run_job(started.id)
    assert "新增 1 条" in job(started.id).note and Run.objects.get().fresh == 1


def test_the_run_asks_no_question_per_row(county: County, django_assert_max_num_queries: Any) -> None:
    """Forty bills cost as many statements as one."""
    for _ in range(40):
        county.bill(("ZC-PT",), ("ZC-PT",))
    with django_assert_max_num_queries(12):
        assert api.run_rules(actor=BOSS).fresh == 40


@pytest.mark.race("review.run_rules")
@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_find_everything_once(county: County) -> None:
    """The night and a person."""
    county.bill(("ZC-PT",), ("ZC-PT",))
    runs = race(*[lambda: api.run_rules(actor=BOSS)] * 2)
    assert sorted(run.fresh for run in runs) == [0, 1] and Suspicion.objects.count() == 1


@pytest.mark.race("review.decide")
@pytest.mark.django_db(transaction=True)
def test_two_officers_decide_at_once(county: County) -> None:
    """One wins, the other learns who was first; one deduction at most."""
    row = county.finding()
    api.notify(suspicion_id=row.id, actor=county.officer)
    outcomes = race(
        lambda: api.decide(suspicion_id=row.id, upheld=True, reason="重复", deduct=800, actor=county.officer),
        lambda: api.decide(suspicion_id=row.id, upheld=False, reason="合理", actor=county.second),
    )
    refused = [one for one in outcomes if isinstance(one, Exception)]
    row.refresh_from_db()
    assert len(refused) == 1 and "处理" in str(refused[0])
    assert sum(Deduction.objects.values_list("amount", flat=True)) == row.deduct


@pytest.mark.race("review.appeal")
@pytest.mark.django_db(transaction=True)
def test_two_appeals_at_once(county: County) -> None:
    """One appeal stands."""
    row = county.finding()
    api.notify(suspicion_id=row.id, actor=county.officer)
    race(*[lambda: api.appeal(suspicion_id=row.id, text="会诊", actor=county.coder)] * 2)
    assert row.appeals.count() == 1
