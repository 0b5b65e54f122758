"""Two at once: one container received twice, one cut twice, one scan twice, one slide lent twice and taken back twice, two readers on one case."""

from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import transaction

from yigong.centres.pathology.commands import bench, grossing, lending, receiving
from yigong.centres.pathology.models import Case, LoanItem, Specimen
from yigong.centres.pathology.tests.world import PathologyWorld, make_pathology_world
from yigong.core import clock
from yigong.core.errors import DomainError
from yigong.core.testing import race
from yigong.orders import api as orders
from yigong.orders.models import Report

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db: None) -> PathologyWorld:
    """A small county that other connections see."""
    return make_pathology_world()


def _one_wins(results: list[Any]) -> str:
    refused = [r for r in results if isinstance(r, DomainError)]
    assert len(refused) == 1 and sum(isinstance(r, Exception) for r in results) == 1, results
    return str(refused[0])


@pytest.mark.race("pathology.receive_container")
def test_one_container_received_twice(world: PathologyWorld) -> None:
    """pathology.receive_container: one wins, the other learns who; one number, one report."""
    order, row = world.sent()
    said = _one_wins(race(*(
        lambda actor=actor: receiving.receive_container(order_id=order.id, code=row.code, identity_checked=True, actor=actor)
        for actor in (world.technician, world.second_technician)
    )))  # fmt: skip
    assert "待取材" in said and ("冯技师" in said or "褚技师" in said)
    assert Case.objects.count() == Report.objects.count() == 1


def test_two_containers_of_one_order_received_at_once_make_one_case(world: PathologyWorld) -> None:
    """Both are accepted under one pathology number."""
    order, first = world.sent()
    second = world.add(order, "胃体黏膜")
    found = race(*(
        lambda code=code: receiving.receive_container(order_id=order.id, code=code, identity_checked=True, actor=world.technician)
        for code in (first.code, second.code)
    ))  # fmt: skip
    assert not any(isinstance(r, Exception) for r in found), found
    assert Case.objects.count() == 1


@pytest.mark.race("pathology.gross_container")
def test_two_people_cutting_get_different_blocks(world: PathologyWorld) -> None:
    """pathology.gross_container: the free numbers have one owner; both add a block, no code twice."""
    _order, row, _made = world.cut()
    found = race(*(
        lambda actor=actor: grossing.gross_container(code=row.code, description="", tissues=["补取"], actor=actor)
        for actor in (world.technician, world.second_technician)
    ))  # fmt: skip
    assert not any(isinstance(r, Exception) for r in found), found
    assert sorted(b.code[-2:] for b in Specimen.objects.filter(kind="block")) == ["A1", "A2", "A3"]


def test_counting_the_blocks_would_give_one_number_twice(world: PathologyWorld) -> None:
    """The naive way (count, then one more) gives both the same number."""
    _order, row, _made = world.cut()
    looked = Barrier(2)

    def naive() -> int:
        with transaction.atomic():
            number = Specimen.objects.filter(parent=row, kind="block").count() + 1
            looked.wait()
            return number

    assert race(naive, naive) == [2, 2]


@pytest.mark.race("pathology.pass_station")
def test_one_scan_twice_is_one_step(world: PathologyWorld) -> None:
    """pathology.pass_station: the second scan is told where the block is."""
    _order, _row, (block, _slide) = world.cut()
    act = lambda: bench.pass_station(station="process", code=block.code, actor=world.technician)  # noqa: E731
    assert "脱水中" in _one_wins(race(act, act))


def _loan(world: PathologyWorld, code: str) -> dict[str, Any]:
    return {
        "codes": [code], "borrower": "李强", "relation": "子女", "phone": "139", "destination": "省肿瘤医院", "purpose": "会诊",
        "due_on": clock.today() + timedelta(days=5), "deposit": 0, "promised": True,
    }  # fmt: skip


@pytest.mark.race("pathology.lend")
def test_one_slide_lent_twice(world: PathologyWorld) -> None:
    """pathology.lend: one loan; the other learns who lent it."""
    _order, _block, slide = world.slides()
    said = _one_wins(race(*(
        lambda actor=actor: lending.lend(**_loan(world, slide.code), actor=actor) for actor in (world.technician, world.second_technician)
    )))  # fmt: skip
    assert "借出" in said and LoanItem.objects.count() == 1


@pytest.mark.race("pathology.take_back")
def test_one_slide_taken_back_twice(world: PathologyWorld) -> None:
    """pathology.take_back: it is back once, the loan is settled once."""
    _order, _block, slide = world.slides()
    loan = lending.lend(**_loan(world, slide.code), actor=world.technician)
    act = lambda: lending.take_back(code=slide.code, actor=world.technician)  # noqa: E731
    assert "已归档" in _one_wins(race(act, act))
    loan.refresh_from_db()
    assert loan.state == "closed"


@pytest.mark.race("orders.claim")
def test_two_readers_on_one_case(world: PathologyWorld) -> None:
    """orders.claim on a pathology report: one reads, the other learns who."""
    order, _block, _slide = world.slides()
    said = _one_wins(
        race(
            *(
                lambda actor=actor: orders.claim(order_id=order.id, actor=actor)
                for actor in (world.reader, world.second_reader)
            )
        )
    )
    assert "卫医师" in said or "蒋医师" in said
