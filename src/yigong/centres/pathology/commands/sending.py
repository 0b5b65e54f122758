"""The sending side: containers of an order, their labels, the times of removal and fixation."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from yigong.centres.pathology.commands.receiving import CLARIFY, ask_sender
from yigong.centres.pathology.commands.steps import locked, step
from yigong.centres.pathology.models import Specimen
from yigong.centres.pathology.policies import SEND
from yigong.centres.pathology.rules import catalogue
from yigong.centres.pathology.rules.specimens import SPECIMEN
from yigong.core import clock
from yigong.core.actor import Actor, system
from yigong.core.errors import Conflict, Forbidden, InvalidInput
from yigong.core.states import api as states
from yigong.logistics import api as logistics
from yigong.logistics.data import ConsignmentData
from yigong.logistics.events import ConsignmentFailed
from yigong.orders import api as orders
from yigong.orders.data import OrderData
from yigong.tasks import api as tasks

FARTHEST = timedelta(minutes=2)
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
# The kind of goods that boxes of containers are.
PATHOLOGY = "pathology"
OPEN = {"requested", "accepted", "acquired", "repeat", "uploaded"}


@transaction.atomic
def add_container(*, order_id: UUID, label: str, actor: Actor, site: str = "", pieces: int | None = None) -> Specimen:
    """One more container of an order, with a bar code and a letter of its own."""
    order = orders.order_facts(order_id)
    if not actor.is_system and not (order.performing_institution_id in actor.places and actor.has(SEND)):
        raise Forbidden(_("标本由取材机构的医护人员登记。"))
    if order.state not in OPEN:
        raise Conflict(
            _("申请单 %(n)s 现为“%(state)s”，不能再加标本。") % {"n": order.number, "state": order.state_label}
        )
    errors = {}
    if not label.strip():
        errors["label"] = _("请填写标本名称，例如“胃窦黏膜”。")
    if pieces is not None and not 0 < pieces <= 200:
        errors["pieces"] = _("请填写 1 到 200 之间的件数。")
    if errors:
        raise InvalidInput(errors=errors)
    row = Specimen(
        kind=Specimen.Kind.CONTAINER, code=orders.specimen_number("40", order.performing_institution_id), order_id=order.id,
        sender_id=order.performing_institution_id, centre_id=order.reporting_institution_id, letter=_letter(order.id),
        label=label.strip()[:80], site=site.strip()[:80], pieces=pieces,
    )  # fmt: skip
    try:
        with transaction.atomic():
            states.start(SPECIMEN, row, "to_send", actor=actor)
    except IntegrityError:  # somebody added another container in the same moment
        raise Conflict(_("同一申请单刚刚新增了标本，请刷新后再加。")) from None
    return row


def begin_containers(order: OrderData, labels: Sequence[str], actor: Actor) -> None:
    """The specimens that the request names, each in a container of its own; called while the order is placed, whoever will fill them."""
    for label in labels:
        add_container(order_id=order.id, label=label, actor=replace(actor, role="system"))


@transaction.atomic
def register_container(
    *, code: str, fixative: str, actor: Actor, removed_at: datetime | None = None, fixed_at: datetime | None = None,
    unknown: bool = False, answer: str = "",
) -> Specimen:  # fmt: skip
    """When the tissue was removed and when it came into which fixative; again corrects it until it is received. Times that nobody knows are
    said to be unknown (``unknown``), never left out by oversight. After a rejection ``answer`` says what was put right."""
    row = locked(code)
    order = orders.order_facts(row.order_id)
    known = catalogue.rules().fixatives.get(fixative)
    errors = _wrong_times(
        removed_at, fixed_at, needs_fixing=bool(known and known.fixes), unknown=unknown, fixative=fixative
    )
    if known is None:
        errors["fixative"] = _("请选择固定液。")
    if row.state == "rejected" and not answer.strip():
        errors["answer"] = _("标本曾被拒收（%(why)s），请写明如何补正。") % {"why": row.remark}
    if errors:
        raise InvalidInput(errors=errors)
    assert known is not None
    row = step(
        row, "register", actor, reason=answer, removed_at=removed_at, fixed_at=fixed_at if known.fixes else None,
        fixative=fixative, fault="", remark=answer.strip()[:300],
    )  # fmt: skip
    tasks.resolve_task(key=f"{CLARIFY}:{row.pk}", actor=actor, note=answer)
    _sent_in(order, actor)
    return row


@transaction.atomic
def pack_containers(*, order_id: UUID, actor: Actor) -> ConsignmentData:
    """The containers of an order that are written down go into the box that waits here for the next run; one box for all orders of a house."""
    order = orders.order_facts(order_id)
    if not (order.performing_institution_id in actor.places and actor.has(SEND)):
        raise Forbidden(_("标本由取材机构的医护人员交运。"))
    rows = list(
        Specimen.objects.select_for_update().filter(order_id=order_id, kind="container", state="ready", consignment__isnull=True)
    )  # fmt: skip
    if not rows:
        raise InvalidInput(_("没有已登记时间、待交运的标本。"))
    here, there = rows[0].sender_id, rows[0].centre_id
    if here == there:
        raise InvalidInput(_("病理中心就在本机构，请直接送去核收。"))
    carrier = replace(actor, role="system")
    open_now = logistics.consignment_list(actor, view="to_send", kind=PATHOLOGY).items
    box = next((one for one in open_now if (one.sender_id, one.receiver_id) == (here, there)), None)
    if box is None:
        box = logistics.open_consignment(kind=PATHOLOGY, sender_id=here, receiver_id=there, band="any", actor=carrier)
    elif box.state == "waiting":
        box = logistics.reopen_consignment(consignment_id=box.id, actor=carrier)
    Specimen.objects.filter(pk__in=[row.pk for row in rows]).update(consignment=box.id)
    count = Specimen.objects.filter(consignment=box.id).count()
    return logistics.close_consignment(consignment_id=box.id, pieces=count, actor=carrier)


def box_moved(box_id: UUID, action: str, actor: Actor) -> None:
    """A box that is not sent after all gives its containers back; called by logistics inside its change."""
    if action == "withdraw":
        Specimen.objects.filter(consignment=box_id).update(consignment=None)


@transaction.atomic
def box_failed(event: ConsignmentFailed) -> None:
    """Lost or broken on the way: each container is sent back to its sender, who looks what can be taken again. Told again, nothing is left to do."""
    if event.kind != PATHOLOGY:
        return
    rows = Specimen.objects.select_for_update().filter(consignment=event.consignment_id, state="ready").order_by("code")
    for row in list(rows):
        why = _("途中丢失：%(why)s") if event.how == "lost" else _("途中破损：%(why)s")
        reason = (why % {"why": event.reason})[:300]
        ask_sender(
            step(row, "reject", system("logistics"), reason=reason, fault="other", remark=reason, consignment=None),
            reason,
        )


@transaction.atomic
def cancel_container(*, code: str, reason: str, actor: Actor) -> Specimen:
    """A container that was not received is taken back by its sender."""
    row = step(locked(code), "cancel", actor, reason=reason, remark=reason.strip()[:300])
    tasks.cancel_task(key=f"{CLARIFY}:{row.pk}", reason=reason, actor=actor)
    return row


def cancel_all(order_id: UUID, reason: str) -> None:
    """The order has ended: containers that were not received are nobody's; called by the order mechanism."""
    for row in Specimen.objects.filter(order_id=order_id, kind="container", state__in=["to_send", "ready", "rejected"]):
        states.transition(SPECIMEN, row, "cancel", actor=system("orders"), reason=reason or "—")
        tasks.cancel_task(key=f"{CLARIFY}:{row.pk}", reason=reason or "—", actor=system("orders"))


def _letter(order_id: UUID) -> str:
    used = set(Specimen.objects.filter(order_id=order_id, kind="container").values_list("letter", flat=True))
    free = next((one for one in LETTERS if one not in used), None)
    if free is None:
        raise InvalidInput(errors={"label": _("一张申请单最多 %(n)s 瓶，请另开一张。") % {"n": len(LETTERS)}})
    return free


def _wrong_times(removed: Any, fixed: Any, *, needs_fixing: bool, unknown: bool, fixative: str) -> dict[str, str]:
    errors = {}
    latest = clock.now() + FARTHEST
    for name, value in (("removed_at", removed), ("fixed_at", fixed)):
        if value and value > latest:
            errors[name] = _("时间不能晚于现在。")
    if removed is None and not unknown and fixative != "slides":
        errors["removed_at"] = _("请填写离体时间；确实不详的请勾选“时间不详”。")
    if needs_fixing and fixed is None and not unknown:
        errors["fixed_at"] = _("请填写入固定液时间；确实不详的请勾选“时间不详”。")
    if removed and fixed and fixed < removed:
        errors["fixed_at"] = _("入固定液时间不能早于离体时间。")
    return errors


def _sent_in(order: OrderData, actor: Actor) -> None:
    """The last container of an order is written down: the order is performed and waits for the centre."""
    if Specimen.objects.filter(order_id=order.id, kind="container", state="to_send").exists():
        return
    if order.state == "requested":
        order = orders.accept_order(order_id=order.id, actor=actor)
    if order.state in {"accepted", "repeat"}:
        orders.finish_performing(order_id=order.id, actor=actor)
