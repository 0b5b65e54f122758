"""A small county with a laboratory: a township that collects, a county hospital that tests."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from yigong.access.api import open_relationship
from yigong.centres.laboratory.commands import collecting, quality, receiving, results, reviewing
from yigong.centres.laboratory.models import Instrument, Tube
from yigong.core.actor import Actor
from yigong.network import api as network
from yigong.orders import api as orders
from yigong.orders.data import ItemInput, OrderData
from yigong.orders.tests.world import BOOT, SINCE, World, make_world, person

NORMAL = {
    "WBC": "6.2", "NEUTP": "60", "NEUT": "3.7", "LYMP": "30", "RBC": "4.6", "HGB": "140", "HCT": "42", "MCV": "90", "PLT": "210",
    "K": "4.2", "NA": "140", "CL": "103", "CA": "2.3", "MG": "0.9", "P": "1.1", "UREA": "5", "CREA": "60", "UA": "300", "GLU": "5.1",
}  # fmt: skip


@dataclass(frozen=True)
class LabWorld:
    """Everybody the laboratory needs."""

    base: World
    village_doctor: Actor
    nurse: Actor
    technician: Actor
    second_technician: Actor
    doctor: Actor
    second_doctor: Actor
    instrument: Instrument

    @property
    def gp(self) -> Actor:
        """The township's doctor."""
        return self.base.gp

    def place(self, *codes: str, **more: Any) -> OrderData:
        """An order of the township's doctor."""
        given: dict[str, Any] = {
            "service_code": "laboratory", "resident_id": self.base.resident_id, "performing_institution_id": self.base.township,
            "items": [ItemInput(code, code, "BIO") for code in codes or ("K",)], "actor": self.gp, "answers": {},
            "clinical": orders.Clinical(purpose="复查", diagnosis="高血压"), "repeat_reason_code": "1",
        }  # fmt: skip
        return orders.place_order(**{**given, **more})

    def tubes(self, order: OrderData) -> list[Tube]:
        """The order's tubes, in the order of their numbers."""
        return list(Tube.objects.filter(order_id=order.id).order_by("number"))

    def collected(self, *codes: str, **more: Any) -> OrderData:
        """An order whose tubes are filled."""
        order = self.place(*codes, **more)
        for tube in self.tubes(order):
            collecting.collect_tube(number=tube.number, identity_checked=True, actor=self.nurse)
        return order

    def received(self, *codes: str, **more: Any) -> OrderData:
        """An order whose tubes are at the centre."""
        order = self.collected(*codes, **more)
        for tube in self.tubes(order):
            receiving.receive_tube(number=tube.number, actor=self.technician)
        return order

    def entered(self, values: Mapping[str, str], *codes: str, **more: Any) -> OrderData:
        """An order with values."""
        order = self.received(*codes, **more)
        results.enter_results(order_id=order.id, values=values, actor=self.technician)
        return order

    def released(self, values: Mapping[str, str], *codes: str, **more: Any) -> OrderData:
        """An order with a signed report."""
        order = self.entered(values, *codes, **more)
        reviewing.technical_review(order_id=order.id, comment="", actor=self.technician)
        orders.sign_report(order_id=order.id, actor=self.doctor)
        return order


def make_lab_world() -> LabWorld:
    """Build it through the rooms' own commands."""
    base = make_world()
    centre = network.create_centre(
        kind="laboratory", name="县医学检验中心", institution_id=base.county, actor=BOOT, starts_on=SINCE
    )
    for place in (base.county, base.township, base.village):
        network.serve(centre_id=centre.id, institution_id=place, starts_on=SINCE, actor=BOOT)
    open_relationship(resident_id=base.resident_id, institution_id=base.village, basis="registration")
    return LabWorld(
        base, person("刘村医", base.village, "village_doctor"), person("孙护士", base.township, "nurse"),
        person("冯技师", base.county, "lab_technician"), person("褚技师", base.county, "lab_technician"),
        person("卫主任", base.county, "lab_doctor"), person("蒋主任", base.county, "lab_doctor"),
        quality.add_instrument(code="BA400", name="生化仪一号", institution_id=base.county, actor=BOOT),
    )  # fmt: skip


def arrive(order: OrderData) -> None:
    """An order's tubes are filled, received and measured; for the test that walks every centre."""
    from yigong.centres.laboratory.rules import catalogue

    for tube in Tube.objects.filter(order_id=order.id):
        collecting.collect_tube(number=tube.number, identity_checked=True, actor=BOOT)
        receiving.receive_tube(number=tube.number, actor=BOOT)
    codes = [a.code for a in catalogue.measured([i.code for i in order.items])]
    results.enter_results(order_id=order.id, values={code: NORMAL.get(code, "1") for code in codes}, actor=BOOT)


def keys(rows: list[Tube]) -> list[UUID]:
    """The keys of tubes."""
    return [row.pk for row in rows]
