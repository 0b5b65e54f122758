"""Delivery of the outbox: each event once to each handler, effects once, whatever dies in between.

The event is locked while it is delivered. Each handler runs in a savepoint together with its receipt, so a failing
handler takes back only its own writes; the others' effects and receipts are kept. If the process dies, the whole delivery is
rolled back by the database and the next relay starts it again.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import connection, transaction

from yigong.core import clock
from yigong.core.actor import system
from yigong.core.audit.api import acting
from yigong.core.events import api
from yigong.core.events.models import Delivery, OutboxEvent

log = logging.getLogger(__name__)
ATTEMPTS = 12
_LONGEST_WAIT = timedelta(hours=1)


def deliver_waiting(limit: int = 200) -> int:
    """Deliver waiting events, oldest first; returns how many were taken up. Safe to run in several processes."""
    done = _pass_over_unheard()
    while done < limit and _deliver_next():
        done += 1
    return done


def _pass_over_unheard() -> int:
    """Events that nobody in this installation listens to need no delivery: all at once."""
    now = clock.now()
    waiting = OutboxEvent.objects.filter(done_at__isnull=True, parked_at__isnull=True, next_try_at__lte=now)
    return waiting.filter(name__in=api.names_unheard()).update(done_at=now)


def forget_done(older_than: timedelta = timedelta(days=30), batch: int = 5000) -> int:
    """Delete delivered events older than this, one batch; returns how many. Waiting and parked events are kept."""
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute(
            "select id from events_outboxevent where done_at < %s order by done_at limit %s for update skip locked",
            [clock.now() - older_than, batch],
        )
        old = [row[0] for row in cursor.fetchall()]
        cursor.execute("delete from events_delivery where event_id = any(%s)", [old])
        cursor.execute("delete from events_outboxevent where id = any(%s)", [old])
    return len(old)


@transaction.atomic
def _deliver_next() -> bool:
    row = (
        OutboxEvent.objects.select_for_update(skip_locked=True)
        .filter(done_at__isnull=True, parked_at__isnull=True, next_try_at__lte=clock.now())
        .order_by("next_try_at", "id")
        .first()
    )
    if row is None:
        return False
    with acting(system("relay"), reason=row.name):
        failures = _deliver(row)
    _finish(row, failures)
    return True


def _deliver(row: OutboxEvent) -> list[str]:
    try:
        fact = api.restore(row.name, row.payload)
    except (LookupError, ValueError) as failure:
        return [f"{type(failure).__name__}: {failure}"]
    taken = set(Delivery.objects.filter(event=row).values_list("handler", flat=True)) if row.attempts else set()
    waiting = [h for h in api.handlers_of(type(fact)) if _name(h) not in taken]
    return [problem for handler in waiting if (problem := _hand_over(row, handler, fact))]


def _hand_over(row: OutboxEvent, handler: Callable[[Any], None], fact: object) -> str:
    """Run one handler with its receipt; the error's text, or nothing when it went well."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            Delivery.objects.create(event=row, handler=_name(handler))
            handler(fact)
            # Deferred constraints must fail here, in the handler's savepoint, not at the end of the whole delivery.
            cursor.execute("set constraints all immediate")
            cursor.execute("set constraints all deferred")
        return ""
    except Exception as failure:
        log.exception("event %s (%s): handler %s failed", row.id, row.name, _name(handler))
        return f"{_name(handler)}: {type(failure).__name__}: {failure}"


def _finish(row: OutboxEvent, failures: list[str]) -> None:
    if not failures:
        row.done_at = clock.now()
        row.save(update_fields=["done_at"])
        return
    row.attempts += 1
    row.last_error = "\n".join(failures)[:4000]
    row.next_try_at = clock.now() + min(timedelta(seconds=2**row.attempts), _LONGEST_WAIT)
    if row.attempts >= ATTEMPTS:
        row.parked_at = clock.now()
    row.save(update_fields=["attempts", "last_error", "next_try_at", "parked_at"])


def _name(handler: Callable[[Any], None]) -> str:
    return f"{handler.__module__}.{handler.__qualname__}"
