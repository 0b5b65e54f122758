"""A failed test calls everything back since the last good one: packs, patients, to-dos, until each is settled."""

from datetime import timedelta
from time import perf_counter

import pytest

from yigong.centres.sterile.commands import loading, machines, monitoring, processing, recalling
from yigong.centres.sterile.models import Load, Machine, Pack, Recall, RecallItem, Round
from yigong.centres.sterile.tests.world import SterileWorld
from yigong.core import clock
from yigong.core.errors import DomainError
from yigong.core.states.clocks import sweep
from yigong.tasks.models import Task


def failed(world: SterileWorld, load: Load) -> Recall:
    """The biological result of this load is bad."""
    monitoring.record_result(load_id=load.pk, kind="biological", good=False, note="48 h 阳性", actor=world.technician)
    return Recall.objects.get(test__load=load)


def scattered(world: SterileWorld) -> tuple[list[str], Load]:
    """A good test, then three loads: one pack used, one received, one on the shelf, one still in the chamber."""
    (before,) = world.stored()
    monitoring.record_result(
        load_id=world.pack(before).round.load_id, kind="biological", good=True, actor=world.technician
    )
    used, received = world.stored(2)
    world.received([used, received])
    world.use(used)
    (shelf,) = world.stored()
    (chamber,) = world.prepared([world.packs()[0].label])
    load = world.cycled([chamber])
    return [used, received, shelf, chamber], load


def test_a_recall_finds_every_pack_and_patient(world: SterileWorld) -> None:
    """Since the last good test, wherever they are; the machine stops; each holder and each patient's institution has a to-do."""
    labels, load = scattered(world)
    row = failed(world, load)
    found = {item.round.label: item for item in row.items.select_related("round")}
    assert set(found) == set(labels)
    assert found[labels[0]].state == "exposed" and found[labels[0]].resident_id == world.resident_id
    assert {found[one].holder_id for one in labels[1:]} == {world.township, world.county}
    assert Machine.objects.get(pk=world.steriliser.pk).stopped_at is not None
    holders = Task.objects.filter(kind="sterile.recall", state="open").values_list("institution_id", "role")
    assert set(holders) == {
        (world.township, "nurse"),
        (world.county, "sterile_technician"),
        (world.county, "quality_manager"),
    }
    exposed = Task.objects.get(kind="sterile.exposed")
    assert (exposed.institution_id, exposed.resident_id) == (world.township, world.resident_id)


def test_recalled_packs_go_nowhere_but_back(world: SterileWorld) -> None:
    """No issue, no use, no release; sealed by the holder, recovered by the scan at the centre, assessed for the patient, then closed."""
    labels, load = scattered(world)
    row = failed(world, load)
    used, received, shelf, chamber = labels
    with pytest.raises(DomainError, match="正在召回"):
        world.use(received)
    with pytest.raises(DomainError, match="正在召回"):
        world.sent([shelf])
    with pytest.raises(DomainError, match="已停用"):
        loading.release_load(load_id=load.pk, actor=world.technician)
    with pytest.raises(DomainError, match="没有处置"):
        recalling.close_recall(recall_id=row.pk, note="查明原因", actor=world.technician)
    assert recalling.seal_all(recall_id=row.pk, institution_id=world.township, actor=world.nurse) == 1
    assert not Task.objects.filter(key=f"sterile.recall:{row.pk}:{world.township}", state="open").exists()
    for label in (received, shelf):
        assert processing.collect(code=label, actor=world.technician).pack.blocked is False
    loading.reject_load(load_id=load.pk, reason="生物监测不合格", actor=world.technician)
    item = row.items.get(resident_id__isnull=False)
    recalling.settle_item(item_id=item.pk, action="assess", note="已电话随访，无感染征象", actor=world.nurse)
    assert set(row.items.values_list("state", flat=True)) == {"recovered", "assessed"}
    recalling.close_recall(recall_id=row.pk, note="疏水阀堵塞，已更换", actor=world.technician)
    assert not Task.objects.filter(kind__startswith="sterile.", state="open", subject_id=row.pk).exists()
    assert world.pack(chamber).state == "sorted" and Pack.objects.filter(blocked=True).count() == 0
    assert Round.objects.get(label=used).used_at is not None


def test_a_stopped_machine_needs_three_good_empty_cycles(world: SterileWorld) -> None:
    """Fewer, or a bad one among the last three, and it stays out of use."""
    _labels, load = scattered(world)
    failed(world, load)

    def test(good: bool) -> None:
        monitoring.record_machine_test(
            machine_id=world.steriliser.pk,
            kind="biological",
            good=good,
            note="" if good else "阳性",
            actor=world.technician,
        )

    for good in (True, True, False, True, True):
        test(good)
    with pytest.raises(DomainError, match="现在有 2 次"):
        machines.resume_machine(machine_id=world.steriliser.pk, actor=world.technician)
    test(True)
    assert machines.resume_machine(machine_id=world.steriliser.pk, actor=world.technician).stopped_at is None


def test_a_recall_overdue_asks_the_quality_manager(world: SterileWorld) -> None:
    """The clock of each item rings once."""
    _labels, load = scattered(world)
    row = failed(world, load)
    with clock.travel(timedelta(hours=25)):
        sweep()
    late = Task.objects.filter(key__startswith="sterile.recall:late:", role="quality_manager")
    assert late.count() == row.items.count() == 4


def test_an_early_implant_that_fails_is_found_in_its_patient(world: SterileWorld) -> None:
    """Released early, implanted, then positive."""
    labels = world.prepared([world.packs(1, "GKZRW")[0].label])
    load = world.cycled(labels)
    loading.release_early(load_id=load.pk, reason="急诊手术", actor=world.technician)
    world.received(labels)
    world.use(labels[0])
    row = failed(world, load)
    assert [(item.state, item.resident_id) for item in row.items.all()] == [("exposed", world.resident_id)]
    assert row.since is None


def test_a_large_recall_takes_seconds(world: SterileWorld) -> None:
    """Two hundred packs since the last good test, found, blocked and told in one go; prints how long it took."""
    labels = [pack.label for _n in range(2) for pack in world.packs(100)]
    loads = []
    for place in range(0, 200, 100):
        part = labels[place : place + 100]
        # Straight to packed: what is measured is the recall.
        Pack.objects.filter(round__label__in=part).update(state="packed")
        Round.objects.filter(label__in=part).update(material="nonwoven")
        loads.append(loading.open_load(machine_id=world.steriliser.pk, programme="steam134", actor=world.technician))
        Round.objects.filter(label__in=part).update(
            load=loads[-1], sterilised_on=clock.today(), expires_on=clock.today()
        )
        Pack.objects.filter(round__label__in=part).update(state="stored")
        Load.objects.filter(pk=loads[-1].pk).update(state="released", started_at=clock.now(), finished_at=clock.now())
    begun = perf_counter()
    row = failed(world, Load.objects.get(pk=loads[-1].pk))
    took = perf_counter() - begun
    print(f"\nrecall of {row.items.count()} packs in {took:.2f} s")
    assert row.items.count() == 200 == RecallItem.objects.filter(state="wanted").count() and took < 10
