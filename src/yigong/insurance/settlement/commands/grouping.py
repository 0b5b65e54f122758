"""How the case of a settlement is paid to the institution; the person's bill never changes with it."""

from uuid import UUID

from django.db import transaction

from yigong.core.actor import Actor
from yigong.core.errors import Forbidden, NotFound
from yigong.insurance.settlement import policies
from yigong.insurance.settlement.models import Settlement


@transaction.atomic
def record_grouping(
    *, settlement_id: UUID, scheme: str, code: str, name: str, weight: int | None, payable: int | None, actor: Actor
) -> None:
    """Write the group of the case (weight in millionths, payable in fen) beside the settlement; a new grouping replaces the earlier one."""
    if not actor.has(policies.RESOLVE):
        raise Forbidden()
    changed = Settlement.objects.filter(pk=settlement_id, settled_on__isnull=False, reverses__isnull=True).update(
        drg_scheme=scheme, drg_code=code, drg_name=name[:120], drg_weight=weight, drg_payable=payable
    )
    if not changed:
        raise NotFound()
