"""The centre receives containers, or refuses them with a reason."""

from uuid import UUID

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yigong.centres.pathology.commands.errors import MixedUp
from yigong.centres.pathology.commands.steps import locked, step
from yigong.centres.pathology.models import Case, Specimen
from yigong.centres.pathology.rules import catalogue
from yigong.core import clock
from yigong.core.actor import Actor, system
from yigong.core.commands import racing
from yigong.core.errors import InvalidInput
from yigong.core.numbers.api import next_value
from yigong.network import api as network
from yigong.orders import api as orders
from yigong.orders.data import OrderData
from yigong.residents import api as residents
from yigong.tasks import api as tasks

CLARIFY = tasks.declare_kind("pathology.clarify", gettext_lazy("病理标本待补正"))


@racing("pathology.receive_container")
@transaction.atomic
def receive_container(*, order_id: UUID, code: str, identity_checked: bool, actor: Actor) -> Specimen:
    """A container is accepted against the request in hand; of two scans at once one wins, the other learns who and when.

    A container of another request is refused as mixed up. The first one gives the case its number and begins the clock of the report.
    """
    if not identity_checked:
        raise InvalidInput(errors={"identity_checked": _("请先核对瓶签与申请单的姓名、标本和部位。")})
    row = locked(code)
    order = orders.order_facts(order_id)
    if row.order_id != order.id:
        raise MixedUp(code=row.code, other=orders.order_facts(row.order_id).number, number=order.number)
    row = step(row, "receive", actor, received_at=clock.now(), received_by=actor.name[:80])
    _register_case(order, actor)
    orders.material_received(order_id=order.id, actor=system("pathology"))
    _hurry(order)
    return row


@transaction.atomic
def reject_container(*, code: str, reason_code: str, reason: str, actor: Actor) -> Specimen:
    """A container is not accepted (also one that carries no label): the reason is kept and its sender is asked to put it right or take it again."""
    row = locked(code)
    label = orders.coded_reason(orders.service("pathology").image_reasons, reason_code, reason)
    row = step(row, "reject", actor, reason=label, reason_code=reason_code, fault=reason_code, remark=label[:300])
    ask_sender(row, label)
    return row


def _register_case(order: OrderData, actor: Actor) -> None:
    """The pathology number: letter, year, serial; counted per letter and year, once for each order."""
    if Case.objects.filter(pk=order.id).exists():
        return
    scope = f"{catalogue.item_of(order).letter}{clock.today():%Y}"
    try:
        with transaction.atomic():
            number = f"{scope}-{next_value('pathology_case', scope):05d}"
            Case.objects.create(order_id=order.id, number=number, registered_by=actor.name[:80])
    except IntegrityError:  # another container of the same order was received in the same moment
        pass


def _hurry(order: OrderData) -> None:
    """A frozen section stands at the head of the list, and the one on duty is asked for it within its limit."""
    if order.group != catalogue.FROZEN:
        return
    limit = orders.service("pathology").clocks.report_limit(catalogue.FROZEN, order.priority)
    orders.put_first(
        order_id=order.id, reason=_("术中冰冻，%(n)s 分钟内报告") % {"n": int(limit.total_seconds() // 60)}, due_at=clock.now() + limit,
        actor=system("pathology"),
    )  # fmt: skip


def ask_sender(row: Specimen, why: str) -> None:
    """Whoever sent it is asked to put it right or take it again."""
    order = orders.order_facts(row.order_id)
    person = residents.resident_names([order.resident_id]).get(order.resident_id)
    post = next(
        (r for r in ("nurse", "specialist", "gp", "village_doctor") if network.posts_at(row.sender_id, r)), "nurse"
    )
    tasks.open_task(
        key=f"{CLARIFY}:{row.pk}", kind=CLARIFY, institution_id=row.sender_id, role=post,
        title=_("病理标本被拒收（%(why)s），请补正或重取：%(name)s %(label)s") % {"why": why, "name": person.name if person else "", "label": row.label},
        url=reverse("pathology:specimens", args=[order.id]), about_resident_id=order.resident_id, subject=("order", order.id),
        urgent=order.priority == "urgent", due_at=order.due_at, escalate_to=tasks.Escalation(role="duty_chief"),
    )  # fmt: skip
