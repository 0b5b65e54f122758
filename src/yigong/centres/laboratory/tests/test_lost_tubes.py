"""Tubes that were ordered and not filled, and tubes that never reached the laboratory: one task each, another tube, nothing counted twice."""

from datetime import timedelta

import pytest

from yigong.centres.laboratory import api as laboratory
from yigong.centres.laboratory.commands import collecting, receiving, reviewing
from yigong.centres.laboratory.commands.errors import TubeElsewhere
from yigong.centres.laboratory.models import Tube
from yigong.centres.laboratory.queries import figures
from yigong.centres.laboratory.rules import catalogue
from yigong.centres.laboratory.tests.world import NORMAL, LabWorld
from yigong.core import clock
from yigong.core.actor import system
from yigong.core.errors import Forbidden
from yigong.core.states.clocks import sweep
from yigong.orders import api as orders
from yigong.orders.tests.world import browser_of
from yigong.tasks.models import Task

pytestmark = pytest.mark.django_db
LIMIT = timedelta(minutes=catalogue.rules().draw_minutes["routine"])


def open_tasks(order_id: object) -> list[str]:
    """The kinds of the open tasks about an order."""
    return sorted(Task.objects.filter(subject_id=order_id, state="open").values_list("kind", flat=True))


def test_the_nurse_replaces_a_spilled_tube(world: LabWorld) -> None:
    """From the order's page: a reason of the list, a new bar code on the same order, the old tube stays as lost; the order goes on with the new one
    and every figure counts one specimen."""
    order = world.collected("K")
    [old] = world.tubes(order)
    nurse = browser_of(world.nurse)
    assert f"/laboratory/tubes/{old.pk}/#lose" in nurse.get(f"/orders/{order.id}/").content.decode()
    page = f"/laboratory/tubes/{old.pk}/"
    assert nurse.post(page, {"action": "lose", "reason_code": "", "reason": ""}).status_code == 422
    assert nurse.post(page, {"action": "lose", "reason_code": "other", "reason": " "}).status_code == 422
    sent = nurse.post(page, {"action": "lose", "reason_code": "spilled"}, follow=True)
    fresh = Tube.objects.get(instead_of=old)
    assert sent.redirect_chain[-1][0] == f"/laboratory/tubes/{fresh.pk}/"
    shown = sent.content.decode()
    assert f"新条码 {fresh.number}" in shown and f"/laboratory/{order.id}/labels/" in shown and "洒漏" in shown
    old.refresh_from_db()
    assert (old.state, old.remark, fresh.items, fresh.order_id) == ("lost", "洒漏", old.items, old.order_id)
    told = nurse.get(f"/orders/{order.id}/").content.decode()
    assert "丢失或破损" in told and f"已改采 {fresh.number}" in told
    assert open_tasks(order.id) == ["laboratory.recollect"]
    with pytest.raises(TubeElsewhere, match="孙护士"):
        receiving.lose_tube(number=old.number, reason_code="lost", reason="", actor=world.nurse)
    assert Tube.objects.filter(order_id=order.id).count() == 2
    collecting.collect_tube(number=fresh.number, identity_checked=True, actor=world.nurse)
    receiving.receive_tube(number=fresh.number, actor=world.technician)
    today = clock.today()
    found = figures.figures(world.doctor, today, today)
    assert found["benches"] == [("BIO", 1, 0)] and found["lost"] == found["received"] == 1
    assert [count for _name, count, _rejected in found["collectors"]] == [1]
    rows = {
        view: figures.rows(world.doctor, today, today, view=view, value="BIO", page=1).total for view in ("lost", "bench", "")
    }  # fmt: skip
    assert rows == {"lost": 1, "bench": 1, "": 1}
    assert orders.order_facts(order.id).state == "uploaded" and not open_tasks(order.id)


def test_only_who_collects_or_receives_replaces_and_only_before_receipt(world: LabWorld) -> None:
    """A nurse of elsewhere is refused; a received tube is rejected, not lost."""
    order = world.collected("K")
    [tube] = world.tubes(order)
    lose = {"number": tube.number, "reason_code": "broken", "reason": ""}
    with pytest.raises(Forbidden):
        receiving.lose_tube(**lose, actor=world.village_doctor)
    receiving.receive_tube(number=tube.number, actor=world.technician)
    with pytest.raises(TubeElsewhere, match="已签收"):
        receiving.lose_tube(**lose, actor=world.nurse)


def test_a_rejected_tube_has_one_task(world: LabWorld) -> None:
    """Of the collector, with the tube's own time; the order's goes back without a second one."""
    order = world.received("K")
    receiving.reject_tube(number=world.tubes(order)[0].number, reason_code="07", reason="", actor=world.technician)
    assert orders.order_facts(order.id).state == "repeat" and open_tasks(order.id) == ["laboratory.recollect"]
    with clock.travel(timedelta(days=3)):
        sweep()
    assert open_tasks(order.id) == ["laboratory.recollect"]


def test_what_was_taken_again_may_be_spilled_too(world: LabWorld) -> None:
    """Rejected, drawn again, spilled before it was sent: a third tube waits and the order goes on to its report."""
    order = world.received("K")
    receiving.reject_tube(number=world.tubes(order)[0].number, reason_code="07", reason="", actor=world.technician)
    for _ in range(2):
        tube = world.tubes(order)[-1]
        collecting.collect_tube(number=tube.number, identity_checked=True, actor=world.nurse)
        receiving.lose_tube(number=tube.number, reason_code="spilled", reason="", actor=world.nurse)
        assert orders.order_facts(order.id).state == "repeat" and open_tasks(order.id) == ["laboratory.recollect"]
    last = world.tubes(order)[-1]
    collecting.collect_tube(number=last.number, identity_checked=True, actor=world.nurse)
    receiving.receive_tube(number=last.number, actor=world.technician)
    assert orders.order_facts(order.id).report_state == "unclaimed"


def test_tubes_that_nobody_fills_are_asked_for_once(world: LabWorld) -> None:
    """After the pack's time the collecting post has one task for all tubes of the order, printing labels does not put it off, and it ends with the
    last tube; the order's own reminder does not come beside it."""
    order = world.place("K", "LAB-CBC")
    first, second = world.tubes(order)
    with clock.travel(LIMIT - timedelta(minutes=1)):
        collecting.label_tubes(tube_ids=[first.pk], actor=world.nurse)
        sweep()
    assert not open_tasks(order.id)
    with clock.travel(LIMIT + timedelta(minutes=1)):
        sweep()
    task = Task.objects.get(kind="laboratory.draw")
    assert (
        task.role == "nurse"
        and task.institution_id == world.base.township
        and task.title.startswith("标本待采集：李秀英")
    )
    assert order.number in task.url and open_tasks(order.id) == ["laboratory.draw"]
    with clock.travel(timedelta(days=2)):
        sweep()
    assert open_tasks(order.id) == ["laboratory.draw"]
    assert first.number in browser_of(world.nurse).get(task.url).content.decode()
    for tube in (first, second):
        assert open_tasks(order.id) == ["laboratory.draw"]
        collecting.collect_tube(number=tube.number, identity_checked=True, actor=world.nurse)
    assert not open_tasks(order.id)


def test_what_nobody_accepted_or_somebody_cancelled_is_not_asked_for(world: LabWorld) -> None:
    """An order that waits for its acceptance has that task; a cancelled one none."""
    waiting = world.place("K", actor=world.village_doctor)
    with clock.travel(LIMIT + timedelta(minutes=1)):
        sweep()
        assert open_tasks(waiting.id) == ["order.accept"]
        orders.accept_order(order_id=waiting.id, actor=world.nurse)
    with clock.travel(3 * LIMIT):
        sweep()
        assert open_tasks(waiting.id) == ["laboratory.draw"]
        orders.cancel_order(order_id=waiting.id, reason="患者外出", actor=world.village_doctor)
    assert not open_tasks(waiting.id)


def test_abnormal_rows_stand_out(world: LabWorld) -> None:
    """Arrow, word and colour on the page of results, in the order and in print; the alarm names its analyte once, an analyser its values once."""
    order = world.entered(
        {**{code: NORMAL[code] for code in ("NA", "CL", "CA", "MG", "P")}, "K": "6.8", "NA": "130"}, "LAB-ELEC"
    )
    page = browser_of(world.technician).get(f"/laboratory/{order.id}/report/").content.decode()
    assert "↑↑ 危急高" in page and "↓ 偏低" in page and 'class="is-critical"' in page and 'class="is-abnormal"' in page
    assert "钾：6.80 mmol/L（高于危急限" in page
    reviewing.technical_review(order_id=order.id, comment="", actor=world.technician)
    report = orders.sign_report(order_id=order.id, actor=world.doctor)
    asker = browser_of(world.gp)
    shown = asker.get(f"/orders/{order.id}/").content.decode()
    assert 'class="is-bad"' in shown and 'class="is-warn"' in shown and "↑↑ 危急高" in shown
    assert asker.get(f"/orders/{order.id}/print/").content[:5] == b"%PDF-"
    assert report.current is not None
    [(_label, _heads, rows, tones)] = orders.service("laboratory").tables(report.current.sections)
    told = {row[0]: tone for row, tone in zip(rows, tones, strict=True)}
    assert (told["钾"], told["钠"], told["氯"]) == ("bad", "warn", "")


def test_an_analysers_value_names_it_once(world: LabWorld) -> None:
    """Values that came together have their source once above them, the analyser and the time."""
    order = world.received("K")
    laboratory.take_results(
        number=world.tubes(order)[0].number, readings=[laboratory.Reading(("K",), "4.1", "mmol/L")],
        instrument_id=world.instrument.pk, actor=system(world.instrument.name),
    )  # fmt: skip
    page = browser_of(world.technician).get(f"/laboratory/{order.id}/report/").content.decode()
    assert page.split("novalidate data-nodraft>")[1].split("</table>")[0].count(world.instrument.name) == 1
    assert f"来源：{world.instrument.name} " in page
