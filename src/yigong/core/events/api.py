"""Events cross modules. Declare a frozen dataclass, ``record`` it in the change's transaction, subscribe in ``apps.ready``.

@event("referral.accepted")
@dataclass(frozen=True)
class ReferralAccepted:
    referral_id: UUID

record(ReferralAccepted(referral_id=referral.id))
subscribe(ReferralAccepted, notify_sender)          # in AppConfig.ready
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar

import msgspec
from django.db import connection, transaction

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
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("an event is recorded inside the transaction of its change")
    OutboxEvent.objects.create(name=fact.event_name, payload=msgspec.to_builtins(asdict(fact)))


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
