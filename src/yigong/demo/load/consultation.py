"""Remote consultations at each station: to be taken, an invitation to be answered, advice to be carried out, one that is closed."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from yigong.centres.consultation import api as consultation
from yigong.centres.consultation.models import Advice
from yigong.centres.consultation.queries import files
from yigong.core import clock
from yigong.core.actor import system
from yigong.network import api as network
from yigong.orders import api as orders
from yigong.orders.data import OrderData

_DEMO = system("demo")
_CONCLUSION = consultation.Conclusion(
    "考虑冠心病，不稳定型心绞痛可能；目前血流动力学稳定，可先在本院治疗。", "胸痛性质和心电图动态改变支持心肌缺血，肌钙蛋白阴性。",
    (
        consultation.AdviceLine("tests", "6 小时后复查肌钙蛋白和心电图", 1),
        consultation.AdviceLine("medicine", "加用他汀类药物，血压控制在 130/80 mmHg 以下", 1),
        consultation.AdviceLine("transfer", "症状反复时转县医院心内科行冠脉造影", 3),
    ),
)  # fmt: skip


def begin(day: Any) -> None:
    """Shifts of the experts for a week, then four consultations of the township's doctor."""
    _shifts(day)
    people = iter(day.townspeople)
    with clock.travel(-timedelta(minutes=20)):
        _ask(day, next(people))
    with clock.travel(-timedelta(hours=3)):
        waiting = _accepted(day, next(people))
        _invite(day, waiting, clock.now() + timedelta(hours=27))
    for days, evaluated in ((1, False), (6, True)):
        with clock.travel(-timedelta(days=days)):
            order = _concluded(day, next(people))
        if evaluated:
            with clock.travel(-timedelta(days=days - 1)):
                _closed(day, order)


def _shifts(day: Any) -> None:
    """Weekdays' working hours of the hospital's specialists."""
    county = day.place("COUNTY")
    experts: Sequence[Any] = network.posts_at(county, "specialist")[:4]
    for n in range(1, 8):
        begin_ = datetime.combine(day.today + timedelta(days=n), time(8), clock.SHANGHAI)
        for place, post in enumerate(experts):
            if (n + place) % 3:
                network.plan_duty(
                    institution_id=county, role="specialist", staff_id=post.staff_id, starts_at=begin_,
                    ends_at=begin_ + timedelta(hours=9), actor=_DEMO,
                )  # fmt: skip


def _ask(day: Any, patient: Any) -> OrderData:
    gp = day.actor["quanke"]
    offered = files.offered(patient.id, actor=gp, limit=8)
    complete = files.present(offered) >= {"note", "tests"}
    return consultation.request_consultation(
        given=consultation.NewConsultation(
            resident_id=patient.id, item_code="HZ-CLIN", purpose_code="treatment", consent=True,
            records=[(item.kind, item.id) for item in offered],
            clinical=orders.Clinical("反复胸闷、胸痛 3 天", "高血压 10 年，口服氨氯地平", "1. 胸痛原因；2. 能否在本院治疗", "胸痛待查", "R07.4"),
            priority="routine" if complete else "urgent", gap="" if complete else "本院检验科设备检修，近期检验结果待补",
        ),
        actor=gp,
    )  # fmt: skip


def _accepted(day: Any, patient: Any) -> OrderData:
    order = _ask(day, patient)
    return orders.accept_order(order_id=order.id, actor=day.actor["zhuanzhen"])


def _invite(day: Any, order: OrderData, at: datetime) -> UUID:
    asked = consultation.Invitee(day.actor["zhuanke"].staff_id, True, "电话约定")
    [made] = consultation.invite(
        order_id=order.id, experts=[asked], starts_at=at, actor=day.actor["zhuanzhen"],
        meeting_url="https://meeting.example.cn/qinglan/1",
    )  # fmt: skip
    return made.pk


def _concluded(day: Any, patient: Any) -> OrderData:
    order, office, expert = _accepted(day, patient), day.actor["zhuanzhen"], day.actor["zhuanke"]
    asked = _invite(day, order, clock.now())
    consultation.answer(invitation_id=asked, accept=True, actor=expert)
    consultation.begin(order_id=order.id, present=[asked], asking=[day.actor["quanke"].name], actor=office)
    consultation.finish(order_id=order.id, actor=office)
    consultation.sign_opinion(order_id=order.id, text="考虑心肌缺血，建议动态复查后决定是否转诊。", actor=expert)
    consultation.conclude(order_id=order.id, given=_CONCLUSION, actor=expert)
    return order


def _closed(day: Any, order: OrderData) -> None:
    gp = day.actor["quanke"]
    orders.acknowledge_report(order_id=order.id, actor=gp)
    for n, advice in enumerate(Advice.objects.filter(consultation__order_id=order.id).order_by("position")):
        consultation.answer_advice(
            advice_id=advice.pk, done=n < 2, note="" if n < 2 else "症状缓解，暂不转诊", actor=gp
        )
    consultation.evaluate(order_id=order.id, promptness=5, usefulness=5, adoption="all", actor=gp)
