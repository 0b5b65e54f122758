"""Asking: a checked file, what an urgent one may lack, reject and cancel."""

from datetime import timedelta
from uuid import UUID

import pytest

from yigong.centres.consultation import api as consultation
from yigong.centres.consultation.commands.errors import FileIncomplete
from yigong.centres.consultation.models import Consultation, NamedRecord
from yigong.centres.consultation.tests.world import ConsultWorld
from yigong.core import clock
from yigong.core.errors import Forbidden, InvalidInput
from yigong.core.states.clocks import sweep
from yigong.orders import api as orders
from yigong.orders.tests.world import BOOT, browser_of
from yigong.records import api as records
from yigong.residents import api as residents
from yigong.tasks.models import Task

pytestmark = pytest.mark.django_db


def test_a_complete_file_is_sent(world: ConsultWorld) -> None:
    """The named entries answer for the pieces that the kind needs; the centre is asked."""
    order = world.ask()
    row = world.row(order)
    assert (order.state, order.state_label, row.missing) == ("requested", "待受理", [])
    assert sorted(code for named in row.records.all() for code in named.pieces) == ["note", "tests"]
    assert Task.objects.filter(kind="order.accept", subject_id=order.id, role="referral_office").exists()


def test_missing_pieces_are_named_and_stop_a_routine_request(world: ConsultWorld) -> None:
    """Nothing is written; the sentence says what is missing."""
    with pytest.raises(FileIncomplete, match="检验结果") as refusal:
        world.ask(records=world.documents[:1])
    assert "records" in refusal.value.errors
    assert not Consultation.objects.exists()


def test_an_urgent_one_goes_with_the_gap_said(world: ConsultWorld) -> None:
    """Without a word it does not."""
    with pytest.raises(FileIncomplete) as refusal:
        world.ask(records=world.documents[:1], priority="urgent")
    assert "gap" in refusal.value.errors
    row = world.row(world.ask(records=world.documents[:1], priority="urgent", gap="夜间检验科停机"))
    assert (row.missing, row.gap) == (["tests"], "夜间检验科停机")
    with pytest.raises(FileIncomplete):
        world.ask(records=world.documents[:1], gap="普通申请不能缺")


def test_consent_and_purpose_are_asked_for(world: ConsultWorld) -> None:
    """Each field names its remedy."""
    with pytest.raises(InvalidInput) as refusal:
        world.ask(consent=False, purpose_code="x", form="fax", item_code="x")
    assert set(refusal.value.errors) == {"consent", "purpose_code", "form", "item_code"}


def test_entries_of_somebody_else_are_left_out(world: ConsultWorld) -> None:
    """A posted key of another resident's document names nothing, so the piece is missing."""
    other = records.add_document(
        resident_id=_other(), kind="laboratory_report", title="他人检验", content={}, actor=BOOT, text="",
        institution_id=world.base.township,
    )  # fmt: skip
    with pytest.raises(FileIncomplete):
        world.ask(records=[world.documents[0], ("document", other.id)])
    assert not NamedRecord.objects.filter(entry_id=other.id).exists()


def test_records_are_added_later(world: ConsultWorld) -> None:
    """What was missing is there, until the conclusion."""
    order = world.ask(records=world.documents[:1], priority="urgent", gap="待补")
    assert consultation.add_records(order_id=order.id, records=world.documents, actor=world.gp) == []
    assert world.row(order).records.count() == 2
    with pytest.raises(Forbidden):
        consultation.add_records(order_id=order.id, records=world.documents, actor=world.outsider)


def test_the_clock_of_an_urgent_request_climbs(world: ConsultWorld) -> None:
    """Nobody takes it for ten minutes: the chief on duty has the task as well."""
    order = world.ask(priority="urgent")
    task = Task.objects.get(kind="order.accept", subject_id=order.id)
    assert task.due_at is not None and task.due_at - task.opened_at <= timedelta(minutes=10)
    with clock.travel(timedelta(minutes=11)):
        sweep()
    assert Task.objects.get(pk=task.pk).overdue_at is not None


def test_rejected_and_cancelled_end_everything(world: ConsultWorld) -> None:
    """The experts' time is free again, and their right to read has ended."""
    first, second = world.agreed(world.lead), world.ask()
    orders.cancel_order(order_id=first.id, reason="已转诊", reason_code="condition", actor=world.gp)
    orders.reject_order(order_id=second.id, reason_code="no_expert", actor=world.coordinator)
    assert [i.state for i in world.row(first).invitations.all()] == ["withdrawn"]
    assert not Task.objects.filter(kind__startswith="consultation.", state="open").exists()


def test_the_page_asks_and_shows_what_is_wrong(world: ConsultWorld) -> None:
    """The general address leads here; ticking nothing is named; a complete one leads to its page."""
    browser = browser_of(world.gp)
    assert (
        browser.get(f"/orders/consultation/new/{world.base.resident_id}/").url
        == f"/consultation/new/{world.base.resident_id}/"
    )
    page = browser.get(f"/consultation/new/{world.base.resident_id}/").content.decode()
    assert "胸水常规" in page and "病历或就诊记录" in page
    form = {
        "item_code": "HZ-CLIN", "priority": "routine", "form": "video", "purpose_code": "diagnosis", "diagnosis": "胸腔积液",
        "purpose": "性质？", "consent": "on",
    }  # fmt: skip
    refused = browser.post(f"/consultation/new/{world.base.resident_id}/", form)
    assert refused.status_code == 422 and "缺少：病历或就诊记录、检验结果" in refused.content.decode()
    sent = browser.post(
        f"/consultation/new/{world.base.resident_id}/", {**form, "records": [f"{k}:{i}" for k, i in world.documents]}
    )
    assert sent.status_code == 302
    shown = browser.get(sent.url).content.decode()
    assert "待受理" in shown and "胸水常规" in shown and "撤销申请" in shown


def _other() -> UUID:
    given = residents.NewResident(name="张三", sex="1", birth_date=clock.today() - timedelta(days=50 * 365))
    return residents.register_resident(given=given, actor=BOOT).resident.id
