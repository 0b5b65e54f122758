"""Who changed what, when and why, for models that declare it; and the proof that nobody touched that history.

@audited
class Bed(models.Model): ...

with acting(actor, reason="转科"):
    bed.save()
changes_of(bed)[-1].context          # {"actor": "王医生", "reason": "转科", …}
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import pgtrigger
from django.db import models

from yigong.core.actor import Actor
from yigong.core.audit.chains import BrokenBatch, register_chain, register_timed_chain, seal, verify
from yigong.core.audit.context import carried
from yigong.core.audit.models import BulkLoad, RowChange

__all__ = [
    "BrokenBatch",
    "RowChangeData",
    "acting",
    "audited",
    "bulk_load",
    "changes_of",
    "register_chain",
    "register_timed_chain",
    "seal",
    "verify",
]

M = TypeVar("M", bound=type[models.Model])
TRIGGER = "audit_row"
_audited: list[type[models.Model]] = []

# to_jsonb of a missing OLD or NEW is null, so one text serves the three operations.
_QUIET = """
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - ARRAY[{quiet}] = to_jsonb(NEW) - ARRAY[{quiet}] THEN RETURN NULL; END IF;
"""
_WRITE = """
    INSERT INTO audit_rowchange (at, transaction, "table", row_id, operation, before, after, context)
    VALUES (
        clock_timestamp(), pg_current_xact_id()::text::bigint, TG_TABLE_NAME,
        CASE TG_OP WHEN 'DELETE' THEN OLD.{pk}::text ELSE NEW.{pk}::text END, lower(TG_OP),
        CASE TG_OP
            WHEN 'UPDATE' THEN (
                SELECT jsonb_object_agg(o.key, o.value) FROM jsonb_each(to_jsonb(OLD)) o
                WHERE o.value IS DISTINCT FROM to_jsonb(NEW) -> o.key)
            WHEN 'DELETE' THEN to_jsonb(OLD) END,
        CASE TG_OP WHEN 'DELETE' THEN NULL ELSE to_jsonb(NEW) END,
        nullif(current_setting('yigong.context', true), '')::jsonb
    );
    RETURN NULL;
"""


@dataclass(frozen=True, slots=True)
class RowChangeData:
    """One change of one row; ``context`` says who and why, None when nobody said."""

    at: datetime
    operation: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    context: dict[str, Any] | None


def audited(model: M, quiet: Sequence[str] = ()) -> M:
    """Track inserts, updates and deletes of this model by a database trigger (class decorator; makes a migration).

    A change of ``quiet`` columns alone writes no row: for sums that have an append-only history of their own.
    """
    column = model._meta.pk.column
    assert column is not None, "a key is always stored"
    quietly = _QUIET.replace("{quiet}", ", ".join(f"'{name}'" for name in quiet)) if quiet else ""
    update = pgtrigger.Update
    if quiet:
        # A statement that writes quiet columns only does not even call the trigger.
        update = pgtrigger.UpdateOf(*(field.name for field in model._meta.concrete_fields if field.name not in quiet))
    trigger = pgtrigger.Trigger(
        name=TRIGGER,
        when=pgtrigger.After,
        operation=pgtrigger.Insert | update | pgtrigger.Delete,
        func=quietly + _WRITE.replace("{pk}", column),
    )
    pgtrigger.register(trigger)(model)
    _audited.append(model)
    return model


def audited_models() -> list[type[models.Model]]:
    """All models that declare row history."""
    return list(_audited)


@contextmanager
def acting(actor: Actor, reason: str = "", **more: str) -> Iterator[None]:
    """Name the actor and the reason for all audited changes within the block (requests, relay and jobs open it once).

    ``more`` are further facts worth keeping beside the change, e.g. the page.
    """
    known: dict[str, str] = {"actor": actor.name, "role": actor.role, **more}
    for key in ("staff_id", "post_id", "institution_id", "address"):
        if value := getattr(actor, key):
            known[key] = str(value)
    if reason:
        known["reason"] = reason
    with carried(known):
        yield


@contextmanager
def bulk_load(*tracked: type[models.Model], actor: Actor, reason: str) -> Iterator[dict[str, int]]:
    """Do not track these models within the block; the yielded dict takes table → rows and is logged as one batch."""
    rows: dict[str, int] = {}
    # Without any name ``ignore`` would pass over every trigger.
    with pgtrigger.ignore(*(f"{model._meta.label}:{TRIGGER}" for model in tracked)) if tracked else nullcontext():
        yield rows
    BulkLoad.objects.create(actor_name=actor.name, reason=reason, rows=rows)


def changes_of(row: models.Model) -> list[RowChangeData]:
    """The history of one row, oldest first."""
    found = RowChange.objects.filter(table=row._meta.db_table, row_id=str(row.pk)).order_by("id")
    return [RowChangeData(r.at, r.operation, r.before, r.after, r.context) for r in found]
