"""The way up and the way down, by commands, with who is asked to act at each station."""

from datetime import timedelta

import pytest

from yigong.access import api as access
from yigong.access.data import Subject
from yigong.core import clock
from yigong.core.events.models import OutboxEvent
from yigong.core.ledger import api as ledger
from yigong.core.states.api import history
from yigong.core.states.clocks import sweep
from yigong.referrals import api
from yigong.referrals.models import Referral
from yigong.referrals.queries import reading
from yigong.referrals.tests.world import World, down, fed_back, make_resident, publish, sent, treated, up
from yigong.tasks import api as tasks
from yigong.tasks.models import Task


def waiting(actor) -> list[str]:
    """Kinds of the actor's open tasks."""
    return [task.kind for task in tasks.tasks_for(actor).items]


def told() -> list[str]:
    """Names of the recorded events of this room, in order."""
    return [n for n in OutboxEvent.objects.order_by("id").values_list("name", flat=True) if n.startswith("referral.")]


def may_read(world: World, actor) -> bool:
    """Whether the actor may open the resident's record now."""
    return access.decide(actor, "read_detail", Subject("resident", world.resident)).allowed


def test_up_and_closed(world: World) -> None:
    """Village to county: request, place held, arrival, treatment, feedback, follow-up, closing; each waits at the right desk."""
    sheet = publish(world)
    assert not may_read(world, world.specialist)
    row = sent(world, sheet_id=sheet.id)
    assert (row.state, waiting(world.office)) == ("pending_receive", ["referral.answer"])
    assert api.slots_of(world.county.id)[0].left == 0
    row = api.accept(referral_id=row.id, doctor="王主任", actor=world.office, expected_version=row.version)
    assert (waiting(world.office), waiting(world.doctor)) == ([], ["referral.tell"])
    assert may_read(world, world.specialist)
    api.arrive(referral_id=row.id, name="张桂芳", identifier=row.number, actor=world.desk)
    assert (waiting(world.doctor), waiting(world.specialist)) == ([], ["referral.treat"])
    api.begin_treatment(referral_id=row.id, actor=world.specialist)
    assert waiting(world.specialist) == ["referral.feed_back"]
    row = api.feed_back(
        referral_id=row.id, outcome_code="2", diagnosis_code="I10", diagnosis="高血压 3 级", plan="两周后复查",
        actor=world.specialist,
    )  # fmt: skip
    (task,) = tasks.tasks_for(world.doctor).items
    assert task.kind == "referral.follow_up" and task.due_at == row.due_at
    assert timedelta(days=14) <= row.due_at - row.feedback_at < timedelta(days=14, minutes=1)
    api.follow_up(referral_id=row.id, manner="visit", note="血压 138/86", actor=world.doctor)
    row = api.close(referral_id=row.id, actor=world.doctor)
    assert row.state == "closed" and not Task.objects.filter(state="open").exists()
    assert [step.action for step in history(row.id)] == [
        "create", "send", "accept", "arrive", "treat", "feed_back", "follow_up", "close",
    ]  # fmt: skip
    assert told() == [
        f"referral.{n}"
        for n in ("requested", "submitted", "accepted", "arrived", "completed", "first_visit_done", "closed")
    ]
    assert may_read(world, world.specialist)
    with clock.travel(timedelta(days=31)):
        assert not may_read(world, world.specialist)


def test_down_and_closed(world: World) -> None:
    """County to township: proposed from the up-referral, accepted, first visit in time, plan, end, closing."""
    done = fed_back(world)
    row = api.refer_down(referral_id=done.id, given=down(world, parent_id=done.id), actor=world.specialist)
    assert (row.parent_id, waiting(world.manager)) == (done.id, ["referral.answer"])
    row = api.accept(referral_id=row.id, actor=world.manager)
    (task,) = tasks.tasks_for(world.gp).items
    assert task.kind == "referral.first_visit" and (task.due_at - row.accepted_at).days == 3
    row = api.first_visit(referral_id=row.id, manner="phone", note="血压 130/80,药已备齐", actor=world.gp)
    assert row.state == "in_treatment" and Referral.objects.get(pk=row.id).first_contact_at
    row = api.feed_back(
        referral_id=row.id,
        outcome_code="2",
        diagnosis_code="I10",
        diagnosis="高血压",
        plan="转入常规管理",
        actor=world.gp,
    )
    api.follow_up(referral_id=row.id, manner="visit", note="平稳", actor=world.gp)
    assert api.close(referral_id=row.id, actor=world.gp).state == "closed"


def test_a_refused_down_referral_goes_to_the_office(world: World) -> None:
    """The township lacks the drug: the hospital's office is asked to find another place; the discharge is not blocked."""
    row = api.request_referral(given=down(world), actor=given_access(world))
    api.reject(referral_id=row.id, reason_code="7", reason="没有该药", actor=world.manager)
    assert waiting(world.office) == ["referral.find"]
    child = api.redirect(
        referral_id=row.id, to_institution_id=world.village.id, reason="村里可随访", actor=world.office
    )
    assert (child.parent_id, child.direction, waiting(world.doctor)) == (row.id, "down", ["referral.answer"])


def given_access(world: World):
    """The specialist, with a relationship as after an encounter."""
    access.open_relationship(resident_id=world.resident, institution_id=world.county.id, basis="encounter")
    return world.specialist


def test_the_green_channel(world: World) -> None:
    """Few fields, the desk answers, the form follows; the chief and the director are called, and it never expires."""
    given = up(world, urgency="emergency", kind="emergency", resident_id=None, patient_name="", diagnosis="", diagnosis_code="",
               reason_code="", consent_by="", skip_reason="", reason="胸痛两小时，大汗")  # fmt: skip
    row = api.request_referral(given=given, actor=world.doctor)
    assert (row.state, row.patient_name, waiting(world.nurse)) == ("pending_receive", "无名氏", ["referral.answer"])
    for minutes in range(11, 2000, 60):
        with clock.travel(timedelta(minutes=minutes)):
            sweep()
    assert Referral.objects.get(pk=row.id).state == "pending_receive"
    assert waiting(world.chief)[-1:] == ["referral.escalated"]
    row = api.acknowledge(referral_id=row.id, actor=world.nurse)
    assert row.state == "accepted" and set(waiting(world.doctor)) == {"referral.tell", "referral.complete"}
    assert waiting(world.chief) == []
    api.arrive(referral_id=row.id, name="无名氏", identifier=row.number, actor=world.desk)
    api.begin_treatment(referral_id=row.id, actor=world.specialist)
    with pytest.raises(Exception, match="资料还没有补全"):
        api.feed_back(
            referral_id=row.id,
            outcome_code="2",
            diagnosis_code="I21",
            diagnosis="心梗",
            plan="x",
            actor=world.specialist,
        )
    api.change_draft(referral_id=row.id, given=up(world, urgency="emergency", kind="emergency"), actor=world.doctor)
    assert not Referral.objects.get(pk=row.id).incomplete and waiting(world.doctor) == []
    assert may_read(world, world.specialist)


def test_onward(world: World) -> None:
    """The county cannot help either: completed with outcome 4, and a new referral from the county waits at the next."""
    row = treated(world)
    child = api.refer_onward(
        referral_id=row.id, to_institution_id=world.tcm.id, diagnosis_code="I10", diagnosis="高血压", plan="转专科",
        reason="需专科治疗", actor=world.specialist,
    )  # fmt: skip
    assert Referral.objects.get(pk=row.id).outcome_code == "4"
    assert (child.parent_id, child.from_institution_id, child.state) == (row.id, world.county.id, "pending_receive")


def test_a_bed_comes_back(world: World) -> None:
    """A bed is held at acceptance, used at arrival and free again after the treatment."""
    beds = publish(world, kind="bed", day=None, session="", capacity=1, reserved=1)
    row = sent(world, kind="inpatient")
    api.accept(referral_id=row.id, sheet_id=beds.id, actor=world.office)
    api.arrive(referral_id=row.id, name="张桂芳", identifier=row.number, actor=world.desk)
    api.begin_treatment(referral_id=row.id, admitted=True, actor=world.specialist)
    account = ledger.accounts_of([beds.id], "referral.slots")[beds.id]
    assert account.balance == 0
    row = api.end_treatment(referral_id=row.id, actor=world.specialist)
    assert waiting(world.specialist) == ["referral.feed_back"] and row.due_at
    api.feed_back(
        referral_id=row.id, outcome_code="1", diagnosis_code="I10", diagnosis="x", plan="y", actor=world.specialist
    )
    assert ledger.balance(account.id) == 1


def test_the_figures_of_the_home_page_are_those_of_the_lists(world: World) -> None:
    """The one statement counts what the inbox lists, for the sender, the one who approves and the receiver."""
    sent(world)
    taken, refused = (sent(world, resident_id=make_resident(world.doctor, name)) for name in ("李桂芳", "王桂芳"))
    api.accept(referral_id=taken.id, direct_to_emergency=True, actor=world.office)
    api.reject(referral_id=refused.id, reason_code="1", reason="没有指征", actor=world.office)
    api.request_referral(given=up(world, resident_id=make_resident(world.doctor, "赵桂芳")), actor=world.doctor)
    seen = set()
    for actor in (world.doctor, world.gp, world.manager, world.office):
        lists = {
            "waiting": {"side": "received", "group": "waiting"},
            "late": {"side": "received", "group": "waiting", "left": "over"},
            "coming": {"side": "received", "group": "coming"},
            "back": {"side": "sent", "group": "back"},
        }
        with clock.travel(timedelta(days=9)):
            listed = {name: reading.matching(actor, filters).count() for name, filters in lists.items()}
            assert reading.figures_for(actor) == listed
        seen |= {name for name, count in listed.items() if count}
    assert seen == {"waiting", "late", "coming", "back"}
