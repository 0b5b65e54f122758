"""A refrigerator out of its range puts its vaccine aside until a person has judged it; the visit offers only what may be given."""

from datetime import date, timedelta
from typing import Any

import pytest

from yigong.core import clock
from yigong.core.errors import DomainError, Forbidden, InvalidInput
from yigong.core.testing import race
from yigong.programmes import api
from yigong.programmes.errors import Unconfirmed
from yigong.programmes.models import Due, Site, SiteRecord, VaccineLot
from yigong.programmes.queries.stock import GIVEN, HELD, SPOILT, STOCK, balances, shelf
from yigong.tasks.models import Task

from .test_pages import signed_in
from .test_vaccines import LOT, SHEET, child, stocked
from .world import World, enrolled, later, make_world, visit


def fridge(world: World, name: str = "1号冰箱", actor: Any = None) -> Site:
    """A refrigerator of the village, under watch for a month."""
    since = clock.today() - timedelta(days=30)
    return api.add_site(programme="cold_chain", kind="fridge", name=name, actor=actor or world.doctor, since=since)


def measured(world: World, site: Site, celsius: str, *, on: date | None = None, actor: Any = None) -> SiteRecord:
    """The morning's temperature."""
    answers = {"store": "1", "celsius": celsius}
    return api.record_activity(
        programme="cold_chain", activity="morning", site_id=site.id, answers=answers, actor=actor or world.doctor, on=on
    )


def doses(row: VaccineLot) -> tuple[int, int, int, int]:
    """In stock, held, given, spoilt."""
    found = balances([row.id])[row.id]
    return found[STOCK], found[HELD], found[GIVEN], found[SPOILT]


def state(row: VaccineLot) -> str:
    """As it is now."""
    return VaccineLot.objects.get(pk=row.id).state


@pytest.mark.django_db
@pytest.mark.parametrize(("celsius", "held"), [("2.0", False), ("8.0", False), ("8.1", True), ("1.9", True)])
def test_both_sides_of_the_range(world: World, celsius: str, held: bool) -> None:
    """2 and 8 degrees are within, a tenth beyond is not."""
    site = fridge(world)
    row = stocked(world, store_id=site.id)
    measured(world, site, celsius)
    assert (state(row) == "held") is held and doses(row) == ((0, 3, 0, 0) if held else (3, 0, 0, 0))


@pytest.mark.django_db
def test_from_the_excursion_to_the_judgement(world: World) -> None:
    """What lay there, or may have, is put aside at once; every attempt to give it is told why; a manager releases one lot and discards another."""
    warm, good = fridge(world), fridge(world, "2号冰箱")
    here = stocked(world, store_id=warm.id)
    unknown = stocked(world, lot="B202602")
    safe = stocked(world, lot="B202603", store_id=good.id)
    empty = stocked(world, doses=1, lot="B202604", store_id=warm.id)
    visit(world, child(world), "hepb1", **SHEET | {"lot": "B202604"})
    elsewhere = stocked(world, actor=world.nurse)
    before = enrolled(world, "vaccination", resident_id=world.person(months=2), on=clock.today() - timedelta(days=20))
    record = measured(world, warm, "9.6")
    assert [state(r) for r in (here, unknown, safe, empty, elsewhere)] == ["held", "held", "usable", "usable", "usable"]
    with pytest.raises(InvalidInput) as refusal:
        visit(world, child(world), "hepb1", **SHEET)
    assert "1号冰箱" in refusal.value.errors["lot"] and "判定之前不能接种" in refusal.value.errors["lot"]
    with pytest.raises(InvalidInput):
        stocked(world)  # nothing is added to it meanwhile
    visit(world, before, "hepb1", on=clock.today() - timedelta(days=2), **SHEET)  # given before, entered late
    assert doses(here) == (0, 2, 1, 0)
    task = Task.objects.get(kind="programmes.held", state="open")
    assert task.institution_id == world.township.id and task.role == "township_manager"
    assert "1号冰箱" in task.title and "9.6" in task.title and "2 个批号已停用" in task.title

    doctor, manager = signed_in(world.doctor), signed_in(world.manager)
    page = doctor.get(f"/programmes/activities/{record.id}/").content.decode()
    assert LOT in page and "B202602" in page and "B202603" not in page and "/release/" not in page
    assert "超温 冷藏（2–8 ℃）" in doctor.get(f"/programmes/vaccines/{here.id}/").content.decode()
    with pytest.raises(Forbidden):
        api.judge_lot(lot_id=here.id, action="release", reason="看着没事", actor=world.doctor)
    api.void_record(record_id=record.id, reason="看错温度计", actor=world.doctor)
    assert state(here) == "held", "a record taken back is a ground for the judgement, not the judgement"
    assert "/release/" in manager.get(task.url).content.decode()
    refused = manager.post(f"/programmes/vaccines/{here.id}/release/", {"reason": "", "next": task.url}, follow=True)
    assert "请填写判定可用的原因" in refused.content.decode() and state(here) == "held"
    manager.post(f"/programmes/vaccines/{here.id}/release/", {"reason": "县疾控复函：可继续使用", "next": task.url})
    assert state(here) == "usable" and doses(here) == (2, 0, 1, 0) and Task.objects.get(pk=task.pk).state == "open"
    manager.post(f"/programmes/vaccines/{unknown.id}/discard/", {"reason": "县疾控复函：报废"})
    assert (
        state(unknown) == "discarded"
        and doses(unknown) == (0, 0, 0, 3)
        and Task.objects.get(pk=task.pk).state == "done"
    )
    assert "县疾控复函：可继续使用" in doctor.get(f"/programmes/vaccines/{here.id}/").content.decode()
    visit(world, child(world), "hepb1", **SHEET)
    stocked(world, lot="B202602", store_id=good.id)
    assert state(unknown) == "usable" and doses(unknown) == (3, 0, 0, 3)


@pytest.mark.django_db
def test_what_was_moved_and_what_was_recalled(world: World) -> None:
    """An excursion entered late concerns what lay there that day; a recall does not judge the temperature."""
    one, two = fridge(world), fridge(world, "2号冰箱")
    row, doctor = stocked(world, store_id=one.id), signed_in(world.doctor)
    doctor.post(f"/programmes/vaccines/{row.id}/move/", {"store_id": str(two.id)})
    assert "2号冰箱</a>" in doctor.get(f"/programmes/vaccines/{row.id}/").content.decode()
    api.move_lot(lot_id=row.id, store_id=one.id, actor=world.doctor)
    with later(days=5):
        api.move_lot(lot_id=row.id, store_id=two.id, actor=world.doctor)
    with later(days=6):
        measured(world, one, "12")
        assert state(row) == "usable"
        measured(world, one, "12", on=clock.today() - timedelta(days=4))
        assert state(row) == "held"
        api.judge_lot(lot_id=row.id, action="recall", reason="召回通知", actor=world.manager)
        api.judge_lot(lot_id=row.id, action="lift", reason="通知撤回", actor=world.manager)
        assert state(row) == "held" and doses(row) == (0, 3, 0, 0)
        api.judge_lot(lot_id=row.id, action="recall", reason="召回通知", actor=world.manager)
        api.judge_lot(lot_id=row.id, action="discard", reason="按通知销毁", actor=world.manager)
        assert state(row) == "discarded" and doses(row) == (0, 0, 0, 3)
    with pytest.raises(InvalidInput):
        api.move_lot(lot_id=row.id, store_id=fridge(world, "卫生院冰箱", world.nurse).id, actor=world.doctor)


@pytest.mark.django_db
def test_the_visit_offers_what_may_be_given(world: World) -> None:
    """By tap: the fitting vaccine first, the one that expires first before the others; nothing held, expired, recalled, stopped, used up or elsewhere."""
    site, today = fridge(world), clock.today()
    soon = stocked(world, lot="SOON", expires_on=today + timedelta(days=40))
    late = stocked(world, lot="LATE", expires_on=today + timedelta(days=400))
    stocked(world, lot="OTHER", product="皮内注射用卡介苗")
    held, stopped, used = (stocked(world, lot=name, store_id=site.id, doses=1) for name in ("HELD", "STOPPED", "USED"))
    recalled = stocked(world, lot="RECALLED", actor=world.nurse)
    stocked(world, lot="RECALLED"), stocked(world, lot="ELSEWHERE", actor=world.nurse)
    api.judge_lot(lot_id=recalled.id, action="recall", reason="召回", actor=world.manager)
    api.judge_lot(lot_id=stopped.id, action="stop", reason="疑问", actor=world.doctor)
    visit(world, child(world), "hepb1", **SHEET | {"lot": "USED"})
    api.move_lot(lot_id=soon.id, store_id=fridge(world, "2号").id, actor=world.doctor)
    VaccineLot.objects.filter(pk=late.id).update(state="usable")
    for row in VaccineLot.objects.filter(lot__in=["LATE", "OTHER"], institution_id=world.village.id):
        api.move_lot(lot_id=row.id, store_id=Site.objects.get(name="2号").id, actor=world.doctor)
    measured(world, site, "9.0")
    row = child(world)
    due = Due.objects.get(enrolment_id=row.id, stage="hepb1")
    page = signed_in(world.doctor).get(f"/programmes/due/{due.id}/").content.decode()
    offered = [part.split("</small>")[0] for part in page.split("data-fill=")[1:]]
    assert [name for part in offered for name in ("SOON", "LATE", "OTHER") if name in part.split("<small>")[1]] == [
        "SOON",
        "LATE",
        "OTHER",
    ]
    barred = page.split('class="p-barred"')[1].split("</ul>")[0]
    assert all(name in barred for name in ("HELD", "STOPPED", "RECALLED")) and "USED" not in barred
    assert len(offered) == 3 and "其他疫苗（1）" in page and state(held) == "held" and doses(used) == (0, 0, 1, 0)
    with later(days=41):
        found = shelf("vaccination", world.village.id).choices("hepb")
        assert [c.lot for c in found.offered + found.others] == ["LATE", "OTHER"]
        assert {c.lot: c.why.split(" ")[-1] for c in found.barred}["SOON"] == "已过期"


@pytest.mark.race("programmes.record_activity")
@pytest.mark.django_db(transaction=True)
def test_a_dose_in_the_same_instant(transactional_db: None) -> None:
    """Given just before, or refused: never a dose from a lot that is held, and the ledger adds up."""
    world = make_world()
    site, infant = fridge(world), child(world)
    row = stocked(world, doses=2, store_id=site.id)
    given, record = race(
        lambda: visit(world, infant, "hepb1", actor=world.colleague, **SHEET), lambda: measured(world, site, "9.0")
    )
    assert isinstance(record, SiteRecord), record
    assert doses(row) == ((0, 2, 0, 0) if isinstance(given, DomainError) else (0, 1, 1, 0)) and state(row) == "held"


@pytest.mark.django_db
def test_another_vaccine_than_this_visits(world: World) -> None:
    """Asked back and confirmed, or not given; where the right one waits for a judgement the form says so."""
    site = fridge(world)
    stocked(world, store_id=site.id)
    stocked(world, lot="KJ01", product="皮内注射用卡介苗", store_id=fridge(world, "2号").id)
    wrong = SHEET | {"lot": "KJ01", "product": "皮内注射用卡介苗"}
    with pytest.raises(Unconfirmed) as told:
        visit(world, child(world), "hepb1", **wrong)
    assert "乙肝疫苗第1剂" in told.value.errors["product"] and "卡介苗" in told.value.errors["product"]
    visit(world, child(world), "bcg1", **wrong)
    visit(world, child(world), "hepb1", confirmed=True, **wrong)
    measured(world, site, "10")
    due = Due.objects.get(enrolment_id=child(world).id, stage="hepb1")
    page = signed_in(world.doctor).get(f"/programmes/due/{due.id}/").content.decode()
    assert "本机构没有可用的这种疫苗" in page and "超温停用，待判定" in page and "其他疫苗（1）" in page
