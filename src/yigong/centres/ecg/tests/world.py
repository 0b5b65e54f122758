"""The small county of the orders' tests, with an ECG centre: village doctor and nurse record, the county's readers report."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from yigong.centres.ecg.signals.synthetic import Heart, as_dicom, synthesise
from yigong.centres.ecg.signals.tracing import Subject, Tracing
from yigong.centres.ecg.tests import writers
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.events.relay import deliver_waiting
from yigong.network import api as network
from yigong.orders import api as orders
from yigong.orders.data import OrderData
from yigong.orders.tests.world import BOOT, SINCE, World, make_world, person
from yigong.residents import api as residents

TWELVE = orders.ItemInput("ECG-12", "常规十二导联心电图", "REST", "心脏", 2000, 7)
INFERIOR = Heart(st={"II": 260, "I": -70, "V5": -60}, rate=88, qt=360)
REPORT = {
    "sections": {"findings": "窦性心律，II、III、aVF 导联 ST 段抬高 0.25 mV。", "heart_rate": "88", "pr": "160"},
    "impression": "疑似急性下壁心肌梗死。", "positive": True, "grade": "A",
}  # fmt: skip


@dataclass(frozen=True)
class EcgWorld:
    """Everybody an ECG order needs; ``base`` is the orders' own county."""

    base: World
    village_doctor: Actor
    nurse: Actor
    reader: Actor
    second_reader: Actor
    chief: Actor

    @property
    def resident_id(self) -> UUID:
        """The one resident."""
        return self.base.resident_id

    def place(self, **more: Any) -> OrderData:
        """A resting ECG at the village clinic, for chest pain that is gone."""
        given = {
            "service_code": "ecg", "resident_id": self.resident_id, "items": [TWELVE],
            "performing_institution_id": self.base.village, "actor": self.village_doctor,
            "clinical": orders.Clinical(symptoms="胸闷", purpose="排除心肌缺血", diagnosis="胸痛待查"),
            "answers": {"chest_pain": "no"},
        }  # fmt: skip
        return orders.place_order(**{**given, **more})

    def file(self, heart: Heart | None = None, *, seed: int = 1, form: str = "scp", **who: Any) -> bytes:
        """A file of this resident as a device writes it."""
        name = residents.resident_names([self.resident_id])[self.resident_id].name
        subject = Subject(**{"name": name, "sex": "F", **who})
        tracing: Tracing = synthesise(
            heart or Heart(), seed=seed, taken_at=clock.now().astimezone(clock.SHANGHAI), subject=subject
        )
        return {"scp": writers.scp, "aecg": writers.aecg, "dicom": as_dicom}[form](tracing)

    def recorded(self, heart: Heart | None = None, *, seed: int = 1, **more: Any) -> OrderData:
        """An order whose tracing is at the centre and measured."""
        from yigong.centres.ecg.commands import receiving

        order = self.place(**more)
        receiving.upload(
            content=self.file(heart, seed=seed), file_name="1.scp", order_id=order.id, actor=self.village_doctor
        )
        tell()
        return order

    def signed(self, **more: Any) -> OrderData:
        """An order with a signed report."""
        order = self.recorded(**more)
        orders.claim(order_id=order.id, actor=self.reader)
        orders.submit_report(order_id=order.id, draft=REPORT, actor=self.reader)
        orders.sign_report(order_id=order.id, actor=self.reader)
        return order


def tell() -> None:
    """Deliver what was recorded, as the relay does."""
    while deliver_waiting():
        pass


def make_ecg_world() -> EcgWorld:
    """Build it through the rooms' own commands."""
    base = make_world()
    for kind, name in (("ecg", "县心电诊断中心"), ("emergency", "县急诊急救中心")):
        centre = network.create_centre(
            kind=kind, name=name, institution_id=base.county, actor=BOOT, starts_on=SINCE, phone="0500-120"
        )
        for place in (base.county, base.township):
            network.serve(centre_id=centre.id, institution_id=place, starts_on=SINCE, actor=BOOT)
    doctor = person("孙村医", base.village, "village_doctor")
    from yigong.access.api import open_relationship

    open_relationship(resident_id=base.resident_id, institution_id=base.village, basis="registration")
    return EcgWorld(
        base, doctor, person("钱护士", base.township, "nurse"), person("冯心电", base.county, "ecg_reader"),
        person("陈心电", base.county, "ecg_reader"), person("褚总值", base.county, "duty_chief"),
    )  # fmt: skip
