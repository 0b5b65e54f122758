"""Two at once: one tube received twice, one filled twice, one report signed by two, one hold released twice."""

from threading import Barrier
from typing import Any

import pytest
from django.db import transaction

from yigong.centres.laboratory.commands import collecting, quality, receiving, reviewing
from yigong.centres.laboratory.models import QualityHold, Tube
from yigong.centres.laboratory.tests.world import LabWorld, make_lab_world
from yigong.core.errors import DomainError
from yigong.core.testing import race
from yigong.orders import api as orders
from yigong.orders.models import Report

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db: None) -> LabWorld:
    """A small county that other connections see."""
    return make_lab_world()


def _one_wins(results: list[Any]) -> str:
    refused = [r for r in results if isinstance(r, DomainError)]
    assert len(refused) == 1 and sum(isinstance(r, Exception) for r in results) == 1, results
    return str(refused[0])


@pytest.mark.race("laboratory.receive_tube")
@pytest.mark.race("orders.material_received")
def test_one_tube_received_twice(world: LabWorld) -> None:
    """laboratory.receive_tube: one wins, the other learns who; the order is uploaded once."""
    order = world.collected("K")
    number = world.tubes(order)[0].number
    said = _one_wins(race(*(
        lambda actor=actor: receiving.receive_tube(number=number, actor=actor) for actor in (world.technician, world.second_technician)
    )))  # fmt: skip
    assert "已签收" in said and ("冯技师" in said or "褚技师" in said)
    assert Report.objects.filter(order_id=order.id).count() == 1


def test_looking_first_would_receive_it_twice(world: LabWorld) -> None:
    """The naive way (look at the state, then write) lets both go on."""
    order, looked = world.collected("K"), Barrier(2)
    number = world.tubes(order)[0].number

    def naive() -> bool:
        with transaction.atomic():
            free = Tube.objects.get(number=number).state == "collected"
            looked.wait()
            return free and bool(Tube.objects.filter(number=number).update(state="accepted"))

    assert race(naive, naive) == [True, True]


@pytest.mark.race("laboratory.lose_tube")
def test_one_tube_lost_twice(world: LabWorld) -> None:
    """laboratory.lose_tube: the nurse and the laboratory say so at once: one tube takes its place; the other learns who was first."""
    order = world.collected("K")
    number = world.tubes(order)[0].number
    said = _one_wins(race(*(
        lambda actor=actor: receiving.lose_tube(number=number, reason_code="spilled", reason="", actor=actor)
        for actor in (world.nurse, world.technician)
    )))  # fmt: skip
    assert "丢失或破损" in said and ("孙护士" in said or "冯技师" in said)
    assert Tube.objects.filter(order_id=order.id).count() == 2


@pytest.mark.race("laboratory.collect_tube")
def test_one_tube_filled_twice(world: LabWorld) -> None:
    """laboratory.collect_tube: the second scan is refused."""
    number = world.tubes(world.place("K"))[0].number
    act = lambda: collecting.collect_tube(number=number, identity_checked=True, actor=world.nurse)  # noqa: E731
    assert "已采集" in _one_wins(race(act, act))


def test_two_tubes_of_one_order_received_at_once_make_one_report(world: LabWorld) -> None:
    """orders.material_received: both tubes are accepted, the order is uploaded once."""
    order = world.collected("K", "LAB-CBC")
    one, two = (t.number for t in world.tubes(order))
    found = race(*(lambda n=n: receiving.receive_tube(number=n, actor=world.technician) for n in (one, two)))
    assert not any(isinstance(r, Exception) for r in found), found
    assert Report.objects.filter(order_id=order.id).count() == 1


def test_two_reviewers_sign_once(world: LabWorld) -> None:
    """orders.sign_report with the laboratory's hook: one version, one set of values."""
    order = world.entered({"K": "4.0"}, "K")
    reviewing.technical_review(order_id=order.id, comment="", actor=world.technician)
    _one_wins(race(*(
        lambda actor=actor: orders.sign_report(order_id=order.id, actor=actor) for actor in (world.doctor, world.second_doctor)
    )))  # fmt: skip
    report = orders.report_of(order.id, actor=world.technician)
    assert report and len(report.versions) == 1


@pytest.mark.race("laboratory.release_hold")
def test_one_hold_released_twice(world: LabWorld) -> None:
    """laboratory.release_hold: the second learns who was first."""
    from decimal import Decimal as D

    from yigong.core import clock

    lot = quality.add_lot(
        instrument_id=world.instrument.pk, material="质控", level=1, number="L1", expires_on=clock.today(),
        targets={"K": (D("4"), D("0.1"))}, actor=world.technician,
    )  # fmt: skip
    quality.add_point(target_id=lot.targets.get().pk, value=D("4.5"), actor=world.technician)
    hold = QualityHold.objects.get()
    said = _one_wins(race(*(
        lambda actor=actor: quality.release_hold(hold_id=hold.pk, reason="复测在控", actor=actor)
        for actor in (world.doctor, world.second_doctor)
    )))  # fmt: skip
    assert "已由" in said
