"""A recall from the call to its end: of a lot partly given, of one nobody has, of one nobody ever had."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from yigong.core import clock
from yigong.core.errors import Conflict, DomainError, Forbidden, InvalidInput
from yigong.core.testing import race
from yigong.programmes import api
from yigong.programmes.errors import LotBlocked
from yigong.programmes.models import Dose, Recall, RecallContact, VaccineLot
from yigong.tasks.models import Task

from .test_pages import signed_in
from .test_vaccines import LOT, PRODUCT, SHEET, child, left, stocked
from .world import World, enrolled, later, make_world, visit


def call_back(world: World, **more: Any) -> Recall:
    """By the health centre."""
    told = {"product": PRODUCT, "lot": LOT, "reason": "国家药监局召回通知", "actor": world.manager, **more}
    return api.call_back(**told)


def open_tasks() -> dict[Any, Task]:
    """By institution."""
    return {t.institution_id: t for t in Task.objects.filter(kind="programmes.recall", state="open")}


def tell(row: Recall, dose: Dose, outcome: str, world: World, **more: Any) -> RecallContact:
    """What the village doctor heard."""
    return api.note_contact(
        recall_id=row.id, dose_id=dose.id, outcome=outcome, actor=more.pop("actor", world.doctor), **more
    )


@pytest.mark.django_db
def test_a_lot_partly_given(world: World) -> None:
    """What is left is sealed, who had it is listed with the result of each call; the last one told and the last dose away end it by itself, and the lot
    stays blocked."""
    lot = stocked(world, doses=3)
    for _n in range(2):
        visit(world, child(world), "hepb1", **SHEET)
    row = call_back(world)
    assert (
        row.state == "open" and VaccineLot.objects.get().state == "recalled" and set(open_tasks()) == {world.village.id}
    )
    doctor = signed_in(world.doctor)
    page = doctor.get(open_tasks()[world.village.id].url).content.decode()
    assert page.count("/programmes/person/") == 2 and "封存（剂）" in page and "0 / 2 人" in page
    one, two = Dose.objects.order_by("id")
    with pytest.raises(InvalidInput):
        tell(row, one, "unwell", world)
    tell(row, one, "unwell", world, note="发热，已嘱复诊")
    doctor.post(f"/programmes/vaccines/recalls/{row.id}/{two.id}/unreached/")
    assert "没联系上" in doctor.get(f"/programmes/vaccines/recalls/{row.id}/?side=untold").content.decode()
    with pytest.raises(Forbidden):
        tell(row, two, "told", world, actor=world.neighbour)
    tell(row, two, "told", world)
    assert open_tasks() and Recall.objects.get().state == "open"  # a dose still lies here
    api.write_off(lot_id=lot.id, doses=1, reason="按召回退回", actor=world.doctor, key=uuid4())
    done = Recall.objects.get()
    assert done.state == "closed" and not open_tasks() and left(lot) == (0, 2, 1)
    assert "接种过的 2 人都已通知" in doctor.get(f"/programmes/vaccines/recalls/{row.id}/").content.decode()
    with pytest.raises(LotBlocked):
        visit(world, child(world), "hepb1", **SHEET)
    stocked(world, doses=2)  # a delivery that was on the way: sealed, and there is something to do again
    assert VaccineLot.objects.get().state == "recalled" and Recall.objects.get().state == "open" and open_tasks()


@pytest.mark.django_db
def test_a_lot_that_nobody_has_any_more(world: World) -> None:
    """No stock anywhere, one child had it from a house that keeps none: found, told, ended."""
    visit(world, child(world), "hepb1", **SHEET)
    manager = signed_in(world.manager)
    preview = manager.get(f"/programmes/vaccines/recalls/new/?lot={LOT}").content.decode()
    assert "没有机构还有这个批号的库存" in preview and PRODUCT in preview
    typed = {"product": PRODUCT, "lot": LOT, "reason": "召回通知"}
    page = manager.post(f"/programmes/vaccines/recalls/new/?lot={LOT}", typed, follow=True).content.decode()
    assert "没有机构还有这个批号的库存" in page and page.count("/programmes/person/") == 1
    row = Recall.objects.get()
    assert row.state == "open" and set(open_tasks()) == {world.village.id}
    tell(row, Dose.objects.get(), "told", world)
    assert Recall.objects.get().state == "closed" and not open_tasks()
    assert "1 / 1 人" in manager.get("/programmes/vaccines/recalls/").content.decode()


@pytest.mark.django_db
def test_a_lot_that_nobody_ever_had(world: World) -> None:
    """Said before and after; closed at once, no task; what is written down later is stopped and, with the reason, found."""
    manager = signed_in(world.manager)
    assert "没有库存，也没有人接种过" in manager.get("/programmes/vaccines/recalls/new/?lot=NONE1").content.decode()
    row = call_back(world, lot="NONE1")
    assert row.state == "closed" and not open_tasks()
    assert "也没有人接种过" in manager.get(f"/programmes/vaccines/recalls/{row.id}/").content.decode()
    with pytest.raises(LotBlocked):
        visit(world, child(world), "hepb1", **SHEET | {"lot": "NONE1"})
    visit(world, child(world), "hepb1", lot_reason="在外地接种", **SHEET | {"lot": "NONE1"})
    assert Recall.objects.get().state == "open" and open_tasks()[world.village.id].title
    with pytest.raises(Conflict):
        call_back(world, lot="NONE1")


@pytest.mark.django_db
def test_given_before_and_entered_after(world: World) -> None:
    """A dose of a day before the call needs no reason; its child joins the list of a recall that was over."""
    early = enrolled(world, "vaccination", resident_id=world.person(months=2), on=clock.today() - timedelta(days=20))
    row = call_back(world)
    assert row.state == "closed"
    visit(world, early, "hepb1", on=clock.today() - timedelta(days=3), **SHEET)
    assert Recall.objects.get().state == "open" and world.village.id in open_tasks()
    tell(row, Dose.objects.get(), "told", world)
    assert Recall.objects.get().state == "closed"


@pytest.mark.django_db
def test_ended_by_hand_and_lifted(world: World) -> None:
    """Somebody cannot be found: ended with the reason, by who called it; lifted, the vaccine may be given again."""
    lot = stocked(world, doses=2)
    visit(world, child(world), "hepb1", **SHEET)
    row = call_back(world)
    tell(row, Dose.objects.get(), "unreached", world, note="电话停机")
    with pytest.raises(DomainError):
        api.close_recall(recall_id=row.id, reason="找不到人", actor=world.doctor)
    manager = signed_in(world.manager)
    manager.post(f"/programmes/vaccines/recalls/{row.id}/close/", {"reason": "一人外出务工，三次未联系上"})
    assert Recall.objects.get().state == "closed" and not open_tasks() and VaccineLot.objects.get().state == "recalled"
    api.lift_recall(recall_id=row.id, reason="通知撤回", actor=world.manager)
    visit(world, child(world), "hepb1", **SHEET)
    assert left(lot) == (0, 2, 0) and Recall.objects.get().state == "lifted"
    with later(days=1):
        assert call_back(world, reason="再次召回").state == "open" and Recall.objects.count() == 2


@pytest.mark.django_db
def test_the_county_reaches_further(world: World) -> None:
    """Called by the health centre and again by the county, which sees more houses: one recall, all sealed."""
    stocked(world), stocked(world, actor=world.nurse)
    elsewhere = VaccineLot.objects.get(institution_id=world.village.id)
    row = call_back(world)
    assert {v.state for v in VaccineLot.objects.all()} == {"recalled"}
    VaccineLot.objects.filter(pk=elsewhere.pk).update(
        state="usable"
    )  # as if it had been out of the health centre's sight
    again = call_back(world, actor=world.quality, reason="县里统一召回")
    assert again.id == row.id and {v.state for v in VaccineLot.objects.all()} == {"recalled"}


@pytest.mark.race("programmes.call_back")
@pytest.mark.race("programmes.note_contact")
@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_instant(transactional_db: None) -> None:
    """One recall of two calls; of two who note the same person the last word stands, and the recall is closed once."""
    world = make_world()
    visit(world, child(world), "hepb1", **SHEET)
    outcomes = race(*[lambda: call_back(world)] * 2)
    assert sum(isinstance(o, Conflict) for o in outcomes) == 1 and Recall.objects.count() == 1
    row, dose = Recall.objects.get(), Dose.objects.get()
    said = race(*[lambda: tell(row, dose, "told", world)] * 2)
    assert not [o for o in said if isinstance(o, Exception)]
    assert RecallContact.objects.count() == 1 and Recall.objects.get().state == "closed" and not open_tasks()
