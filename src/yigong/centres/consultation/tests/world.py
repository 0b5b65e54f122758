"""A small county with a consultation centre: a township that asks, a county hospital with two experts on the roster, one expert from elsewhere."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from yigong.centres.consultation import api as consultation
from yigong.centres.consultation.models import Consultation, Invitation
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.network import api as network
from yigong.orders import api as orders
from yigong.orders.data import OrderData
from yigong.orders.tests.world import BOOT, SINCE, World, institution, make_world, person
from yigong.records import api as records

CONCLUSION = consultation.Conclusion(
    "考虑结核性胸膜炎。", "胸水为渗出液，淋巴细胞为主。",
    (consultation.AdviceLine("tests", "查 T-SPOT 和胸水腺苷脱氨酶", 3), consultation.AdviceLine("medicine", "四联抗结核治疗", 1)),
)  # fmt: skip
TRANSFER = consultation.Conclusion(
    "急性心肌梗死，需介入治疗。", "", (consultation.AdviceLine("transfer_now", "立即转县医院导管室", 0),)
)


def arrive(order: OrderData) -> None:
    """How a consultation comes to its conclusion for the mechanism's own tests: the session is over."""
    orders.finish_performing(order_id=order.id, actor=BOOT)
    orders.material_received(order_id=order.id, actor=BOOT)


@dataclass(frozen=True)
class ConsultWorld:
    """Everybody a consultation needs."""

    base: World
    coordinator: Actor
    chief: Actor
    lead: Actor
    second: Actor
    outsider: Actor
    documents: tuple[tuple[str, UUID], ...]
    tomorrow: datetime

    @property
    def gp(self) -> Actor:
        """The township's doctor."""
        return self.base.gp

    def given(self, **more: Any) -> consultation.NewConsultation:
        """A request with a complete file."""
        values: dict[str, Any] = {
            "resident_id": self.base.resident_id, "item_code": "HZ-CLIN", "purpose_code": "diagnosis", "consent": True,
            "clinical": orders.Clinical("胸闷 3 天", "无特殊", "胸腔积液性质待定，能否在本院治疗？", "胸腔积液"), "records": self.documents,
        }  # fmt: skip
        return consultation.NewConsultation(**{**values, **more})

    def ask(self, **more: Any) -> OrderData:
        """A request of the township's doctor."""
        return consultation.request_consultation(given=self.given(**more), actor=self.gp)

    def accepted(self, **more: Any) -> OrderData:
        """A request that the centre has taken."""
        order = self.ask(**more)
        return orders.accept_order(order_id=order.id, actor=self.coordinator)

    def invite(self, order: OrderData, *experts: Actor, at: datetime | None = None, **more: Any) -> list[Invitation]:
        """Experts asked for tomorrow at ten."""
        asked = [consultation.Invitee(e.staff_id, off_roster=self.off_roster(e)) for e in experts or (self.lead,)]
        return consultation.invite(
            order_id=order.id, experts=asked, starts_at=at or self.tomorrow, actor=self.coordinator, **more
        )

    def off_roster(self, expert: Actor) -> str:
        """The expert from elsewhere has no shift here."""
        return "电话约定" if expert.staff_id == self.outsider.staff_id else ""

    def agreed(self, *experts: Actor, **more: Any) -> OrderData:
        """A consultation whose experts have all accepted."""
        order = self.accepted(**more)
        for invitation in self.invite(order, *experts or (self.lead,)):
            who = next(e for e in (self.lead, self.second, self.outsider) if e.staff_id == invitation.expert_id)
            consultation.answer(invitation_id=invitation.pk, accept=True, actor=who)
        return order

    def held(self, *experts: Actor, **more: Any) -> OrderData:
        """A consultation that has taken place."""
        order = self.agreed(*experts, **more)
        row = self.row(order)
        if row.form == "video":
            here = row.invitations.filter(state="accepted").values_list("pk", flat=True)
            consultation.begin(order_id=order.id, present=list(here), asking=["王敏"], actor=self.coordinator)
            consultation.finish(order_id=order.id, actor=self.coordinator)
        return order

    def concluded(self, given: consultation.Conclusion = CONCLUSION, **more: Any) -> OrderData:
        """A consultation with a signed conclusion."""
        order = self.held(**more)
        consultation.sign_opinion(order_id=order.id, text="同意抽液送检。", actor=self.lead)
        consultation.conclude(order_id=order.id, given=given, actor=self.lead)
        return order

    def row(self, order: OrderData) -> Consultation:
        """The consultation of an order."""
        return Consultation.objects.get(order_id=order.id)


def make_consult_world() -> ConsultWorld:
    """Build it through the rooms' own commands."""
    base = make_world()
    centre = network.create_centre(
        kind="consultation", name="县远程会诊中心", institution_id=base.county, actor=BOOT, starts_on=SINCE
    )
    for place in (base.county, base.township, base.village):
        network.serve(centre_id=centre.id, institution_id=place, starts_on=SINCE, actor=BOOT)
    city = institution("市第一医院", "outside")
    lead, second = person("刘主任", base.county, "specialist"), person("许医师", base.county, "specialist")
    tomorrow = datetime.combine(clock.today() + timedelta(days=1), time(8), clock.SHANGHAI)
    for expert in (lead, second):
        network.plan_duty(
            institution_id=base.county, role="specialist", staff_id=expert.staff_id, starts_at=tomorrow,
            ends_at=tomorrow + timedelta(hours=9), actor=BOOT,
        )  # fmt: skip
    documents = tuple(_document(base, kind) for kind in ("outpatient_note", "laboratory_report"))
    return ConsultWorld(
        base, person("陈协调", base.county, "referral_office"), person("钱总值", base.county, "duty_chief"), lead, second,
        person("孙教授", city, "specialist"), documents, tomorrow + timedelta(hours=2),
    )  # fmt: skip


def _document(base: World, kind: str) -> tuple[str, UUID]:
    made = records.add_document(
        resident_id=base.resident_id, kind=kind, title="门诊病历" if kind == "outpatient_note" else "胸水常规", content={}, text="胸闷 3 天。",
        institution_id=base.township, actor=BOOT,
    )  # fmt: skip
    return "document", made.id
