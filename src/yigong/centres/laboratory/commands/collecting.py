"""From an order to filled, boxed and sent tubes: the collecting side."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.centres.laboratory.commands.errors import NoSuchTube, TubeElsewhere
from yigong.centres.laboratory.models import Box, Tube, TubeTemperature
from yigong.centres.laboratory.policies import COLLECT, LABORATORY
from yigong.centres.laboratory.rules import catalogue
from yigong.centres.laboratory.rules.tubes import BOX, TUBE
from yigong.core import clock
from yigong.core.actor import Actor, system
from yigong.core.commands import racing
from yigong.core.errors import Forbidden, InvalidInput, NotFound
from yigong.core.numbers.api import dated_number
from yigong.core.states import api as states
from yigong.network import api as network
from yigong.orders import api as orders
from yigong.orders.data import OrderData
from yigong.tasks import api as tasks

RECOLLECT = "laboratory.recollect"
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


def replace_tube(tube: Tube, order: OrderData) -> Tube:
    """Another container in place of one that is no good."""
    return _make(order, tube.tube, tube.bench, tube.specimen, tuple(tube.items), instead_of=tube)


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
def open_box(*, temperature: str, actor: Actor) -> Box:
    """Begin to pack a box for the centre that serves the actor's institution."""
    here = actor.institution_id
    if here is None or not actor.has(COLLECT):
        raise Forbidden(_("您的岗位不能打包标本，请由采集岗位办理。"))
    if temperature not in catalogue.rules().temperatures:
        raise InvalidInput(errors={"temperature": _("请选择运送温度。")})
    centre = network.serving_centre("laboratory", here)
    if centre is None or centre.institution_id == here:
        raise InvalidInput(_("本机构没有需要送往的检验中心，标本可直接签收。"))
    box = Box(
        number=dated_number("specimen_box", "XB"), sender_id=here, receiver_id=centre.institution_id, temperature=temperature,
        packed_by=actor.name[:80],
    )  # fmt: skip
    states.start(BOX, box, "packing", actor=actor)
    return box


@transaction.atomic
def pack_tube(*, box_id: UUID, number: str, actor: Actor) -> Tube:
    """A filled tube goes into a box. A tube that is in another box, not filled, or of another institution is said."""
    box = _box(box_id)
    if box.state != "packing":
        raise InvalidInput(errors={"number": _("箱 %(box)s 已交接，请另开一箱。") % {"box": box.number}})
    tube = locked(number)
    if tube.collector_id != box.sender_id or tube.centre_id != box.receiver_id:
        raise InvalidInput(errors={"number": _("标本 %(n)s 不从本机构送往此箱的中心。") % {"n": tube.number}})
    wrong = {catalogue.items()[code].temperature for code in tube.items if code in catalogue.items()} - {
        box.temperature
    }
    if wrong and "frozen" in {*wrong, box.temperature}:
        raise InvalidInput(errors={"number": _("标本 %(n)s 的保存温度与本箱不同。") % {"n": tube.number}})
    return step(tube, "pack", actor, box=box)


@transaction.atomic
def unpack_tube(*, number: str, actor: Actor) -> Tube:
    """Taken out again before the box leaves."""
    return step(locked(number), "unpack", actor, box=None)


@transaction.atomic
def send_box(*, box_id: UUID, courier: str, seal: str, actor: Actor) -> Box:
    """The box is handed to a courier; its tubes are under way."""
    errors = {}
    if not courier.strip():
        errors["courier"] = _("请填写接收的物流员姓名。")
    box = _box(box_id)
    rows = list(Tube.objects.select_for_update().filter(box=box, state="packed").order_by("number"))
    if not rows:
        errors["courier"] = _("箱中还没有标本。")
    if errors:
        raise InvalidInput(errors=errors)
    now = clock.now()
    box = states.transition(
        BOX,
        box,
        "send",
        actor=actor,
        sent_at=now,
        courier=courier.strip()[:80],
        seal=seal.strip()[:40],
        tubes_out=len(rows),
    )
    for tube in rows:
        states.transition(TUBE, tube, "send", actor=actor, sent_at=now)
    return box


@transaction.atomic
def note_temperature(*, box_id: UUID, celsius: Decimal, actor: Actor, at: Any = None) -> TubeTemperature:
    """One reading under way or at the arrival; outside the box's limits is marked, nothing is thrown away by it."""
    box = _box(box_id)
    if not ({box.sender_id, box.receiver_id} & actor.places) or not (actor.has(COLLECT) or actor.has(LABORATORY)):
        raise Forbidden(_("温度由送出或接收机构登记。"))
    if box.state == "packing":
        raise InvalidInput(errors={"celsius": _("交接之后才登记途中温度。")})
    if not -100 <= celsius <= 80:
        raise InvalidInput(errors={"celsius": _("请填写 -100 到 80 之间的温度。")})
    limits = catalogue.rules().temperatures[box.temperature]
    return TubeTemperature.objects.create(
        box=box,
        celsius=celsius,
        is_within=limits.low <= celsius <= limits.high,
        recorded_by=actor.name[:80],
        at=at or clock.now(),
    )


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


def _box(key: UUID) -> Box:
    row = Box.objects.select_for_update().filter(pk=key).first()
    if row is None:
        raise NotFound()
    return row


def _order_collected(tube: Tube, actor: Actor) -> None:
    """The last tube of an order is filled: the order is performed."""
    waiting = Tube.objects.filter(order_id=tube.order_id, state__in=["to_collect", "labelled"]).exists()
    order = orders.order_facts(tube.order_id)
    if order.state == "requested":
        order = orders.accept_order(order_id=order.id, actor=actor)
    if not waiting and order.state in {"accepted", "repeat"}:
        orders.finish_performing(order_id=tube.order_id, actor=actor)
