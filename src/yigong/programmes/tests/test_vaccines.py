"""Vaccine in stock by lot: it goes down with each dose, a recall finds everybody who had it."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from yigong.core import clock
from yigong.core.errors import DomainError, InvalidInput
from yigong.core.testing import race
from yigong.programmes import api
from yigong.programmes.errors import LotBlocked
from yigong.programmes.models import Dose, Due, VaccineLot, Visit
from yigong.programmes.queries.stock import GIVEN, SPOILT, STOCK, balances
from yigong.tasks.models import Task

from .mother_child import DOSE
from .test_pages import signed_in
from .world import World, enrolled, later, make_world, months_ago, visit

PRODUCT, MAKER, LOT, EXPIRES = "重组乙型肝炎疫苗", "某生物制品公司", "B202601", date(2099, 6, 30)
SHEET = {**DOSE, "product": PRODUCT, "manufacturer": MAKER, "lot": LOT, "expires_on": EXPIRES.isoformat()}


def stocked(world: World, doses: int = 3, actor: Any = None, **more: Any) -> VaccineLot:
    """Doses at the village."""
    told = {"product": PRODUCT, "manufacturer": MAKER, "lot": LOT, "expires_on": EXPIRES, **more}
    return api.receive_lot(doses=doses, actor=actor or world.doctor, key=uuid4(), **told)


def child(world: World) -> Any:
    """A child of two months under the vaccination programme."""
    return enrolled(world, "vaccination", resident_id=world.person(months=2))


def left(row: VaccineLot) -> tuple[int, int, int]:
    """In stock, given, spoilt."""
    found = balances([row.id])[row.id]
    return found[STOCK], found[GIVEN], found[SPOILT]


@pytest.mark.django_db
def test_from_the_delivery_to_the_recall(world: World) -> None:
    """Taken in by the page, given by visits, a broken one written off, one visit void; the recall lists the children in one click."""
    doctor, manager = signed_in(world.doctor), signed_in(world.manager)
    typed = {"product": PRODUCT, "manufacturer": MAKER, "lot": LOT, "expires_on": EXPIRES.isoformat(), "doses": "4"}
    assert "已入库 4 剂" in doctor.post("/programmes/vaccines/in/", typed, follow=True).content.decode()
    row = VaccineLot.objects.get()
    done = [visit(world, child(world), "hepb1", **SHEET).visit for _n in range(3)]
    api.void_visit(visit_id=done[2].id, reason="录错人", actor=world.doctor)
    doctor.post(f"/programmes/vaccines/{row.id}/off/", {"doses": "1", "reason": "破损"})
    assert left(row) == (1, 2, 1)
    refused = doctor.post(f"/programmes/vaccines/{row.id}/off/", {"doses": "9", "reason": "超温"}, follow=True)
    assert "还剩 1" in refused.content.decode() and left(row) == (1, 2, 1)
    listed = doctor.get("/programmes/vaccines/").content.decode()
    assert LOT in listed and "2 人" in listed
    refused = doctor.post(f"/programmes/vaccines/{row.id}/recall/", {"reason": "x"}, follow=True)
    assert "您没有“召回和判定疫苗批号”的权限" in refused.content.decode()
    assert VaccineLot.objects.get().state == "usable"
    told = manager.post(
        f"/programmes/vaccines/{row.id}/recall/", {"reason": "国家药监局召回通知"}, follow=True
    ).content.decode()
    assert "已召回" in told
    task = Task.objects.get(kind="programmes.recall")
    assert "已接种 2 人" in task.title and "库存 1 剂" in task.title and task.institution_id == world.village.id
    people = doctor.get(f"/programmes/vaccines/given/?product={PRODUCT}&lot={LOT}").content.decode()
    assert people.count("/programmes/person/") == 2 and "卫生室" in people
    assert (
        signed_in(world.neighbour)
        .get(f"/programmes/vaccines/given/?lot={LOT}")
        .content.decode()
        .count("/programmes/person/")
        == 0
    )


@pytest.mark.django_db
def test_what_may_not_be_given(world: World) -> None:
    """A lot that was recalled, is used up, past its expiry or another vaccine; what was given before the recall is still entered."""
    row = stocked(world, doses=1)
    for wrong, item in (({"expires_on": "2020-01-01"}, "expires_on"), ({"product": "卡介苗"}, "product")):
        with pytest.raises(InvalidInput) as refusal:
            visit(world, child(world), "hepb1", **{**SHEET, **wrong})
        assert item in refusal.value.errors
    early = child(world)
    visit(world, child(world), "hepb1", **SHEET)
    with pytest.raises(InvalidInput) as refusal:
        visit(world, child(world), "hepb1", **SHEET)
    assert "已用完" in refusal.value.errors["lot"] and left(row) == (0, 1, 0) and Dose.objects.count() == 1
    stocked(world, doses=5)
    with later(days=3):
        assert api.judge_lot(lot_id=row.id, action="recall", reason="召回", actor=world.manager) == 1
        with pytest.raises(InvalidInput) as refusal:
            visit(world, child(world), "hepb1", **SHEET)
        assert "已召回" in refusal.value.errors["lot"]
        visit(world, early, "hepb1", on=months_ago(date.today(), 0), **SHEET)  # noqa: DTZ011 - the real day, before the recall
        api.judge_lot(lot_id=row.id, action="lift", reason="复检合格", actor=world.manager)
        visit(world, child(world), "hepb1", **SHEET)
    assert left(row) == (3, 3, 0)


@pytest.mark.race("programmes.receive_lot")
@pytest.mark.race("programmes.write_off")
@pytest.mark.django_db(transaction=True)
def test_the_same_delivery_twice_and_the_last_dose(transactional_db: None) -> None:
    """A double click is one delivery; of two who write the last dose off one is told that none is left."""
    world = make_world()
    told = {"product": PRODUCT, "manufacturer": MAKER, "lot": LOT, "expires_on": EXPIRES, "doses": 1, "key": uuid4()}
    one, two = race(*[lambda: api.receive_lot(actor=world.doctor, **told)] * 2)
    assert one.id == two.id and left(one) == (1, 0, 0)
    outcomes = race(
        *[lambda: api.write_off(lot_id=one.id, doses=1, reason="破损", actor=world.doctor, key=uuid4())] * 2
    )
    refused = [o for o in outcomes if isinstance(o, DomainError)]
    assert len(refused) == 1 and "还剩 0" in refused[0].errors["doses"] and left(one) == (0, 0, 1)


@pytest.mark.race("programmes.record_visit")
@pytest.mark.django_db(transaction=True)
def test_two_nurses_and_one_dose(transactional_db: None) -> None:
    """Of two children at the same instant one has the last dose; the other's visit is refused whole, with what to do."""
    world = make_world()
    row = stocked(world, doses=1)
    children = [child(world), child(world)]
    outcomes = race(*[lambda c=c: visit(world, c, "hepb1", **SHEET) for c in children])
    (refused,) = [o for o in outcomes if isinstance(o, DomainError)]
    assert "已用完" in refused.errors["lot"] and left(row) == (0, 1, 0)
    assert Visit.objects.count() == Dose.objects.count() == 1


@pytest.mark.django_db
def test_a_recall_reaches_houses_without_stock(world: World) -> None:
    """The clinic that gave the lot and keeps none, and the one whose child was given it elsewhere, have the task; lifted, it is gone for all."""
    stranger = enrolled(world, "vaccination", resident_id=world.person(months=2, actor=world.doctor))
    row = stocked(world, actor=world.nurse)
    visit(world, stranger, "hepb1", actor=world.nurse, **SHEET)
    visit(world, child(world), "hepb1", **SHEET)
    assert api.judge_lot(lot_id=row.id, action="recall", reason="召回通知", actor=world.manager) == 2
    titles = {t.institution_id: t for t in Task.objects.filter(kind="programmes.recall", state="open")}
    assert set(titles) == {world.township.id, world.village.id}
    told = titles[world.village.id]
    assert "本机构已接种 1 人" in told.title and "在别处接种 1 人" in told.title and "库存 0 剂" in told.title
    page = signed_in(world.doctor).get(told.url).content.decode()
    assert page.count("/programmes/person/") == 2
    api.judge_lot(lot_id=row.id, action="lift", reason="通知撤回", actor=world.manager)
    assert not Task.objects.filter(kind="programmes.recall", state="open").exists()


@pytest.mark.django_db
def test_what_went_in_all_the_same_stands_with_the_reason(world: World) -> None:
    """Given before anybody heard of the recall and entered afterwards: refused, and with the reason in the record, off the stock, in the recall's list,
    and somebody looks after the child today. Void again, the dose is back and the task is over."""
    row, infant = stocked(world), child(world)
    api.judge_lot(lot_id=row.id, action="recall", reason="召回通知", actor=world.manager)
    browser = signed_in(world.doctor)
    due = Due.objects.get(enrolment_id=infant.id, stage="hepb1")
    at, typed = f"/programmes/due/{due.id}/", {**SHEET, "on": clock.today().isoformat(), "way": "1"}
    refused = browser.post(at, typed)
    assert refused.status_code == 422 and "已经接种，情况说明" in refused.content.decode() and not Dose.objects.exists()
    browser.post(at, typed | {"lot_reason": "上午接种时还没有接到通知"})
    dose = Dose.objects.get()
    assert dose.despite == "上午接种时还没有接到通知" and dose.posting_id and left(row) == (2, 1, 0)
    task = Task.objects.get(key__startswith="programmes/despite/")
    assert task.institution_id == world.village.id and "已召回" in task.title
    assert "上午接种时还没有接到通知" in browser.get(task.url).content.decode()
    api.void_visit(visit_id=dose.visit_id, reason="录错人", actor=world.doctor)
    assert left(row) == (3, 0, 0) and Task.objects.get(pk=task.pk).state == "cancelled"


@pytest.mark.django_db
def test_used_up_and_given_all_the_same(world: World) -> None:
    """The ledger never goes below nothing: the dose is written down without a posting, and the reason says so."""
    row = stocked(world, doses=1)
    visit(world, child(world), "hepb1", **SHEET)
    infant = child(world)
    with pytest.raises(LotBlocked):
        visit(world, infant, "hepb1", **SHEET)
    visit(world, infant, "hepb1", lot_reason="盘点时少登记一剂", **SHEET)
    dose = Dose.objects.get(visit__enrolment_id=infant.id)
    assert dose.posting_id is None and dose.despite == "盘点时少登记一剂" and left(row) == (0, 1, 0)


@pytest.mark.django_db
def test_a_contraindication_is_no_dose(world: World) -> None:
    """Found unfit at the check before: not written down as given, and told where to put it off."""
    stocked(world)
    for found in ("2", "3"):
        with pytest.raises(InvalidInput) as refusal:
            visit(world, child(world), "hepb1", **SHEET | {"contra": found})
        assert "暂缓或禁忌" in refusal.value.errors["contra"]
    assert not Dose.objects.exists()
