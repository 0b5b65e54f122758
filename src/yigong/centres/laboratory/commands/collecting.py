"""From an order to filled, boxed and sent tubes: the collecting side."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yigong.centres.laboratory.commands.errors import NoSuchTube, TubeElsewhere
from yigong.centres.laboratory.models import Tube
from yigong.centres.laboratory.policies import COLLECT
from yigong.centres.laboratory.rules import catalogue
from yigong.centres.laboratory.rules.tubes import SPECIMEN, TO_FILL, TUBE
from yigong.core import clock
from yigong.core.actor import Actor, system
from yigong.core.commands import racing
from yigong.core.errors import Forbidden, InvalidInput, NotFound
from yigong.core.numbers.api import dated_number
from yigong.core.states import api as states
from yigong.logistics import api as logistics
from yigong.logistics.data import ConsignmentData
from yigong.network import api as network
from yigong.orders import api as orders
from yigong.orders.data import OrderData
from yigong.residents import api as residents
from yigong.tasks import api as tasks

RECOLLECT = tasks.declare_kind("laboratory.recollect", gettext_lazy("标本重采"))
DRAW = tasks.declare_kind("laboratory.draw", gettext_lazy("标本待采集"))
FARTHEST = timedelta(minutes=2)


def tubes_of_order(order: OrderData) -> None:
    """The containers that an order needs, each with its bar code; called while the order is placed."""
    for need in catalogue.needs([item.code for item in order.items]):
        _make(order, need.tube, need.bench, need.specimen, need.items)


def cancel_tubes(order_id: UUID, reason: str) -> None:
    """The order has ended: tubes on their way are nobody's; called by the order mechanism."""
    over = [code for code, state in TUBE.states.items() if TUBE.step(code, "cancel") is None or state.final]
    for tube in Tube.objects.filter(order_id=order_id).exclude(state__in=over):
        states.transition(TUBE, tube, "cancel", actor=system("orders"), reason=reason, ended_at=clock.now())
        tasks.cancel_task(key=f"{RECOLLECT}:{tube.pk}", reason=reason or "—", actor=system("orders"))
    tasks.cancel_task(key=f"{DRAW}:{order_id}", reason=reason or "—", actor=system("orders"))


def replace_tube(tube: Tube, order: OrderData) -> Tube:
    """Another container in place of one that is no good."""
    return _make(order, tube.tube, tube.bench, tube.specimen, tuple(tube.items), instead_of=tube)


def remind(tube: Tube) -> timedelta | None:
    """A tube was ordered and nobody has filled it: its collecting post is asked, once for all tubes of the order. One in the place of another has
    its task already, and an order that nobody has accepted has another; the clock looks again."""
    order = orders.order_facts(tube.order_id)
    if order.state == "requested":
        return timedelta(minutes=catalogue.rules().draw_minutes.get(order.priority, 60))
    if tube.instead_of_id is None:
        ask_collector(tube, order, key=f"{DRAW}:{order.id}", kind=DRAW, text=_("标本待采集"), due_at=tube.due_at)
    return None


def ask_collector(
    tube: Tube, order: OrderData, *, key: str, kind: str, text: str, due_at: datetime | None
) -> None:  # fmt: skip
    """A task for whoever fills tubes at the collecting institution: the first of these posts that anybody holds there."""
    person = residents.resident_names([order.resident_id]).get(order.resident_id)
    post = next((r for r in ("nurse", "gp", "village_doctor") if network.posts_at(tube.collector_id, r)), "nurse")
    tasks.open_task(
        key=key, kind=kind, institution_id=tube.collector_id, role=post, title=f"{text}：{person.name if person else ''} {order.item_names}",
        url=f"{reverse('laboratory:tubes')}?view=to_collect&q={order.number}", about_resident_id=order.resident_id, subject=("order", order.id),
        urgent=order.priority == "urgent", due_at=due_at, escalate_to=tasks.Escalation(role="duty_chief"),
    )  # fmt: skip


def reminded(order_id: UUID) -> bool:
    """Whether an order is held up by a tube that is not filled, for which the collector has a task of this room."""
    return Tube.objects.filter(order_id=order_id, state__in=TO_FILL).exists()


@transaction.atomic
def label_tubes(*, tube_ids: Sequence[UUID], actor: Actor) -> list[Tube]:
    """Labels are about to be printed for these tubes; again prints them again."""
    rows = [_tube_by_key(key) for key in tube_ids]
    return [states.transition(TUBE, row, "label", actor=actor) for row in rows]


@racing("laboratory.collect_tube")
@transaction.atomic
def collect_tube(*, number: str, actor: Actor, identity_checked: bool, collected_at: Any = None) -> Tube:
    """A tube was filled at the resident's side. Scanned twice or unknown is said; when all are filled the order is collected."""
    if not identity_checked:
        raise InvalidInput(errors={"identity_checked": _("请先核对姓名和另一项身份信息，再确认采集。")})
    tube = locked(number)
    at = collected_at or clock.now()
    if at > clock.now() + FARTHEST:
        raise InvalidInput(errors={"collected_at": _("采集时间不能晚于现在。")})
    tube = step(tube, "collect", actor, collected_at=at, collected_by=actor.name[:80])
    tasks.resolve_task(key=f"{RECOLLECT}:{tube.pk}", actor=actor)
    _order_collected(tube, actor)
    return tube


@transaction.atomic
def open_box(*, temperature: str, actor: Actor) -> ConsignmentData:
    """Begin to pack a box for the centre that serves the actor's institution."""
    here = actor.institution_id
    if here is None or not actor.has(COLLECT):
        raise Forbidden(_("您的岗位不能打包标本，请由采集岗位办理。"))
    if temperature not in logistics.goods_of(SPECIMEN).bands:
        raise InvalidInput(errors={"temperature": _("请选择运送温度。")})
    centre = network.serving_centre("laboratory", here)
    if centre is None or centre.institution_id == here:
        raise InvalidInput(_("本机构没有需要送往的检验中心，标本可直接签收。"))
    return logistics.open_consignment(
        kind=SPECIMEN, receiver_id=centre.institution_id, band=temperature, number=dated_number("specimen_box", "XB"), actor=actor
    )  # fmt: skip


@transaction.atomic
def pack_tube(*, box_id: UUID, number: str, actor: Actor) -> Tube:
    """A filled tube goes into a box. A tube that is in another box, not filled, or of another institution is said."""
    box = logistics.lock_consignment(box_id)
    if box.state != "packing":
        raise InvalidInput(errors={"number": _("箱 %(box)s 已交接，请另开一箱。") % {"box": box.number}})
    tube = locked(number)
    if tube.collector_id != box.sender_id or tube.centre_id != box.receiver_id:
        raise InvalidInput(errors={"number": _("标本 %(n)s 不从本机构送往此箱的中心。") % {"n": tube.number}})
    wrong = {catalogue.items()[code].temperature for code in tube.items if code in catalogue.items()} - {box.band}
    if wrong and "frozen" in {*wrong, box.band}:
        raise InvalidInput(errors={"number": _("标本 %(n)s 的保存温度与本箱不同。") % {"n": tube.number}})
    return step(tube, "pack", actor, box_id=box.id)


@transaction.atomic
def unpack_tube(*, number: str, actor: Actor) -> Tube:
    """Taken out again before the box is closed."""
    tube = locked(number)
    if tube.box_id and (box := logistics.lock_consignment(tube.box_id)).state != "packing":
        raise InvalidInput(_("箱 %(box)s 已装好待取，请先重新开箱。") % {"box": box.number})
    return step(tube, "unpack", actor, box_id=None)


@transaction.atomic
def send_box(*, box_id: UUID, courier: str = "", seal: str = "", actor: Actor) -> ConsignmentData:
    """The box is closed and waits for the next run; with ``courier`` it is given to somebody who brings it at once."""
    box = logistics.lock_consignment(box_id)
    count = Tube.objects.filter(box_id=box.id, state="packed").count()
    if not count:
        raise InvalidInput(errors={"courier": _("箱中还没有标本。")})
    if courier.strip():
        return logistics.hand_over(consignment_id=box.id, courier=courier, pieces=count, seal=seal, actor=actor)
    return logistics.close_consignment(consignment_id=box.id, pieces=count, seal=seal, actor=actor)


def move_tubes(box_id: UUID, action: str, actor: Actor) -> None:
    """The box moved, and with it the tubes in it; called by logistics inside its change."""
    ways = {
        "load": ("send", ["packed"]), "hand_over": ("send", ["packed"]), "take_off": ("put_back", ["in_transit"]),
        "deliver": ("arrive", ["in_transit"]), "receive": ("arrive", ["packed", "in_transit"]), "withdraw": ("unpack", ["packed"]),
    }  # fmt: skip
    if action not in ways:
        return
    todo, states_now = ways[action]
    carrier, now = replace(actor, role="system"), clock.now()
    stamps: dict[str, dict[str, Any]] = {
        "send": {"sent_at": now},
        "arrive": {"arrived_at": now},
        "unpack": {"box_id": None},
    }
    values = stamps.get(todo, {})
    for tube in Tube.objects.select_for_update().filter(box_id=box_id, state__in=states_now).order_by("number"):
        states.transition(TUBE, tube, todo, actor=carrier, **values)


def locked(number: str) -> Tube:
    """The tube with this bar code, locked; NoSuchTube."""
    text = "".join(number.split())[:40]
    tube = Tube.objects.select_for_update().filter(number=text).first()
    if tube is None:
        raise NoSuchTube(number=text or "—")
    return tube


def step(tube: Tube, action: str, actor: Actor, *, reason: str = "", reason_code: str = "", **values: Any) -> Tube:
    """One step of a tube; a wrong state says where the tube is, who brought it there and when."""
    if TUBE.step(tube.state, action) is None:
        last = states.history(tube.pk)[-1]
        raise TubeElsewhere(
            number=tube.number, state=_(TUBE.states[tube.state].label), who=last.actor_name, action=_(_label(action)),
            at=last.at.astimezone(clock.SHANGHAI).strftime("%m-%d %H:%M"),
        )  # fmt: skip
    return states.transition(TUBE, tube, action, actor=actor, reason=reason, reason_code=reason_code, **values)


def _label(action: str) -> str:
    return next(one.label for one in TUBE.steps if one.action == action)


def _make(
    order: OrderData, tube: str, bench: str, specimen: str, items: Sequence[str], instead_of: Tube | None = None
) -> Tube:
    row = Tube(
        number=orders.specimen_number("10", order.performing_institution_id), order_id=order.id, instead_of=instead_of, tube=tube, bench=bench,
        specimen=specimen, items=list(items), collector_id=order.performing_institution_id, centre_id=order.reporting_institution_id,
    )  # fmt: skip
    states.start(TUBE, row, "to_collect", actor=system("orders"))
    return row


def _tube_by_key(key: UUID) -> Tube:
    row = Tube.objects.filter(pk=key).first()
    if row is None:
        raise NotFound()
    return row


def _order_collected(tube: Tube, actor: Actor) -> None:
    """The last tube of an order is filled: the order is performed."""
    waiting = reminded(tube.order_id)
    order = orders.order_facts(tube.order_id)
    if not waiting:
        tasks.resolve_task(key=f"{DRAW}:{order.id}", actor=actor)
    if order.state == "requested":
        order = orders.accept_order(order_id=order.id, actor=actor)
    if not waiting and order.state in {"accepted", "repeat"}:
        orders.finish_performing(order_id=tube.order_id, actor=actor)
