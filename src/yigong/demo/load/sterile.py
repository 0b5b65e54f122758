"""The sterile supply centre's day: packs at every step, two machines, a request, a box on the road, a shortage, packs at the township."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from yigong.centres.sterile.commands import (
    loading,
    machines,
    monitoring,
    processing,
    registering,
    supplying,
    using,
)
from yigong.centres.sterile.data import Context
from yigong.centres.sterile.models import Machine
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.records import api as records

_GOOD: dict[str, Any] = {"temperature": 134.3, "minutes": 5.0, "pressure": 207.0}
_SECOND = "董核对"


class Centre:
    """The desk of the centre's login."""

    def __init__(self, day: Any) -> None:
        self.actor: Actor = day.actor["xiaodu"]
        self.washer, self.steriliser, self.plasma = (
            machines.create_machine(code=code, name=name, method=method, actor=self.actor)
            for code, name, method in (
                ("Q1", "清洗消毒器 1 号", "washer"), ("M1", "压力蒸汽灭菌器 1 号", "steam"), ("D1", "低温等离子灭菌器", "plasma"),
            )
        )  # fmt: skip

    def packs(self, set_code: str, count: int) -> list[str]:
        """Labels of new packs."""
        return [pack.label for pack in registering.register_packs(set_code=set_code, count=count, actor=self.actor)]

    def wash(self, labels: Sequence[str]) -> None:
        """Sorted, washed, disinfected."""
        load = loading.open_load(machine_id=self.washer.pk, programme="wash", actor=self.actor)
        for label in labels:
            processing.sort(code=label, actor=self.actor)
            processing.clean(code=label, actor=self.actor, context=Context(load_id=load.pk))
        loading.start_load(load_id=load.pk, actor=self.actor)
        loading.finish_load(load_id=load.pk, a0=1210, actor=self.actor)
        loading.release_load(load_id=load.pk, actor=self.actor)

    def assemble(self, labels: Sequence[str]) -> None:
        """Inspected and packed."""
        for label in labels:
            processing.inspect(code=label, actor=self.actor)
            processing.assemble(code=label, actor=self.actor, context=Context(second=_SECOND))

    def cycle(self, labels: Sequence[str], machine: Machine | None = None, *, biological: bool = False) -> UUID:
        """A cycle with good results, released."""
        machine = machine or self.steriliser
        if machine.method == "steam" and not machines.passed_today(machine, "bowie_dick"):
            monitoring.record_machine_test(machine_id=machine.pk, kind="bowie_dick", good=True, actor=self.actor)
        load = loading.open_load(machine_id=machine.pk, programme="steam134", actor=self.actor)
        for label in labels:
            processing.put_into(code=label, actor=self.actor, context=Context(load_id=load.pk))
        loading.start_load(load_id=load.pk, actor=self.actor)
        curve = "\n".join(_curve())
        loading.finish_load(load_id=load.pk, curve=curve, actor=self.actor)
        monitoring.record_result(load_id=load.pk, kind="chemical", good=True, lot="HX2611", actor=self.actor)
        if biological:
            monitoring.record_result(load_id=load.pk, kind="biological", good=True, lot="SW2611", actor=self.actor)
        loading.release_load(load_id=load.pk, actor=self.actor)
        return load.pk

    def ready(self, set_code: str, count: int, *, biological: bool = False) -> list[str]:
        """Sterile packs on the shelf."""
        with clock.travel(-timedelta(hours=5)):
            labels = self.packs(set_code, count)
        with clock.travel(-timedelta(hours=4)):
            self.wash(labels)
        with clock.travel(-timedelta(hours=2)):
            self.assemble(labels)
        self.cycle(labels, biological=biological)
        return labels

    def send(
        self, place: UUID, labels: Sequence[str], request_id: UUID | None = None, courier: str = "配送员老陈"
    ) -> UUID:
        """In the box and on the road, or waiting for the next run."""
        row = supplying.open_delivery(institution_id=place, request_id=request_id, actor=self.actor)
        for label in labels:
            supplying.issue(code=label, actor=self.actor, context=Context(delivery_id=row.pk, second=_SECOND))
        # What waits for the run was packed before it came by.
        with clock.travel(-timedelta(hours=0 if courier else 3)):
            supplying.send_delivery(delivery_id=row.pk, courier=courier, container="灭菌箱 3 号", actor=self.actor)
        return row.pk


def _curve() -> Iterator[str]:
    """A pre-vacuum cycle as the machine writes it: heating, five minutes at 134 ℃, drying."""
    for n in range(0, 24):
        hot = 6 <= n <= 11
        temperature = 134.2 + (n % 3) / 10 if hot else min(128.0, 40.0 + n * 15) if n < 6 else 120.0 - (n - 12) * 5
        pressure = 206 + n % 3 if hot else max(0, round((temperature - 100) * 5))
        yield f"09:{n:02d}:00,{temperature:.1f},{pressure}"


def begin(day: Any) -> None:
    """What was there a week ago, yesterday, and this morning."""
    centre, nurse = Centre(day), day.actor["hushi"]
    township = day.place("T01")
    with clock.travel(-timedelta(days=5)):
        old = centre.ready("HYB-XZ", 6, biological=True)
        supplying.receive_all(delivery_id=centre.send(township, old[:4]), actor=nurse)
    with clock.travel(-timedelta(days=1)):
        centre.ready("QCB", 4)
        asked = supplying.request_packs(quantities={"QCB": 2, "HYB-XZ": 1}, needed_on=clock.today(), actor=nurse)
        _use(day, nurse, old[0])
        _use(day, nurse, old[1])
    processing.collect(
        code=old[0], actor=centre.actor, context=Context(second="配送员老陈", counted={"JD-W14": 0, "WP-100": 1})
    )
    fresh = centre.ready("QCB", 3)
    centre.send(township, [*fresh[:2], old[4]], asked.pk, courier="")
    supplying.request_packs(
        quantities={"KCB": 4, "FKB": 2}, needed_on=clock.today() + timedelta(days=2), actor=nurse, note="下周义诊"
    )
    _in_hand(centre)


def _use(day: Any, nurse: Actor, label: str) -> None:
    patient = next(day.townspeople)
    encounter = records.open_encounter(resident_id=patient.id, kind="outpatient", actor=nurse, complaint="左手外伤换药")
    using.use_pack(code=label, encounter_id=encounter.id, used_for="伤口换药", actor=nurse)


def _in_hand(centre: Centre) -> None:
    """Packs at the steps before the steriliser, and one load that waits for its chemical result."""
    centre.packs("LNWS", 2)
    washed = centre.packs("FKB", 3)
    centre.wash(washed)
    packed = centre.packs("JSB", 2)
    centre.wash(packed)
    centre.assemble(packed)
    load = loading.open_load(machine_id=centre.steriliser.pk, programme="steam134", actor=centre.actor)
    processing.put_into(code=packed[0], actor=centre.actor, context=Context(load_id=load.pk))
    loading.start_load(load_id=load.pk, actor=centre.actor)
    loading.finish_load(load_id=load.pk, actor=centre.actor, **_GOOD)
