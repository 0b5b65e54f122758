"""Delivery of the outbox. Each handler runs in its own transaction together with its receipt."""

from django.db import IntegrityError, transaction

from yigong.core import clock
from yigong.core.events import api
from yigong.core.events.models import Delivery, OutboxEvent


def deliver_waiting(limit: int = 200) -> int:
    """Deliver waiting events, oldest first; returns how many were finished. Safe to run in several processes."""
    done = 0
    while done < limit and _deliver_next():
        done += 1
    return done


@transaction.atomic
def _deliver_next() -> bool:
    row = (
        OutboxEvent.objects.select_for_update(skip_locked=True)
        .filter(done_at__isnull=True, next_try_at__lte=clock.now())
        .order_by("next_try_at", "id")
        .first()
    )
    if row is None:
        return False
    for handler in api.handlers_of(type(fact := api.restore(row.name, row.payload))):
        _hand_over(row, handler, fact)
    row.done_at = clock.now()
    row.save(update_fields=["done_at"])
    return True


def _hand_over(row: OutboxEvent, handler: api.Callable, fact: object) -> None:
    try:
        with transaction.atomic():
            Delivery.objects.create(event=row, handler=f"{handler.__module__}.{handler.__qualname__}")
            handler(fact)
    except IntegrityError:
        if not Delivery.objects.filter(event=row, handler=f"{handler.__module__}.{handler.__qualname__}").exists():
            raise
