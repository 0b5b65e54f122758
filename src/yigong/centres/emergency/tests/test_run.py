"""From the call to the hand-over: one time each, in order, by one tap; late entries, corrections, cancelled runs, another hospital."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from yigong.centres.emergency.commands import calling, department, dispatching, handing, identity, measuring, timing
from yigong.centres.emergency.commands.errors import (
    CaseHasVehicle,
    NotYours,
    OutOfOrder,
    SamePerson,
    TimeKnown,
    VehicleBusy,
)
from yigong.centres.emergency.data import NewCase
from yigong.centres.emergency.models import Case, Reading, Run, TimePoint
from yigong.centres.emergency.tests.world import JOURNEY, EmergencyWorld, points
from yigong.core import clock
from yigong.core.errors import DomainError, Forbidden, InvalidInput
from yigong.core.ids import new_id
from yigong.core.states.api import history
from yigong.core.states.clocks import sweep
from yigong.records import api as records
from yigong.records.models import Encounter
from yigong.tasks.models import Task


def said(refusal: pytest.ExceptionInfo[InvalidInput]) -> str:
    """The sentences of a refused input."""
    return " ".join(refusal.value.errors.values()) or str(refusal.value)


def test_a_call_gets_its_priority_and_pathway(world: EmergencyWorld) -> None:
    """By complaint and answers; phone and place are asked for; the hospital learns of it before anybody is sent."""
    case = world.call("other", conscious=False)
    assert (case.priority, case.priority_why, case.pathway) == (1, "意识或呼吸异常", "")
    assert world.call("trauma_light", conscious=True).priority == 3
    chest = world.call()
    assert chest.pathway == "chest-pain" and "call_received" in points(chest)
    assert Task.objects.get(kind="emergency.expect", subject_id=chest.pk).institution_id == world.county
    with pytest.raises(InvalidInput) as refusal:
        calling.take_call(given=NewCase(complaint="other"), actor=world.dispatcher)
    assert set(refusal.value.errors) == {"address", "phone"}
    with pytest.raises(Forbidden):
        calling.take_call(given=NewCase(complaint="other", phone="1", address="x"), actor=world.nurse)


def test_one_tap_a_time_until_the_signature(world: EmergencyWorld) -> None:
    """Each state once; the hospital signs what the crew wrote; the vehicle comes back and is free."""
    case = world.handed()
    run = Run.objects.get(case=case)
    assert run.state == "handed_over" and case.state == "arrived"
    known = points(case)
    assert sorted(known, key=lambda code: known[code].rank) == ["call_received", "dispatched", *JOURNEY, "handed_over"]
    assert not any(one.late for one in known.values())
    world.tap(run, "back")
    assert world.sent(world.call()).vehicle_id == world.ambulance.pk


def test_a_tap_sent_twice_is_one_time(world: EmergencyWorld) -> None:
    """The same key is the same time; another tap of the same button reads who was first."""
    run, key = world.sent(), new_id()
    first = dispatching.tap(run_id=run.pk, code="departed", key=key, actor=world.crew)
    assert dispatching.tap(run_id=run.pk, code="departed", key=key, actor=world.crew).pk == first.pk
    with pytest.raises(TimeKnown, match="钱院前"):
        world.tap(run, "departed")
    assert TimePoint.objects.filter(code="departed").count() == 1


def test_a_tap_kept_by_the_telephone_has_its_own_time(world: EmergencyWorld) -> None:
    """Seven minutes without a line: the time is the finger's, marked as sent later."""
    with clock.travel(timedelta(minutes=-10)):
        run = world.sent()
    at = clock.now() - timedelta(minutes=7)
    (point,) = world.tap(run, "departed", tapped_at=at)
    assert point.at == at and point.late and "网络" in point.reason


def test_times_lie_in_order(world: EmergencyWorld) -> None:
    """Before the previous one, after the next one, before the call, in the future: each refused with the other time's name."""
    with clock.travel(timedelta(hours=-1)):
        run = world.sent()
        world.tap(run, "departed", "at_patient")
    now = clock.now()

    def enter(code: str, at: object) -> str:
        with pytest.raises(OutOfOrder) as refusal:
            timing.enter_time(case_id=run.case_id, code=code, at=at, reason="补录", actor=world.crew)  # type: ignore[arg-type]
        return said(refusal)

    assert "“到达现场”" in enter("at_scene", now - timedelta(hours=2)) and "不能早于“出车”" in enter(
        "at_scene", now - timedelta(minutes=61)
    )
    assert "不能晚于“接触患者”" in enter("at_scene", now)
    assert "不能晚于现在" in enter("on_board", now + timedelta(minutes=10))
    with pytest.raises(OutOfOrder):
        timing.correct_time(
            case_id=run.case_id, code="dispatched", at=now - timedelta(hours=3), reason="x", actor=world.dispatcher
        )
    case = Case.objects.get(pk=run.case_id)
    with pytest.raises(IntegrityError, match="in order"), transaction.atomic():
        TimePoint.objects.create(
            case=case, run=run, code="at_scene", rank=40, at=now - timedelta(hours=5), entered_at=now, entered_by="x"
        )


def test_a_forgotten_time_is_entered_late_with_a_reason(world: EmergencyWorld) -> None:
    """It is marked; the dispatcher writes what the crew says by telephone; a stranger does not."""
    with clock.travel(timedelta(minutes=-30)):
        run = world.sent()
        world.tap(run, "departed")
    with clock.travel(timedelta(minutes=-20)):
        world.tap(run, "at_patient")
    at = clock.now() - timedelta(minutes=25)
    with pytest.raises(InvalidInput) as refusal:
        timing.enter_time(case_id=run.case_id, code="at_scene", at=at, actor=world.crew)
    assert "属于补录" in said(refusal)
    point = timing.enter_time(case_id=run.case_id, code="at_scene", at=at, reason="忙于搬运", actor=world.dispatcher)
    assert point.late and point.reason == "忙于搬运" and point.entered_by == "赵调度"
    for stranger in (world.gp, world.crew2):
        with pytest.raises(NotYours):
            timing.enter_time(case_id=run.case_id, code="on_board", actor=stranger)


def test_a_correction_keeps_the_old_time(world: EmergencyWorld) -> None:
    """With a reason; the old row can neither be changed nor deleted."""
    run = world.sent()
    world.tap(run, "departed")
    at = clock.now()
    with pytest.raises(InvalidInput):
        timing.correct_time(case_id=run.case_id, code="departed", at=at, reason=" ", actor=world.crew)
    timing.correct_time(case_id=run.case_id, code="departed", at=at, reason="误点", actor=world.crew)
    rows = TimePoint.objects.filter(code="departed").order_by("entered_at")
    assert [(one.current, one.late) for one in rows] == [(False, False), (True, True)]
    with pytest.raises(Exception, match="Cannot"), transaction.atomic():
        rows[0].delete()


def test_a_vehicle_is_on_one_run(world: EmergencyWorld) -> None:
    """A second case, a stopped vehicle, a second vehicle for one case."""
    run = world.sent()
    with pytest.raises(VehicleBusy, match="正在执行另一任务"):
        world.sent(world.call())
    with pytest.raises((CaseHasVehicle, DomainError)):
        world.sent(Case.objects.get(pk=run.case_id), world.second)


def test_a_run_cancelled_on_the_way(world: EmergencyWorld) -> None:
    """The vehicle is free at once; the case waits for another, whose times begin anew."""
    run = world.sent()
    world.tap(run, "departed")
    with pytest.raises(InvalidInput, match="途中取消"):
        calling.cancel_case(case_id=run.case_id, reason="误报", actor=world.dispatcher)
    dispatching.end_run(run_id=run.pk, reason="途中故障", actor=world.crew)
    case = Case.objects.get(pk=run.case_id)
    assert case.state == "called"
    again = world.sent(case, world.second)
    dispatching.tap(run_id=again.pk, code="departed", key=new_id(), actor=world.crew2)
    assert TimePoint.objects.filter(case=case, code="departed", current=True).count() == 2
    dispatching.end_run(run_id=again.pk, reason="家属取消", actor=world.dispatcher)
    calling.cancel_case(case_id=case.pk, reason="家属取消呼救", actor=world.dispatcher)
    assert Case.objects.get(pk=case.pk).state == "cancelled"
    assert history(case.pk)[-1].reason == "家属取消呼救"


def test_handed_to_another_hospital(world: EmergencyWorld) -> None:
    """Of the platform: the destination changes and that hospital is told. Outside it: the sheet names who took over, the case ends as transferred."""
    run = world.sent()
    world.tap(run, "departed", "at_patient", "on_board", "left_scene")
    case = dispatching.redirect_to(case_id=run.case_id, destination_id=world.other, reason="就近抢救", actor=world.crew)
    assert case.destination_id == world.other
    assert Task.objects.filter(kind="emergency.expect", institution_id=world.other, state="open").count() == 1
    handing.give(case_id=case.pk, condition="血压下降", actor=world.crew)
    with pytest.raises(InvalidInput):
        handing.hand_to_other(case_id=case.pk, place="", receiver="", actor=world.crew)
    handing.hand_to_other(case_id=case.pk, place="邻县人民医院", receiver="高医师", actor=world.crew)
    case.refresh_from_db()
    assert (case.state, case.outcome, case.outcome_place) == ("closed", "transferred", "邻县人民医院")
    assert Run.objects.get(pk=run.pk).state in {"handed_over", "back"}


def test_two_people_sign(world: EmergencyWorld) -> None:
    """Not before the arrival, not without the crew's part, not by the giver."""
    run = world.sent()
    with pytest.raises(DomainError, match="还没有到院"):
        handing.receive(case_id=run.case_id, actor=world.nurse)
    world.tap(run, *JOURNEY)
    with pytest.raises(DomainError, match="还没有填写交接单"):
        handing.receive(case_id=run.case_id, actor=world.nurse)
    handing.give(case_id=run.case_id, condition="平稳", actor=world.crew)
    from dataclasses import replace

    same = replace(world.nurse, staff_id=world.crew.staff_id)
    with pytest.raises(SamePerson):
        handing.receive(case_id=run.case_id, actor=same)
    handing.receive(case_id=run.case_id, actor=world.nurse)
    with pytest.raises(DomainError, match="陈护士"):
        handing.receive(case_id=run.case_id, actor=world.doctor)


def test_signs_ahead_are_judged(world: EmergencyWorld) -> None:
    """By the pack's rules; impossible values are refused, zero means that nothing could be measured; sent twice is once."""
    run, key = world.sent(), new_id()
    world.tap(run, "departed", "at_patient")
    values = {"sbp": 82, "dbp": 50, "pulse": 128, "spo2": 88, "gcs": 14}
    first = measuring.send_signs(case_id=run.case_id, values=values, actor=world.crew, key=key)
    assert measuring.send_signs(case_id=run.case_id, values=values, actor=world.crew, key=key).pk == first.pk
    assert first.level == 2 and "血氧饱和度低于 90%" in first.alerts and first.on_the_way
    assert measuring.send_signs(case_id=run.case_id, values={"sbp": 0, "pulse": 0}, actor=world.crew).level == 1
    with pytest.raises(InvalidInput) as refusal:
        measuring.send_signs(case_id=run.case_id, values={"spo2": 130, "gcs": 2}, actor=world.crew)
    assert set(refusal.value.errors) == {"spo2", "gcs"}
    with pytest.raises(NotYours):
        measuring.send_signs(case_id=run.case_id, values={"sbp": 120}, actor=world.outsider)
    assert Reading.objects.count() == 2


def test_an_ecg_ahead_opens_its_pathway(world: EmergencyWorld) -> None:
    """First ECG and its sending have their times; a picture must be one."""
    run = world.sent(world.call("breath"))
    world.tap(run, "departed", "at_patient")
    with pytest.raises(InvalidInput):
        measuring.send_tracing(case_id=run.case_id, finding="st_elevation", picture=b"GIF89a", actor=world.crew)
    measuring.send_tracing(case_id=run.case_id, finding="st_elevation", picture=b"\xff\xd8\xff\xe0", actor=world.crew)
    case = Case.objects.get(pk=run.case_id)
    assert case.pathway == "chest-pain" and {"first_ecg", "ecg_sent"} <= set(points(case))


def test_identity_is_known_later(world: EmergencyWorld) -> None:
    """Linked at the hospital: the record gets the contact from the time at the door; nothing else is rewritten; undone it is cancelled there."""
    case = world.arrived()
    before = {one.pk: (one.code, one.at) for one in TimePoint.objects.filter(case=case)}
    assert case.patient_name == "身份不明" and not Encounter.objects.exists()
    with pytest.raises(InvalidInput):
        identity.link_resident(case_id=case.pk, resident_id=world.resident_id, proof="", actor=world.nurse)
    case = identity.link_resident(case_id=case.pk, resident_id=world.resident_id, proof="身份证", actor=world.nurse)
    assert case.patient_name == "李秀英" and case.encounter_id
    encounter = Encounter.objects.get()
    assert (encounter.kind, encounter.institution_id) == ("emergency", world.county)
    assert encounter.occurred_at == points(case)["arrived"].at
    assert {one.pk: (one.code, one.at) for one in TimePoint.objects.filter(case=case)} == before
    identity.unlink_resident(case_id=case.pk, reason="家属认错", actor=world.nurse)
    assert Encounter.objects.get().status == "cancelled"


def test_the_outcome_closes_the_contact(world: EmergencyWorld) -> None:
    """Diagnosis and summary are in the record; what is missing is asked for; the outcome can be taken back."""
    case = world.arrived()
    identity.link_resident(case_id=case.pk, resident_id=world.resident_id, proof="身份证", actor=world.nurse)
    with pytest.raises(InvalidInput) as refusal:
        department.triage(case_id=case.pk, level=4, values={"spo2": 80}, actor=world.nurse)
    assert "Ⅰ级" in said(refusal)
    department.triage(case_id=case.pk, level=1, values={"spo2": 80}, actor=world.nurse)
    department.move(case_id=case.pk, action="resuscitate", actor=world.doctor)
    with pytest.raises(InvalidInput) as refusal:
        department.end_case(case_id=case.pk, outcome="admitted", actor=world.doctor)
    assert set(refusal.value.errors) == {"place", "diagnosis_code"}
    department.end_case(
        case_id=case.pk,
        outcome="admitted",
        diagnosis_code="I21.900",
        diagnosis="急性心肌梗死",
        place="心内科",
        actor=world.doctor,
    )
    assert Encounter.objects.get().status == "finished"
    found = records.timeline(world.resident_id, actor=world.nurse)
    assert found.counts["condition"] == 1 and any("急诊救治小结" in one.title for one in found.items)
    assert department.reopen(case_id=case.pk, reason="登错", actor=world.doctor).state == "in_care"


def test_clocks_ask_the_next_person(world: EmergencyWorld) -> None:
    """Not sent in time: the dispatcher, then the chief on duty."""
    case = world.call()
    with clock.travel(timedelta(minutes=4)):
        sweep()
    assert Task.objects.get(kind="emergency.late", subject_id=case.pk).role == "dispatcher"
    with clock.travel(timedelta(minutes=8)):
        sweep()
    assert set(Task.objects.filter(kind="emergency.late", subject_id=case.pk).values_list("role", flat=True)) == {
        "dispatcher",
        "duty_chief",
    }
