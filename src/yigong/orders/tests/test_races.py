"""Two connections at once: one wins, the other learns who was first."""

from functools import partial
from typing import Any

import pytest

from yigong.core.testing import race
from yigong.orders import api as orders
from yigong.orders.models import Order, OrderStudy, Report, ReportVersion
from yigong.orders.tests.world import BOOT, FINDINGS, make_world, person

pytestmark = pytest.mark.django_db(transaction=True)


def kinds(results: list[Any]) -> list[str]:
    """Class names of the outcomes, sorted."""
    return sorted(type(result).__name__ for result in results)


@pytest.mark.race("orders.claim")
def test_two_readers_claim_one_study() -> None:
    """One has it, the other is told who."""
    world = make_world()
    order = world.uploaded()
    results = race(
        lambda: orders.claim(order_id=order.id, actor=world.reader),
        lambda: orders.claim(order_id=order.id, actor=world.second_reader),
    )
    assert kinds(results) == ["NotYours", "ReportData"]


@pytest.mark.race("orders.claim_next")
def test_two_readers_take_the_next() -> None:
    """Two waiting studies, two readers: never the same one."""
    world = make_world()
    world.uploaded(), world.uploaded(repeat_reason_code="1")
    results = race(
        lambda: orders.claim_next(service_code="imaging", actor=world.reader),
        lambda: orders.claim_next(service_code="imaging", actor=world.second_reader),
    )
    assert len({r.order_id for r in results}) == 2


@pytest.mark.race("orders.accept_order")
def test_accept_and_reject_at_once() -> None:
    """One wins; the other is told the new state."""
    world = make_world()
    order = world.place(performing_institution_id=world.county)
    technician, other = person("钱技师", world.county, "technician"), person("孙技师", world.county, "technician")
    results = race(
        lambda: orders.accept_order(order_id=order.id, actor=technician),
        lambda: orders.reject_order(order_id=order.id, reason_code="equipment", actor=other),
    )
    # A rejection may also follow an acceptance lawfully, so what must never happen is an acceptance after a rejection.
    state = Order.objects.get(pk=order.id).state
    assert kinds(results) in (["OrderData", "WrongState"], ["OrderData", "OrderData"])
    assert state == "rejected"


@pytest.mark.race("orders.sign_report")
def test_two_reviewers_sign_at_once() -> None:
    """One version, one signature."""
    world = make_world()
    order = world.submitted()
    second = person("冯主任", world.county, "senior_radiologist")
    results = race(
        *(
            partial(lambda actor: orders.sign_report(order_id=order.id, actor=actor), one)
            for one in (world.reviewer, second)
        )
    )
    assert kinds(results) == ["ReportData", "WrongState"]
    assert ReportVersion.objects.filter(report__order_id=order.id).count() == 1


@pytest.mark.race("orders.place_order")
def test_a_double_click_places_one_order() -> None:
    """The same key on two connections gives one order to both."""
    world = make_world()
    first, second = race(lambda: world.place(idempotency_key="click"), lambda: world.place(idempotency_key="click"))
    assert first.id == second.id and Order.objects.count() == 1


@pytest.mark.race("orders.acknowledge_critical")
def test_two_people_acknowledge_one_critical_value() -> None:
    """One is recorded, the other learns who."""
    world = make_world()
    colleague = person("同事", world.township, "gp")
    order = world.uploaded()
    value = orders.flag_critical(order_id=order.id, item="perforation", detail="膈下游离气体", actor=world.reader)
    results = race(
        *(
            partial(lambda actor: orders.acknowledge_critical(critical_id=value.id, read_back=True, actor=actor), one)
            for one in (world.gp, colleague)
        )
    )
    assert kinds(results) == ["CriticalData", "WrongState"]


@pytest.mark.race("orders.study_received")
def test_one_study_arrives_twice_at_once() -> None:
    """The sender's retry makes no second study and no second report."""
    world = make_world()
    order = world.place()
    results = race(
        *(
            partial(
                lambda actor: orders.study_received(
                    order_id=order.id, study_uid="1.9.9", modality="DX", images=1, actor=actor
                ),
                one,
            )
            for one in (BOOT, BOOT)
        )
    )
    assert kinds(results) == ["OrderData", "OrderData"]
    assert OrderStudy.objects.count() == 1 and Report.objects.count() == 1


def test_a_draft_saved_in_two_windows_at_once() -> None:
    """One draft is kept, the other window is told."""
    world = make_world()
    order = world.uploaded()
    orders.claim(order_id=order.id, actor=world.reader)
    results = race(
        *(
            partial(
                lambda text: orders.save_draft(
                    order_id=order.id, draft={**FINDINGS, "impression": text}, draft_version=0, actor=world.reader
                ),
                one,
            )
            for one in ("甲", "乙")
        )
    )
    assert kinds(results) == ["DraftChanged", "int"]


@pytest.mark.race("orders.finish_performing")
def test_the_images_arrive_while_the_technician_finishes() -> None:
    """Both succeed in either order: the quality is written and the images are there."""
    world = make_world()
    order = world.place()
    for step in (orders.check_in, orders.start_performing):
        step(order_id=order.id, actor=world.technician)
    results = race(
        lambda: orders.finish_performing(order_id=order.id, actor=world.technician, detail={"quality": "A"}),
        lambda: orders.study_received(order_id=order.id, study_uid="1.2.9", modality="DX", images=1, actor=BOOT),
    )
    assert kinds(results) == ["OrderData", "OrderData"]
    assert Order.objects.get(pk=order.id).state == "uploaded"
