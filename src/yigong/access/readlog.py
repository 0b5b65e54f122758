"""Writing the read log: one INSERT per decision or batch of decisions."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from yigong.access.context import current
from yigong.access.data import Decision, Subject
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.ids import new_id

_COLUMNS = (
    "id, at, account_id, staff_id, post_id, institution_id, actor_name, role, resident_id, subject_kind, subject_id, "
    "action, allowed, basis, page, purpose, address"
)
_PLACES = "(" + ", ".join(["%s"] * 17) + ")"


def line(
    actor: Actor, action: str, subject: Subject, resident_id: UUID, decision: Decision, purpose: str
) -> tuple[Any, ...]:
    """One line of the log as column values."""
    request = current.get()
    return (
        new_id(), clock.now(), actor.account_id, actor.staff_id, actor.post_id, actor.institution_id, actor.name[:80],
        actor.role, resident_id, subject.kind, subject.id, action, decision.allowed, decision.basis,
        (request.page if request else "")[:200], purpose[:200], actor.address[:64],
    )  # fmt: skip


def write(lines: Sequence[tuple[Any, ...]]) -> None:
    """Append lines in one statement."""
    if not lines:
        return
    values = ", ".join([_PLACES] * len(lines))
    with connection.cursor() as cursor:
        cursor.execute(f"insert into access_readlog ({_COLUMNS}) values {values}", [v for row in lines for v in row])


def remember(lines: Iterable[tuple[Any, ...]], *, refused: bool) -> None:
    """Append lines now; refusals inside a transaction wait for the end of the request, because the refusal will roll it back."""
    request = current.get()
    if refused and request is not None and connection.in_atomic_block:
        request.waiting.extend(lines)
    else:
        write(list(lines))
