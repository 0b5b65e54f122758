"""Two at once: one pack issued or used twice, one cycle released twice, one scan undone twice, one result told twice."""

from collections.abc import Callable
from threading import Barrier
from typing import Any

import pytest

from yigong.centres.sterile.commands import loading, monitoring, supplying, undoing
from yigong.centres.sterile.data import Context
from yigong.centres.sterile.models import Pack, Recall, Round, Scan
from yigong.centres.sterile.tests.test_conservation import check_conserved
from yigong.centres.sterile.tests.world import SterileWorld, make_sterile_world
from yigong.core.errors import DomainError
from yigong.core.testing import race

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db: None) -> SterileWorld:
    """A small county that other connections see."""
    return make_sterile_world()


def one_wins(results: list[Any]) -> str:
    """Exactly one refusal; its sentence."""
    refused = [r for r in results if isinstance(r, Exception)]
    assert len(refused) == 1 and isinstance(refused[0], DomainError), results
    check_conserved()
    return str(refused[0])


@pytest.mark.race("sterile.issue")
def test_a_pack_is_issued_once(world: SterileWorld) -> None:
    """sterile.issue: two people, two deliveries; the second reads who was first."""
    (label,) = world.stored()
    rows = [world.delivery(), world.delivery(world.other)]
    said = one_wins(race(*(_issuing(world, label, row.pk) for row in rows)))
    assert "已发放" in said and "孙消毒" in said
    assert Scan.objects.filter(action="issue").count() == 1


def _issuing(world: SterileWorld, label: str, delivery: Any) -> Callable[[], Any]:
    return lambda: supplying.issue(code=label, actor=world.technician, context=Context(delivery_id=delivery))


@pytest.mark.race("sterile.use")
def test_a_pack_is_used_once(world: SterileWorld) -> None:
    """sterile.use: scanned in two rooms at once."""
    (label,) = world.received(world.stored())
    said = one_wins(race(lambda: world.use(label), lambda: world.use(label)))
    assert "已使用" in said and Scan.objects.filter(action="use").count() == 1


def test_looking_first_would_use_it_twice(world: SterileWorld) -> None:
    """The naive order (look, then write) lets both look before either writes: both would have been told that it is theirs."""
    (label,) = world.received(world.stored())
    looked = Barrier(2)

    def naive() -> str:
        free = Pack.objects.get(round__label=label).state == "received"
        looked.wait()
        if free:
            Pack.objects.filter(round__label=label).update(state="used")
        return "mine" if free else ""

    assert race(naive, naive) == ["mine", "mine"]


@pytest.mark.race("sterile.release_load")
def test_a_cycle_is_released_once(world: SterileWorld) -> None:
    """sterile.release_load: its packs come to the store once."""
    load = world.cycled(world.prepared([pack.label for pack in world.packs(2)]))
    said = one_wins(race(*[lambda: loading.release_load(load_id=load.pk, actor=world.technician)] * 2))
    assert "已放行" in said and Scan.objects.filter(action="store").count() == 2


@pytest.mark.race("sterile.undo")
def test_a_scan_is_undone_once(world: SterileWorld) -> None:
    """sterile.undo: two clicks go back one step or one each, never one step twice; the ledger follows."""
    (label,) = world.received(world.stored())
    world.use(label)
    results = race(*[lambda: undoing.undo_last(code=label, reason="扫错", actor=world.nurse)] * 2)
    assert any(not isinstance(one, Exception) for one in results), results
    assert Scan.objects.filter(undoes__action="use").count() == 1
    check_conserved()


@pytest.mark.race("sterile.record_result")
def test_a_bad_result_recalls_once(world: SterileWorld) -> None:
    """sterile.record_result: told by two people, one recall."""
    (label,) = world.stored()
    load = Round.objects.get(label=label).load_id

    def tell() -> Any:
        return monitoring.record_result(
            load_id=load, kind="biological", good=False, note="阳性", actor=world.technician
        )

    assert "已经登记过" in one_wins(race(tell, tell))
    assert Recall.objects.count() == 1


def test_a_use_and_a_recall_at_once_miss_nothing(world: SterileWorld) -> None:
    """Either the use came first and the patient is on the list, or the pack is blocked and the use was refused."""
    (label,) = world.received(world.stored())
    load = Round.objects.get(label=label).load_id

    def fail() -> Any:
        return monitoring.record_result(
            load_id=load, kind="biological", good=False, note="阳性", actor=world.technician
        )

    used, told = race(lambda: world.use(label), fail)
    assert not isinstance(told, Exception), told
    item = Recall.objects.get().items.get()
    assert item.state == ("wanted" if isinstance(used, Exception) else "exposed")
    check_conserved()
