"""What departments offer and how much of it is left."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from django.db.models import Q

from yigong.core import clock
from yigong.core.errors import NotFound
from yigong.core.ledger import api as ledger
from yigong.network import api as network
from yigong.referrals.data import SlotData
from yigong.referrals.models import SlotSheet
from yigong.referrals.rules import definitions as rules

FREE = "referral.slots"


def slots_of(
    institution_id: UUID, *, kind: str | None = None, department_id: UUID | None = None, days: int | None = None
) -> list[SlotData]:
    """Sheets in use from today on, by day; three statements however many there are."""
    today = clock.today()
    last = today + timedelta(days=days if days is not None else rules.parameters().slots.days_ahead)
    rows = SlotSheet.objects.filter(institution_id=institution_id, stopped_at__isnull=True)
    rows = rows.filter(Q(day__isnull=True) | Q(day__gte=today, day__lte=last))
    if kind:
        rows = rows.filter(kind=kind)
    if department_id:
        rows = rows.filter(department_id=department_id)
    return to_data(list(rows.order_by("day", "-session", "id")[:300]))


def slot(sheet_id: UUID) -> SlotData:
    """One sheet, in use or not; NotFound."""
    rows = list(SlotSheet.objects.filter(pk=sheet_id))
    if not rows:
        raise NotFound()
    return to_data(rows)[0]


def to_data(rows: Sequence[SlotSheet]) -> list[SlotData]:
    """Sheets with department names and what is left."""
    left = ledger.accounts_of([row.id for row in rows], FREE)
    names = _department_names(row.department_id for row in rows)
    return [
        SlotData(
            id=row.id,
            kind=row.kind,
            institution_id=row.institution_id,
            department_id=row.department_id,
            department=names.get(row.department_id, ""),
            day=row.day,
            session=str(rules.SESSION.get(row.session, "")),
            starts_at=row.starts_at,
            doctor=row.doctor,
            capacity=row.capacity,
            reserved=row.reserved,
            left=left[row.id].balance if row.id in left else 0,
        )
        for row in rows
    ]


def _department_names(ids: Iterable[UUID]) -> dict[UUID, str]:
    return {key: found.name for key, found in network.departments_many(set(ids)).items()}
