"""What is refused, to whom, and with which sentence."""

from dataclasses import replace
from uuid import uuid4

import pytest

from yigong.core.errors import Forbidden, InvalidInput
from yigong.core.ledger import api as ledger
from yigong.core.states.api import ReasonMissing, Stale, WrongState
from yigong.referrals import api
from yigong.referrals.commands import errors
from yigong.referrals.models import Referral
from yigong.referrals.rules.workflow import NoLongerValid, ReopenedBefore
from yigong.referrals.tests.world import World, down, make_resident, publish, sent, up


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"diagnosis": ""}, "diagnosis_code"),
        ({"reason": " "}, "reason"),
        ({"reason_code": ""}, "reason_code"),
        ({"reason_code": "42"}, "reason_code"),
        ({"consent_by": ""}, "consent_by"),
        ({"skip_reason": ""}, "skip_reason"),
        ({"resident_id": None}, "resident_id"),
        ({"urgency": "sofort"}, "urgency"),
        ({"clinical": {"vitals": {"systolic": 900}}}, "systolic"),
        ({"reason": "长" * 10_000_000}, "reason"),
        ({"direction": "down"}, "direction"),
    ],
)
def test_incomplete_or_impossible(world: World, changes: dict, field: str) -> None:
    """Each fault names its field and leaves nothing behind."""
    with pytest.raises(InvalidInput) as refusal:
        api.request_referral(given=up(world, **changes), actor=world.doctor)
    assert field in refusal.value.errors
    assert not Referral.objects.filter(state="pending_receive").exists()


def test_down_needs_plan_and_date(world: World) -> None:
    """A down-referral without plan and first follow-up date is not sent."""
    from yigong.referrals.tests.test_journeys import given_access

    with pytest.raises(InvalidInput) as refusal:
        api.request_referral(given=down(world, clinical={}, follow_up_on=None), actor=given_access(world))
    assert set(refusal.value.errors) == {"plan_text", "follow_up_on"}


def test_direction_comes_from_the_tree(world: World) -> None:
    """County to village upwards, and to oneself, contradict the tree; the sentence says what is right."""
    from yigong.referrals.tests.test_journeys import given_access

    given = up(world, to_institution_id=world.village.id, to_department_id=None)
    with pytest.raises(errors.WrongDirection) as refusal:
        api.request_referral(given=given, actor=given_access(world))
    assert "下转" in refusal.value.errors["direction"]
    with pytest.raises(errors.WrongDirection):
        api.request_referral(given=replace(given, to_institution_id=world.county.id), actor=world.specialist)


def test_only_in_the_own_name_and_with_a_relationship(world: World) -> None:
    """A referral is always from the actor's own institution; an unknown resident is refused with a way on."""
    row = sent(world)
    assert row.from_institution_id == world.village.id
    with pytest.raises(Forbidden, match="转诊"):
        api.request_referral(given=up(world), actor=world.gp)
    with pytest.raises(Forbidden):
        api.request_referral(given=up(world), actor=world.desk)


@pytest.mark.parametrize("who", ["doctor", "gp", "manager", "stranger", "tcm_office", "nurse", "desk"])
def test_who_may_not_accept(world: World, who: str) -> None:
    """Neither the sender, nor another institution, nor another post of the receiver accepts or rejects."""
    row = sent(world)
    actor = world.people[who]
    with pytest.raises(Forbidden):
        api.accept(referral_id=row.id, direct_to_emergency=True, actor=actor)
    with pytest.raises(Forbidden):
        api.reject(referral_id=row.id, reason_code="1", reason="没有床位", actor=actor)
    if who in {"stranger", "tcm_office", "gp"}:
        with pytest.raises(Forbidden):
            api.referral(row.id, actor)


def test_a_specialist_answers_for_the_own_department(world: World) -> None:
    """A specialist of another department of the same hospital may not."""
    row = sent(world)
    other = replace(world.specialist, department_id=uuid4())
    with pytest.raises(Forbidden):
        api.accept(referral_id=row.id, direct_to_emergency=True, actor=other)
    assert api.accept(referral_id=row.id, direct_to_emergency=True, actor=world.specialist).state == "accepted"


def test_only_the_author_closes_and_recalls(world: World) -> None:
    """A colleague of the village neither cancels nor changes it; the author recalls with a reason and sends it again."""
    row = sent(world, sheet_id=publish(world).id)
    with pytest.raises(Forbidden):
        api.cancel(referral_id=row.id, reason="x", actor=world.colleague)
    with pytest.raises(ReasonMissing):
        api.recall(referral_id=row.id, reason=" ", actor=world.doctor)
    row = api.recall(referral_id=row.id, reason="补充检查", actor=world.doctor)
    assert row.state == "draft" and api.slots_of(world.county.id)[0].left == 1
    with pytest.raises(Forbidden):
        api.change_draft(referral_id=row.id, given=up(world), actor=world.colleague)
    api.change_draft(referral_id=row.id, given=up(world, reason="补充：心电图正常"), actor=world.doctor)
    assert api.submit(referral_id=row.id, actor=world.doctor, confirmed=True).state == "pending_receive"


def test_the_same_twice(world: World) -> None:
    """The same form is one referral; another form for the same place within a day asks first."""
    key = uuid4()
    one = api.request_referral(given=up(world), actor=world.doctor, form_key=key)
    assert api.request_referral(given=up(world), actor=world.doctor, form_key=key) == one
    with pytest.raises(errors.SimilarReferral) as refusal:
        api.request_referral(given=up(world), actor=world.doctor)
    assert one.number in refusal.value.errors["confirmed"]
    assert api.request_referral(given=up(world, confirmed=True), actor=world.doctor).id != one.id


def test_rejection_has_a_coded_reason_and_a_way_on(world: World) -> None:
    """Without code or text it is refused; afterwards the sender keeps, cancels or redirects, and nobody accepts any more."""
    row = sent(world)
    with pytest.raises(InvalidInput) as refusal:
        api.reject(referral_id=row.id, reason_code="", reason="", actor=world.office)
    assert set(refusal.value.errors) == {"reason_code", "reason"}
    api.reject(referral_id=row.id, reason_code="2", reason="建议看中医", actor=world.office)
    with pytest.raises(WrongState, match="清水office"):
        api.accept(referral_id=row.id, direct_to_emergency=True, actor=world.office2)
    child = api.redirect(referral_id=row.id, to_institution_id=world.tcm.id, reason="按建议改转", actor=world.doctor)
    assert (child.parent_id, child.to_institution_id, child.state) == (row.id, world.tcm.id, "pending_receive")
    assert api.accept(referral_id=child.id, direct_to_emergency=True, actor=world.tcm_office).state == "accepted"
    other = sent(world)
    api.reject(referral_id=other.id, reason_code="1", reason="无床", actor=world.office)
    assert api.keep(referral_id=other.id, reason="本院治疗", actor=world.doctor).state == "closed"


def test_the_last_slot_names_alternatives(world: World) -> None:
    """Whoever comes too late is told which other sessions are free."""
    from datetime import timedelta

    from yigong.core import clock

    first = publish(world)
    publish(world, day=clock.today() + timedelta(days=2), doctor="李主任")
    sent(world, sheet_id=first.id)
    other = api.request_referral(given=up(world, resident_id=make_resident(world.doctor, "李四光")), actor=world.doctor)
    with pytest.raises(errors.SlotTaken, match="李主任") as refusal:
        api.accept(referral_id=other.id, sheet_id=first.id, actor=world.office)
    assert (
        api.accept(referral_id=other.id, sheet_id=refusal.value.alternatives[0].id, actor=world.office).state
        == "accepted"
    )


def test_places_come_back(world: World) -> None:
    """Rejecting, cancelling and changing the place free the held one; a stopped sheet gives no more."""
    sheet, later = publish(world), publish(world, session="afternoon")
    account = ledger.accounts_of([sheet.id], "referral.slots")[sheet.id].id
    row = sent(world, sheet_id=sheet.id)
    api.accept(referral_id=row.id, sheet_id=later.id, actor=world.office)
    assert ledger.balance(account) == 1
    api.cancel(referral_id=row.id, reason="患者放弃", actor=world.doctor)
    assert {slot.left for slot in api.slots_of(world.county.id)} == {1}
    row = sent(world, sheet_id=sheet.id)
    assert api.stop_slots(sheet_id=sheet.id, reason="医师外出", actor=world.office) == [row.id]
    with pytest.raises(InvalidInput):
        sent(world, sheet_id=sheet.id)


def test_the_desk_checks_two_identifiers(world: World) -> None:
    """A wrong name or number does not arrive, and the sentence does not tell the right one."""
    row = sent(world)
    api.accept(referral_id=row.id, direct_to_emergency=True, actor=world.office)
    for name, identifier in (("张桂", row.number), ("张桂芳", "9999"), ("张桂芳", "")):
        with pytest.raises(errors.WrongPatient) as refusal:
            api.arrive(referral_id=row.id, name=name, identifier=identifier, actor=world.desk)
        assert "张桂芳" not in str(refusal.value.errors)
    with pytest.raises(Forbidden):
        api.arrive(referral_id=row.id, name="张桂芳", identifier=row.number, actor=world.doctor)
    Referral.objects.filter(pk=row.id).update(valid_until="2020-01-01T00:00:00Z")
    with pytest.raises(NoLongerValid):
        api.arrive(referral_id=row.id, name="张桂芳", identifier=row.number, actor=world.desk)


def test_old_pages_and_second_chances(world: World) -> None:
    """A stale version is refused; a missed referral is reopened once."""
    row = sent(world)
    with pytest.raises(Stale):
        api.accept(referral_id=row.id, direct_to_emergency=True, actor=world.office, expected_version=row.version + 1)
    api.accept(referral_id=row.id, direct_to_emergency=True, actor=world.office)
    Referral.objects.filter(pk=row.id).update(state="no_show")
    api.reopen(referral_id=row.id, actor=world.doctor)
    Referral.objects.filter(pk=row.id).update(state="no_show")
    with pytest.raises(ReopenedBefore):
        api.reopen(referral_id=row.id, actor=world.doctor)


def test_feedback_needs_outcome_diagnosis_and_plan(world: World) -> None:
    """None of the three may be missing."""
    from yigong.referrals.tests.world import treated

    row = treated(world)
    with pytest.raises(InvalidInput) as refusal:
        api.feed_back(
            referral_id=row.id, outcome_code="", diagnosis_code="", diagnosis="", plan="", actor=world.specialist
        )
    assert set(refusal.value.errors) == {"outcome_code", "diagnosis_code", "plan"}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"capacity": 0, "reserved": 0}, "capacity"),
        ({"reserved": 9}, "reserved"),
        ({"day": None}, "day"),
        ({"session": "night"}, "session"),
        ({"capacity": 10**9, "reserved": 1}, "capacity"),
    ],
)
def test_impossible_sheets(world: World, values: dict, field: str) -> None:
    """Numbers and days of a sheet are plausible."""
    with pytest.raises(InvalidInput) as refusal:
        publish(world, **values)
    assert field in refusal.value.errors


def test_a_sheet_is_published_once_and_for_the_own_house(world: World) -> None:
    """The same session twice is a mistake; another hospital's office may not publish here."""
    publish(world)
    with pytest.raises(InvalidInput):
        publish(world)
    with pytest.raises(Forbidden):
        api.publish_slots(department_id=world.cardiology.id, kind="bed", capacity=1, reserved=1, actor=world.tcm_office)


def test_only_the_treating_doctor_discharges(world: World) -> None:
    """The sender cannot start the feedback clock of another house."""
    from yigong.referrals.tests.world import treated

    row = treated(world)
    for who in ("doctor", "gp", "stranger", "desk"):
        with pytest.raises(Forbidden):
            api.end_treatment(referral_id=row.id, actor=world.people[who])
    assert api.end_treatment(referral_id=row.id, actor=world.specialist).due_at
