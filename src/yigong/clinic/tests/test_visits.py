"""From the registration to the bill: numbers, free follow-ups, the doctor's desk, and what stands in the record afterwards."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from yigong.clinic import api
from yigong.clinic.commands.errors import AlreadyWaiting, NeedsReason, NumberTaken, PaidAlready
from yigong.clinic.commands.village import charge_visit
from yigong.clinic.data import NewCharge, SessionData, VisitData, VisitNote
from yigong.clinic.models import Bill, Session, Visit
from yigong.clinic.tests.world import BOSS, World, make_resident
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import Conflict, Forbidden, InvalidInput
from yigong.core.states.api import WrongState
from yigong.core.testing import race
from yigong.records import api as records
from yigong.residents import api as residents

ONE = Decimal(1)
COLD = VisitNote("咳嗽三天", "无发热", "双肺呼吸音粗", "多饮水", (("J20.900", "急性支气管炎", False),))


def session(world: World, places: int = 5, doctor: Actor | None = None, **more: Any) -> SessionData:
    """A session of today."""
    who = doctor or world.doctor
    values = {"department_id": who.department_id, "day": clock.today(), "part": "morning", "capacity": places} | more
    return api.plan_session(staff_id=who.staff_id, actor=BOSS, **values)


def registered(world: World, **more: Any) -> VisitData:
    """A number with the doctor."""
    found = Session.objects.filter(staff_id=world.doctor.staff_id, day=clock.today()).first()
    given = {"resident_id": world.resident, "session_id": found.id if found else session(world).id, "actor": world.desk}
    return api.register_visit(**given | more)


def seeing(world: World) -> VisitData:
    """A visit in the room."""
    return api.begin_visit(visit_id=registered(world).id, actor=world.doctor)


def told(outcomes: list[Any]) -> list[str]:
    """What each of a race got: ``ok`` or the refusal's name."""
    return sorted(type(one).__name__ if isinstance(one, Exception) else "ok" for one in outcomes)


def test_a_number_costs_what_the_title_says(world: World) -> None:
    """A place less, the fee of an attending doctor and the registration fee on an open bill that does not wait yet."""
    visit = registered(world)
    assert (visit.fee, visit.serial, visit.state) == (1100, 1, "waiting")
    assert visit.valid_until == clock.today() + timedelta(days=2)
    assert [s.left for s in api.sessions_of(world.county.id, clock.today())] == [4]
    assert [line.item_code for line in api.bill(Bill.objects.get().id).lines] == ["GH-PT", "ZC-ZZ"]
    assert not api.bills_waiting(world.county.id).items


def test_the_second_visit_within_three_days_is_free_once(world: World) -> None:
    """Same department, same doctor: free on the third day; not twice; not on the fourth; not in another department."""
    first = registered(world)
    api.cancel_visit(
        visit_id=registered(world, resident_id=make_resident(world.desk, "钱小明")).id,
        reason="临时有事",
        actor=world.desk,
    )
    Visit.objects.filter(pk=first.id).update(state="finished")
    with clock.travel(timedelta(days=2)):
        surgery = session(world, doctor=world.surgeon)
        assert api.register_visit(resident_id=world.resident, session_id=surgery.id, actor=world.desk).fee > 0
        second = registered(world)
        assert (second.fee, second.follows_id) == (0, first.id)
        Visit.objects.filter(pk=second.id).update(state="finished")
        assert registered(world).fee == 1100
    with clock.travel(timedelta(days=5)):
        assert registered(world).follows_id is None


def test_a_higher_title_is_not_free(world: World) -> None:
    """A chief doctor after an attending one costs."""
    Visit.objects.filter(pk=registered(world).id).update(state="finished")
    chief = session(world, doctor=world.colleague)
    visit = api.register_visit(resident_id=world.resident, session_id=chief.id, actor=world.desk)
    assert (visit.fee, visit.follows_id) == (2100, None)


def test_what_the_desk_refuses(world: World) -> None:
    """A second number of the department, a dead person, a stopped session, another role."""
    registered(world)
    with pytest.raises(AlreadyWaiting):
        registered(world)
    other = make_resident(world.desk, "孙德旺")
    residents.close_resident(resident_id=other, status="deceased", reason="死亡医学证明", on=clock.today(), actor=BOSS)
    with pytest.raises(Conflict, match="已登记死亡"):
        registered(world, resident_id=other)
    late = session(world, part="afternoon")
    assert api.stop_session(session_id=late.id, reason="医师外出", actor=BOSS) == 0
    with pytest.raises(InvalidInput):
        registered(world, session_id=late.id, resident_id=make_resident(world.desk, "周小妹"))
    with pytest.raises(Forbidden):
        registered(world, actor=world.doctor)


def test_a_number_is_taken_back(world: World) -> None:
    """The place is free again and nothing is owed; not once it was paid."""
    visit = registered(world)
    api.cancel_visit(visit_id=visit.id, reason="临时有事", actor=world.desk)
    assert [s.left for s in api.sessions_of(world.county.id, clock.today())] == [5]
    assert Bill.objects.get().total == 0
    again = registered(world)
    Bill.objects.filter(visit_id=again.id).update(ready_at=clock.now())
    api.present_bill(bill_id=Bill.objects.get(visit_id=again.id).id, actor=world.desk)
    with pytest.raises(PaidAlready):
        api.cancel_visit(visit_id=again.id, reason="临时有事", actor=world.desk)


def test_the_doctors_desk_to_the_record_and_the_counter(world: World) -> None:
    """Call, see, write, order, prescribe, finish: the record has all of it once, the bill waits."""
    registered(world)
    called = api.call_next(actor=world.doctor)
    assert called is not None and called.state == "called"
    assert api.call_next(actor=world.doctor) is None
    visit = api.begin_visit(visit_id=called.id, actor=world.doctor)
    with pytest.raises(InvalidInput, match="按提示修改"):
        api.finish_visit(visit_id=visit.id, actor=world.doctor)
    api.save_note(visit_id=visit.id, note=COLD, actor=world.doctor)
    pills = NewCharge("YP-AMBROXOL", Decimal(2), dose="30mg", route="口服", frequency="每日三次", days=7)
    lines = [NewCharge("HY-XCG", ONE), NewCharge("ZL-WH", ONE), pills]
    bill = api.order_lines(visit_id=visit.id, lines=lines, actor=world.doctor)
    done = api.finish_visit(visit_id=visit.id, actor=world.doctor)
    assert done.diagnoses == (("J20.900", "急性支气管炎"),)
    summary = records.summary(world.resident, actor=world.doctor)
    assert [text for text, _at in summary.in_use] and summary.medicines[0].lines[0].code == "ambroxol"
    shown = records.encounter(done.encounter_id, actor=world.doctor)
    assert (shown.status, shown.complaint) == ("finished", "")
    assert [row.id for row in api.bills_waiting(world.county.id).items] == [bill.id]
    with pytest.raises(WrongState):
        api.finish_visit(visit_id=visit.id, actor=world.doctor)


def test_what_is_ordered_after_a_settlement_opens_a_second_bill(world: World) -> None:
    """The registration was paid first; the doctor's lines wait on a bill of their own."""
    visit = seeing(world)
    first = Bill.objects.get()
    Bill.objects.update(ready_at=clock.now())
    api.present_bill(bill_id=first.id, actor=world.desk)
    second = api.order_lines(visit_id=visit.id, lines=[NewCharge("HY-XCG", ONE)], actor=world.doctor)
    assert second.id != first.id and Bill.objects.count() == 2


def test_an_allergy_asks_for_a_reason(world: World) -> None:
    """Penicillin in the record, amoxicillin on the line: refused without a note, written with one."""
    visit = seeing(world)
    records.add_allergy(resident_id=world.resident, substance="青霉素", actor=world.doctor)
    line = NewCharge("YP-AMOXICILLIN", ONE)
    with pytest.raises(NeedsReason, match="青霉素"):
        api.order_lines(visit_id=visit.id, lines=[line], actor=world.doctor)
    explained = NewCharge("YP-AMOXICILLIN", ONE, note="既往误登，皮试阴性")
    assert api.order_lines(visit_id=visit.id, lines=[explained], actor=world.doctor).lines[-1].note


def test_another_doctor_does_not_write(world: World) -> None:
    """Whose patient it is."""
    visit = seeing(world)
    with pytest.raises(Conflict):
        api.save_note(visit_id=visit.id, note=COLD, actor=world.colleague)


def test_the_health_centre_charges_its_own_fee(world: World) -> None:
    """One general fee, no registration fee."""
    visit = api.register_visit(resident_id=make_resident(world.gp, "吴桂兰"), manner="village", actor=world.gp)
    assert (visit.fee, visit.staff_id) == (1000, world.gp.staff_id)


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("clinic.register_visit")
def test_two_for_the_last_number(world: World) -> None:
    """One gets it, the other reads that it went."""
    last, other = session(world, places=1), make_resident(world.desk, "钱小明")
    got = race(
        *[
            lambda who=who: api.register_visit(resident_id=who, session_id=last.id, actor=world.desk)
            for who in (world.resident, other)
        ]
    )
    assert told(got) == ["NumberTaken", "ok"]
    refusal = next(one for one in got if isinstance(one, NumberTaken))
    assert "没有余号" in str(refusal)
    assert [s.left for s in api.sessions_of(world.county.id, clock.today())] == [0]


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("clinic.register_visit")
def test_a_double_click_is_one_number(world: World) -> None:
    """The same key is the same visit; two keys for one person are one visit and a refusal."""
    one, key = session(world), uuid4()

    def click(request_key: Any) -> VisitData:
        return api.register_visit(
            resident_id=world.resident, session_id=one.id, actor=world.desk, request_key=request_key
        )

    got = race(lambda: click(key), lambda: click(key))
    assert got[0].id == got[1].id
    api.cancel_visit(visit_id=got[0].id, reason="重新挂", actor=world.desk)
    assert told(race(lambda: click(uuid4()), lambda: click(uuid4()))) == ["AlreadyWaiting", "ok"]
    assert [s.left for s in api.sessions_of(world.county.id, clock.today())] == [4]


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("clinic.cancel_visit")
def test_cancelled_while_it_begins(world: World) -> None:
    """Either the doctor has the patient or the number is back."""
    visit = registered(world)
    got = race(
        lambda: api.cancel_visit(visit_id=visit.id, reason="临时有事", actor=world.desk),
        lambda: api.begin_visit(visit_id=visit.id, actor=world.doctor),
    )
    assert told(got) == ["WrongState", "ok"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("clinic.begin_visit")
def test_begun_twice(world: World) -> None:
    """A double click opens one encounter."""
    visit = registered(world)
    got = race(*[lambda: api.begin_visit(visit_id=visit.id, actor=world.doctor)] * 2)
    assert told(got) == ["WrongState", "ok"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("clinic.call_next")
def test_called_by_two_at_once(world: World) -> None:
    """Two clicks call two people, never one twice."""
    registered(world)
    registered(world, resident_id=make_resident(world.desk, "钱小明"))
    got = race(*[lambda: api.call_next(actor=world.doctor)] * 2)
    assert len({one.id for one in got if one}) == sum(1 for one in got if one)


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("clinic.order_lines")
@pytest.mark.race("clinic.finish_visit")
def test_ordered_while_the_visit_is_finished(world: World) -> None:
    """The line is on the bill and in the record, or it is refused; the visit is finished once."""
    visit = seeing(world)
    api.save_note(visit_id=visit.id, note=COLD, actor=world.doctor)
    got = race(
        lambda: api.finish_visit(visit_id=visit.id, actor=world.doctor),
        lambda: api.finish_visit(visit_id=visit.id, actor=world.doctor),
        lambda: api.order_lines(visit_id=visit.id, lines=[NewCharge("YP-AMBROXOL", ONE)], actor=world.doctor),
    )
    assert told(got[:2]) == ["WrongState", "ok"]
    prescribed = records.summary(world.resident, actor=world.doctor).medicines
    assert bool(prescribed) == (not isinstance(got[2], Exception))


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("clinic.charge_visit")
def test_a_recorded_visit_is_charged_once(world: World) -> None:
    """A double click on “收费” is one visit with one bill."""
    visit = records.Visit(complaint="头晕", diagnoses=(("I10.x00x002", "高血压", True),))
    records.record_visit(resident_id=world.resident, visit=visit, actor=world.gp)
    got = race(*[lambda: charge_visit(resident_id=world.resident, actor=world.gp)] * 2)
    assert got[0].id == got[1].id
    assert Bill.objects.count() == 1
