"""Experts' calendars, invitations, answers, replacements, another time, the meeting's address."""

from datetime import timedelta

import pytest

from yigong.centres.consultation import api as consultation
from yigong.centres.consultation.commands.errors import (
    AlreadyInvited,
    OffRoster,
    SlotTaken,
    TooFewExperts,
    WrongMoment,
)
from yigong.centres.consultation.queries import slots
from yigong.centres.consultation.tests.world import ConsultWorld
from yigong.core import clock
from yigong.core.errors import Forbidden, InvalidInput
from yigong.core.states.clocks import sweep
from yigong.orders import api as orders
from yigong.orders.tests.world import browser_of
from yigong.tasks.models import Task

pytestmark = pytest.mark.django_db


def test_the_calendar_shows_shifts_without_what_is_held(world: ConsultWorld) -> None:
    """Nine hours are eighteen slots; an invitation takes one of them."""
    day = world.tomorrow.date()
    assert [len(one.free) for one in slots.calendars([world.base.county], day)] == [18, 18]
    world.invite(world.accepted())
    found = {one.name: one for one in slots.calendars([world.base.county], day)}
    assert (len(found["刘主任"].free), len(found["许医师"].free)) == (17, 18)
    assert found["刘主任"].held == ((world.tomorrow, world.tomorrow + timedelta(minutes=30)),)


def test_an_invitation_holds_the_slot_once(world: ConsultWorld) -> None:
    """The next consultation learns whose time it is; overlapping counts too; declined time is free again."""
    [first] = world.invite(world.accepted())
    other = world.accepted()
    with pytest.raises(SlotTaken, match="刘主任"):
        world.invite(other, at=world.tomorrow + timedelta(minutes=10))
    consultation.answer(invitation_id=first.pk, accept=False, reason_code="busy", actor=world.lead)
    [second] = world.invite(other)
    assert second.is_lead is False and world.row(other).invitations.get().is_lead


def test_outside_a_shift_somebody_says_how_it_was_agreed(world: ConsultWorld) -> None:
    """And nobody is invited for a time that has gone by."""
    order = world.accepted()
    night = world.tomorrow + timedelta(hours=12)
    with pytest.raises(OffRoster):
        world.invite(order, at=night)
    with pytest.raises(InvalidInput) as refusal:
        world.invite(order, at=clock.now() - timedelta(hours=1))
    assert set(refusal.value.errors) == {"starts_at"}
    asked = [consultation.Invitee(world.lead.staff_id, off_roster="电话约定")]
    consultation.invite(order_id=order.id, experts=asked, starts_at=night, actor=world.coordinator)
    assert orders.order(order.id, actor=world.gp).state_label == "已排期"


def test_several_experts_and_one_who_leads(world: ConsultWorld) -> None:
    """A multidisciplinary one needs two; the lead is of the centre's house."""
    order = world.accepted(item_code="HZ-MDT", priority="urgent", gap="待补影像")
    with pytest.raises(TooFewExperts):
        world.invite(order)
    with pytest.raises(InvalidInput) as refusal:
        consultation.invite(
            order_id=order.id, starts_at=world.tomorrow, actor=world.coordinator,
            experts=[consultation.Invitee(world.outsider.staff_id, True, "电话"), consultation.Invitee(world.lead.staff_id)],
        )  # fmt: skip
    assert set(refusal.value.errors) == {"lead"}
    world.invite(order, world.lead, world.second, world.outsider)
    assert world.row(order).invitations.filter(is_lead=True).count() == 1
    with pytest.raises(AlreadyInvited):
        world.invite(order, world.second, at=world.tomorrow + timedelta(hours=1))


def test_declining_asks_for_another_who_takes_the_same_time(world: ConsultWorld) -> None:
    """With a coded reason; the coordinators' task ends with the replacement."""
    order = world.accepted()
    [asked] = world.invite(order)
    with pytest.raises(InvalidInput):
        consultation.answer(invitation_id=asked.pk, accept=False, actor=world.lead)
    consultation.answer(invitation_id=asked.pk, accept=False, reason_code="conflict", actor=world.lead)
    task = Task.objects.get(kind="consultation.arrange", subject_id=order.id)
    assert "刘主任" in task.title and "回避" in task.title
    made = consultation.replace(
        invitation_id=asked.pk, by=consultation.Invitee(world.second.staff_id), actor=world.coordinator
    )
    assert (made.starts_at, made.replaces_id) == (asked.starts_at, asked.pk)
    assert world.row(order).invitations.get(pk=made.pk).is_lead
    assert Task.objects.get(pk=task.pk).state == "done"
    with pytest.raises(AlreadyInvited):
        consultation.replace(
            invitation_id=asked.pk, by=consultation.Invitee(world.second.staff_id), actor=world.coordinator
        )


def test_only_the_invited_answer_and_only_the_centre_invites(world: ConsultWorld) -> None:
    """Neither a colleague nor the asking side."""
    order = world.accepted()
    [asked] = world.invite(order)
    with pytest.raises(Forbidden):
        consultation.answer(invitation_id=asked.pk, accept=True, actor=world.second)
    for actor in (world.gp, world.lead):
        with pytest.raises(Forbidden):
            consultation.withdraw(invitation_id=asked.pk, reason="试", actor=actor)
    with pytest.raises(Forbidden):
        consultation.invite(
            order_id=order.id,
            experts=[consultation.Invitee(world.second.staff_id)],
            starts_at=world.tomorrow,
            actor=world.gp,
        )


def test_nobody_answers_an_urgent_invitation(world: ConsultWorld) -> None:
    """After ten minutes the coordinators and the chief on duty are asked."""
    order = world.accepted(priority="urgent")
    consultation.invite(
        order_id=order.id, experts=[consultation.Invitee(world.lead.staff_id, off_roster="在院")], starts_at=clock.now(),
        actor=world.coordinator,
    )  # fmt: skip
    with clock.travel(timedelta(minutes=11)):
        sweep()
    roles = Task.objects.filter(kind="consultation.arrange", subject_id=order.id).values_list("role", flat=True)
    assert sorted(roles) == ["duty_chief", "referral_office"]


def test_another_time_asks_everybody_again(world: ConsultWorld) -> None:
    """The old slot is free, the new one held; after the asking side did not come as well."""
    order = world.agreed(world.lead, world.second)
    orders.mark_no_show(order_id=order.id, actor=world.coordinator)
    later = world.tomorrow + timedelta(hours=3)
    with pytest.raises(InvalidInput):
        consultation.reschedule(order_id=order.id, starts_at=later, reason="", actor=world.coordinator)
    consultation.reschedule(order_id=order.id, starts_at=later, reason="申请方设备故障", actor=world.coordinator)
    assert {(i.state, i.starts_at) for i in world.row(order).invitations.all()} == {("invited", later)}
    assert orders.order(order.id, actor=world.gp).state == "scheduled"
    world.invite(world.accepted(), world.lead)  # the old slot
    with pytest.raises(SlotTaken):
        world.invite(world.accepted(), world.second, at=later)


@pytest.mark.parametrize(
    "text",
    ["http://meet.example/1", "javascript:alert(1)", "meet.example/1", "https://a b", "https://u:p@x/", "https://"],
)
def test_a_meeting_address_is_checked(world: ConsultWorld, text: str) -> None:
    """Only a whole https address without a login in it."""
    order = world.accepted()
    with pytest.raises(InvalidInput) as refusal:
        consultation.set_meeting(order_id=order.id, meeting_url=text, actor=world.coordinator)
    assert "meeting_url" in refusal.value.errors
    consultation.set_meeting(order_id=order.id, meeting_url=" https://meet.example/1?a=2 ", actor=world.coordinator)
    assert world.row(order).meeting_url == "https://meet.example/1?a=2"


def test_an_unfinished_one_cannot_be_moved_once_it_has_begun(world: ConsultWorld) -> None:
    """The state says so."""
    order = world.held()
    with pytest.raises(WrongMoment):
        consultation.reschedule(order_id=order.id, starts_at=world.tomorrow, reason="x", actor=world.coordinator)


def test_the_page_of_the_coordinator(world: ConsultWorld) -> None:
    """Slots by expert; inviting by ticking; a taken slot stands as such; the picker knows people of other houses."""
    browser, order = browser_of(world.coordinator), world.accepted()
    world.invite(world.accepted(), world.lead)
    day = world.tomorrow.astimezone(clock.SHANGHAI).date()
    page = browser.get(f"/consultation/{order.id}/invite/?day={day}").content.decode()
    assert "刘主任" in page and "已约" in page
    form = {"experts": [str(world.lead.staff_id)], "starts_at": world.tomorrow.isoformat(), "meeting_url": ""}
    refused = browser.post(f"/consultation/{order.id}/invite/?day={day}", form)
    assert refused.status_code == 422 and "已有会诊安排" in refused.content.decode()
    form["starts_at"] = (world.tomorrow + timedelta(minutes=30)).isoformat()
    assert browser.post(f"/consultation/{order.id}/invite/?day={day}", form).status_code == 302
    assert "孙教授" in browser.get("/consultation/experts/?q=孙教授").content.decode()
