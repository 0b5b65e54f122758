"""Today's specimens at each station of the pathology centre: on the way, refused, cut, in wax, to be read, frozen, lent out."""

from datetime import timedelta
from io import BytesIO
from itertools import cycle, islice
from random import Random
from typing import Any

from PIL import Image, ImageDraw

from yigong.centres.pathology import api as pathology
from yigong.core import clock
from yigong.orders import api as orders
from yigong.orders.data import OrderData

_GASTRITIS = {
    "sections": {"gross": "灰白色黏膜组织 2 块，直径 0.2 cm，全部取材。", "microscopic": "胃黏膜固有层内见淋巴细胞、浆细胞浸润，腺体规则，未见异型增生。"},
    "impression": "（胃窦）黏膜慢性炎，轻度，幽门螺杆菌（+）。", "positive": False, "grade": "A", "structured": {"nature": ["inflammation"], "hp": ["yes"]},
}  # fmt: skip
_CARCINOMA = {
    "sections": {"microscopic": "异型腺体呈管状浸润性生长，核大深染，核分裂象易见。"}, "impression": "（胃角）腺癌，中分化。", "positive": True, "grade": "A",
    "structured": {"nature": ["malignant"], "who_type": ["管状腺癌"]},
}  # fmt: skip
_FROZEN = {
    "sections": {"microscopic": "纤维组织增生，导管上皮未见异型。", "frozen_told": "手术间 8103，李医师，已复述"},
    "impression": "（右乳）纤维腺瘤。冰冻取材有限，以石蜡切片为准。", "positive": False, "grade": "A",
}  # fmt: skip


class Bench:
    """The people of the pathology centre and of the township that sends to it."""

    def __init__(self, day: Any) -> None:
        self.nurse, self.gp = day.actor["hushi"], day.actor["quanke"]
        self.technician, self.reader, self.senior = (day.actor[n] for n in ("bingliji", "bingli", "binglishen"))
        self.patients = cycle(list(islice(day.townspeople, 4)) or day.all[:4])

    def ask(self, code: str, diagnosis: str, **more: Any) -> OrderData:
        """An order of the township's doctor."""
        item = next(i for i in orders.service("pathology").catalogue() if i.code == code)
        return orders.place_order(
            service_code="pathology", resident_id=next(self.patients).id, performing_institution_id=self.gp.institution_id, actor=self.gp,
            items=[orders.ItemInput(item.code, item.name, item.group, item.part, item.price)],
            clinical=orders.Clinical("上腹隐痛 3 月", "无手术史", "明确诊断", diagnosis), repeat_reason_code="1",
            answers={"infection": "no", "frozen_consent": "yes", "theatre": "手术间 8103"}, **more,
        )  # fmt: skip

    def send(self, order: OrderData, label: str, *, cold: int | None = 12, fixative: str = "formalin") -> Any:
        """A container with its times; ``cold`` minutes to the fixative, None where nobody wrote them down."""
        row = pathology.add_container(order_id=order.id, label=label, pieces=2, actor=self.nurse)
        fixed = clock.now() - timedelta(minutes=5)
        return pathology.register_container(
            code=row.code, fixative=fixative, removed_at=fixed - timedelta(minutes=cold) if cold is not None else None,
            fixed_at=fixed if cold is not None and fixative == "formalin" else None, unknown=cold is None, actor=self.nurse,
        )  # fmt: skip

    def receive(self, order: OrderData, row: Any) -> Any:
        """At the centre."""
        return pathology.receive_container(
            order_id=order.id, code=row.code, identity_checked=True, actor=self.technician
        )

    def cut(self, row: Any, *tissues: str) -> list[Any]:
        """Blocks with their slides."""
        text = "灰白色黏膜组织 2 块，直径 0.2 cm。"
        return pathology.gross_container(
            code=row.code, description=text, tissues=list(tissues or ("全部",)), actor=self.technician
        )

    def prepare(self, made: list[Any], *stations: str) -> list[Any]:
        """Each piece through the stations that are its own."""
        for station in stations or ("process", "embed", "section", "stain"):
            kind = "block" if station in {"process", "embed"} else "slide"
            for piece in made:
                if piece.kind == kind:
                    pathology.pass_station(station=station, code=piece.code, actor=self.technician)
        return made

    def sign(self, order: OrderData, draft: dict[str, Any]) -> None:
        """Written by one, signed by the other."""
        orders.claim(order_id=order.id, actor=self.reader)
        orders.submit_report(order_id=order.id, draft=draft, actor=self.reader)
        orders.sign_report(order_id=order.id, actor=self.senior)


def begin(day: Any) -> None:
    """One case at each station."""
    bench = Bench(day)
    with clock.travel(-timedelta(days=24)):
        old = bench.ask("PA-GASTRIC", "胃溃疡")
        sent = bench.send(old, "胃角黏膜")
    with clock.travel(-timedelta(days=23)):
        made = bench.prepare(bench.cut(bench.receive(old, sent)))
    with clock.travel(-timedelta(days=22)):
        pathology.add_picture(
            order_id=old.id, content=_tissue(318), caption="HE ×100，异型腺体浸润", actor=bench.reader
        )
        bench.sign(old, _CARCINOMA)
        for piece in made:
            pathology.file_specimen(code=piece.code, place="柜 3-12", actor=bench.technician)
    with clock.travel(-timedelta(days=20)):
        pathology.lend(
            codes=[made[1].code], borrower="家属甲", relation="子女", phone="13800000318", destination="省肿瘤医院", purpose="外院会诊",
            due_on=clock.today() + timedelta(days=15), deposit=20000, promised=True, actor=bench.technician,
        )  # fmt: skip
    _recent(bench)
    _today(bench)


def _recent(bench: Bench) -> None:
    """Read and signed this week; a frozen section that waits for paraffin; one with more stains."""
    with clock.travel(-timedelta(days=4)):
        one, two, three = (
            bench.ask("PA-GASTRIC", "慢性胃炎"),
            bench.ask("PA-COLON", "结肠息肉"),
            bench.ask("PA-GASTRIC", "胃息肉"),
        )
        sent = [
            bench.send(one, "胃窦黏膜"),
            bench.send(two, "乙状结肠息肉", cold=48),
            bench.send(three, "胃体息肉", cold=None),
        ]
    with clock.travel(-timedelta(days=3, hours=8)):
        pieces = [bench.cut(bench.receive(order, row)) for order, row in zip((one, two, three), sent, strict=True)]
    with clock.travel(-timedelta(days=2)):
        for made in pieces:
            bench.prepare(made)
        bench.sign(one, _GASTRITIS)
    with clock.travel(-timedelta(hours=20)):
        orders.claim(order_id=two.id, actor=bench.reader)
        more = pathology.order_stains(code=pieces[1][0].code, stains=["KI67", "P53"], actor=bench.reader)
        bench.prepare(more[:1], "section", "stain")
        pathology.note_result(code=more[0].code, result="约 20%+", actor=bench.reader)
        pathology.add_picture(order_id=two.id, content=_tissue(77), caption="HE ×40，管状腺瘤", actor=bench.reader)
    with clock.travel(-timedelta(hours=6)):
        frozen = bench.ask("PA-FROZEN", "右乳肿物", priority="urgent")
        fresh = bench.cut(bench.receive(frozen, bench.send(frozen, "右乳肿物", fixative="fresh")))
        bench.prepare(fresh, "section", "stain")
    with clock.travel(-timedelta(hours=5, minutes=38)):
        orders.claim(order_id=frozen.id, actor=bench.reader)
        orders.release_preliminary(order_id=frozen.id, draft=_FROZEN, actor=bench.reader)


def _today(bench: Bench) -> None:
    """In wax, to be cut, refused, to be received, to be written down."""
    with clock.travel(-timedelta(hours=9)):
        wax, waiting = bench.ask("PA-ENDOMET", "异常子宫出血"), bench.ask("PA-CERVIX", "宫颈上皮内病变")
        rows = [bench.send(wax, "子宫内膜"), bench.send(waiting, "宫颈 3、9 点")]
    with clock.travel(-timedelta(hours=2)):
        bench.prepare(bench.cut(bench.receive(wax, rows[0])), "process")
        bench.receive(waiting, rows[1])
    with clock.travel(-timedelta(hours=1)):
        refused = bench.send(bench.ask("PA-SKIN", "背部肿物"), "背部肿物", cold=20)
        pathology.reject_container(code=refused.code, reason_code="no_label", reason="", actor=bench.technician)
        bench.send(bench.ask("PA-APPEND", "急性阑尾炎", priority="urgent"), "阑尾")
    with clock.travel(-timedelta(minutes=10)):
        pathology.add_container(order_id=bench.ask("PA-TCT", "宫颈筛查").id, label="宫颈刷片", actor=bench.nurse)


def _tissue(seed: int) -> bytes:
    """A computed picture that looks like stained tissue; nobody's slide."""
    source, picture = Random(seed), Image.new("RGB", (900, 640), "#f2d5e3")
    draw = ImageDraw.Draw(picture)
    for _gland in range(34):
        x, y, size = source.randrange(900), source.randrange(640), source.randrange(26, 64)
        draw.ellipse((x - size, y - size, x + size, y + size), fill="#e3a9c6", outline="#b06a98", width=5)
        draw.ellipse((x - size // 3, y - size // 3, x + size // 3, y + size // 3), fill="#fbf3f7")
    for _nucleus in range(2600):
        x, y, size = source.randrange(900), source.randrange(640), source.randrange(2, 6)
        draw.ellipse((x - size, y - size, x + size, y + size), fill=source.choice(("#5b3a86", "#6c4597", "#4b2e74")))
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
