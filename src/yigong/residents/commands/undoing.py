"""Undo of a change of links, at any later time.

What the operation moved goes back where it was: its records with their numbers, the contacts, what the survivor took over, the relationships
that were shared; a merged identity is revived. What arrived since stays with the identity it was registered at. A later change of the same
records stands in the way (``UndoFirst`` names it), as does one after which an identity would be left without any record.
"""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.audit.api import acting
from yigong.core.commands import racing
from yigong.core.errors import Conflict, InvalidInput, NotFound
from yigong.core.events.api import record
from yigong.residents import policies
from yigong.residents.commands import moving
from yigong.residents.data import LinkOperationData
from yigong.residents.errors import UndoFirst
from yigong.residents.events import LinkUndone
from yigong.residents.models import CandidatePair, Contact, LinkOperation, Resident, SourceRecord
from yigong.residents.queries import operations

Kind, State = LinkOperation.Kind, LinkOperation.State


@racing("residents.undo_link")
@transaction.atomic
def undo_operation(*, operation_id: UUID, reason: str, actor: Actor) -> LinkOperationData:
    """Take back one done merge, split, link or unlink; returns the undo, an operation of its own. Raises UndoFirst or Conflict."""
    policies.require(actor, policies.LINK)
    if not reason.strip():
        raise InvalidInput(errors={"reason": _("请填写撤销原因，例如“核对后确认不是同一人”。")})
    done = LinkOperation.objects.select_for_update().filter(pk=operation_id).first()
    if done is None:
        raise NotFound(_("没有找到这次操作，可能网址不完整。"))
    heir = operations.heir_of(done)
    people = moving.lock_people({done.origin_id, done.target_id} | ({heir} if heir else set()))
    _refuse(done)
    if operations.heir_of(done) not in (None, *people):
        raise Conflict()
    origin, target = people[done.origin_id], people[done.target_id]
    with acting(actor, reason=reason.strip()):
        return operations.operation_data(_undo(done, origin, target, people, reason, actor))


def _refuse(done: LinkOperation) -> None:
    """Asked again with the identities locked: nothing may have changed in between."""
    if done.state != State.DONE or done.kind == Kind.UNDO:
        raise Conflict(_("这次操作%(state)s，不能撤销。") % {"state": _(str(done.get_state_display()))})
    blocker = operations.blocker_of(done)
    if blocker:
        raise undo_first(blocker)
    if operations.leaves_nothing(done) and operations.heir_of(done) is None:
        raise Conflict(
            _("撤销后“%(name)s”的档案将没有任何来源记录，请先为其关联来源记录。") % {"name": done.target.name}
        )


def undo_first(blocker: LinkOperation) -> UndoFirst:
    """The refusal that leads to the operation in the way."""
    at = blocker.done_at.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M") if blocker.done_at else ""
    return UndoFirst(blocker.id, _(str(blocker.get_kind_display())), at, blocker.actor_name)


def _undo(
    done: LinkOperation, origin: Resident, target: Resident, people: dict[UUID, Resident], reason: str, actor: Actor
) -> LinkOperation:
    undo = LinkOperation(
        kind=Kind.UNDO, state=State.DONE, origin=target, target=origin, records=done.records, undoes=done, reason=reason.strip()[:400],
        actor_name=actor.name, staff_id=actor.staff_id, institution_id=actor.institution_id, asked_at=clock.now(), done_at=clock.now(),
    )  # fmt: skip
    undo.save(force_insert=True)
    done.state = State.UNDONE
    done.save(update_fields=["state"])
    for resident in (origin, target):
        moving.ground(resident, actor)
    heir = operations.heir_of(done) if operations.leaves_nothing(done) else None
    moving.move_records(undo, done.records, target, origin)
    if done.kind == Kind.MERGE:
        _revive(done, origin, target)
    if heir:
        _close_empty(target, people[heir], undo)
    else:
        moving.set_golden(target)
    moving.set_golden(origin)
    moving.save_people([target, origin])
    # What was undone is a question again; the desk decides anew.
    reopened = {"state": "open", "decided_at": None, "decided_by": "", "decided_staff_id": None, "operation": None}
    CandidatePair.objects.filter(operation=done).update(**reopened)
    record(LinkUndone((origin.id, target.id), done.kind, done.id))
    return undo


def _revive(done: LinkOperation, origin: Resident, target: Resident) -> None:
    moves, was = done.moves, done.moves["was"]
    Contact.objects.filter(pk__in=moves["contacts"], resident=target).update(resident=origin)
    access.end_relationships([UUID(key) for key in moves["relationships"]])
    moving.give_back(moves["taken"], origin, target)
    origin.merged_into, origin.status = None, was["status"]
    origin.closed_on = date.fromisoformat(was["closed_on"]) if was["closed_on"] else None
    origin.closed_reason = was["closed_reason"]


def _close_empty(resident: Resident, heir: Resident, undo: LinkOperation) -> None:
    """An identity that a split had made and that has nothing left leads to where its records went."""
    assert not SourceRecord.objects.filter(resident=resident).exists()
    access.share_relationships(from_resident=resident.id, to_resident=heir.id)
    resident.contacts.update(resident=heir)
    resident.status, resident.merged_into = Resident.Status.MERGED, heir
    resident.closed_on, resident.closed_reason = clock.today(), undo.reason[:200]
