"""From the order to the record, and everything that may go wrong on the way."""

from dataclasses import replace
from datetime import time
from decimal import Decimal as D

import pytest

from yigong.centres.laboratory import api as laboratory
from yigong.centres.laboratory.commands import collecting, quality, receiving, results, reviewing
from yigong.centres.laboratory.commands.errors import (
    NoSuchTube,
    NotAtLaboratory,
    TooLate,
    TubeElsewhere,
    UnknownAnalyte,
    WrongBox,
)
from yigong.centres.laboratory.models import OutsideLaboratory, TestResult, Tube
from yigong.centres.laboratory.tests.world import LabWorld
from yigong.core import clock
from yigong.core.errors import Conflict, DomainError, Forbidden, InvalidInput
from yigong.core.events.relay import deliver_waiting
from yigong.core.states.clocks import sweep
from yigong.logistics import api as logistics
from yigong.logistics.events import ConsignmentFailed
from yigong.orders import api as orders
from yigong.orders.commands.errors import NotReady, SecondSignature
from yigong.orders.tests.world import BOOT, browser_of, person
from yigong.records.models import Result
from yigong.tasks.models import Task

pytestmark = pytest.mark.django_db


def test_an_order_makes_its_tubes_and_takes_the_price_of_the_askers_level(world: LabWorld) -> None:
    """Two containers for a count and the salts; the township pays its own price, the village its own."""
    order = world.place("LAB-CBC", "LAB-ELEC", "K")
    assert sorted(t.tube for t in world.tubes(order)) == ["purple", "yellow"]
    assert {i.code: i.price for i in order.items} == {"LAB-CBC": 1500, "LAB-ELEC": 2800, "K": 500}
    numbers = {t.number for t in world.tubes(order)}
    assert all(len(n) == 16 and n.isdigit() for n in numbers) and len(numbers) == 2
    village = world.place(
        "LAB-ELEC", actor=world.village_doctor, performing_institution_id=world.base.village, repeat_reason_code="1"
    )
    assert village.items[0].price == 2600


def test_the_whole_loop_files_every_value(world: LabWorld) -> None:
    """Collected, boxed, sent, received, measured, reviewed by two, in the record item by item and as a document."""
    order = world.place("K", "LAB-CBC")
    for tube in world.tubes(order):
        collecting.collect_tube(number=tube.number, identity_checked=True, actor=world.nurse)
    assert orders.order(order.id, actor=world.gp).state == "acquired"
    box = collecting.open_box(temperature="2-8", actor=world.nurse)
    for tube in world.tubes(order):
        collecting.pack_tube(box_id=box.id, number=tube.number, actor=world.nurse)
    collecting.send_box(box_id=box.id, courier="物流老陈", seal="F001", actor=world.nurse)
    assert not logistics.note_temperature(consignment_id=box.id, celsius=D("9.5"), actor=world.nurse).is_within
    assert logistics.note_temperature(consignment_id=box.id, celsius=D("4.0"), actor=world.technician).is_within
    arrived = receiving.receive_box(box_id=box.id, seal_intact=True, tubes_in=1, actor=world.technician)
    assert "送出 2 支，实收 1 支" in arrived.difference
    for tube in world.tubes(order):
        receiving.receive_tube(number=tube.number, box_id=box.id, actor=world.technician)
    values = {
        "K": "6.8",
        "WBC": "6",
        "NEUTP": "60",
        "NEUT": "3.6",
        "LYMP": "30",
        "RBC": "4.5",
        "HGB": "120",
        "HCT": "40",
        "MCV": "90",
        "PLT": "200",
    }
    taken = results.enter_results(order_id=order.id, values=values, actor=world.technician)
    assert taken.critical == ("K",)
    assert [c.item for c in orders.open_criticals(world.gp)] == ["K"]
    reviewing.technical_review(order_id=order.id, comment="无溶血", actor=world.technician)
    report = orders.sign_report(order_id=order.id, actor=world.doctor)
    assert (
        report.current and "血钾" not in report.current.impression and "钾 6.80mmol/L ↑↑" in report.current.impression
    )
    filed = {r.code: r for r in Result.objects.filter(resident_id=world.base.resident_id)}
    assert filed["2823-3"].value == D("6.8") and filed["2823-3"].flag == "HH" and len(filed) == 10
    page = browser_of(world.gp).get(f"/orders/{order.id}/").content.decode()
    assert "6.80" in page and "3.5–5.3" in page and "离子选择电极法" in page
    assert browser_of(world.gp).get(f"/orders/{order.id}/print/").content[:5] == b"%PDF-"


def test_labels_are_printed_with_bar_codes(world: LabWorld) -> None:
    """One page for each tube; the tube says that its label was printed."""
    order = world.place("LAB-CBC", "K")
    answer = browser_of(world.nurse).get(f"/laboratory/{order.id}/labels/")
    assert answer.content[:5] == b"%PDF-" and b"/Count 2" in answer.content
    assert {t.state for t in world.tubes(order)} == {"labelled"}


def test_a_tube_scanned_twice_unknown_or_unchecked_is_said(world: LabWorld) -> None:
    """Who filled it and when; an unknown code; identity first."""
    order = world.place("K")
    number = world.tubes(order)[0].number
    with pytest.raises(InvalidInput):
        collecting.collect_tube(number=number, identity_checked=False, actor=world.nurse)
    collecting.collect_tube(number=f" {number[:8]} {number[8:]} ", identity_checked=True, actor=world.nurse)
    with pytest.raises(TubeElsewhere, match="孙护士"):
        collecting.collect_tube(number=number, identity_checked=True, actor=world.nurse)
    with pytest.raises(NoSuchTube):
        collecting.collect_tube(number="999", identity_checked=True, actor=world.nurse)
    page = browser_of(world.nurse).post("/laboratory/tubes/", {"number": number, "identity_checked": "on"})
    assert page.status_code == 422 and "孙护士" in page.content.decode()


def test_tubes_travel_with_their_box(world: LabWorld) -> None:
    """Closed, the box waits for a run and nothing more goes in; loaded and put down by the driver, its tubes are where it is; a laboratory signs."""
    order = world.collected("K", "GLUF")
    first, second = world.tubes(order)
    box = collecting.open_box(temperature="2-8", actor=world.nurse)
    collecting.pack_tube(box_id=box.id, number=first.number, actor=world.nurse)
    page = f"/laboratory/boxes/{box.id}/"
    nurse = browser_of(world.nurse)
    assert nurse.post(page, {"action": "send", "seal": "F-7"}).status_code == 302
    assert "今天没有物流班次经过" in nurse.get(page).content.decode()
    with pytest.raises(InvalidInput):
        collecting.pack_tube(box_id=box.id, number=second.number, actor=world.nurse)
    boss, driver = (
        person("调度", world.base.county, "logistics_dispatcher"),
        person("司机", world.base.county, "driver"),
    )
    van = logistics.add_van(plate="川A1", name="车", actor=boss)
    stops = [logistics.StopPlan(world.base.township, time(8)), logistics.StopPlan(world.base.county, time(9))]
    run = logistics.send_run(name="急送", why="急", stops=stops, van_id=van.pk, driver_id=driver.staff_id, actor=boss)
    logistics.load(number=box.number, run_id=run.pk, actor=driver)
    first.refresh_from_db()
    assert first.state == "in_transit" and "司机" in laboratory.tubes_of_order(order.id)[0].where
    logistics.deliver(consignment_id=box.id, actor=driver)
    first.refresh_from_db()
    assert first.state == "arrived" and first.arrived_at
    assert (
        browser_of(world.technician).post(page, {"action": "arrive", "tubes_in": "1", "seal_intact": "on"}).status_code
        == 302
    )
    assert logistics.consignment(box.id).received_by == world.technician.name


def test_a_lost_box_is_collected_again(world: LabWorld) -> None:
    """Told by event: each tube is lost with the reason, a new one waits, its collector is asked; told twice nothing more happens."""
    order = world.collected("K", "LAB-CBC")
    box = collecting.open_box(temperature="2-8", actor=world.nurse)
    for tube in world.tubes(order):
        collecting.pack_tube(box_id=box.id, number=tube.number, actor=world.nurse)
    collecting.send_box(box_id=box.id, courier="老陈", actor=world.nurse)
    logistics.report_loss(consignment_id=box.id, reason="途中翻车", actor=world.nurse)
    for _ in range(2):
        deliver_waiting()
        receiving.box_failed(ConsignmentFailed(box.id, "specimen", "lost", "途中翻车"))
    assert sorted(t.state for t in world.tubes(order)) == ["lost", "lost", "to_collect", "to_collect"]
    assert Task.objects.filter(kind="laboratory.recollect", state="open").count() == 2


def test_the_wrong_box_is_said(world: LabWorld) -> None:
    """A tube of one box that is scanned from another."""
    order = world.collected("K")
    one, two = (collecting.open_box(temperature="2-8", actor=world.nurse) for _ in range(2))
    number = world.tubes(order)[0].number
    collecting.pack_tube(box_id=one.id, number=number, actor=world.nurse)
    with pytest.raises(TubeElsewhere):
        collecting.pack_tube(box_id=two.id, number=number, actor=world.nurse)
    collecting.send_box(box_id=one.id, courier="陈", seal="", actor=world.nurse)
    receiving.receive_box(box_id=one.id, seal_intact=False, tubes_in=1, actor=world.technician)
    with pytest.raises(WrongBox, match=one.number):
        receiving.receive_tube(number=number, box_id=two.id, actor=world.technician)
    with pytest.raises(InvalidInput):
        collecting.send_box(box_id=two.id, courier="陈", seal="", actor=world.nurse)


def test_a_rejected_tube_is_asked_for_again(world: LabWorld) -> None:
    """The only tube of the order: the order waits to be collected again, the nurse gets a task, the new tube ends it."""
    order = world.received("K")
    old = world.tubes(order)[0]
    receiving.reject_tube(number=old.number, reason_code="07", reason="", actor=world.technician)
    fresh = Tube.objects.get(instead_of=old)
    assert orders.order(order.id, actor=world.gp).state == "repeat"
    task = Task.objects.get(kind="laboratory.recollect")
    assert "溶血" in task.title and task.institution_id == world.base.township
    collecting.collect_tube(number=fresh.number, identity_checked=True, actor=world.nurse)
    task.refresh_from_db()
    assert task.state != "open"
    receiving.receive_tube(number=fresh.number, actor=world.technician)
    assert orders.order(order.id, actor=world.gp).state == "uploaded"


def test_one_of_two_tubes_rejected_leaves_the_other_at_work(world: LabWorld) -> None:
    """The report waits for the rest, and says what is missing."""
    order = world.received("K", "LAB-CBC")
    bad = next(t for t in world.tubes(order) if t.tube == "purple")
    receiving.reject_tube(number=bad.number, reason_code="06", reason="", actor=world.technician)
    assert orders.order(order.id, actor=world.gp).state == "uploaded"
    results.enter_results(order_id=order.id, values={"K": "4.1"}, actor=world.technician)
    with pytest.raises(NotReady, match="白细胞"):
        reviewing.technical_review(order_id=order.id, comment="", actor=world.technician)
    with pytest.raises(InvalidInput) as refusal:
        results.enter_results(order_id=order.id, values={"WBC": "5"}, actor=world.technician)
    assert "签收" in refusal.value.errors["WBC"]
    codes = ("WBC", "NEUTP", "NEUT", "LYMP", "RBC", "HGB", "HCT", "MCV", "PLT")
    results.enter_results(order_id=order.id, values=dict.fromkeys(codes, "未检 患者拒绝重采"), actor=world.technician)
    reviewing.technical_review(order_id=order.id, comment="", actor=world.technician)


def test_a_specimen_that_cannot_be_taken_again_is_accepted_with_a_remark(world: LabWorld) -> None:
    """The remark stands on the report."""
    order = world.collected("K")
    receiving.receive_tube(number=world.tubes(order)[0].number, condition="量少，申请医生同意", actor=world.technician)
    results.enter_results(order_id=order.id, values={"K": "4.1"}, actor=world.technician)
    reviewing.technical_review(order_id=order.id, comment="", actor=world.technician)
    report = orders.report_of(order.id, actor=world.technician)
    assert report and "让步接收：量少" in report.draft["sections"]["specimens"]


def test_cancelling_takes_the_tubes_along(world: LabWorld) -> None:
    """Nobody waits for them; a value for a cancelled order is refused."""
    order = world.place("K")
    orders.cancel_order(order_id=order.id, reason="开单错误", actor=world.gp)
    assert {t.state for t in world.tubes(order)} == {"cancelled"}
    with pytest.raises(TooLate, match="撤销"):
        laboratory.take_results(
            number=world.tubes(order)[0].number, readings=[laboratory.Reading(("K",), "4", "mmol/L")], actor=BOOT
        )


def test_values_are_all_or_nothing(world: LabWorld) -> None:
    """A wrong unit, an analyte that was not asked for, words for a number: nothing of the tube is kept."""
    order = world.received("LAB-ELEC")
    number = world.tubes(order)[0].number
    good = laboratory.Reading(("2823-3", "钾"), "4.2", "mmol/L")
    for bad in (("NA", "140", "mg/dL"), ("ALT", "40", "U/L"), ("NA", "溶血", "mmol/L"), ("XYZ", "1", "")):
        with pytest.raises(DomainError):
            laboratory.take_results(
                number=number, readings=[good, laboratory.Reading((bad[0],), bad[1], bad[2])], actor=BOOT
            )
        assert not TestResult.objects.exists()
    with pytest.raises(UnknownAnalyte):
        laboratory.take_results(number=number, readings=[laboratory.Reading(("WBC",), "5", "10*9/L")], actor=BOOT)
    waiting = world.collected("LAB-ELEC", repeat_reason_code="1")
    with pytest.raises(NotAtLaboratory):
        laboratory.take_results(number=world.tubes(waiting)[0].number, readings=[good], actor=BOOT)


def test_the_change_against_the_last_value_is_shown(world: LabWorld) -> None:
    """Within the days of the pack, on the page of whoever reviews."""
    world.released({"K": "4.0"}, "K")
    order = world.entered({"K": "5.2"}, "K", repeat_reason_code="1")
    result = TestResult.objects.get(order_id=order.id)
    assert result.change_percent == D("30.0") and result.previous == D("4.0")
    page = browser_of(world.technician).get(f"/laboratory/{order.id}/report/").content.decode()
    assert "差值 30.0%" in page


def test_nobody_reviews_his_own_work(world: LabWorld) -> None:
    """The doctor who handed in may not release; another may. After the release values are closed."""
    order = world.entered({"K": "4.0"}, "K")
    reviewing.technical_review(order_id=order.id, comment="", actor=world.doctor)
    with pytest.raises(SecondSignature):
        orders.sign_report(order_id=order.id, actor=world.doctor)
    with pytest.raises(TooLate):
        results.enter_results(order_id=order.id, values={"K": "4.4"}, actor=world.technician)
    orders.sign_report(order_id=order.id, actor=world.second_doctor)
    other = world.entered({"K": "4"}, "K", repeat_reason_code="1")
    reviewing.technical_review(order_id=other.id, comment="", actor=world.technician)
    with pytest.raises(Forbidden):
        orders.sign_report(order_id=other.id, actor=world.second_technician)


def test_an_amended_report_tells_its_reader_and_corrects_the_record(world: LabWorld) -> None:
    """The old version stays readable, the record holds the new value, the asker gets a task of its own."""
    order = world.released({"K": "4.0"}, "K")
    orders.acknowledge_report(order_id=order.id, actor=world.gp)
    orders.amend_report(order_id=order.id, reason="标本标错", actor=world.technician)
    results.enter_results(order_id=order.id, values={"K": "5.0"}, actor=world.technician)
    reviewing.technical_review(order_id=order.id, comment="更正", actor=world.technician)
    orders.sign_report(order_id=order.id, actor=world.doctor)
    assert [r.value for r in Result.objects.filter(resident_id=world.base.resident_id)] == [D("5.0")]
    report = orders.report_of(order.id, actor=world.gp)
    assert report and [
        "4.00" in report.versions[0].sections["results"],
        "5.00" in report.versions[1].sections["results"],
    ] == [True, True]
    assert Task.objects.filter(kind="report.amended", subject_id=order.id).exists()


def test_a_withdrawn_report_leaves_no_value_behind(world: LabWorld) -> None:
    """The record says that it was withdrawn."""
    from yigong.core.events import relay

    order = world.released({"K": "4.0"}, "K")
    orders.withdraw_report(order_id=order.id, reason="患者错误", actor=world.doctor)
    relay.deliver_waiting()
    assert [(r.value, r.text) for r in Result.objects.filter(resident_id=world.base.resident_id)] == [
        (None, "报告已撤回")
    ]


def test_lost_control_holds_results_back_until_somebody_says_why(world: LabWorld) -> None:
    """A critical value is told when the hold is released, not before."""
    lot = quality.add_lot(
        instrument_id=world.instrument.pk, material="复合质控", level=1, number="L1", expires_on=clock.today(),
        targets={"K": (D("4.0"), D("0.1"))}, actor=world.technician,
    )  # fmt: skip
    target = lot.targets.get()
    assert quality.add_point(target_id=target.pk, value=D("4.21"), actor=world.technician).verdict == "warn"
    point = quality.add_point(target_id=target.pk, value=D("4.35"), actor=world.technician)
    assert point.verdict == "reject" and "1-3s" in point.rules
    assert Task.objects.filter(kind="laboratory.control").exists()
    order = world.received("K")
    taken = results.enter_results(
        order_id=order.id, values={"K": "7.0"}, instrument=world.instrument, actor=world.technician
    )
    assert taken.held == ("K",) and not taken.critical and not orders.open_criticals(world.gp)
    with pytest.raises(NotReady, match="质控失控"):
        reviewing.technical_review(order_id=order.id, comment="", actor=world.technician)
    hold = point.hold
    with pytest.raises(Forbidden):
        quality.release_hold(hold_id=hold.pk, reason="换试剂", actor=world.technician)
    with pytest.raises(InvalidInput):
        quality.release_hold(hold_id=hold.pk, reason=" ", actor=world.doctor)
    quality.release_hold(hold_id=hold.pk, reason="更换试剂后复测在控", actor=world.doctor)
    assert [c.item for c in orders.open_criticals(world.gp)] == ["K"]
    reviewing.technical_review(order_id=order.id, comment="", actor=world.technician)
    with pytest.raises(Conflict):
        quality.release_hold(hold_id=hold.pk, reason="再次", actor=world.second_doctor)
    page = browser_of(world.doctor).get(f"/laboratory/quality/{target.pk}/").content.decode()
    assert "1-3s" in page and "更换试剂后复测在控" in page


def test_an_outside_laboratory_takes_a_tube_and_its_name_is_on_the_report(world: LabWorld) -> None:
    """Sent on, entered when it comes back."""
    order = world.received("TSH")
    outside = quality.add_outside(name="临岳医学检验所", licence="PDY1", phone="", actor=world.technician)
    receiving.send_out(number=world.tubes(order)[0].number, outside_id=outside.pk, actor=world.technician)
    results.enter_results(order_id=order.id, values={"TSH": "2.1"}, actor=world.technician)
    reviewing.technical_review(order_id=order.id, comment="", actor=world.technician)
    report = orders.report_of(order.id, actor=world.technician)
    assert report and "外送临岳医学检验所" in report.draft["sections"]["specimens"]
    assert TestResult.objects.get().source == "outside" and OutsideLaboratory.objects.count() == 1


def test_tubes_are_kept_and_destroyed_before_a_witness(world: LabWorld) -> None:
    """Not before their days are over, not by one person alone."""
    from datetime import timedelta

    order = world.released({"K": "4.0"}, "K")
    number = world.tubes(order)[0].number
    receiving.store_tube(number=number, rack="冰箱 2 架", actor=world.technician)
    assert receiving.dispose_tubes(until=clock.today(), witness="卫主任", actor=world.technician) == 0
    with clock.travel(timedelta(days=9)):
        with pytest.raises(InvalidInput):
            receiving.dispose_tubes(until=clock.today(), witness=world.technician.name, actor=world.technician)
        assert receiving.dispose_tubes(until=clock.today(), witness="卫主任", actor=world.technician) == 1
    assert Tube.objects.get(number=number).state == "disposed"


def test_a_critical_value_climbs_while_nobody_answers(world: LabWorld) -> None:
    """The same chain as every centre's."""
    from datetime import timedelta

    world.entered({"K": "2.1"}, "K")
    with clock.travel(timedelta(minutes=30)):
        sweep()
    assert orders.open_criticals(world.gp)[0].level >= 1


def test_the_figures_open_their_rows(world: LabWorld) -> None:
    """Rejected by reason, with the tubes behind."""
    order = world.received("K")
    receiving.reject_tube(number=world.tubes(order)[0].number, reason_code="07", reason="", actor=world.technician)
    world.released({"GLU": "5"}, "GLU")
    doctor = browser_of(world.doctor)
    page = doctor.get("/laboratory/turnaround/").content.decode()
    assert "溶血" in page and "50.0%" in page
    rows = doctor.get("/laboratory/turnaround/rows/?view=rejected&value=07").content.decode()
    assert world.tubes(order)[0].number in rows


def test_strangers_are_refused(world: LabWorld) -> None:
    """A tube of another place, a value by somebody who does not work at the centre."""
    order = world.received("K")
    outsider = replace(world.technician, institution_id=world.base.other, institution_ids=frozenset({world.base.other}))
    with pytest.raises(Forbidden):
        results.enter_results(order_id=order.id, values={"K": "4"}, actor=outsider)
    number = world.tubes(order)[0].number
    with pytest.raises(Forbidden):
        receiving.reject_tube(number=number, reason_code="07", reason="", actor=outsider)
    assert browser_of(world.nurse).get(f"/laboratory/{order.id}/report/").status_code == 403


def test_the_request_page_says_what_will_be_drawn(world: LabWorld) -> None:
    """The containers of the chosen items, in the order of draw."""
    page = (
        browser_of(world.gp)
        .get(f"/orders/laboratory/new/{world.base.resident_id}/check/?items=LAB-CBC,LAB-COAG,K")
        .content.decode()
    )
    assert "需要采集 3 管" in page and page.index("枸橼酸钠管") < page.index("分离胶管") < page.index("EDTA-K2")
