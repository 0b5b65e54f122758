"""Two connections at once: one wins, the other learns who was first."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from yigong.core import clock
from yigong.core.testing import race
from yigong.orders import api as orders
from yigong.orders.data import RequestPart
from yigong.orders.models import Order, OrderStudy, QualitySample, Report, ReportVersion
from yigong.orders.tests.world import BOOT, FINDINGS, make_world, person

pytestmark = pytest.mark.django_db(transaction=True)

CHEST_REQUEST = RequestPart(items=("DR-CHEST-PA",))


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


@pytest.mark.race("orders.rewrite_report")
def test_two_readers_write_a_withdrawn_report_anew() -> None:
    """One holds it."""
    world = make_world()
    order, _report = world.signed()
    orders.withdraw_report(order_id=order.id, reason="左右写反", actor=world.reviewer)
    results = race(
        lambda: orders.rewrite_report(order_id=order.id, actor=world.reader),
        lambda: orders.rewrite_report(order_id=order.id, actor=world.second_reader),
    )
    assert kinds(results) == ["ReportData", "WrongState"]


@pytest.mark.race("orders.draw_round")
def test_two_managers_draw_one_month() -> None:
    """One draw, one seed; the other is told who drew."""
    world = make_world()
    world.signed()
    managers = [person(name, world.county, "quality_manager") for name in ("质控甲", "质控乙")]
    day = clock.today()

    def draw(actor: Any) -> Any:
        with clock.travel(timedelta(days=40)):
            return orders.draw_round(definition="imaging-image", period=day, actor=actor)

    results = race(*(partial(draw, one) for one in managers))
    assert kinds(results) == ["AlreadyDrawn", "QualityRound"] and QualitySample.objects.count() == 1


@pytest.mark.race("orders.read_again")
@pytest.mark.race("orders.score_sample")
def test_two_experts_read_and_score_one_report() -> None:
    """One reading and one score are kept; the other learns who was first."""
    world = make_world()
    world.signed()
    manager = person("质控员", world.county, "quality_manager")
    one, two = (person(name, world.county, "senior_radiologist") for name in ("专家甲", "专家乙"))
    day = clock.today()
    with clock.travel(timedelta(days=40)):
        draws = [
            orders.draw_round(definition=code, period=day, actor=manager)
            for code in ("imaging-report", "imaging-image")
        ]
    report, image = (draw.samples.get() for draw in draws)
    read = race(
        *(partial(orders.read_again, sample_id=report.pk, positive=True, text="气胸", actor=who) for who in (one, two))
    )
    typed = {"defects": ["none"]}
    score = race(*(partial(orders.score_sample, sample_id=image.pk, typed=typed, actor=who) for who in (one, two)))
    assert kinds(read) == kinds(score) == ["QualitySample", "WrongState"]


@pytest.mark.race("orders.write_template")
def test_two_doctors_write_the_next_version_of_one_template() -> None:
    """One version follows the first; the other is told that there is a newer one."""
    world = make_world()
    words = orders.TemplateText("胸部 正常", "zc", {"impression": "未见异常。"})
    heads = [person(name, world.county, "senior_radiologist") for name in ("主任甲", "主任乙")]
    row = orders.write_template(service_code="imaging", given=words, actor=heads[0], shared=True)
    write = partial(orders.write_template, service_code="imaging", given=words, template_id=row.pk, base=1)
    assert kinds(race(*(partial(write, actor=one) for one in heads))) == ["TemplateChanged", "TextTemplate"]


@pytest.mark.race("orders.write_template")
def test_two_colleagues_write_the_next_version_of_one_request_template() -> None:
    """The second is told of the first one's version; on it he saves his own, and nothing of either is lost."""
    world = make_world()
    texts = {
        name: orders.TemplateText(name, "", {"purpose": f"{name}的写法"}, request=CHEST_REQUEST)
        for name in ("甲", "乙")
    }
    people = {name: person(name, world.township, "gp") for name in texts}
    row = orders.write_template(service_code="imaging", given=texts["甲"], actor=people["甲"], shared=True)
    write = partial(orders.write_template, service_code="imaging", template_id=row.pk)
    results = race(*(partial(write, given=texts[name], actor=people[name], base=1) for name in texts))
    assert kinds(results) == ["TemplateChanged", "TextTemplate"]
    first = row.versions.get(number=2).by_name
    second = next(name for name in texts if name != first)
    write(given=texts[second], actor=people[second], base=2)
    assert [v.by_name for v in row.versions.order_by("number")] == ["甲", first, second]
