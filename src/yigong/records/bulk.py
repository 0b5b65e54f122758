"""Prepared rows by COPY: for the demo county and for take-overs from old systems. Checked by the database only.

    with loading(actor, "示例县") as batch:
        batch.load("encounter", ((new_id(), resident, …) for …))

``COLUMNS`` names the columns of each table in the order in which a row gives them. A batch is one transaction, is not tracked row by row, and is
logged with its counts. Nothing is announced by events: what follows from a visit (figures, tasks) is loaded by who loads the visit.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, models, transaction

from yigong.core import statements
from yigong.core.actor import Actor
from yigong.core.audit.api import bulk_load
from yigong.core.ids import new_id
from yigong.core.uses import in_words, uses_of
from yigong.records.models import (
    Allergy,
    Condition,
    Document,
    Encounter,
    Prescription,
    PrescriptionLine,
    Procedure,
    Result,
    ResultGroup,
)

_ENTRY = ("id", "resident_id", "institution_id", "staff_id", "occurred_at", "source_system", "source_number")
MODELS: dict[str, type[models.Model]] = {
    "encounter": Encounter,
    "condition": Condition,
    "allergy": Allergy,
    "result_group": ResultGroup,
    "result": Result,
    "prescription": Prescription,
    "prescription_line": PrescriptionLine,
    "procedure": Procedure,
    "document": Document,
}
COLUMNS: dict[str, tuple[str, ...]] = {
    "encounter": (*_ENTRY, "kind", "class_code", "is_automatic", "department_id", "status", "ended_at", "complaint", "advice"),
    "condition": (*_ENTRY, "encounter_id", "code_system", "code", "text", "status", "is_primary", "is_lasting", "onset_on"),
    "allergy": (*_ENTRY, "encounter_id", "category", "code", "substance", "reaction", "severity", "is_active"),
    "result_group": (*_ENTRY, "encounter_id", "category", "code", "title", "worst_flag"),
    "result": (
        "id", "group_id", "resident_id", "occurred_at", "code_system", "code", "name", "value", "text", "unit", "low", "high", "flag",
    ),
    "prescription": (*_ENTRY, "encounter_id", "kind", "is_active", "note"),
    "prescription_line": (
        "id", "prescription_id", "place", "code", "name", "form", "dose", "route", "frequency", "days", "quantity", "unit",
    ),
    "procedure": (*_ENTRY, "encounter_id", "code_system", "code", "text", "note"),
    "document": (
        *_ENTRY, "encounter_id", "series_id", "version", "supersedes_id", "kind", "title", "content", "text", "author_name", "status",
        "reason", "source_app", "source_id", "finalised_at",
    ),
}  # fmt: skip
_TRACKED = (Encounter, Condition, Allergy, Prescription, Procedure)


class Batch:
    """One bulk load under way."""

    def __init__(self, counts: dict[str, int]) -> None:
        self.id, self.counts = new_id(), counts

    def load(self, table: str, rows: Iterable[Sequence[Any]]) -> int:
        """Copy rows into a table of ``COLUMNS``; values in that order, JSON as dict or list. Returns how many."""
        columns = COLUMNS[table]
        batched = "batch" in {f.name for f in MODELS[table]._meta.get_fields()}
        names = ", ".join((*columns, "batch") if batched else columns)
        done = 0
        with connection.cursor() as cursor:
            cursor.execute("select 1")  # carries "do not track" to the server, which COPY alone does not
            with cursor.copy(f"copy {MODELS[table]._meta.db_table} ({names}) from stdin") as copy:
                for row in rows:
                    values = [_plain(v) for v in row]
                    copy.write_row([*values, self.id] if batched else values)
                    done += 1
        self.counts[table] = self.counts.get(table, 0) + done
        return done


def people_and_places(encounter_ids: Sequence[UUID]) -> dict[UUID, tuple[UUID, UUID]]:
    """Encounter -> resident and institution; for rows that belong to encounters taken on before."""
    rows = statements.fetch(
        "select id, resident_id, institution_id from records_encounter where id = any(%(ids)s)",
        {"ids": list(encounter_ids)},
    )
    return {key: (resident, house) for key, resident, house in rows}


def withdraw(
    encounter_ids: Sequence[UUID], actor: Actor, reason: str, but: Sequence[type[models.Model]] = ()
) -> dict[UUID, str]:
    """Delete encounters that were loaded by mistake, with the diagnoses and procedures loaded with them; those that anything else names stay, each
    with why. ``but``: tables of the room that has loaded them and takes its own rows back."""
    own = (Condition, Procedure)
    used = uses_of(Encounter, encounter_ids, "encounter", but=(*own, *but))
    batches = dict(Encounter.objects.filter(pk__in=encounter_ids).values_list("id", "batch"))
    for model in own:
        more = model.objects.filter(encounter_id__in=encounter_ids)
        for key, batch in more.values_list("encounter_id", "batch"):
            if batch is None or batch != batches[key]:
                used.setdefault(key, set()).add(str(model._meta.label))
    gone = [key for key in encounter_ids if key not in used]
    with transaction.atomic(), bulk_load(*_TRACKED, actor=actor, reason=reason) as counts:
        tables: tuple[type[models.Model], ...] = (*own, Encounter)
        for table in tables:
            rows = table._default_manager.filter(**{"pk__in" if table is Encounter else "encounter_id__in": gone})
            counts[str(table._meta.label)] = -(rows._raw_delete(rows.db) or 0)
    return {key: in_words(where) for key, where in used.items()}


def _plain(value: Any) -> Any:
    return orjson.dumps(value).decode() if isinstance(value, dict | list) else value


@contextmanager
def loading(actor: Actor, reason: str) -> Iterator[Batch]:
    """A batch in one transaction: all of it or nothing."""
    with transaction.atomic(), bulk_load(*_TRACKED, actor=actor, reason=reason) as counts:
        yield Batch(counts)
