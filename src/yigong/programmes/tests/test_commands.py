"""From candidate to ending: refusals, late entries, attempts, holds, transfers, deaths, merges."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from yigong.access import api as access
from yigong.core import clock
from yigong.core.errors import Conflict, Forbidden, InvalidInput
from yigong.programmes import api, handlers
from yigong.programmes.errors import AlreadyEnrolled, Locked, NotEligible, Unconfirmed
from yigong.programmes.models import Candidate, Due, Enrolment, Hold, Visit
from yigong.programmes.rules.packs import version_of
from yigong.records import api as records
from yigong.records.models import Encounter, Result
from yigong.residents import api as residents
from yigong.residents.events import ResidentClosed, ResidentReopened
from yigong.tasks.models import Task

from .cards import MIND, NOTICE, SENT, card
from .mother_child import ANTENATAL, BOOKING
from .world import World, broken_invariants, enrolled, later, next_on, visit

pytestmark = pytest.mark.django_db


def state(key: object) -> Enrolment:
    """The row as it is now."""
    return Enrolment.objects.get(pk=key)


def test_a_visit_is_written_once(world: World) -> None:
    """Into the record, the plan, the tasks; the same key again is the same visit."""
    row, key = enrolled(world), uuid4()
    task = Task.objects.get(
        kind="programmes.visit", key__startswith="programmes/", resident_id=row.resident_id, title__contains="随访"
    )
    first = visit(world, row, sbp=186, dbp=112, idempotency_key=key)
    again = visit(world, row, sbp=186, dbp=112, idempotency_key=key)
    assert again.repeated and again.visit.id == first.visit.id and Visit.objects.count() == 1
    assert first.visit.refer == "危急情况" and first.visit.emergency
    assert Task.objects.get(pk=task.pk).state == "done"
    met = Encounter.objects.get(pk=first.visit.encounter_id)
    assert (met.kind, met.status) == ("followup", "finished")
    assert sorted(Result.objects.filter(resident_id=row.resident_id).values_list("code", flat=True)) == [
        "8462-4",
        "8480-6",
    ]
    # The programme sees to the next look itself: no second task by the vital alert.
    from yigong.core.events.models import OutboxEvent

    assert not OutboxEvent.objects.filter(name="records.vital_alert").exists()
    assert broken_invariants() == []


def test_days_that_cannot_be(world: World) -> None:
    """Before the enrolment, in the future."""
    row = enrolled(world)
    for day in (clock.today() - timedelta(days=1), clock.today() + timedelta(days=1)):
        with pytest.raises(InvalidInput) as told:
            visit(world, row, on=day)
        assert "on" in told.value.errors
    assert not Visit.objects.exists()


def test_values_that_cannot_be(world: World) -> None:
    """Impossible values are refused with their limits; unlikely ones ask for a confirmation; nothing is written before."""
    row = enrolled(world)
    with pytest.raises(InvalidInput) as told:
        visit(world, row, sbp=400)
    assert "50 到 300" in told.value.errors["sbp"]
    with pytest.raises(InvalidInput) as told:
        visit(world, row, sbp=80, dbp=120)
    assert "dbp" in told.value.errors
    with pytest.raises(Unconfirmed) as told:
        visit(world, row, sbp=224, dbp=118)
    assert "sbp" in told.value.errors and not Visit.objects.exists() and not Encounter.objects.exists()
    assert visit(world, row, sbp=224, dbp=118, confirmed=True).visit.grade == "emergency"


def test_a_dead_person_has_no_visit(world: World) -> None:
    """A death ends the management with due rows and tasks; later visits are refused; a death by mistake is taken back."""
    row = enrolled(world)
    access.open_relationship(resident_id=row.resident_id, institution_id=world.township.id, basis="contract")
    residents.close_resident(
        resident_id=row.resident_id, status="deceased", on=clock.today(), reason="病故", actor=world.gp
    )
    with pytest.raises(InvalidInput):  # before the event arrives
        visit(world, row)
    handlers.person_closed(ResidentClosed(row.resident_id, "deceased"))
    assert (state(row.id).state, state(row.id).ending) == ("ended", "death")
    assert broken_invariants() == []
    with pytest.raises(Conflict):
        visit(world, row)
    with pytest.raises(Conflict):
        api.reopen(enrolment_id=row.id, reason="误登", actor=world.doctor)
    residents.reopen_resident(resident_id=row.resident_id, reason="误登死亡", actor=world.gp)
    handlers.person_reopened(ResidentReopened(row.resident_id))
    assert state(row.id).state == "active" and next_on(row.id)


def test_an_expired_period_is_locked(world: World) -> None:
    """Later than the lock only with a reason, and marked as late."""
    row = enrolled(world, on=clock.today() - timedelta(days=400))
    long_ago = clock.today() - timedelta(days=300)
    with pytest.raises(Locked):
        visit(world, row, on=long_ago)
    done = visit(world, row, on=long_ago, late_reason="纸质记录补录")
    assert done.visit.entered_late and done.visit.late_reason == "纸质记录补录"
    assert not visit(world, row).visit.entered_late


def test_never_two_at_a_time(world: World) -> None:
    """The same programme twice for one person; after an ending it begins anew."""
    row = enrolled(world)
    with pytest.raises(AlreadyEnrolled):
        enrolled(world, resident_id=row.resident_id)
    api.end(enrolment_id=row.id, ending="refused", reason="本人不愿意", actor=world.doctor)
    assert enrolled(world, resident_id=row.resident_id).id != row.id
    with pytest.raises(AlreadyEnrolled):
        api.reopen(enrolment_id=row.id, reason="同意了", actor=world.doctor)


def test_age_and_sex(world: World) -> None:
    """Too young only with a reason; a man is not pregnant."""
    with pytest.raises(NotEligible):
        enrolled(world, age=30)
    assert enrolled(world, age=30, reason="专科确诊，要求管理").state == "active"
    with pytest.raises(NotEligible):
        enrolled(
            world,
            "pregnancy",
            sex="1",
            answers={"lmp": str(clock.today() - timedelta(days=50)), "gravida": "1", "para": "0"},
        )


def test_lost_after_three_attempts(world: World) -> None:
    """A visit begins the count anew; the third in a row ends the management, which can be resumed."""
    row = enrolled(world)
    assert api.note_attempt(enrolment_id=row.id, note="电话无人接听", actor=world.doctor) == 1
    visit(world, row)
    assert state(row.id).attempts == 0
    for n in (1, 2, 3):
        assert api.note_attempt(enrolment_id=row.id, note="家中无人", way="2", actor=world.doctor) == n
    assert (state(row.id).state, state(row.id).ending) == ("ended", "lost") and broken_invariants() == []
    again = api.reopen(enrolment_id=row.id, reason="已返乡", actor=world.doctor)
    assert again.state == "active" and again.next_due_on and broken_invariants() == []


def test_tuberculosis_is_reported_after_two(world: World) -> None:
    """Two failed attempts: somebody is asked to report upward; the first home visit is due within 72 hours."""
    answers = NOTICE | {"treatment_on": str(clock.today())}
    row = api.enrol(resident_id=world.person(44), programme="tuberculosis", actor=world.doctor, answers=answers)
    first = Due.objects.get(enrolment_id=row.id, stage="first")
    assert abs((first.deadline - clock.now()) - timedelta(hours=72)) < timedelta(minutes=5)
    for _n in (1, 2):
        api.note_attempt(enrolment_id=row.id, note="家中无人", actor=world.doctor)
    assert Task.objects.filter(kind="programmes.report", state="open", urgent=True).count() == 1


def test_a_void_visit_counts_nowhere(world: World) -> None:
    """The grade and the plan are what they would be without it."""
    row = enrolled(world, on=clock.today() - timedelta(days=40))
    visit(world, row, sbp=150, on=clock.today() - timedelta(days=6))
    second = visit(world, row, sbp=150)
    assert second.visit.grade == "unsatisfied_again"
    first = Visit.objects.order_by("on").first()
    api.void_visit(visit_id=first.id, reason="录错人", actor=world.doctor)
    assert Visit.objects.get(pk=second.visit.id).grade == "unsatisfied"
    assert Encounter.objects.get(pk=first.encounter_id).status == "cancelled" and broken_invariants() == []


def test_transfer_takes_the_tasks_along(world: World) -> None:
    """The other village's doctor sees them, the former one no longer manages."""
    row = enrolled(world)
    api.transfer(enrolment_id=row.id, institution_id=world.other.id, reason="迁居王家村", actor=world.doctor)
    assert set(
        Task.objects.filter(state="open", resident_id=row.resident_id).values_list("institution_id", flat=True)
    ) == {world.other.id}
    with pytest.raises(Forbidden):
        visit(world, row)
    assert visit(world, row, actor=world.neighbour).visit.institution_id == world.other.id
    assert broken_invariants() == []


def test_a_contraindication_is_lifted(world: World) -> None:
    """While it holds the vaccine is not due; lifted with a reason it is due again. Until a day: by itself."""
    row = api.enrol(resident_id=world.person(months=3), programme="vaccination", actor=world.doctor)
    assert next_on(row.id, "dtap1") and next_on(row.id, "polio1")
    held = api.hold(enrolment_id=row.id, track="dtap", reason="惊厥史待评估", actor=world.doctor)
    assert next_on(row.id, "dtap1") is None and next_on(row.id, "polio1") and broken_invariants() == []
    with pytest.raises(InvalidInput):
        api.lift(hold_id=held, reason=" ", actor=world.doctor)
    api.lift(hold_id=held, reason="神经科评估可以接种", actor=world.doctor)
    assert next_on(row.id, "dtap1")
    api.hold(
        enrolment_id=row.id, track="dtap", reason="发热", until=clock.today() + timedelta(days=7), actor=world.doctor
    )
    assert next_on(row.id, "dtap1") is None
    with later(days=8):
        api.catch_up(actor=world.doctor)
    assert next_on(row.id, "dtap1") and Hold.objects.count() == 2 and broken_invariants() == []


def test_book_and_decline(world: World) -> None:
    """A declined visit leaves its reason, the plan goes on with the next one."""
    row = enrolled(world)
    due = Due.objects.get(enrolment_id=row.id, stage="followup")
    api.book(due_id=due.id, on=clock.today() + timedelta(days=2), actor=world.doctor)
    api.refuse_due(due_id=due.id, reason="改在县医院复查", actor=world.doctor)
    assert Due.objects.get(pk=due.id).state == "declined"
    assert next_on(row.id) == due.due_on + timedelta(days=90) and broken_invariants() == []
    with pytest.raises(Conflict):
        api.refuse_due(due_id=due.id, reason="再说一次", actor=world.doctor)


def test_two_files_of_one_person(world: World) -> None:
    """After a merge the older management goes on with the visits of both; the undo brings the younger back."""
    from yigong.programmes.queries import people

    one, other = enrolled(world, on=clock.today() - timedelta(days=5)), enrolled(world)
    keeper = world.people["identity"] = _identity_manager(world)
    done = residents.merge_residents(
        survivor_id=one.resident_id, other_id=other.resident_id, reason="同一人重复建档", actor=keeper
    )
    if done.state == "waiting":
        done = residents.confirm_operation(
            operation_id=done.id, note="核对无误", actor=_identity_manager(world, "second")
        )
    from yigong.residents.events import LinkUndone, ResidentMerged

    handlers.people_merged(ResidentMerged(one.resident_id, other.resident_id, done.id))
    assert (state(one.id).state, state(other.id).ending) == ("active", "merged") and broken_invariants() == []
    assert [r.id for r in people.of_resident(one.resident_id, actor=world.doctor)] == [one.id]
    residents.undo_operation(operation_id=done.id, reason="不是同一人", actor=keeper)
    handlers.link_undone(LinkUndone((one.resident_id, other.resident_id), "merge", done.id))
    assert state(other.id).state == "active" and broken_invariants() == []


def _identity_manager(world: World, key: str = "identity") -> object:
    from .world import make_actor

    return make_actor(key, "identity_manager", world.county)


def test_candidates(world: World) -> None:
    """Found by diagnosis and age; declined ones do not come back, enrolled ones leave the list."""
    ill, young, well, declined = world.person(60), world.person(30), world.person(60), world.person(66)
    for person in (ill, young, declined):
        records.add_condition(
            resident_id=person, code="I10.x00", text="原发性高血压", is_lasting=True, actor=world.doctor
        )
    assert api.find_candidates(code="hypertension", actor=world.doctor) == 2
    found = {c.resident_id: c for c in Candidate.objects.filter(programme="hypertension")}
    assert set(found) == {ill, declined} and "I10" in found[ill].why and well not in found
    with pytest.raises(InvalidInput):
        api.decline(candidate_id=found[declined].id, reason="", actor=world.doctor)
    api.decline(candidate_id=found[declined].id, reason="继发性高血压，专科管理", actor=world.doctor)
    assert api.accept(candidate_id=found[ill].id, actor=world.doctor).state == "active"
    assert api.find_candidates(code="hypertension", actor=world.doctor) == 0
    assert set(Candidate.objects.values_list("state", flat=True)) == {"accepted", "declined"}


def test_abnormal_values_elsewhere_make_candidates(world: World) -> None:
    """A diagnosis or a value above the limit, written anywhere, is on the list as soon as it is heard of; one below it, or of somebody in the
    programme, is not; declined stays declined; the search over everybody finds the same."""
    from yigong.core.events.relay import deliver_waiting

    high, low, ill, inside, declined, sweet = (world.person(60) for _n in range(6))
    enrolled(world, resident_id=inside)
    for person, sbp, dbp in ((high, 152, 88), (low, 139, 89), (inside, 160, 95), (declined, 138, 90)):
        records.record_vitals(resident_id=person, signs={"sbp": Decimal(sbp), "dbp": Decimal(dbp)}, actor=world.doctor)
    records.add_condition(resident_id=ill, code="I10.x00", text="高血压", is_lasting=True, actor=world.doctor)
    glucose = records.NewResult(
        code="14771-0", name="空腹血糖", value=Decimal("7.0"), unit="mmol/L", high=Decimal("6.1")
    )
    records.add_result(resident_id=sweet, title="生化", results=[glucose], actor=world.doctor)
    deliver_waiting()
    found = {
        (c.programme, c.resident_id): c for c in Candidate.objects.filter(programme__in=["hypertension", "diabetes"])
    }
    assert set(found) == {("hypertension", p) for p in (high, declined, ill)} | {("diabetes", sweet)}
    assert "152/88" in found["hypertension", high].why and "空腹血糖 7" in found["diabetes", sweet].why
    api.decline(candidate_id=found["hypertension", declined].id, reason="三次复测正常", actor=world.doctor)
    assert api.find_candidates(code="hypertension", actor=world.doctor) == 0, "the search finds nobody else"
    assert Candidate.objects.get(pk=found["hypertension", high].pk).state == "waiting"
    records.record_vitals(resident_id=declined, signs={"sbp": Decimal(150), "dbp": Decimal(90)}, actor=world.doctor)
    deliver_waiting()
    assert Candidate.objects.get(pk=found["hypertension", declined].pk).state == "declined"


def test_another_version_is_previewed_and_adopted(world: World) -> None:
    """Who started under the old schedule: the preview says whose next day moves, adopting moves it; visits keep their version."""
    row = api.enrol(resident_id=world.person(months=1), programme="vaccination", actor=world.doctor)
    old = version_of("vaccination", "2021.1")
    told = api.try_version(code="vaccination", version=old.version, actor=world.gp)
    assert (told.people, told.moved, told.rows.count(), told.is_whole) == (1, 1, 1, True)
    assert api.try_version(code="vaccination", version="2025.2", actor=world.gp).rows.count() == 0
    Enrolment.objects.filter(pk=row.id).update(definition="2021.1")
    api.catch_up(actor=world.doctor, everybody=True)
    assert (next_on(row.id, "dtap1") - state(row.id).resident.birth_date).days > 85
    assert api.adopt(code="vaccination", actor=world.doctor) == 1
    assert (
        state(row.id).definition == "2025.2"
        and (next_on(row.id, "dtap1") - state(row.id).resident.birth_date).days < 65
    )
    assert broken_invariants() == []


def test_restricted_programmes(world: World) -> None:
    """Severe mental illness is not told to a nurse or a village doctor who is not responsible."""
    person = world.person(40)
    access.open_relationship(resident_id=person, institution_id=world.township.id, basis="contract")
    row = api.enrol(
        resident_id=person, programme="mental_illness", actor=world.gp, answers=MIND, institution_id=world.village.id
    )
    assert api.due_for([person], actor=world.gp, later=True)
    assert api.due_for([person], actor=world.doctor, later=True) == []
    with pytest.raises(Forbidden):
        api.end(enrolment_id=row.id, ending="refused", reason="…", actor=world.doctor)


def test_the_bundle_holds_what_a_device_needs(world: World) -> None:
    """People, plans, forms and the last answers of one village."""
    row = enrolled(world)
    visit(world, row, sbp=150)
    told = api.bundle_for(actor=world.doctor)
    assert [e.id for e in told.enrolments] == [row.id] and "hypertension-followup" in told.forms
    assert told.last_answers[row.id]["sbp"] == 150 and {d.stage for d in told.dues} == {"followup", "yearly"}


def test_infectious_disease_clock(world: World) -> None:
    """Class A within two hours, others within a day; two diseases at a time are two reports."""
    person = world.person(20)
    given = card()
    rows = [
        api.enrol(
            resident_id=person, programme="infectious", actor=world.doctor, answers=given | {"urgency": u, "disease": d}
        )
        for u, d in (("A", "霍乱"), ("B", "流行性感冒"))
    ]
    spans = [
        round((Due.objects.get(enrolment_id=r.id).deadline - state(r.id).began_at).total_seconds() / 3600) for r in rows
    ]
    assert spans == [2, 24]
    with pytest.raises(AlreadyEnrolled):
        api.enrol(
            resident_id=person,
            programme="infectious",
            actor=world.doctor,
            answers=given | {"urgency": "A", "disease": "霍乱"},
        )
    visit(world, rows[0], "report2h", **SENT)
    assert state(rows[0].id).ending == "reported" and state(rows[1].id).state == "active" and broken_invariants() == []


def test_five_colours_only_rise(world: World) -> None:
    """Orange stays orange until a physician lowers it; a delivery leads to the visit after it."""
    lmp = clock.today() - timedelta(days=80)
    row = api.enrol(
        resident_id=world.person(28),
        programme="pregnancy",
        actor=world.doctor,
        answers={"lmp": str(lmp), "gravida": "1", "para": "0"},
    )
    assert visit(world, row, "booking", **BOOKING | {"colour": "orange"}).visit.grade == "orange" and next_on(
        row.id, "extra"
    ) == clock.today() + timedelta(days=14)
    with later(days=36):
        assert visit(world, row, "antenatal2", **ANTENATAL).visit.grade == "orange"
    with later(days=40):
        assert visit(world, row, "antenatal3", **ANTENATAL, lowered="2").visit.grade == "green"
    with later(days=200):
        born = clock.today()
        visit(world, row, "delivery", delivered_on=str(born), delivery_way="1", babies=1)
        assert next_on(row.id, "postpartum") == born + timedelta(days=7)
        assert not Due.objects.filter(enrolment_id=row.id, stage__startswith="antenatal", state="open").exists()
    assert broken_invariants() == []


def test_growing_up_leaves_missed_visits_behind(world: World) -> None:
    """A check whose window closed is missed, the next one is due; nothing before the enrolment is owed."""
    row = api.enrol(resident_id=world.person(months=4), programme="child", actor=world.doctor)
    assert not Due.objects.filter(enrolment_id=row.id, state="missed").exists() and next_on(row.id, "m6")
    with later(days=130):
        api.catch_up(actor=world.doctor)
    assert Due.objects.filter(enrolment_id=row.id, state="missed", stage="m6").exists() and next_on(row.id, "m8")
    assert broken_invariants() == []
