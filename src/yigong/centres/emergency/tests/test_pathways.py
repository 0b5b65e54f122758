"""Pathways: targets follow the times, escalate, are counted honestly; what joins from villages, referrals and ECGs; resources and team."""

from datetime import timedelta

import pytest

from yigong.centres.emergency.commands import calling, department, dispatching, measuring, pathways, resources, timing
from yigong.centres.emergency.commands.errors import ResourceTaken
from yigong.centres.emergency.data import NewCase
from yigong.centres.emergency.models import Case, Reservation, TargetClock
from yigong.centres.emergency.queries import figures, fleet
from yigong.centres.emergency.rules import definitions, times
from yigong.centres.emergency.tests.world import EmergencyWorld, points, tell
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import Forbidden, InvalidInput
from yigong.core.ledger import api as ledger
from yigong.core.states.clocks import sweep
from yigong.referrals import api as referrals
from yigong.tasks.models import Task


def state_of(case: Case, code: str) -> str:
    """The state of one target's clock."""
    return TargetClock.objects.get(case=case, pathway=case.pathway, code=code).state


def enter(world: EmergencyWorld, case: Case, who: Actor, *nodes: tuple[str, int]) -> None:
    """Times by minutes before now, entered late."""
    for code, minutes in nodes:
        at = clock.now() - timedelta(minutes=minutes)
        timing.enter_time(case_id=case.pk, code=code, at=at, reason="补录", actor=who)


def ended(world: EmergencyWorld, balloon: int | None, treatment: str = "pci") -> Case:
    """A walk-in of two hours ago with (or without) a balloon so many minutes after the door."""
    case = calling.walk_in(
        given=NewCase(complaint="chest_pain", story="胸痛"), at=clock.now() - timedelta(minutes=120), actor=world.nurse
    )
    pathways.decide_treatment(case_id=case.pk, treatment=treatment, actor=world.doctor)
    if balloon is not None:
        enter(world, case, world.doctor, ("wire", 120 - balloon))
    return department.end_case(
        case_id=case.pk, outcome="admitted", diagnosis="心梗", place="心内科", actor=world.doctor
    )


def test_targets_follow_the_times(world: EmergencyWorld) -> None:
    """First contact and door are the run's own times until entered; the treatment decides which targets count; a correction is followed."""
    with clock.travel(timedelta(minutes=-40)):
        case = world.arrived()
    assert state_of(case, "fmc_ecg") == "running" and state_of(case, "door_balloon") == "dropped"
    pathways.decide_treatment(case_id=case.pk, treatment="pci", actor=world.doctor)
    assert state_of(case, "door_balloon") == "running" and "decision" in points(case)
    enter(world, case, world.doctor, ("first_ecg", 35))
    assert state_of(case, "fmc_ecg") == "met"
    timing.correct_time(
        case_id=case.pk, code="first_ecg", at=clock.now() - timedelta(minutes=20), reason="看错", actor=world.doctor
    )
    assert state_of(case, "fmc_ecg") == "missed"
    with pytest.raises(InvalidInput) as refusal:
        enter(world, case, world.doctor, ("puncture", 5), ("in_lab", 2))
    assert "不能晚于“穿刺”" in refusal.value.errors["at"]


def test_a_target_over_time_asks_the_chief(world: EmergencyWorld) -> None:
    """Once; stopped clocks ask nobody."""
    case = world.arrived()
    with clock.travel(timedelta(minutes=11)):
        sweep()
        sweep()
    task = Task.objects.get(kind="emergency.late", key__contains="target:fmc_ecg")
    assert task.role == "duty_chief" and case.number in task.title


def test_missing_is_never_reached(world: EmergencyWorld) -> None:
    """Three of four: one in time, one late, one without a time; the share is of all three that are over, the rows open each."""
    ended(world, 80)
    ended(world, 110)
    ended(world, None)
    calling.walk_in(given=NewCase(complaint="chest_pain"), actor=world.nurse)
    ended(world, None, "conservative")
    today = clock.today()
    since = today - timedelta(days=1)
    found = {one.code: one for one in figures.targets(since, today, world.quality) if one.pathway == "chest-pain"}
    one = found["door_balloon"]
    assert (one.asked, one.timed, one.met, one.missing, one.median) == (3, 2, 1, 1, 95.0)
    assert one.reached == 33.3 and one.good is False
    assert found["door_needle"].reached is None and found["door_needle"].good is None
    for which, n in (("asked", 3), ("met", 1), ("missed", 1), ("missing", 1)):
        assert figures.rows_of("chest-pain", "door_balloon", which, since, today, world.quality).count() == n
    assert figures.months("chest-pain", "door_balloon", world.quality, today)[-1][1:] in {
        (95.0, 33.3, 3),
        (None, None, 0),
    }


def test_changing_the_pathway_drops_its_clocks(world: EmergencyWorld) -> None:
    """With a reason; the times stay."""
    case = world.arrived()
    with pytest.raises(InvalidInput):
        pathways.choose_pathway(case_id=case.pk, code="stroke", actor=world.doctor)
    case = pathways.choose_pathway(case_id=case.pk, code="stroke", reason="查体为卒中", actor=world.doctor)
    assert set(TargetClock.objects.filter(case=case, pathway="chest-pain").values_list("state", flat=True)) == {
        "dropped"
    }
    assert state_of(case, "door_ct") == "running"


def test_a_village_doctors_contact_counts_as_the_first(world: EmergencyWorld) -> None:
    """The clock runs from there; the hospital sees it before anybody moves; arrival without a vehicle of ours."""
    with clock.travel(timedelta(minutes=-30)):
        case = calling.meet_first(
            given=NewCase(complaint="stroke", resident_id=world.resident_id), by_ambulance=False, actor=world.villager
        )
    assert (case.state, case.origin_id, case.destination_id) == ("coming", world.village, world.county)
    measuring.send_signs(case_id=case.pk, values={"sbp": 210, "dbp": 110}, actor=world.villager)
    case = dispatching.arrive_without_vehicle(case_id=case.pk, actor=world.nurse)
    assert case.state == "arrived" and case.encounter_id
    assert points(case)["fmc"].at < points(case)["door"].at
    with pytest.raises(Forbidden):
        calling.meet_first(given=NewCase(complaint="stroke"), actor=world.dispatcher)


def test_an_emergency_referral_joins_the_pathway(world: EmergencyWorld) -> None:
    """Submitted by the township it makes one case; the referral's arrival is its arrival; a cancelled one is cancelled here."""

    def refer() -> referrals.ReferralData:
        given = referrals.NewReferral(
            direction="up", to_institution_id=world.county, resident_id=world.resident_id, kind="emergency", urgency="emergency",
            diagnosis_code="I21.900", diagnosis="急性心肌梗死", reason_code="4", reason="胸痛 1 小时", consent_by="本人",
        )  # fmt: skip
        made = referrals.request_referral(given=given, actor=world.gp)
        tell()
        tell()
        return made

    first = refer()
    case = Case.objects.get(source_kind="referral", source_id=first.id)
    assert (case.way, case.pathway, case.state, case.origin_id) == ("transfer", "chest-pain", "coming", world.township)
    assert "fmc" in points(case) and state_of(case, "dido") == "running"
    referrals.cancel(referral_id=first.id, reason="家属拒绝", actor=world.gp)
    tell()
    case.refresh_from_db()
    assert case.state == "cancelled"


def test_the_catheter_laboratory_is_held_and_goes_back(world: EmergencyWorld) -> None:
    """Held for one; the second reads by whom; used and given back with the outcome; not used in time it is free by itself."""
    first, second = world.arrived(), Case.objects.get(pk=world.sent(world.call(), world.second).case_id)
    held = resources.hold_resource(case_id=first.pk, resource_id=world.lab.pk, actor=world.nurse)
    assert resources.hold_resource(case_id=first.pk, resource_id=world.lab.pk, actor=world.nurse).pk == held.pk
    with pytest.raises(ResourceTaken, match=first.number):
        resources.hold_resource(case_id=second.pk, resource_id=world.lab.pk, actor=world.nurse)
    resources.use_resource(reservation_id=held.pk, actor=world.nurse)
    department.end_case(case_id=first.pk, outcome="admitted", diagnosis="心梗", place="心内科", actor=world.doctor)
    assert ledger.balance(resources.account_of(world.lab)) == 1
    assert resources.state_of(Reservation.objects.get(pk=held.pk)) == "back"
    again = resources.hold_resource(case_id=second.pk, resource_id=world.lab.pk, actor=world.nurse)
    with clock.travel(timedelta(hours=4)):
        sweep()
    assert resources.state_of(again) == "expired" and ledger.balance(resources.account_of(world.lab)) == 1
    with pytest.raises(Forbidden):
        resources.hold_resource(case_id=second.pk, resource_id=world.beds.pk, actor=world.outsider)


def test_the_team_is_called_by_the_roster(world: EmergencyWorld) -> None:
    """Once a role; the first answer counts; the checklist is ticked."""
    case = world.arrived()
    calls = pathways.call_team(case_id=case.pk, actor=world.nurse)
    assert [one.role for one in pathways.call_team(case_id=case.pk, actor=world.nurse)] == [one.role for one in calls]
    call = next(one for one in calls if one.role == "specialist")
    with pytest.raises(Forbidden):
        pathways.answer_call(call_id=call.pk, actor=world.crew)
    assert pathways.answer_call(call_id=call.pk, actor=world.doctor).answered_by == "冯急诊"
    pathways.tick(case_id=case.pk, code="lab_ready", done=True, actor=world.nurse)
    pathways.tick(case_id=case.pk, code="lab_ready", done=True, actor=world.nurse)
    assert case.prepared.count() == 1


def test_a_mother_in_danger_and_her_child(world: EmergencyWorld) -> None:
    """A call about bleeding proposes the pathway; the decision for a caesarean starts its thirty minutes; the child has the golden minute; places able to
    treat are shown with what is free."""
    given = NewCase(
        complaint="birth_critical",
        phone="13900001111",
        address="柳树村",
        story="产后大出血",
        conscious=True,
        breathing=True,
    )
    case = calling.take_call(given=given, actor=world.dispatcher)
    assert (case.pathway, case.priority) == ("maternal", 1)
    with clock.travel(timedelta(minutes=-40)):
        mother = calling.walk_in(given=NewCase(complaint="birth_critical"), actor=world.nurse)
        pathways.decide_treatment(case_id=mother.pk, treatment="caesarean", actor=world.doctor)
    assert state_of(mother, "decision_delivery") == "running" and state_of(mother, "first_drug") == "dropped"
    enter(world, mother, world.doctor, ("delivery", 5))
    assert state_of(mother, "decision_delivery") == "missed"
    child = calling.walk_in(given=NewCase(complaint="newborn"), actor=world.nurse)
    pathways.decide_treatment(case_id=child.pk, treatment="resuscitation", actor=world.doctor)
    enter(world, child, world.doctor, ("onset", 2), ("ventilation", 2))
    assert state_of(child, "golden_minute") == "met"
    resources.add_resource(
        institution_id=world.county, kind="newborn", name="新生儿抢救台", capacity=2, actor=world.dispatcher
    )
    (place,) = fleet.places_for("newborn")
    assert place["free"] == 2 and place["place"].id == world.county
    assert definitions.pathway_for("O72.100") == "maternal" and definitions.pathway_for("P22.000") == "newborn"


def test_every_pathway_is_sound() -> None:
    """Each names times that exist, targets in order, words for all; a diagnosis finds its pathway."""
    found = definitions.pathways()
    assert set(found) >= {"chest-pain", "stroke", "trauma", "maternal", "newborn"}
    for path in found.values():
        after = {code: node.after for code, node in path.nodes().items()}
        for target in path.target:
            order = times.order_of(target.stop, after, {})
            assert target.stop not in order.before and target.label
    assert (
        definitions.pathway_for("I63.900"),
        definitions.pathway_for("S72.000"),
        definitions.pathway_for("J18.9"),
    ) == ("stroke", "trauma", "")
