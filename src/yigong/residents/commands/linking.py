"""Merge, split, link and unlink. An operation keeps what it moved, so that it can be undone at any later time."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.audit.api import acting
from yigong.core.commands import racing
from yigong.core.constraints import refusing
from yigong.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from yigong.core.events.api import record
from yigong.residents import policies, queries
from yigong.residents.commands import moving
from yigong.residents.commands.writing import search_fields
from yigong.residents.data import LinkOperationData
from yigong.residents.events import RecordsMoved, ResidentMerged
from yigong.residents.holdings import Holding, under_way
from yigong.residents.models import CandidatePair, LinkOperation, Resident, SourceRecord
from yigong.residents.queries.operations import operation_data
from yigong.residents.rules import golden

Kind, State = LinkOperation.Kind, LinkOperation.State


@racing("residents.merge")
@transaction.atomic
def merge_residents(*, survivor_id: UUID, other_id: UUID, reason: str, actor: Actor) -> LinkOperationData:
    """Two identities are one person: the other's records, numbers, contacts and relationships go to the survivor; its key leads there.

    With something under way at either side (open orders, money) the operation waits for a second person (``state`` waiting).
    Raises AlreadyMerged, InvalidInput (no reason, the same identity twice), Conflict when the merge was asked for already.
    """
    survivor, other = _two_sides(survivor_id, other_id, reason, actor)
    why_two = "、".join(_("%(room)s %(n)s 项在办") % {"room": h.label, "n": h.active} for h in _busy(survivor, other))
    operation = _operation(Kind.MERGE, other, survivor, reason, actor)
    operation.why_two = why_two[:400]
    asked_twice = Conflict(_("这两份档案的合并已经提交，正等待第二人确认。"))
    with refusing(link_operation_asked_once=asked_twice):
        operation.save(force_insert=True)
    if not why_two:
        _merge(operation, other, survivor, actor)
    return operation_data(operation)


@racing("residents.confirm_merge")
@transaction.atomic
def confirm_operation(*, operation_id: UUID, actor: Actor, note: str = "") -> LinkOperationData:
    """The second person agrees, and the waiting merge is carried out as things stand now. Nobody confirms their own."""
    operation = _waiting(operation_id, actor)
    people = moving.lock_people([operation.origin_id, operation.target_id])
    origin, target = people[operation.origin_id], people[operation.target_id]
    for resident in (origin, target):
        moving.refuse_merged(resident)
    _second(operation, actor, note)
    _merge(operation, origin, target, actor)
    return operation_data(operation)


@transaction.atomic
def refuse_operation(*, operation_id: UUID, reason: str, actor: Actor) -> LinkOperationData:
    """The second person does not agree, or whoever asked takes it back; nothing has moved."""
    _need_reason(reason)
    operation = _waiting(operation_id, actor, own=True)
    _second(operation, actor, reason)
    operation.state = State.REFUSED
    operation.save()
    reopened = {"state": "open", "decided_at": None, "decided_by": "", "decided_staff_id": None, "operation": None}
    CandidatePair.objects.filter(operation=operation).update(**reopened)
    return operation_data(operation)


@racing("residents.split")
@transaction.atomic
def split_resident(*, resident_id: UUID, record_ids: Collection[UUID], reason: str, actor: Actor) -> LinkOperationData:
    """Take these records out of a person into a new identity of their own; at least one named record stays behind."""
    return _split(Kind.SPLIT, resident_id, record_ids, reason, actor)


@transaction.atomic
def unlink_record(*, record_id: UUID, reason: str, actor: Actor) -> LinkOperationData:
    """Take one record out of the person it hangs on; it becomes an identity of its own."""
    return _split(Kind.UNLINK, _record(record_id).resident_id, [record_id], reason, actor)


@racing("residents.link")
@transaction.atomic
def link_record(*, record_id: UUID, resident_id: UUID, reason: str, actor: Actor) -> LinkOperationData:
    """Hang one record on another person. The last record of a person is not moved this way: that is a merge."""
    found = _record(record_id)
    target, origin = _two_sides(resident_id, found.resident_id, reason, actor)
    keys = _movable(origin, [record_id])
    operation = _operation(Kind.LINK, origin, target, reason, actor)
    operation.save(force_insert=True)
    with acting(actor, reason=operation.reason):
        for resident in (origin, target):
            moving.ground(resident, actor)
        _carry(operation, keys, origin, target)
    return operation_data(operation)


def _two_sides(target_id: UUID, origin_id: UUID, reason: str, actor: Actor) -> tuple[Resident, Resident]:
    policies.require(actor, policies.LINK)
    _need_reason(reason)
    if target_id == origin_id:
        raise InvalidInput(_("两边是同一份档案，请选择另一份档案。"))
    people = moving.lock_people([target_id, origin_id])
    for resident in people.values():
        moving.refuse_merged(resident)
    return people[target_id], people[origin_id]


def _need_reason(reason: str) -> None:
    if not reason.strip():
        raise InvalidInput(errors={"reason": _("请填写原因，例如“核对身份证，确为同一人”。")})


def _busy(survivor: Resident, other: Resident) -> list[Holding]:
    return under_way(queries.identities(survivor.id) | queries.identities(other.id))


def _operation(kind: str, origin: Resident, target: Resident, reason: str, actor: Actor) -> LinkOperation:
    return LinkOperation(
        kind=kind, state=State.WAITING, origin=origin, target=target, reason=reason.strip()[:400], actor_name=actor.name,
        staff_id=actor.staff_id, institution_id=actor.institution_id, asked_at=clock.now(),
    )  # fmt: skip


def _merge(operation: LinkOperation, origin: Resident, target: Resident, actor: Actor) -> None:
    with acting(actor, reason=operation.reason):
        for resident in (origin, target):
            moving.ground(resident, actor)
        keys = list(SourceRecord.objects.filter(resident=origin).values_list("id", flat=True))
        operation.records = keys
        moving.move_records(operation, keys, origin, target)
        operation.moves = _along(origin, target)
        origin.status, origin.merged_into = Resident.Status.MERGED, target
        origin.closed_on, origin.closed_reason = clock.today(), operation.reason[:200]
        moving.save_people([origin])
        moving.set_golden(target)
        moving.save_people([target])
        _done(operation)
    record(ResidentMerged(target.id, origin.id, operation.id))


def _along(origin: Resident, target: Resident) -> dict[str, Any]:
    """Move what belongs to the person and to no record, and note it for the undo."""
    contacts = list(origin.contacts.values_list("id", flat=True))
    origin.contacts.update(resident=target)
    shared = access.share_relationships(from_resident=origin.id, to_resident=target.id)
    closed_on = origin.closed_on.isoformat() if origin.closed_on else None
    return {
        "contacts": [str(key) for key in contacts],
        "relationships": [str(key) for key in shared],
        "taken": moving.take_over(origin, target),
        "was": {"status": origin.status, "closed_on": closed_on, "closed_reason": origin.closed_reason},
    }


def _done(operation: LinkOperation) -> None:
    operation.state, operation.done_at = State.DONE, clock.now()
    operation.save()


def _carry(operation: LinkOperation, keys: list[UUID], origin: Resident, target: Resident) -> None:
    operation.records = keys
    _done(operation)
    moving.move_records(operation, keys, origin, target)
    for resident in (origin, target):
        moving.set_golden(resident)
    moving.save_people([origin, target])
    record(RecordsMoved(origin.id, target.id, operation.kind, operation.id))


def _split(kind: str, resident_id: UUID, keys: Collection[UUID], reason: str, actor: Actor) -> LinkOperationData:
    policies.require(actor, policies.LINK)
    _need_reason(reason)
    origin = moving.lock_people([resident_id])[resident_id]
    moving.refuse_merged(origin)
    with acting(actor, reason=reason.strip()):
        moving.ground(origin, actor)
        wanted = _movable(origin, keys)
        target = _new_identity(origin, wanted)
        operation = _operation(kind, origin, target, reason, actor)
        operation.moves = {"created": str(target.id)}
        operation.save(force_insert=True)
        _carry(operation, wanted, origin, target)
        _let_in(target)
    return operation_data(operation)


def _movable(origin: Resident, keys: Collection[UUID]) -> list[UUID]:
    """The records asked for, when they hang here and both sides keep a name."""
    told = queries.contributions(queries.records_of([origin.id]))
    wanted = [key for key in dict.fromkeys(keys) if key in told]
    if not wanted or len(wanted) != len(set(keys)):
        raise Conflict(_("所选的来源记录已不在这份档案上，请刷新页面后重新选择。"))
    named = {key for key, c in told.items() if c.says("name")}
    if not named & set(wanted):
        raise InvalidInput(_("所选的来源记录里没有姓名，不能单独成为一份档案，请连同建档登记一起选择。"))
    if not named - set(wanted):
        raise InvalidInput(_("不能移走全部来源记录：原档案至少要留下一条有姓名的记录。两份档案是同一人时请用“合并”。"))
    return wanted


def _new_identity(origin: Resident, keys: Collection[UUID]) -> Resident:
    told = queries.contributions(queries.records_of([origin.id]))
    best = golden.golden([told[key] for key in keys], queries.golden_rules())
    name = best["name"].value[0]
    places = [r.institution_id for r in queries.records_of([origin.id]) if r.id in set(keys) and r.institution_id]
    resident = Resident(
        name=name, **search_fields(name), is_test=origin.is_test, managing_institution_id=places[-1] if places else None
    )
    moving.put_golden(resident, best)
    resident.save(force_insert=True)
    return resident


def _let_in(resident: Resident) -> None:
    """Whoever registered the person may go on seeing it under its new key."""
    for source in queries.records_of([resident.id]):
        if source.institution_id:
            access.open_relationship(
                resident_id=resident.id, institution_id=source.institution_id, basis="registration", source=source.id
            )


def _record(record_id: UUID) -> SourceRecord:
    found = SourceRecord.objects.filter(pk=record_id).first()
    if found is None:
        raise NotFound(_("没有找到这条来源记录，请刷新页面后重新选择。"))
    return found


def _waiting(operation_id: UUID, actor: Actor, own: bool = False) -> LinkOperation:
    operation = LinkOperation.objects.select_for_update().filter(pk=operation_id).first()
    if operation is None:
        raise NotFound(_("没有找到这次操作，可能网址不完整。"))
    mine = _same_person(operation, actor)
    if not (own and mine):
        policies.require(actor, policies.CONFIRM)
    if mine and not own:
        raise Forbidden(_("申请人本人不能确认自己提交的合并，请由另一位有权限的人员核对后确认。"))
    if operation.state != State.WAITING:
        raise Conflict(
            _("这次操作%(state)s（%(by)s），不需要再处理。")
            % {"state": _(str(operation.get_state_display())), "by": operation.second_name or operation.actor_name}
        )
    return operation


def _same_person(operation: LinkOperation, actor: Actor) -> bool:
    return operation.staff_id == actor.staff_id and operation.actor_name == actor.name


def _second(operation: LinkOperation, actor: Actor, note: str) -> None:
    operation.second_name, operation.second_note = actor.name, note.strip()[:400]
    # The constraint keeps a second person apart from the first; taking one's own request back names nobody else.
    operation.second_staff_id = actor.staff_id if actor.staff_id != operation.staff_id else None
