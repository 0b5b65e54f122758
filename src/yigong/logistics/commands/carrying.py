"""A consignment from packing to its receipt, and what goes wrong on its way."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.constraints import refusing
from yigong.core.errors import Forbidden, InvalidInput, NotFound
from yigong.core.events.api import record
from yigong.core.numbers.api import dated_number
from yigong.core.states import api as states
from yigong.logistics.commands import alarms
from yigong.logistics.data import ConsignmentData, ReadingData
from yigong.logistics.errors import (
    CourierSigns,
    Incompatible,
    NoSuchConsignment,
    NotOnTheWay,
    NotReceiver,
    NotYourRun,
    OtherTemperature,
    RunNotOpen,
)
from yigong.logistics.events import ConsignmentFailed
from yigong.logistics.kinds import carried_as
from yigong.logistics.models import Consignment, Run, RunStop, Temperature
from yigong.logistics.policies import SEND
from yigong.logistics.queries import consignments as queries
from yigong.logistics.rules import definitions
from yigong.logistics.rules.workflow import CONSIGNMENT, OPEN, RUN, at_receiver, at_sender, drives, on_the_run

MOST_PIECES = 500


@transaction.atomic
def open_consignment(
    *,
    kind: str,
    receiver_id: UUID,
    band: str,
    actor: Actor,
    sender_id: UUID | None = None,
    pieces: int = 0,
    note: str = "",
    number: str = "",
) -> ConsignmentData:
    """Begin to pack something for another institution. ``number`` is the owning room's own where it has one."""
    here = sender_id or actor.institution_id
    if here is None or not (actor.is_system or (actor.has(SEND) and here in actor.places)):
        raise Forbidden(_("您的岗位不能交运物品，请由本机构护士或相应岗位办理。"))
    definitions.check_band(kind, band)
    if here == receiver_id:
        raise InvalidInput(errors={"receiver_id": _("寄出和接收不能是同一机构。")})
    _check_pieces(pieces)
    row = Consignment(
        number=number or dated_number("logistics.consignment", "WL"), kind=kind, sender_id=here, receiver_id=receiver_id, band=band,
        packed_by=actor.name[:80], pieces_out=pieces, note=note.strip()[:120],
    )  # fmt: skip
    states.start(CONSIGNMENT, row, "packing", actor=actor)
    return queries.one(row.pk)


@transaction.atomic
def close_consignment(
    *, consignment_id: UUID, actor: Actor, pieces: int | None = None, seal: str = ""
) -> ConsignmentData:
    """Packed: it waits for the next run."""
    row = locked(consignment_id)
    count = row.pieces_out if pieces is None else pieces
    if not count:
        raise InvalidInput(errors={"pieces": _("请填写件数。")})
    _check_pieces(count)
    return _step(row, "close", actor, pieces_out=count, seal=seal.strip()[:80] or row.seal)


@transaction.atomic
def reopen_consignment(*, consignment_id: UUID, actor: Actor) -> ConsignmentData:
    """Something is put in or taken out before it is fetched."""
    return _step(locked(consignment_id), "open", actor)


@transaction.atomic
def hand_over(
    *, consignment_id: UUID, courier: str, actor: Actor, pieces: int | None = None, seal: str = ""
) -> ConsignmentData:
    """Given to somebody who brings it, outside every run."""
    if not courier.strip():
        raise InvalidInput(errors={"courier": _("请填写接收的物流员姓名。")})
    row = locked(consignment_id)
    count = row.pieces_out if pieces is None else pieces
    _check_pieces(count)
    return _step(
        row, "hand_over", actor, courier=courier.strip()[:80], courier_staff=None, loaded_at=clock.now(), pieces_out=count,
        seal=seal.strip()[:80] or row.seal,
    )  # fmt: skip


@racing("logistics.load")
@transaction.atomic
def load(
    *, number: str, run_id: UUID, actor: Actor, box: str = "", at: datetime | None = None, note: str = ""
) -> ConsignmentData:
    """Scanned onto a run. The run is locked first: what may not lie together is decided one after the other. ``at`` and ``note``: when, and why it
    is told later."""
    run = open_run(run_id, actor)
    row = scanned(number)
    step = states.check(CONSIGNMENT, row, "load", actor=actor)
    place = box or definitions.goods_of(row.kind).box
    if place not in definitions.parameters().boxes:
        raise InvalidInput(errors={"box": _("请从列表中选择车上的箱。")})
    _check_way(run, row)
    _check_box(run, row, place)
    return _step(
        row, step.action, actor, reason=note, run=run, box=place, courier=_driver(run)[:80], courier_staff_id=run.driver_id,
        loaded_at=at or clock.now(),
    )  # fmt: skip


@transaction.atomic
def take_off(*, consignment_id: UUID, reason: str, actor: Actor) -> ConsignmentData:
    """Loaded by mistake: back to where it waits."""
    row = locked(consignment_id)
    return _step(
        row, "take_off", actor, reason=reason, run=None, box="", courier="", courier_staff=None, loaded_at=None
    )


@transaction.atomic
def deliver(*, consignment_id: UUID, actor: Actor, at: datetime | None = None, note: str = "") -> ConsignmentData:
    """Put down at its receiver's, who is asked to sign. ``at`` and ``note``: when, and why it is told later."""
    row = locked(consignment_id)
    done = _step(row, "deliver", actor, reason=note, arrived_at=at or clock.now())
    alarms.ask_to_sign(locked(row.pk))
    return done


@racing("logistics.receive")
@transaction.atomic
def receive(
    *,
    consignment_id: UUID,
    actor: Actor,
    pieces_in: int | None = None,
    seal_intact: bool = True,
    note: str = "",
) -> ConsignmentData:
    """Signed for by the receiver himself; what was counted is compared with what was sent. Whoever carried it may not sign."""
    row = locked(consignment_id)
    _check_signer(row, actor)
    count = row.pieces_out if pieces_in is None else pieces_in
    if not 0 <= count <= MOST_PIECES:
        raise InvalidInput(errors={"pieces_in": _("请填写实收件数。")})
    unit = definitions.goods_of(row.kind).unit
    told = [] if seal_intact else [_("封签破损")]
    if count != row.pieces_out:
        told.append(_("送出 %(a)s %(unit)s，实收 %(b)s %(unit)s") % {"a": row.pieces_out, "b": count, "unit": unit})
    if note.strip():
        told.append(note.strip())
    now = clock.now()
    refusal = CourierSigns(number=row.number, who=row.courier, receiver=row.receiver.short_name)
    with refusing(logistics_courier_does_not_sign=refusal):
        done = _step(
            row, "receive", actor, pieces_in=count, difference="；".join(told)[:200], received_at=now, received_by=actor.name[:80],
            received_staff_id=actor.staff_id, arrived_at=row.arrived_at or now,
        )  # fmt: skip
    alarms.settle(row, actor)
    return done


@transaction.atomic
def report_damage(*, consignment_id: UUID, reason: str, actor: Actor) -> ConsignmentData:
    """Broken: it goes no further; the owning room is told."""
    return _fail(consignment_id, "damage", reason, actor)


@transaction.atomic
def report_loss(*, consignment_id: UUID, reason: str, actor: Actor) -> ConsignmentData:
    """Lost: the owning room is told."""
    return _fail(consignment_id, "lose", reason, actor)


@transaction.atomic
def withdraw(*, consignment_id: UUID, reason: str, actor: Actor) -> ConsignmentData:
    """Not sent after all."""
    return _step(locked(consignment_id), "withdraw", actor, reason=reason)


@transaction.atomic
def note_temperature(
    *, consignment_id: UUID, celsius: Decimal, actor: Actor, at: datetime | None = None, is_late: bool = False
) -> ReadingData:
    """One reading on the way or at the arrival; outside the band both ends are told, nothing is thrown away by it. ``is_late``: told later than read."""
    row = locked(consignment_id)
    if not (actor.is_system or at_sender(row, actor) or at_receiver(row, actor) or on_the_run(row, actor)):
        raise Forbidden(_("温度由送出机构、接收机构或运送人登记。"))
    if row.state == "packing":
        raise InvalidInput(errors={"celsius": _("交接之后才登记途中温度。")})
    if not -100 <= celsius <= 80:
        raise InvalidInput(errors={"celsius": _("请填写 -100 到 80 之间的温度。")})
    reading = Temperature.objects.create(
        consignment=row, celsius=celsius, is_within=definitions.bands()[row.band].holds(celsius), at=at or clock.now(),
        recorded_by=actor.name[:80], is_late=is_late,
    )  # fmt: skip
    if not reading.is_within and row.state in OPEN:
        alarms.excursion(row, reading)
    return ReadingData(row.pk, reading.celsius, reading.is_within, reading.at, reading.recorded_by, is_late)


@transaction.atomic
def note_box_temperature(*, run_id: UUID, box: str, celsius: Decimal, actor: Actor) -> list[ReadingData]:
    """The thermometer of one box of the vehicle, for everything in it."""
    run = open_run(run_id, actor)
    rows = Consignment.objects.filter(run=run, box=box, state="aboard").order_by("number").values_list("pk", flat=True)
    if not rows:
        raise InvalidInput(errors={"box": _("“%(box)s”里现在没有物品。") % {"box": box}})
    return [note_temperature(consignment_id=key, celsius=celsius, actor=actor) for key in rows]


@transaction.atomic
def note_past_temperature(*, run_id: UUID, box: str, celsius: Decimal, at: datetime, actor: Actor) -> list[ReadingData]:
    """The same told later: for everything that lay in the box at that time, wherever it is by now."""
    was = Consignment.objects.filter(run_id=run_id, box=box, loaded_at__lte=at).exclude(arrived_at__lt=at)
    rows = was.order_by("number").values_list("pk", flat=True)
    if not rows:
        raise InvalidInput(errors={"box": _("“%(box)s”里那时没有物品。") % {"box": box}})
    return [note_temperature(consignment_id=key, celsius=celsius, actor=actor, at=at, is_late=True) for key in rows]


def lock_consignment(consignment_id: UUID) -> ConsignmentData:
    """For the owning room, before it puts something in or takes something out."""
    return queries.one(locked(consignment_id).pk)


def locked(consignment_id: UUID) -> Consignment:
    """The consignment, locked, with its two ends and its run."""
    rows = Consignment.objects.select_for_update(of=("self",)).select_related("sender", "receiver", "run")
    row = rows.filter(pk=consignment_id).first()
    if row is None:
        raise NotFound()
    return row


def scanned(number: str) -> Consignment:
    """The consignment of a scanned or typed number, locked."""
    wanted = "".join(number.split()).upper()[:32]
    found = Consignment.objects.filter(number=wanted).values_list("pk", flat=True).first()
    if found is None:
        raise NoSuchConsignment(number=wanted or "—")
    return locked(found)


def open_run(run_id: UUID, actor: Actor) -> Run:
    """A run that takes things, locked; only its driver and its dispatcher load and unload."""
    run = Run.objects.select_for_update(of=("self",)).select_related("driver").filter(pk=run_id).first()
    if run is None:
        raise NotFound()
    if not (actor.is_system or drives(run, actor)):
        raise NotYourRun(run=run.number, driver=_driver(run) or _("未安排"))
    if run.state not in {"planned", "under_way"}:
        raise RunNotOpen(run=run.number, state=RUN.label(run.state))
    if run.driver_id is None:
        raise InvalidInput(_("班次 %(run)s 还没有安排司机，请先安排再装车。") % {"run": run.number})
    return run


def _driver(run: Run) -> str:
    return run.driver.name if run.driver else ""


def _check_pieces(count: int) -> None:
    if not 0 <= count <= MOST_PIECES:
        raise InvalidInput(errors={"pieces": _("件数应在 0 到 %(most)s 之间。") % {"most": MOST_PIECES}})


def _check_way(run: Run, row: Consignment) -> None:
    ahead = RunStop.objects.filter(run=run, institution_id=row.receiver_id, left_at__isnull=True, skipped="")
    if not ahead.exists():
        raise NotOnTheWay(run=run.number, receiver=row.receiver.short_name, number=row.number)


def _check_box(run: Run, row: Consignment, box: str) -> None:
    apart = definitions.apart(row.kind)
    for other in Consignment.objects.filter(run=run, box=box, state="aboard"):
        names = definitions.goods()
        if other.kind in apart:
            raise Incompatible(kind=names[row.kind].label, other=names[other.kind].label, number=other.number, box=box)
        if "any" not in {other.band, row.band} and other.band != row.band:
            bands = definitions.bands()
            raise OtherTemperature(
                box=box, there=bands[other.band].label, wanted=bands[row.band].label, number=row.number
            )


def _check_signer(row: Consignment, actor: Actor) -> None:
    if actor.is_system:
        return
    if row.receiver_id not in actor.places:
        raise NotReceiver(number=row.number, receiver=row.receiver.short_name)
    # Without an account the name is all that is known of whoever carried it.
    carried = row.courier_staff_id == actor.staff_id if row.courier_staff_id else row.courier == actor.name
    if carried and row.courier:
        raise CourierSigns(number=row.number, who=row.courier, receiver=row.receiver.short_name)


def _fail(consignment_id: UUID, action: str, reason: str, actor: Actor) -> ConsignmentData:
    row = locked(consignment_id)
    done = _step(row, action, actor, reason=reason, difference=reason.strip()[:200])
    alarms.settle(row, actor)
    alarms.failed(row, done.state_label, reason.strip())
    record(ConsignmentFailed(row.pk, row.kind, done.state, reason.strip()[:200]))
    return done


def _step(row: Consignment, action: str, actor: Actor, *, reason: str = "", **values: Any) -> ConsignmentData:
    moved = states.transition(CONSIGNMENT, row, action, actor=actor, reason=reason, **values)
    follow = carried_as(row.kind).moved
    if follow is not None:
        follow(moved.pk, action, actor)
    return queries.one(moved.pk)
