"""Taking along and coming back: what goes in, what waits, what is refused."""

from datetime import timedelta
from uuid import uuid4

import pytest

from yigong.core import clock
from yigong.core.errors import Conflict, Forbidden, InvalidInput
from yigong.core.forms import api as forms
from yigong.programmes import api as programmes
from yigong.programmes.models import Dose, Visit
from yigong.programmes.tests.test_vaccines import LOT, child, left, stocked
from yigong.programmes.tests.world import later, visit
from yigong.records import api as records
from yigong.records.data import NewLine
from yigong.residents import api as residents
from yigong.tasks.models import Task
from yigong.villageday import commands
from yigong.villageday.models import Bundle, Entry
from yigong.villageday.queries.packing import pack, stops

from .world import BOSS, World, back, dose_entry, entry, household, signed_in, take, taken

pytestmark = pytest.mark.django_db


def test_the_way_goes_house_by_house(world: World) -> None:
    """Households in the order of their numbers, their people together; the bundle is bounded and says how many it left out."""
    household(world, 2, "12号")
    household(world, 1, "3号")
    way, _bundle = stops(world.doctor, 90)
    assert [(s.address, len(s.people)) for s in way] == [("3号", 1), ("12号", 2)]
    packed = pack(world.doctor, 90, 2)
    assert len(packed.people) == 2 and packed.left_out == 1 and packed.forms
    with pytest.raises(InvalidInput):
        taken(world, days=99)


def test_what_comes_back_is_in_the_record_once(world: World) -> None:
    """Sent, and sent again because the answer was lost: one visit each."""
    rows, bundle = household(world, 3), taken(world, days=14)
    sent = [entry(row) for row in rows]
    assert [t.state for t in back(world, bundle, *sent)] == ["accepted"] * 3
    assert [t.state for t in back(world, bundle, *sent)] == ["accepted"] * 3
    assert Visit.objects.count() == 3 and Entry.objects.count() == 3
    assert Bundle.objects.get().returned_at is not None


def test_a_visit_recorded_meanwhile_waits_and_is_decided(world: World) -> None:
    """Both versions are kept until somebody decides; accepted on another day it is a visit, dropped it is not, and the task ends."""
    one, two = household(world, 2)
    bundle = taken(world, days=14)
    mine, other = entry(one, sbp=150), entry(two)
    for row in (one, two):
        visit(world, row, actor=world.colleague)
    told = back(world, bundle, mine, other)
    assert {t.state for t in told} == {"review"} and all("另一次随访" in t.sentence for t in told)
    assert Visit.objects.count() == 2 and Task.objects.filter(kind="villageday.review", state="open").count() == 2
    with pytest.raises(InvalidInput):
        commands.accept_entry(entry_id=mine.id, reason="核实", actor=world.doctor)  # the day has a visit already
    commands.drop_entry(entry_id=other.id, reason="同一次随访", actor=world.doctor)
    with later(days=1):
        done = commands.accept_entry(entry_id=mine.id, reason="第二天又测", on=clock.today(), actor=world.doctor)
    assert Visit.objects.filter(pk=done).exists() and Visit.objects.count() == 3
    assert not Task.objects.filter(kind="villageday.review", state="open").exists()
    with pytest.raises(Conflict):
        commands.drop_entry(entry_id=mine.id, reason="再想想", actor=world.doctor)


def test_who_died_meanwhile_waits_with_the_reason(world: World) -> None:
    """The management ended while the phone was away."""
    from yigong.core.events.relay import deliver_waiting

    (row,), bundle = household(world, 1), taken(world, days=14)
    sent = entry(row)
    residents.close_resident(
        resident_id=row.resident_id, status="deceased", on=clock.today(), reason="死亡", actor=BOSS
    )
    deliver_waiting()
    (told,) = back(world, bundle, sent)
    assert told.state == "review" and "结案" in told.sentence and not Visit.objects.exists()


def test_who_moved_meanwhile(world: World) -> None:
    """Taken over by another clinic: that one decides, and the visit keeps who made it. Moved out of the county: it waits with the reason."""
    from yigong.core.events.relay import deliver_waiting

    over, away = household(world, 2)
    bundle = taken(world, days=14)
    mine, other = entry(over, sbp=136), entry(away)
    programmes.transfer(enrolment_id=over.id, institution_id=world.other.id, reason="迁居王家村", actor=world.doctor)
    residents.close_resident(resident_id=away.resident_id, status="moved", on=clock.today(), reason="迁出", actor=BOSS)
    deliver_waiting()
    told = {t.id: t for t in back(world, bundle, mine, other)}
    assert {t.state for t in told.values()} == {"review"}
    assert "家村卫生室" in told[mine.id].sentence and "结案" in told[other.id].sentence
    task = Task.objects.get(kind="villageday.review", institution_id=world.other.id, state="open")
    neighbour = signed_in(world.neighbour)
    assert str(mine.id) in neighbour.get("/villageday/reviews/").content.decode()
    assert "136" in neighbour.get(task.url).content.decode()
    neighbour.post(
        f"/villageday/reviews/{mine.id}/accept/", {"reason": "迁居当天所测", "on": clock.today().isoformat()}
    )
    made = Visit.objects.get()
    assert (made.enrolment_id, made.staff_id) == (over.id, world.doctor.staff_id)
    assert Task.objects.get(pk=task.pk).state == "done" and Entry.objects.get(pk=mine.id).state == "accepted"


@pytest.mark.parametrize(
    ("ahead", "at_return", "state"),
    [
        (timedelta(minutes=8), timedelta(minutes=9), "accepted"),
        (timedelta(days=1), timedelta(days=1), "review"),
        (timedelta(0), timedelta(days=-1), "review"),
    ],
)
def test_a_phone_whose_clock_is_wrong(world: World, ahead: timedelta, at_return: timedelta, state: str) -> None:
    """A few minutes are put right; a day is found by the difference at taking along and at return, and both days are kept."""
    (row,), bundle = household(world, 1), taken(world, ahead, days=14)
    (told,) = back(world, bundle, entry(row, ahead=ahead), ahead=at_return)
    assert told.state == state
    kept = Entry.objects.get()
    if ahead == timedelta(days=1):
        assert (
            kept.on == clock.today()
            and kept.said_on == clock.today() + timedelta(days=1)
            and "相差一天" in told.sentence
        )
    with pytest.raises(InvalidInput):
        taken(world, timedelta(days=3))


def test_revoked_and_outlived_bundles(world: World) -> None:
    """What a revoked or dead bundle brings is not lost and not taken: it waits. Another's bundle cannot be sent."""
    one, two = household(world, 2)
    bundle = taken(world, days=14)
    with pytest.raises(Forbidden):
        commands.revoke_bundle(bundle_id=bundle.id, reason="手机丢了", actor=world.neighbour)
    commands.revoke_bundle(bundle_id=bundle.id, reason="手机丢了", actor=world.manager)
    (told,) = back(world, bundle, entry(one))
    assert told.state == "review" and "收回" in told.sentence
    with pytest.raises(Forbidden):
        back(world, bundle, entry(two), actor=world.colleague)
    second = taken(world, days=14)
    with later(days=6):
        (told,) = back(world, second, entry(two))
    assert told.state == "review" and "过期" in told.sentence and not Visit.objects.exists()


def test_impossible_values_wait_and_strangers_stay_on_the_phone(world: World) -> None:
    """A value beyond its limits waits with the limits named; a management that is not there is told back, and the others go in."""
    one, two = household(world, 2)
    bundle = taken(world, days=14)
    lost = entry(one)
    lost.enrolment = uuid4()
    bad, good = entry(one, sbp=400), entry(two)
    told = {t.id: t for t in back(world, bundle, bad, good, lost)}
    assert (told[bad.id].state, told[good.id].state, told[lost.id].state) == ("review", "accepted", "refused")
    assert "50" in told[bad.id].sentence


def test_a_dose_from_the_phone_leaves_the_shelf_once(world: World) -> None:
    """The lots of the clinic go along, barred ones with the reason; sent twice is one dose. Used up or called back meanwhile it waits, and whoever
    decides lets it in with the reason, so that a recall finds the child."""
    usable, stopped = stocked(world, doses=2), stocked(world, lot="STOPPED")
    programmes.judge_lot(lot_id=stopped.id, action="stop", reason="疑问", actor=world.doctor)
    children = [child(world) for _n in range(3)]
    bundle = take(world, days=14)
    due = next(d for d in bundle.packed.dues if d["stage"] == "hepb1")
    shelf = bundle.packed.shelves[due["shelf"]]
    assert [(c["lot"], c["left"]) for c in shelf["offered"]] == [(LOT, 2)] and "暂停使用" in shelf["barred"][0]["why"]
    sent = [dose_entry(row) for row in children]
    told = back(world, bundle.bundle, *sent[:1])
    assert told[0].state == "accepted" and back(world, bundle.bundle, *sent[:1])[0].state == "accepted"
    assert left(usable) == (1, 1, 0)
    programmes.write_off(lot_id=usable.id, doses=1, reason="破损", actor=world.doctor, key=uuid4())
    (used_up,) = back(world, bundle.bundle, sent[1])
    assert used_up.state == "review" and "已用完" in used_up.sentence and left(usable) == (0, 1, 1)
    stocked(world, doses=5)
    programmes.judge_lot(lot_id=usable.id, action="recall", reason="召回通知", actor=world.manager)
    (recalled,) = back(world, bundle.bundle, sent[2])
    assert recalled.state == "review" and "已召回" in recalled.sentence and Dose.objects.count() == 1
    commands.accept_entry(entry_id=sent[2].id, reason="接种时还没有接到召回通知", actor=world.doctor)
    late = Dose.objects.get(visit__enrolment_id=children[2].id)
    assert late.despite == "接种时还没有接到召回通知" and late.posting_id and left(usable) == (4, 2, 1)
    page = signed_in(world.doctor).get(f"/programmes/vaccines/given/?lot={LOT}").content.decode()
    assert page.count("/programmes/person/") == 2


def test_medicines_go_along_and_come_back_one_by_one(world: World) -> None:
    """What the person takes by the record with since when and from whom, allergies, no more than the limit and how many were left behind; what was
    heard comes back as heard, the form's answers follow."""
    (row,) = household(world, 1)
    lines = [NewLine(f"药品{n:02}片", dose="1片", frequency="每日一次", days=28) for n in range(12)]
    at = clock.now() - timedelta(days=9)
    records.add_prescription(resident_id=row.resident_id, lines=lines, actor=world.gp, occurred_at=at)
    records.add_allergy(
        resident_id=row.resident_id, category="drug", substance="青霉素", reaction="皮疹", actor=world.gp
    )
    taken = take(world, days=14)
    (person,) = taken.packed.people
    assert len(person["medicines"]) == 10 and person["more"] == (2, 0) and person["allergies"] == ["青霉素（皮疹）"]
    first = person["medicines"][0]
    assert (
        first["text"] == "1片 每日一次"
        and first["since"] == at.astimezone(clock.SHANGHAI).date().isoformat()
        and first["giver"]
    )
    sent = entry(row)
    del sent.answers["adherence"]
    sent.medicines = [programmes.Use("药品00片", "1", "1片 每日一次"), programmes.Use("药品01片", "3", "1片 每日一次")]
    (told,) = back(world, taken.bundle, sent)
    assert told.state == "accepted", told.sentence
    made = Visit.objects.get()
    answers = forms.answers_of([made.response_id])[made.response_id]
    assert answers["adherence"] == "2" and "药品01片 1片 每日一次（没有服）" in answers["medicines"]
    assert [u.taken for u in made.medicines.order_by("place")] == ["1", "3"]
    wrong = entry(household(world, 1, "5号")[0])
    wrong.medicines = [programmes.Use("药品00片", "9")]
    (told,) = back(world, taken.bundle, wrong)
    assert told.state == "review" and "服用情况" in told.sentence
    page = signed_in(world.doctor).get(f"/villageday/reviews/{wrong.id}/").content.decode()
    assert "药品00片" in page
