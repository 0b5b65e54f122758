"""A small county with a pathology centre: a township that sends, a county hospital that cuts and reads."""

from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Any

from PIL import Image

from yigong.centres.pathology.commands import bench, grossing, receiving, sending
from yigong.centres.pathology.models import Specimen
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.network import api as network
from yigong.orders import api as orders
from yigong.orders.data import OrderData, ReportData
from yigong.orders.tests.world import BOOT, SINCE, World, make_world, person

FINDINGS = {
    "sections": {"microscopic": "黏膜慢性炎。"}, "impression": "(胃窦)黏膜慢性炎。", "positive": False, "grade": "A",
    "structured": {"nature": ["inflammation"]},
}  # fmt: skip


@dataclass(frozen=True)
class PathologyWorld:
    """Everybody the pathology centre needs."""

    base: World
    nurse: Actor
    technician: Actor
    second_technician: Actor
    reader: Actor
    second_reader: Actor
    reviewer: Actor

    @property
    def gp(self) -> Actor:
        """The township's doctor."""
        return self.base.gp

    def place(self, code: str = "PA-GASTRIC", **more: Any) -> OrderData:
        """An order of the township's doctor."""
        item = next(i for i in orders.service("pathology").catalogue() if i.code == code)
        given: dict[str, Any] = {
            "service_code": "pathology", "resident_id": self.base.resident_id, "performing_institution_id": self.base.township,
            "items": [orders.ItemInput(item.code, item.name, item.group, item.part, item.price)], "actor": self.gp,
            "answers": {"infection": "no", "frozen_consent": "yes", "theatre": "3 号间 8103"},
            "clinical": orders.Clinical(purpose="明确诊断", diagnosis="胃溃疡"), "repeat_reason_code": "1",
        }  # fmt: skip
        return orders.place_order(**{**given, **more})

    def add(
        self, order: OrderData, label: str = "胃窦黏膜", cold: int | None = 10, fixative: str = "formalin"
    ) -> Specimen:
        """One registered container: removed ``cold`` minutes before it was fixed; None: nobody knows."""
        row = sending.add_container(order_id=order.id, label=label, actor=self.nurse)
        fixed = clock.now() - timedelta(minutes=1)
        known = cold is not None
        return sending.register_container(
            code=row.code, fixative=fixative, removed_at=fixed - timedelta(minutes=cold) if cold is not None else None,
            fixed_at=fixed if known and fixative == "formalin" else None, unknown=not known, actor=self.nurse,
        )  # fmt: skip

    def sent(self, code: str = "PA-GASTRIC", **more: Any) -> tuple[OrderData, Specimen]:
        """An order with one container on its way."""
        order = self.place(code, **more)
        fresh = {"PA-FROZEN": "fresh", "PA-CONSULT": "slides"}.get(code, "formalin")
        return order, self.add(order, fixative=fresh)

    def received(self, code: str = "PA-GASTRIC", **more: Any) -> tuple[OrderData, Specimen]:
        """An order with one container at the centre."""
        order, row = self.sent(code, **more)
        return order, receiving.receive_container(
            order_id=order.id, code=row.code, identity_checked=True, actor=self.technician
        )

    def cut(self, code: str = "PA-GASTRIC", **more: Any) -> tuple[OrderData, Specimen, list[Specimen]]:
        """The same, cut into one block with its slide."""
        order, row = self.received(code, **more)
        made = grossing.gross_container(
            code=row.code, description="灰白组织一块。", tissues=["胃窦"], actor=self.technician
        )
        return order, row, made

    def slides(self, code: str = "PA-GASTRIC", **more: Any) -> tuple[OrderData, Specimen, Specimen]:
        """The same, embedded, cut and stained: order, block, slide."""
        order, _row, (block, slide) = self.cut(code, **more)
        for station, piece in (("process", block), ("embed", block), ("section", slide), ("stain", slide)):
            bench.pass_station(station=station, code=piece.code, actor=self.technician)
        return order, block, slide

    def signed(self, code: str = "PA-GASTRIC", **more: Any) -> tuple[OrderData, ReportData]:
        """An order with a final report of two people."""
        order, _block, _slide = self.slides(code, **more)
        orders.claim(order_id=order.id, actor=self.reader)
        orders.submit_report(order_id=order.id, draft=FINDINGS, actor=self.reader)
        return order, orders.sign_report(order_id=order.id, actor=self.reviewer)


def make_pathology_world() -> PathologyWorld:
    """Build it through the rooms' own commands."""
    base = make_world()
    centre = network.create_centre(
        kind="pathology", name="县病理诊断中心", institution_id=base.county, actor=BOOT, starts_on=SINCE
    )
    for place in (base.county, base.township, base.village):
        network.serve(centre_id=centre.id, institution_id=place, starts_on=SINCE, actor=BOOT)
    return PathologyWorld(
        base, person("孙护士", base.township, "nurse"), person("冯技师", base.county, "pathology_technician"),
        person("褚技师", base.county, "pathology_technician"), person("卫医师", base.county, "pathologist"),
        person("蒋医师", base.county, "pathologist"), person("沈主任", base.county, "senior_pathologist"),
    )  # fmt: skip


def arrive(order: OrderData) -> None:
    """An order's specimen is sent, received, cut and stained; for the test that walks every centre."""
    container = sending.add_container(order_id=order.id, label="黏膜", actor=BOOT)
    sending.register_container(code=container.code, fixative="formalin", unknown=True, actor=BOOT)
    receiving.receive_container(order_id=order.id, code=container.code, identity_checked=True, actor=BOOT)
    block, slide = grossing.gross_container(code=container.code, description="组织一块", tissues=["1"], actor=BOOT)
    for station, piece in (("process", block), ("embed", block), ("section", slide), ("stain", slide)):
        bench.pass_station(station=station, code=piece.code, actor=BOOT)


def picture(colour: str = "pink") -> bytes:
    """A small PNG."""
    out = BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "PNG")
    return out.getvalue()
