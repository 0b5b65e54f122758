"""Several identities that may be one person, decided together."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.errors import Conflict, InvalidInput
from yigong.residents import policies
from yigong.residents.commands.linking import merge_residents
from yigong.residents.models import CandidatePair

State = CandidatePair.State


@racing("residents.decide_group")
@transaction.atomic
def decide_group(
    *, member_ids: Collection[UUID], same_ids: Collection[UUID], survivor_id: UUID | None, reason: str, actor: Actor
) -> int:
    """Of a group's members ``same_ids`` are one person and go on as ``survivor_id``; the other members are not that person. Without any,
    all are different people. One merge for each further identity, each undone by itself. Returns how many.
    """
    policies.require(actor, policies.LINK)
    members, same = set(member_ids), set(same_ids)
    if not reason.strip():
        raise InvalidInput(errors={"reason": _("请写明依据，例如“逐一电话核实”。")})
    if len(same) == 1 or not same <= members or (same and survivor_id not in same):
        raise InvalidInput(
            errors={"same": _("请至少勾选两份同一人的档案，并从中选一份留存；都不是同一人时一份也不勾。")}
        )
    rows = list(_waiting(members))
    if not rows:
        raise Conflict(_("这一组已经处理过，请返回队列。"))
    operations = {
        other: merge_residents(survivor_id=survivor_id, other_id=other, reason=reason.strip(), actor=actor).id
        for other in sorted(same)
        if survivor_id and other != survivor_id
    }
    for row in rows:
        _decide(row, same, operations, reason, actor)
    return len(operations)


def _waiting(members: set[UUID]) -> Collection[CandidatePair]:
    asked = Q(left_id__in=members, right_id__in=members, state__in=[State.OPEN, State.LATER])
    return CandidatePair.objects.select_for_update().filter(asked).order_by("id")


def _decide(row: CandidatePair, same: set[UUID], operations: dict[UUID, UUID], reason: str, actor: Actor) -> None:
    """Pairs within the person are the same, pairs across are not; what lies outside of it altogether stays a question."""
    inside = (row.left_id in same) + (row.right_id in same)
    if inside == 0 and same:
        return
    row.state = State.SAME if inside == 2 else State.DIFFERENT
    row.operation_id = operations.get(row.left_id) or operations.get(row.right_id) if inside == 2 else None
    row.reason, row.decided_at = reason.strip()[:400], clock.now()
    row.decided_by, row.decided_staff_id = actor.name, actor.staff_id
    row.save()
