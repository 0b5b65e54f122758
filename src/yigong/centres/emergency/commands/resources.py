"""Beds, catheter laboratory, theatre: held in the ledger for a case, used, given back."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.centres.emergency import policies
from yigong.centres.emergency.commands.common import locked_case, new_id
from yigong.centres.emergency.commands.errors import ResourceTaken
from yigong.centres.emergency.models import Case, Reservation, Resource
from yigong.centres.emergency.rules import definitions
from yigong.centres.emergency.rules.workflow import at_hospital
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import one_at_a_time, racing
from yigong.core.errors import Forbidden, InvalidInput, NotFound
from yigong.core.ledger import api as ledger

SOURCE = "emergency.published"


@transaction.atomic
def add_resource(*, institution_id: UUID, kind: str, name: str, capacity: int, actor: Actor) -> Resource:
    """Beds or rooms that can be held; their number stands in the ledger."""
    _need(actor, policies.FLEET, institution_id)
    definitions.one_of("resource", kind, "kind")
    if not name.strip() or not 1 <= capacity <= 200:
        raise InvalidInput(errors={"capacity": _("请填写名称，数量应在 1–200 之间。")})
    if Resource.objects.filter(institution_id=institution_id, kind=kind, name=name.strip()).exists():
        raise InvalidInput(errors={"name": _("这项资源已登记。")})
    row = Resource.objects.create(institution_id=institution_id, kind=kind, name=name.strip()[:60], capacity=capacity)
    source = ledger.open_account(SOURCE, row.pk, kind, may_go_negative=True)
    ledger.post(
        [(source.id, -capacity), (account_of(row), capacity)],
        key=f"emergency:publish:{row.pk}",
        actor=actor,
        reason=row.name,
    )
    return row


@racing("emergency.hold_resource")
@transaction.atomic
def hold_resource(*, case_id: UUID, resource_id: UUID, actor: Actor) -> Reservation:
    """Set one unit aside for the case; it goes back by itself when it was not used in time. The same resource twice is the same hold."""
    row = locked_case(case_id)
    if not actor.has(policies.RECEIVE) or not at_hospital(row, actor):
        raise Forbidden()
    found = Resource.objects.filter(pk=resource_id, institution_id=row.destination_id).first()
    if found is None:
        raise NotFound()
    if row.state in {"closed", "cancelled"}:
        raise InvalidInput(_("病例已结束，不能再预留。"))
    one_at_a_time("emergency.resource", found.pk)
    for held in row.reservations.filter(resource=found, returned_at__isnull=True):
        if state_of(held) in {"held", "settled"}:
            return held
    made = Reservation(id=new_id(), case=row, resource=found, made_at=clock.now(), made_by=actor.name[:80])
    made.hold_key = f"emergency:{row.pk}:{made.pk}"
    until = clock.now() + timedelta(minutes=definitions.limits().hold_minutes)
    try:
        ledger.hold(account_of(found), 1, key=made.hold_key, actor=actor, reason=row.number, about=row.pk, until=until)
    except ledger.NotEnough as refusal:
        raise _taken(found) from refusal
    made.save(force_insert=True)
    return made


@transaction.atomic
def release_resource(*, reservation_id: UUID, reason: str, actor: Actor) -> Reservation:
    """Not needed after all, or the patient has left it: free again."""
    held = _reservation(reservation_id, actor)
    if not reason.strip():
        raise InvalidInput(errors={"reason": _("请写明释放的原因。")})
    _give_back(held, actor, reason)
    return held


@transaction.atomic
def use_resource(*, reservation_id: UUID, actor: Actor) -> Reservation:
    """The patient is in it."""
    held = _reservation(reservation_id, actor)
    found = ledger.hold_of(held.hold_key)
    if found is None:
        raise NotFound()
    ledger.settle(found.id, actor=actor, reason=held.case.number)
    return held


def give_back_all(row: Case, actor: Actor, reason: str) -> None:
    """The case needs nothing any more: what was held or used is free again."""
    for held in row.reservations.filter(returned_at__isnull=True).select_related("resource"):
        _give_back(held, actor, reason)


def state_of(held: Reservation) -> str:
    """held, settled (used), released, expired, or back (used and given back)."""
    found = ledger.hold_of(held.hold_key)
    if found is None:
        return "released"
    return "back" if found.state == "settled" and held.returned_at else found.state


def account_of(row: Resource) -> UUID:
    """The ledger's account of what is free."""
    return ledger.open_account(f"emergency.{row.kind}", row.pk, row.kind).id


def _give_back(held: Reservation, actor: Actor, reason: str) -> None:
    found = ledger.hold_of(held.hold_key)
    if found is None or held.returned_at:
        return
    if found.state == "held":
        ledger.release(found.id, actor=actor, reason=reason[:200])
    elif found.state == "settled":
        used = ledger.open_account(f"emergency.{held.resource.kind}.used", held.resource_id, held.resource.kind)
        ledger.post(
            [(used.id, -1), (found.account_id, 1)], key=f"emergency:back:{held.pk}", actor=actor, reason=reason[:200], about=held.case_id
        )  # fmt: skip
    held.returned_at = clock.now()
    held.save(update_fields=["returned_at"])


def _taken(row: Resource) -> ResourceTaken:
    holding = [
        one
        for one in Reservation.objects.filter(resource=row, returned_at__isnull=True).select_related("case")
        if state_of(one) in {"held", "settled"}
    ]
    others = Resource.objects.filter(institution_id=row.institution_id, kind=row.kind).exclude(pk=row.pk)
    free = [one.name for one in others if ledger.balance(account_of(one)) > 0]
    text = _("可改用：%(names)s。") % {"names": "、".join(free)} if free else _("请联系占用方或改送其他医院。")
    return ResourceTaken(resource=row.name, by="、".join(one.case.number for one in holding) or "—", others=text)


def _reservation(reservation_id: UUID, actor: Actor) -> Reservation:
    held = Reservation.objects.select_related("case", "resource").filter(pk=reservation_id).first()
    if held is None:
        raise NotFound()
    locked_case(held.case_id)
    if not actor.has(policies.RECEIVE) or held.resource.institution_id not in actor.institution_ids:
        raise Forbidden()
    held.refresh_from_db(fields=["returned_at"])
    return held


def _need(actor: Actor, permission: str, institution_id: UUID) -> None:
    if not actor.has(permission) or not (actor.is_system or institution_id in actor.institution_ids):
        raise Forbidden(_("只能维护本机构的资源。"))
