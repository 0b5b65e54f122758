"""Events cross modules. Declare a frozen dataclass, ``record`` it in the change's transaction, subscribe in ``apps.ready``.

@event("referral.accepted")
@dataclass(frozen=True)
class ReferralAccepted:
    referral_id: UUID

record(ReferralAccepted(referral_id=referral.id))
subscribe(ReferralAccepted, notify_sender)          # in AppConfig.ready
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from django.db import connection, transaction

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import NotFound
from yigong.core.events.models import OutboxEvent

E = TypeVar("E")
_types: dict[str, type] = {}
_handlers: dict[type, list[Callable[[Any], None]]] = defaultdict(list)


def event(name: str) -> Callable[[type[E]], type[E]]:
    """Register a frozen dataclass as the event ``name`` (stable; add a suffix for a changed meaning)."""

    def mark(kind: type[E]) -> type[E]:
        if name in _types and _types[name].__qualname__ != kind.__qualname__:
            raise ValueError(f"two events named {name}")
        _types[name] = kind
        kind.event_name = name  # type: ignore[attr-defined]
        return kind

    return mark


def record(fact: Any) -> None:
    """Write one event into the outbox; must be called inside the transaction of the change it tells of."""
    record_all([fact])


def record_all(facts: Iterable[Any]) -> None:
    """The same for the events of one change that touched many rows, in one statement."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("an event is recorded inside the transaction of its change")
    OutboxEvent.objects.bulk_create(outbox_row(fact) for fact in facts)


def outbox_row(fact: Any) -> OutboxEvent:
    """The unsaved row of an event, for a change that writes all its rows in one statement."""
    return OutboxEvent(name=fact.event_name, payload=msgspec.to_builtins(fact))


def names_unheard() -> list[str]:
    """Names of events that nobody subscribes to."""
    return sorted(name for name, kind in _types.items() if not _handlers[kind])


def subscribe(kind: type[E], handler: Callable[[E], None]) -> None:
    """Have ``handler(event)`` run once per event, in its own transaction, after the change is committed."""
    if handler not in _handlers[kind]:
        _handlers[kind].append(handler)


def handlers_of(kind: type) -> list[Callable[[Any], None]]:
    """The subscribed handlers in the order of subscription."""
    return list(_handlers[kind])


def restore(name: str, payload: dict) -> Any:
    """The event object from its stored name and payload; ``LookupError`` for a name nobody declares."""
    if name not in _types:
        raise LookupError(name)
    return msgspec.convert(payload, _types[name], strict=False)


def registered() -> dict[str, type]:
    """All declared events by name."""
    return dict(_types)


@dataclass(frozen=True, slots=True)
class ParkedEvent:
    """An event that no longer is tried by itself: somebody must look."""

    id: int
    name: str
    recorded_at: datetime
    parked_at: datetime
    attempts: int
    last_error: str


def parked(limit: int = 100) -> list[ParkedEvent]:
    """Events given up after the last attempt, newest first; for the administrator's page."""
    rows = OutboxEvent.objects.filter(parked_at__isnull=False).order_by("-parked_at")[:limit]
    return [
        ParkedEvent(r.id, r.name, r.recorded_at, r.parked_at, r.attempts, r.last_error) for r in rows if r.parked_at
    ]


def retry_parked(event_id: int, *, actor: Actor) -> None:
    """Put a parked event back into the queue; handlers that took it already are not called again."""
    changed = OutboxEvent.objects.filter(pk=event_id, parked_at__isnull=False).update(
        parked_at=None, attempts=0, next_try_at=clock.now(), last_error=f"retried by {actor.name}"
    )
    if not changed:
        raise NotFound()
