"""The centre receives, rejects, keeps and destroys tubes."""

from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.centres.laboratory.commands.collecting import RECOLLECT, ask_collector, locked, replace_tube, step
from yigong.centres.laboratory.commands.errors import WrongBox
from yigong.centres.laboratory.models import OutsideLaboratory, Tube
from yigong.centres.laboratory.rules import catalogue
from yigong.centres.laboratory.rules.tubes import AT_LABORATORY, BEFORE_LABORATORY, SPECIMEN
from yigong.core import clock
from yigong.core.actor import Actor, system
from yigong.core.commands import racing
from yigong.core.errors import InvalidInput
from yigong.logistics import api as logistics
from yigong.logistics.data import ConsignmentData
from yigong.logistics.events import ConsignmentFailed
from yigong.orders import api as orders

_AT_HAND = {*AT_LABORATORY, "sent_out", "stored"}


@racing("laboratory.receive_tube")
@transaction.atomic
def receive_tube(*, number: str, actor: Actor, condition: str = "", box_id: UUID | None = None) -> Tube:
    """A tube is accepted at the centre; of two scans at once one wins, the other learns who and when. With ``condition`` a specimen
    that cannot be taken again is accepted with that remark on the report. ``box_id`` is the box it was taken from."""
    tube = locked(number)
    if box_id is not None and tube.box_id != box_id:
        box = logistics.consignment(box_id)
        raise WrongBox(number=tube.number, box=box.number, other=tube.box.number if tube.box else _("（未装箱）"))
    action = "accept_conditionally" if condition.strip() else "accept"
    tube = _received(tube, action, actor, condition.strip())
    orders.material_received(order_id=tube.order_id, actor=system("laboratory"))
    return tube


def _received(tube: Tube, action: str, actor: Actor, condition: str) -> Tube:
    now = clock.now()
    return step(
        tube, action, actor, reason=condition, received_at=now, received_by=actor.name[:80],
        arrived_at=tube.arrived_at or now, remark=condition[:200],
    )  # fmt: skip


@transaction.atomic
def reject_tube(*, number: str, reason_code: str, reason: str, actor: Actor) -> Tube:
    """A tube is no good: the reason is kept, a new tube of the same kind waits to be filled, and its collector is asked for it."""
    tube = locked(number)
    label = orders.coded_reason(orders.service("laboratory").image_reasons, reason_code, reason)
    tube = step(
        tube,
        "reject",
        actor,
        reason=label,
        reason_code=reason_code,
        ended_at=clock.now(),
        fault=reason_code,
        remark=label[:200],
    )
    _recollect(tube, actor, label)
    return tube


@racing("laboratory.lose_tube")
@transaction.atomic
def lose_tube(*, number: str, reason: str, actor: Actor, reason_code: str = "") -> Tube:
    """A tube was spilled, broken or lost before the laboratory had it: it stays as lost with the reason, and another one of the same kind waits to
    be filled on the same order (``replacement``). Whoever collects says so, or the laboratory. The reason is one of the pack's; of a box that
    failed it is the box's. Twice at once: one counts, the other learns who was first."""
    label = (
        reason.strip() if actor.is_system else orders.coded_reason(catalogue.rules().loss_reasons, reason_code, reason)
    )
    tube = step(
        locked(number), "lose", actor, reason=label, reason_code=reason_code, ended_at=clock.now(), remark=label[:200]
    )
    _recollect(tube, actor, label)
    return tube


def receive_box(*, box_id: UUID, seal_intact: bool, tubes_in: int, actor: Actor) -> ConsignmentData:
    """The box has come and is signed for: what was counted is compared with what was sent, and its tubes have arrived."""
    return logistics.receive(consignment_id=box_id, seal_intact=seal_intact, pieces_in=tubes_in, actor=actor)


@transaction.atomic
def box_failed(event: ConsignmentFailed) -> None:
    """A box was lost or broken on its way: each tube in it is taken again. Told again, nothing is left to do."""
    if event.kind != SPECIMEN:
        return
    numbers = Tube.objects.filter(box_id=event.consignment_id, state__in=BEFORE_LABORATORY).order_by("number")
    for number in list(numbers.values_list("number", flat=True)):
        lose_tube(number=number, reason=event.reason, actor=system("logistics"))


@transaction.atomic
def send_out(*, number: str, outside_id: UUID, actor: Actor) -> Tube:
    """A tube goes on to an outside laboratory; its results are entered when they come back."""
    outside = OutsideLaboratory.objects.filter(pk=outside_id, is_active=True).first()
    if outside is None:
        raise InvalidInput(errors={"outside": _("请选择外送机构。")})
    return step(locked(number), "send_out", actor, reason=outside.name, outside=outside)


@transaction.atomic
def store_tube(*, number: str, rack: str, actor: Actor) -> Tube:
    """Kept after testing, with its place; the bench says for how many days."""
    if not rack.strip():
        raise InvalidInput(errors={"rack": _("请填写存放位置，例如“冰箱 2 架 3 层”。")})
    tube = locked(number)
    days = catalogue.rules().keep_days.get(tube.bench, 7)
    return step(tube, "store", actor, rack=rack.strip()[:40], keep_until=clock.today() + timedelta(days=days))


@transaction.atomic
def dispose_tubes(*, until: date, actor: Actor, witness: str) -> int:
    """Destroy every stored tube whose days are over; a second person witnesses. Returns how many."""
    if not witness.strip() or witness.strip() == actor.name:
        raise InvalidInput(errors={"witness": _("请填写另一位见证人的姓名。")})
    rows = Tube.objects.filter(centre_id__in=actor.places, state="stored", keep_until__lt=until).order_by("number")
    done = 0
    for tube in rows[:500]:
        step(
            tube,
            "dispose",
            actor,
            reason=_("到期销毁，见证人 %(who)s") % {"who": witness.strip()},
            ended_at=clock.now(),
        )
        done += 1
    return done


def _recollect(tube: Tube, actor: Actor, why: str) -> None:
    order = orders.order_facts(tube.order_id)
    if order.state in {"cancelled", "rejected", "refused", "stopped", "reported", "completed"}:
        return
    fresh = replace_tube(tube, order)
    text = _("标本重采（%(why)s）") % {"why": why}
    ask_collector(fresh, order, key=f"{RECOLLECT}:{fresh.pk}", kind=RECOLLECT, text=text, due_at=fresh.due_at)
    others = Tube.objects.filter(order_id=tube.order_id, state__in=_AT_HAND).exists()
    if order.state in {"acquired", "uploaded"} and not others:
        _send_order_back(order.id, why)


def _send_order_back(order_id: UUID, why: str) -> None:
    """Nothing of the order is at the centre any more: it waits to be collected again. The collector has the tube's own task and no second one."""
    orders.reject_images(order_id=order_id, reason_code="other", reason=why, actor=system("laboratory"), ask=False)
