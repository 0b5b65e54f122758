"""Today's tubes at each station, thirty days of quality control with one broken rule, and two messages of an analyser."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from yigong.centres.laboratory import api as laboratory
from yigong.centres.laboratory.models import ControlPoint, ControlTarget, Instrument
from yigong.centres.laboratory.rules import catalogue, westgard
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.exchange.hl7v2 import api as hl7v2
from yigong.logistics import api as logistics
from yigong.orders import api as orders
from yigong.orders.data import OrderData

_VALUES = {
    "K": "4.21", "NA": "139.6", "CL": "102.1", "CA": "2.29", "MG": "0.88", "P": "1.12", "UREA": "7.9", "CREA": "71", "UA": "352",
    "TC": "5.81", "TG": "2.16", "HDL": "1.12", "LDL": "3.72", "HBA1C": "7.8", "GLUF": "8.4", "WBC": "6.42", "NEUTP": "61.2", "NEUT": "3.93",
    "LYMP": "29.5", "RBC": "4.51", "HGB": "128", "HCT": "39.8", "MCV": "88.2", "PLT": "214", "ALT": "28", "AST": "24", "GGT": "31",
    "ALP": "78", "TBIL": "12.4", "TP": "71.2", "ALB": "43.6", "TSH": "2.310",
}  # fmt: skip
_CONTROLS = {
    "K": ("4.05", "0.08", "6.60", "0.13"),
    "GLUF": ("5.30", "0.12", "15.2", "0.34"),
    "CREA": ("88", "2.6", "412", "9.8"),
}
"""Analyte: mean and SD of level 1, of level 2."""


class Bench:
    """The people of the laboratory and of the township that sends to it."""

    def __init__(self, day: Any) -> None:
        self.day = day
        self.nurse, self.gp, self.village = day.actor["hushi"], day.actor["quanke"], day.actor["cunyi"]
        self.technician, self.doctor = day.actor["jianyan"], day.actor["jianyi"]

    def ask(self, patient: Any, *codes: str, actor: Actor | None = None, **more: Any) -> OrderData:
        """An order collected at the asker's own institution."""
        who = actor or self.gp
        assert who.institution_id
        known = {item.code: item for item in catalogue.catalogue()}
        items = [
            orders.ItemInput(i.code, i.name, i.group, i.part, i.price, i.validity_days)
            for i in map(known.__getitem__, codes)
        ]
        return orders.place_order(
            service_code="laboratory", resident_id=patient.id, items=items, performing_institution_id=who.institution_id,
            clinical=orders.Clinical("多饮、乏力", "高血压、糖尿病病史", "慢病复查", "2 型糖尿病", "E11.9"), answers={"fasting": "yes"},
            actor=who, repeat_reason_code="1", **more,
        )  # fmt: skip

    def collect(self, order: OrderData, actor: Actor | None = None) -> OrderData:
        """Every tube filled."""
        for tube in laboratory.tubes_of_order(order.id):
            if tube.state == "to_collect":
                laboratory.collect_tube(number=tube.number, identity_checked=True, actor=actor or self.nurse)
        return order

    def box(self, *placed: OrderData, temperature: str = "2-8", courier: str = "") -> Any:
        """A box with the orders' tubes, handed over when a courier is named."""
        box = laboratory.open_box(temperature=temperature, actor=self.nurse)
        for order in placed:
            for tube in laboratory.tubes_of_order(order.id):
                laboratory.pack_tube(box_id=box.id, number=tube.number, actor=self.nurse)
        return laboratory.send_box(box_id=box.id, courier=courier, seal="QL-0318", actor=self.nurse) if courier else box

    def receive(self, order: OrderData) -> OrderData:
        """Every tube accepted at the centre."""
        for tube in laboratory.tubes_of_order(order.id):
            laboratory.receive_tube(number=tube.number, actor=self.technician)
        return order

    def enter(self, order: OrderData, given: Mapping[str, str] | None = None) -> OrderData:
        """Every value."""
        wanted = catalogue.measured([item.code for item in order.items])
        values = {a.code: {**_VALUES, **(given or {})}[a.code] for a in wanted}
        laboratory.enter_results(order_id=order.id, values=values, actor=self.technician)
        return order

    def release(self, order: OrderData) -> OrderData:
        """Reviewed by two."""
        laboratory.technical_review(order_id=order.id, comment="", actor=self.technician)
        orders.sign_report(order_id=order.id, actor=self.doctor)
        return order


def begin(day: Any) -> None:
    """Tubes to collect, filled, boxed, under way, arrived, received, measured, to be reviewed, released, rejected, stored."""
    bench = Bench(day)
    one, two, three = (next(day.townspeople) for _ in range(3))
    villager = next(day.villagers)
    chemistry = laboratory.add_instrument(
        code="BA400", name="全自动生化分析仪", institution_id=bench.technician.institution_id, actor=bench.technician
    )
    _controls(bench, chemistry)
    with clock.travel(-timedelta(days=20)):
        bench.release(bench.enter(bench.receive(bench.collect(bench.ask(one, "LAB-KIDNEY", "HBA1C")))))
    with clock.travel(-timedelta(hours=26)):
        old = bench.release(bench.enter(bench.receive(bench.collect(bench.ask(two, "LAB-LIVER")))))
    for tube in laboratory.tubes_of_order(old.id):
        laboratory.store_tube(number=tube.number, rack="冰箱 2 架 3 层", actor=bench.technician)
    with clock.travel(-timedelta(hours=6)):
        urgent = bench.receive(bench.collect(bench.ask(three, "LAB-ELEC", priority="urgent")))
    with clock.travel(-timedelta(hours=5)):
        bench.release(bench.enter(urgent, {"K": "6.42"}))
        waiting = bench.receive(bench.collect(bench.ask(one, "LAB-LIPID", "GLUF")))
        to_review = bench.enter(bench.receive(bench.collect(bench.ask(two, "LAB-CBC"))), {"HGB": "98"})
        laboratory.technical_review(order_id=to_review.id, comment="", actor=bench.technician)
        _wire(laboratory.tubes_of_order(waiting.id)[0].number)
        bad = bench.receive(bench.collect(bench.ask(three, "LAB-KIDNEY")))
        laboratory.reject_tube(
            number=laboratory.tubes_of_order(bad.id)[0].number, reason_code="07", reason="", actor=bench.technician
        )
    with clock.travel(-timedelta(hours=3)):
        arrived = bench.box(bench.collect(bench.ask(three, "TSH")), courier="赵物流")
        moving = bench.box(bench.collect(bench.ask(two, "CREA")), courier="赵物流")
    with clock.travel(-timedelta(minutes=70)):
        logistics.note_temperature(consignment_id=moving.id, celsius=Decimal("4.6"), actor=bench.nurse)
        logistics.note_temperature(consignment_id=moving.id, celsius=Decimal("9.1"), actor=bench.nurse)
        laboratory.receive_box(box_id=arrived.id, seal_intact=True, tubes_in=1, actor=bench.technician)
    with clock.travel(-timedelta(minutes=40)):
        bench.box(bench.collect(bench.ask(one, "LAB-ELEC")))
        bench.collect(bench.ask(villager, "LAB-LIPID", actor=bench.village), bench.village)
    with clock.travel(-timedelta(minutes=15)):
        bench.ask(two, "LAB-KIDNEY", "LAB-CBC")
        bench.ask(villager, "GLUF", actor=bench.village)


def _controls(bench: Bench, instrument: Instrument) -> None:
    """Thirty days at two levels; potassium broke 1-3s six days ago and was released."""
    today, source = clock.now(), Random(318)
    targets: dict[tuple[str, int], ControlTarget] = {}
    for level in (1, 2):
        given = {
            code: (Decimal(four[2 * level - 2]), Decimal(four[2 * level - 1])) for code, four in _CONTROLS.items()
        }  # fmt: skip
        lot = laboratory.add_lot(
            instrument_id=instrument.pk, material="复合生化质控", level=level, number=f"QC26-0{level}",
            expires_on=clock.today() + timedelta(days=200), targets=given, actor=bench.technician,
        )  # fmt: skip
        targets |= {(t.analyte, level): t for t in lot.targets.all()}
    points = []
    for target in targets.values():
        scores = [Decimal(str(round(max(-1.9, min(1.9, source.gauss(0, 0.8))), 2))) for _ in range(30)]
        for n, z in enumerate(scores):
            broken = westgard.violated(scores[: n + 1])
            value = (target.mean + z * target.sd).quantize(Decimal("0.001"))
            verdict = westgard.verdict(broken, catalogue.rules().westgard)
            if verdict == "reject":  # one broken rule is enough for a demo
                broken, verdict, scores[n] = (), "ok", -z
                value = (target.mean - z * target.sd).quantize(Decimal("0.001"))
            at = today - timedelta(days=29 - n, minutes=20)
            points.append(
                ControlPoint(
                    target=target,
                    value=value,
                    z=scores[n],
                    rules=list(broken),
                    verdict=verdict,
                    at=at,
                    entered_by=bench.technician.name,
                )
            )
    ControlPoint.objects.bulk_create(points)
    potassium = targets["K", 1]
    then = today - timedelta(days=6)
    with clock.travel(-timedelta(days=6)):
        lost = laboratory.add_point(target_id=potassium.pk, value=Decimal("4.34"), at=then, actor=bench.technician)
        laboratory.release_hold(hold_id=lost.hold.pk, reason="电极老化，更换钾电极并定标后复测在控", actor=bench.doctor)


def _wire(number: str) -> None:
    """One message that fits, one with a bar code that nobody knows."""
    at = f"{clock.now().astimezone(clock.SHANGHAI):%Y%m%d%H%M%S}"
    head = f"MSH|^~\\&|BA400|JY|YIGONG|YIGONG|{at}||ORU^R01|"
    tail = "|P|2.3.1||||||UNICODE UTF-8\rOBR|1|"
    values = "\rOBX|1|NM|TC^总胆固醇^L||5.62|mmol/L|||||F\rOBX|2|NM|TG^甘油三酯^L||1.94|mmol/L|||||F\r"
    for control, tube in (("318001", number), ("318002", "1000000000000318")):
        hl7v2.receive(f"{head}{control}{tail}{tube}|{tube}|BIO{values}".encode())
