"""The performing side: accept or reject, schedule, check in, perform, give up, send back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.errors import InvalidInput
from yigong.core.events.api import record
from yigong.core.states import api as states
from yigong.orders import policies, queries
from yigong.orders.commands import waiting
from yigong.orders.commands.placing import end
from yigong.orders.data import OrderData
from yigong.orders.events import OrderAccepted, OrderRejected
from yigong.orders.models import Order, Report
from yigong.orders.rules import ORDER, REPORT, service


@racing("orders.accept_order")
@transaction.atomic
def accept_order(*, order_id: UUID, actor: Actor) -> OrderData:
    """The performing institution takes the order; of an acceptance and a rejection at once one wins."""
    order = _step(order_id, "accept", actor)
    waiting.done(order, waiting.ACCEPT, actor=actor)
    record(OrderAccepted(order.pk, order.service, order.resident_id))
    return queries.to_data(order)


@transaction.atomic
def reject_order(*, order_id: UUID, reason_code: str, actor: Actor, reason: str = "") -> OrderData:
    """The performing institution refuses, with a coded reason; the asking doctor gets a task to arrange something else."""
    order = policies.access_order(order_id, actor=actor)
    label = coded_reason(service(order.service).reject_reasons, reason_code, reason)
    order = _step(
        order_id, "reject", actor, reason=reason or label, reason_code=reason_code,
        ended_reason_code=reason_code, ended_reason=reason or label,
    )  # fmt: skip
    end(order, reason=label, actor=actor)
    waiting.ask_requester(order, waiting.REJECTED, _("申请被拒绝（%(why)s）") % {"why": label})
    record(OrderRejected(order.pk, order.service, order.resident_id, reason_code))
    return queries.to_data(order)


@transaction.atomic
def schedule_order(*, order_id: UUID, at: datetime, actor: Actor, place: str = "") -> OrderData:
    """Give the examination a time and a room; again changes it."""
    if at < clock.now():
        raise InvalidInput(errors={"at": _("预约时间不能早于现在。")})
    return queries.to_data(_step(order_id, "schedule", actor, scheduled_at=at, scheduled_place=place[:60]))


@transaction.atomic
def check_in(*, order_id: UUID, actor: Actor) -> OrderData:
    """The resident has come; identity was checked by two identifiers."""
    return queries.to_data(_step(order_id, "check_in", actor, checked_in_at=clock.now()))


@transaction.atomic
def mark_no_show(*, order_id: UUID, actor: Actor) -> OrderData:
    """The resident did not come; the order stays open and can be scheduled again or cancelled."""
    order = _step(order_id, "no_show", actor)
    waiting.ask_requester(order, waiting.REJECTED, _("患者未到检，请联系本人"))
    return queries.to_data(order)


@transaction.atomic
def start_performing(*, order_id: UUID, actor: Actor) -> OrderData:
    """The examination begins."""
    return queries.to_data(_step(order_id, "start", actor, started_at=clock.now(), performed_by_id=actor.staff_id))


@racing("orders.finish_performing")
@transaction.atomic
def finish_performing(*, order_id: UUID, actor: Actor, detail: Mapping[str, Any] | None = None) -> OrderData:
    """The examination is done; ``detail`` goes to the centre's own table (``ServiceDefinition.performed``).

    When the material came before this step, only the detail is written.
    """
    policies.access_order(order_id, actor=actor)
    order = Order.objects.select_for_update().get(
        pk=order_id
    )  # the archive may be receiving the images this very moment
    definition = service(order.service)
    if definition.performed and detail is not None:
        definition.performed(order_id=order.pk, detail=detail, actor=actor)
    if order.state in {"uploaded", "reported", "completed"}:
        return queries.to_data(order)
    order = _step(order_id, "acquire", actor, performed_at=clock.now(), performed_by_id=actor.staff_id)
    waiting.done(order, waiting.LATE, waiting.REPEAT, actor=actor)
    return queries.to_data(order)


@transaction.atomic
def refuse_performing(*, order_id: UUID, reason: str, actor: Actor) -> OrderData:
    """Not done: the resident declined or must not have it. Ends the order with the reason."""
    order = _step(order_id, "refuse", actor, reason=reason, ended_reason=reason.strip())
    end(order, reason=reason, actor=actor)
    waiting.ask_requester(order, waiting.REJECTED, _("检查未做（%(why)s）") % {"why": reason.strip()})
    return queries.to_data(order)


@transaction.atomic
def stop_performing(*, order_id: UUID, reason: str, actor: Actor) -> OrderData:
    """Stopped while under way, for example after a reaction. Ends the order with the reason."""
    order = _step(order_id, "stop", actor, reason=reason, ended_reason=reason.strip())
    end(order, reason=reason, actor=actor)
    waiting.ask_requester(order, waiting.REJECTED, _("检查中止（%(why)s）") % {"why": reason.strip()})
    return queries.to_data(order)


@transaction.atomic
def reject_images(*, order_id: UUID, reason_code: str, actor: Actor, reason: str = "", ask: bool = True) -> OrderData:
    """The reader sends the material back: the performing side must do it again, with the coded reason before it. A centre that asks for what it
    needs itself (a tube) says so with ``ask``."""
    order = policies.access_order(order_id, actor=actor)
    label = coded_reason(service(order.service).image_reasons, reason_code, reason)
    report = Report.objects.filter(order=order).first()
    if report is not None and report.state != "images_rejected":  # what came again may be lost before it arrives
        states.transition(
            REPORT, report, "reject_images", actor=actor, reason=reason or label, reason_code=reason_code,
            claimed_by_id=None, claimed_at=None, active_at=None,
        )  # fmt: skip
    order = _step(order_id, "repeat", actor, reason=reason or label, reason_code=reason_code, repeats=order.repeats + 1)
    waiting.done(order, waiting.READ, actor=actor)
    if ask:
        sent_back = service(order.service).word("sent_back_short", _("图像退回重做"))
        waiting.ask_performer(order, waiting.REPEAT, f"{sent_back}（{label}）", due_at=order.due_at)
    return queries.to_data(order)


def _step(
    order_id: UUID, action: str, actor: Actor, *, reason: str = "", reason_code: str = "", **values: Any
) -> Order:
    order = policies.access_order(order_id, actor=actor)
    return states.transition(ORDER, order, action, actor=actor, reason=reason, reason_code=reason_code, **values)


def coded_reason(reasons: Mapping[str, str], code: str, text: str) -> str:
    """The words given, or the label of a coded reason; “other” needs words. Raises InvalidInput beside ``reason_code`` or ``reason``."""
    if code not in reasons:
        raise InvalidInput(errors={"reason_code": _("请从列表中选择原因。")})
    if code == "other" and not text.strip():
        raise InvalidInput(errors={"reason": _("选择“其他”时请写明原因。")})
    return text.strip() or reasons[code]
