"""What a device asks for: its scheduled examinations."""

from datetime import date, datetime, time
from uuid import UUID

from django.db.models import Q

from yigong.core import clock
from yigong.core.actor import system
from yigong.orders.data import ModalityItem
from yigong.orders.models import Order
from yigong.orders.rules import service
from yigong.orders.rules.services import service_of_modality
from yigong.residents import api as residents

WAITING = ("accepted", "scheduled", "checked_in", "in_progress", "repeat")


def modality_worklist(
    *,
    institution_id: UUID,
    modality: str = "",
    day: date | None = None,
    limit: int = 500,
) -> list[ModalityItem]:
    """Examinations that an institution still has to do, for the devices of one modality (all when empty).

    Those scheduled on ``day`` (today when not given), and on today also every open one without an appointment. One entry per item.
    """
    on = day or clock.today()
    begin, end = (datetime.combine(on, edge, clock.SHANGHAI) for edge in (time.min, time.max))
    due = Q(scheduled_at__range=(begin, end))
    if on == clock.today():
        due |= Q(scheduled_at__isnull=True)
    wanted = service(service_of_modality(modality))
    rows = Order.objects.filter(
        due, service=wanted.code, performing_institution_id=institution_id, state__in=WAITING
    )  # fmt: skip
    rows = rows.select_related("requesting_staff").prefetch_related("items")
    found: list[ModalityItem] = []
    for row in rows.order_by("-priority", "scheduled_at", "requested_at")[:limit]:
        found += _entries(row, modality, modality in wanted.modalities)
    return found


def _entries(row: Order, modality: str, all_items: bool) -> list[ModalityItem]:
    """One entry for each item of this modality; a service with one kind of device lists all its items under that kind."""
    items = [
        i for i in sorted(row.items.all(), key=lambda i: i.position) if not modality or all_items or i.group == modality
    ]
    if not items:
        return []
    person = residents.access_resident(row.resident_id, actor=system("modality"))
    return [
        ModalityItem(
            order_id=row.pk, accession=row.accession, number=row.number, resident_id=row.resident_id,
            patient_name=person.name, sex=person.sex, birth_date=person.birth_date,
            modality=modality if all_items else item.group,
            item_code=item.code, item_name=item.name, part=item.part,
            scheduled_at=row.scheduled_at or row.requested_at, institution_id=row.performing_institution_id,
            requesting_institution_id=row.requesting_institution_id,
            requesting_doctor=row.requesting_staff.name if row.requesting_staff else "",
            clinical=row.purpose or row.diagnosis, urgent=row.priority == Order.Priority.URGENT,
        )
        for item in items
    ]  # fmt: skip
