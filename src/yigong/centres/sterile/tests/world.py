"""A small county with a sterile supply centre: hospital that hosts it, two townships, a patient with an encounter in one of them."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from yigong.access.api import open_relationship
from yigong.centres.sterile.commands import (
    loading,
    machines,
    monitoring,
    processing,
    registering,
    supplying,
    using,
)
from yigong.centres.sterile.data import Context, PackData
from yigong.centres.sterile.models import Delivery, Load, Machine, Pack
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.network import api as network
from yigong.orders.tests.world import BOOT, SINCE, institution, person
from yigong.records import api as records
from yigong.residents import api as residents

GOOD = {"temperature": 134.2, "minutes": 5.0, "pressure": 206.0}


@dataclass
class SterileWorld:
    """Everybody a pack meets."""

    county: UUID
    township: UUID
    other: UUID
    technician: Actor
    second: Actor
    nurse: Actor
    other_nurse: Actor
    county_nurse: Actor
    quality: Actor
    manager: Actor
    resident_id: UUID
    encounter_id: UUID
    washer: Machine
    steriliser: Machine
    bowie: dict[Any, bool] = field(default_factory=dict)

    def packs(self, count: int = 1, code: str = "HYB-XZ", **more: Any) -> list[PackData]:
        """New, unclean packs."""
        return registering.register_packs(set_code=code, count=count, actor=self.technician, **more)

    def prepared(self, labels: list[str], *, second: str = "核对人", reason: str = "") -> list[str]:
        """From returned to packed; labels as they came."""
        load = self.washed(labels)
        for label in labels:
            processing.inspect(code=label, actor=self.technician)
            processing.assemble(code=label, actor=self.technician, context=Context(second=second, reason=reason))
        assert load.state == "released"
        return labels

    def washed(self, labels: list[str]) -> Load:
        """Sorted and through the washer."""
        load = loading.open_load(machine_id=self.washer.pk, programme="wash", actor=self.technician)
        for label in labels:
            processing.sort(code=label, actor=self.technician)
            processing.clean(code=label, actor=self.technician, context=Context(load_id=load.pk))
        loading.start_load(load_id=load.pk, actor=self.technician)
        loading.finish_load(load_id=load.pk, a0=3000, actor=self.technician)
        loading.release_load(load_id=load.pk, actor=self.technician)
        return Load.objects.get(pk=load.pk)

    def filled(self, labels: list[str], machine: Machine | None = None) -> Load:
        """An open load of the steriliser with these packed packs."""
        load = loading.open_load(
            machine_id=(machine or self.steriliser).pk, programme="steam134", actor=self.technician
        )
        for label in labels:
            processing.put_into(code=label, actor=self.technician, context=Context(load_id=load.pk))
        return load

    def cycled(self, labels: list[str], machine: Machine | None = None, **values: Any) -> Load:
        """A cycle that is over, with a good chemical result; not released."""
        load = self.filled(labels, machine)
        self.bowie_dick(machine or self.steriliser)
        loading.start_load(load_id=load.pk, actor=self.technician)
        loading.finish_load(load_id=load.pk, actor=self.technician, **{**GOOD, **values})
        monitoring.record_result(load_id=load.pk, kind="chemical", good=True, actor=self.technician)
        return Load.objects.get(pk=load.pk)

    def bowie_dick(self, machine: Machine) -> None:
        """Today's test, once a day."""
        if not machines.passed_today(machine, "bowie_dick"):
            monitoring.record_machine_test(machine_id=machine.pk, kind="bowie_dick", good=True, actor=self.technician)

    def stored(self, count: int = 1, code: str = "HYB-XZ", machine: Machine | None = None) -> list[str]:
        """Labels of sterile packs on the shelf."""
        labels = self.prepared([pack.label for pack in self.packs(count, code)])
        loading.release_load(load_id=self.cycled(labels, machine).pk, actor=self.technician)
        return labels

    def delivery(self, place: UUID | None = None, **more: Any) -> Delivery:
        """An open delivery to the township."""
        return supplying.open_delivery(institution_id=place or self.township, actor=self.technician, **more)

    def sent(self, labels: list[str], place: UUID | None = None) -> Delivery:
        """On the road."""
        row = self.delivery(place)
        for label in labels:
            supplying.issue(code=label, actor=self.technician, context=Context(delivery_id=row.pk))
        return supplying.send_delivery(delivery_id=row.pk, courier="老陈", container="X-1", actor=self.technician)

    def received(self, labels: list[str], place: UUID | None = None) -> list[str]:
        """At the township (or elsewhere)."""
        row = self.sent(labels, place)
        supplying.receive_all(delivery_id=row.pk, actor=self.nurse_at(row.institution_id))
        return labels

    def use(self, label: str, actor: Actor | None = None) -> None:
        """In the patient."""
        using.use_pack(code=label, encounter_id=self.encounter_id, actor=actor or self.nurse, used_for="换药")

    def nurse_at(self, place: UUID) -> Actor:
        """The nurse of an institution."""
        return {self.township: self.nurse, self.other: self.other_nurse, self.county: self.county_nurse}[place]

    def pack(self, label: str) -> Pack:
        """The row of a label."""
        return Pack.objects.select_related("round").get(round__label=label)


def make_sterile_world() -> SterileWorld:
    """Build it through the rooms' own commands."""
    county = institution("县人民医院", "county")
    township = institution("河口镇卫生院", "township", county)
    other = institution("青山镇卫生院", "township", county)
    centre = network.create_centre(
        kind="sterile", name="县消毒供应中心", institution_id=county, actor=BOOT, starts_on=SINCE
    )
    for place in (county, township, other):
        network.serve(centre_id=centre.id, institution_id=place, starts_on=SINCE, actor=BOOT)
    nurse, technician = person("钱护士", township, "nurse"), person("孙消毒", county, "sterile_technician")
    resident_id = patient(nurse, "李秀英")
    encounter = records.open_encounter(resident_id=resident_id, kind="outpatient", actor=nurse, complaint="换药")
    return SterileWorld(
        county, township, other, technician, person("吴消毒", county, "sterile_technician"), nurse,
        person("冯护士", other, "nurse"), person("陈护士", county, "nurse"), person("褚质控", county, "quality_manager"),
        person("卫院长", township, "township_manager"), resident_id, encounter.id,
        machines.create_machine(code="Q1", name="清洗消毒器 1 号", method="washer", actor=technician),
        machines.create_machine(code="M1", name="压力蒸汽灭菌器 1 号", method="steam", actor=technician),
    )  # fmt: skip


def patient(nurse: Actor, name: str, sex: str = "2") -> UUID:
    """A resident whom the nurse's institution knows."""
    given = residents.NewResident(name=name, sex=sex, birth_date=clock.today() - timedelta(days=40 * 365))
    made = residents.register_resident(given=given, actor=BOOT)
    open_relationship(resident_id=made.resident.id, institution_id=nurse.institution_id, basis="registration")
    return made.resident.id
