"""Recognising earlier results: shown with mark and savings, taken over or refused with a lawful reason, supervised and counted."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from yigong.core import clock
from yigong.core.errors import Conflict, Forbidden, InvalidInput
from yigong.core.testing import race
from yigong.orders import api as orders
from yigong.orders.commands import recognition
from yigong.orders.models import Order, OrderItem, Recognition, RepeatFinding
from yigong.orders.queries import recognition as figures
from yigong.orders.rules import recognition as rules
from yigong.orders.tests.world import CHEST, World, browser_of, make_world, person
from yigong.records.models import Document

ABDOMEN = orders.ItemInput("DR-ABD-UP", "腹部立位", "DR", "腹部", 6000, 14)
REFERENCE = "结果互认：胸部正位"


def source_of(world: World) -> OrderItem:
    """The item of a signed chest film."""
    order, _report = world.signed()
    return OrderItem.objects.get(order_id=order.id)


def request(world: World, items: list[Any], use: dict[str, int], **more: Any) -> Any:
    """What the request page sends."""
    given = {
        "service_code": "imaging", "resident_id": world.resident_id, "items": items, "use": use, "actor": world.gp,
        "performing_institution_id": world.township, "answers": {"pregnancy": "no"},
        "clinical": orders.Clinical(purpose="排除气胸", diagnosis="胸痛待查"),
    }  # fmt: skip
    return orders.order_or_recognise(**{**given, **more})


def test_a_recognised_item_is_dropped_and_its_reference_is_in_the_record(world: World) -> None:
    """Of two items one is recognised: the order has the other, the record the reference, and once more saves nothing more."""
    source = source_of(world)
    [seen] = orders.earlier_results(world.resident_id, [CHEST.code])
    assert seen.offered and seen.mark == "医共体HR" and seen.price == 6000 and seen.item_id == source.pk
    placed = request(world, [CHEST, ABDOMEN], {CHEST.code: source.pk})
    assert [item.code for item in placed.order.items] == ["DR-ABD-UP"]
    [document] = Document.objects.filter(title=REFERENCE)
    assert document.content["impression"] == "左侧气胸。" and document.content["number"] == source.order.number
    again = request(world, [CHEST], {CHEST.code: source.pk})
    assert again.order is None and again.recognised[0].again
    assert Recognition.objects.count() == 1


def test_refusing_needs_a_lawful_reason_and_the_last_one_words(world: World) -> None:
    """Without a reason nothing is written; reason six must be named; a reason per item is kept with its source."""
    source = source_of(world)
    with pytest.raises(InvalidInput, match="有效期内"):
        request(world, [CHEST, ABDOMEN], {})
    with pytest.raises(InvalidInput) as refusal:
        request(world, [CHEST], {}, repeat_reasons={CHEST.code: "6"})
    assert "repeat_reason" in refusal.value.errors
    placed = request(world, [CHEST, ABDOMEN], {}, repeat_reasons={CHEST.code: "1"}, repeat_reason="咯血加重，已告知")
    [kept] = Recognition.objects.all()
    assert (kept.decision, kept.reason_code, kept.order_id) == ("repeated", "1", placed.order.id)
    assert kept.source_item_id == source.pk and kept.explanation == "咯血加重，已告知"


def test_only_what_is_offered_can_be_recognised(world: World) -> None:
    """A result for another item or an expired one is refused; nothing half is written."""
    source = source_of(world)
    with pytest.raises(Conflict, match="失效"):
        request(world, [ABDOMEN], {ABDOMEN.code: source.pk})
    with clock.travel(timedelta(days=15)), pytest.raises(Conflict):
        request(world, [CHEST], {CHEST.code: source.pk})
    assert not Recognition.objects.exists() and Order.objects.count() == 1


def test_a_wider_result_answers_for_a_narrower_item_only(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mapping has a direction; a kind on no list is shown without being offered."""
    world.signed(items=[orders.ItemInput("DR-CHEST-PALAT", "胸部正侧位", "DR", "胸部", 9000, 14)])
    [seen] = orders.earlier_results(world.resident_id, ["DR-CHEST-PA"])
    assert seen.item_code == "DR-CHEST-PALAT" and seen.for_code == "DR-CHEST-PA"
    assert rules.answering(rules.rules(), ["DR-CHEST-PALAT"]) == {"DR-CHEST-PALAT": ("DR-CHEST-PALAT",)}
    monkeypatch.setattr(rules.rules(), "lists", [])
    [seen] = orders.earlier_results(world.resident_id, ["DR-CHEST-PA"])
    assert not seen.offered and "清单" in seen.note
    assert request(world, [CHEST], {}).order


def test_lists_hold_between_their_dates() -> None:
    """Not before the first day, not from the last one; the widest level counts."""
    pack = rules.rules()
    one = rules.RecognitionList("city", "imaging", clock.today(), clock.today() + timedelta(days=10), items=["X"])
    days = [one.holds("imaging", "X", "", clock.today() + timedelta(days=n)) for n in (-1, 0, 9, 10)]
    assert days == [False, True, True, False] and not one.holds("ecg", "X", "", clock.today())
    assert rules.widest_level(pack, service="imaging", code="X", group="DR", on=clock.today()) == "community"


def test_a_lapsed_assessment_suspends_by_itself(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is required: none, a passed one, one that has run out, and a later failed one."""
    source_of(world)
    monkeypatch.setattr(rules.rules().eqa, "required", ["imaging:DR"])
    manager, today = person("孙质控", world.county, "quality_manager"), clock.today()

    def offered() -> bool:
        [seen] = orders.earlier_results(world.resident_id, [CHEST.code])
        assert seen.offered or "质评" in seen.note
        return seen.offered

    def enter(begins: int, lasts: int, passed: bool, who: Any = manager) -> None:
        recognition.record_assessment(
            institution_id=world.township, service_code="imaging", group="DR", scheme="2026", score=Decimal(85),
            passed=passed, valid_from=today + timedelta(days=begins), valid_until=today + timedelta(days=begins + lasts), actor=who,
        )  # fmt: skip

    assert not offered()
    enter(-30, 33, True)
    assert offered()
    with clock.travel(timedelta(days=4)):
        assert not offered()
    enter(-2, 300, False)
    assert not offered()
    with pytest.raises(Conflict, match="登记过"):
        enter(-2, 300, False)
    with pytest.raises(Forbidden):
        enter(-1, 300, True, world.gp)
    with pytest.raises(InvalidInput):
        enter(0, 0, True)


def test_what_was_recognised_and_done_again_is_found_at_night(world: World) -> None:
    """A second film without reason is evidence; one with a lawful reason is not; a quality manager explains it once."""
    source = source_of(world)
    request(world, [CHEST], {CHEST.code: source.pk})
    assert recognition.find_repeats() == 0
    order = world.uploaded(repeat_reason_code="1")
    assert recognition.find_repeats() == 0
    Order.objects.filter(pk=order.id).update(repeat_reason_code="")
    assert recognition.find_repeats() == 1 and recognition.find_repeats() == 0
    finding = RepeatFinding.objects.get()
    manager = person("孙质控", world.county, "quality_manager")
    page = browser_of(manager)
    assert order.number in page.get("/orders/recognition/repeats/").content.decode()
    for nonsense in ("", "x", "9" * 40):
        assert page.post("/orders/recognition/repeats/", {"finding": nonsense, "explanation": "x"}).status_code == 404
    given = {"finding": finding.pk, "explanation": "患者跌倒，复查", "idempotency_key": str(uuid4())}
    assert page.post("/orders/recognition/repeats/", given).status_code == 302
    with pytest.raises(Conflict, match="孙质控"):
        recognition.explain_repeat(finding_id=finding.pk, explanation="x", actor=manager)


def test_rate_and_savings_open_their_rows(world: World) -> None:
    """The figures equal the rows behind them, by month and institution, and a taken-back one is not counted."""
    source = source_of(world)
    request(world, [CHEST], {CHEST.code: source.pk})
    request(world, [CHEST], {}, repeat_reasons={CHEST.code: "2"})
    director, today = person("院长", world.county, "director"), clock.today()
    [row] = figures.figures(director, since=today, until=today)
    assert (row.recognised, row.repeated, row.saved, row.rate) == (
        1,
        1,
        6000,
        0.5,
    ) and row.receiver_id == world.township
    for decision, count in (("recognised", row.recognised), ("repeated", row.repeated)):
        behind = figures.decisions(director, month=row.month, receiver=row.receiver_id, decision=decision)
        assert behind.count() == count
    page = browser_of(director)
    assert "60.00" in page.get("/orders/recognition/").content.decode()
    listed = page.get(f"/orders/recognition/rows/?month={today:%Y-%m}&at={world.township}&decision=recognised")
    assert listed.content.decode().count("医共体HR") == 1
    held = Recognition.objects.get(decision="recognised")
    with pytest.raises(InvalidInput):
        orders.withdraw_recognition(recognition_id=held.pk, reason=" ", actor=world.gp)
    orders.withdraw_recognition(recognition_id=held.pk, reason="认错了人", actor=world.gp)
    [row] = figures.figures(director, since=today, until=today)
    assert (row.recognised, row.saved) == (0, 0)
    assert Document.objects.get(title=REFERENCE).status == Document.Status.VOID


def test_the_request_page_decides_item_by_item(world: World) -> None:
    """The fragment offers both choices; posting “recognise” places no order and says what was saved."""
    source = source_of(world)
    gp, new = browser_of(world.gp), f"/orders/imaging/new/{world.resident_id}/"
    shown = gp.get(f"{new}check/?items={CHEST.code}").content.decode()
    assert f'value="use:{source.pk}"' in shown and "60.00" in shown and "病情变化" in shown
    given = {
        "items": CHEST.code, "performing": str(world.township), "priority": "routine", "diagnosis": "咳嗽", "purpose": "复查",
        "pregnancy": "no", f"decide_{CHEST.code}": f"use:{source.pk}", "idempotency_key": str(uuid4()),
    }  # fmt: skip
    answer = gp.post(new, given, follow=True)
    assert "已互认 1 项，节约 60.00 元" in answer.content.decode()
    assert Order.objects.count() == 1
    held, page = Recognition.objects.get(), f"/orders/{source.order_id}/"
    back = f"/orders/recognition/{held.pk}/withdraw/"
    assert back in gp.get(page).content.decode()
    assert back not in browser_of(world.reader).get(page).content.decode()
    gp.post(back, {"reason": "认错了人", "idempotency_key": str(uuid4())})
    shown = gp.get(page).content.decode()
    assert "认错了人" in shown and back not in shown


@pytest.mark.race("orders.recognise_results")
@pytest.mark.django_db(transaction=True)
def test_two_doctors_recognise_at_once() -> None:
    """One recognition, one document, one saving; the other answer says it was there."""
    world = make_world()
    source = source_of(world)
    results = race(*[lambda: request(world, [CHEST], {CHEST.code: source.pk})] * 2)
    assert sorted(one.recognised[0].again for one in results) == [False, True]
    assert Recognition.objects.count() == 1 and Document.objects.filter(title=REFERENCE).count() == 1
