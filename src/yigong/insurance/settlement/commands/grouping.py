"""How the case of a settlement is paid to the institution; the person's bill never changes with it."""

from uuid import UUID

from django.db import transaction

from yigong.core.actor import Actor
from yigong.core.errors import Forbidden, NotFound
from yigong.core.events.api import record
from yigong.insurance.settlement import policies
from yigong.insurance.settlement.events import CaseGrouped
from yigong.insurance.settlement.models import Settlement


@transaction.atomic
def record_grouping(
    *, settlement_id: UUID, scheme: str, code: str, name: str, weight: int | None, payable: int | None, actor: Actor
) -> None:
    """Write the group of the case (weight in millionths, payable in fen) beside the settlement; a new grouping replaces the earlier one."""
    if not actor.has(policies.RESOLVE):
        raise Forbidden()
    counting = Settlement.objects.select_for_update().filter(pk=settlement_id, reverses__isnull=True)
    row = counting.filter(settled_on__isnull=False).first()
    if row is None:
        raise NotFound()
    group = {
        "drg_scheme": scheme,
        "drg_code": code,
        "drg_name": name[:120],
        "drg_weight": weight,
        "drg_payable": payable,
    }
    if all(getattr(row, field) == value for field, value in group.items()):
        return
    Settlement.objects.filter(pk=row.pk).update(**group)
    assert row.month is not None
    record(CaseGrouped(row.id, row.institution_id, row.month))
