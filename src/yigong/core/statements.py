"""Statements of the busiest pages: written as SQL once, prepared by the server, without building a queryset each time.

A queryset is built anew at every call, which costs more than the row it brings. Where a page asks the same question at every visit:

rows = statements.fetch("select kind, count(*) from tasks_task where staff_id = %(staff)s group by 1", {"staff": key})
visits = statements.objects(Encounter, "where resident_id = any(%(keys)s) order by occurred_at desc", {"keys": keys})

The text must stay the same from call to call (lists go in as ``= any(%(ids)s)``), or nothing is gained. Everything else stays a queryset.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

import msgspec
import psycopg
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import AutoField, Model
from django.db.models.expressions import DatabaseDefault

M = TypeVar("M", bound=Model)


def literal(text: str) -> str:
    """A text inside a pattern of LIKE, its own ``%`` and ``_`` taken as they stand."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def fetch(sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """All rows of one statement; values by name, bound by the server (a value that may be null needs a cast: ``%(day)s::date``)."""
    connection.ensure_connection()
    # The log of statements can read only what is bound on this side.
    with connection.cursor() if connection.queries_logged else _prepared() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def _prepared() -> CursorWrapper:
    return connection.make_cursor(psycopg.Cursor(connection.connection))  # type: ignore[arg-type]


def objects(model: type[M], rest: str, values: Mapping[str, Any]) -> list[M]:
    """Whole rows of a model: ``rest`` is what follows ``select … from table``."""
    head, names, readers = _shape(model)
    rows = fetch(head + rest, values)
    if readers:
        rows = [_read(row, readers) for row in rows]
    return [model.from_db(connection.alias, names, row) for row in rows]


def insert_together(rows: Sequence[Model], also: str = "", values: Mapping[str, Any] | None = None) -> None:
    """Write new rows of several models in one statement, and what ``also`` (a statement that returns something) says with its ``values``.

    A row goes as one JSON value that the server reads by its columns, so the text depends on the models only and is prepared once. Not for bytes.
    """
    shapes: list[tuple[type[Model], tuple[str, ...]]] = []
    given: dict[str, Any] = dict(values or {})
    for place, row in enumerate(rows):
        told: dict[str, Any] = {}
        for field in row._meta.concrete_fields:
            value = getattr(row, field.attname)
            if not isinstance(value, DatabaseDefault) and not (value is None and isinstance(field, AutoField)):
                told[str(field.column)] = value
        given[f"row{place}"] = msgspec.json.encode(told).decode()
        shapes.append((type(row), tuple(told)))
    fetch(_together(tuple(shapes), also), given)
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


@cache
def _together(shapes: tuple[tuple[type[Model], tuple[str, ...]], ...], also: str) -> str:
    quote, parts = connection.ops.quote_name, [f"also as ({also})"] if also else []
    for place, (model, columns) in enumerate(shapes):
        table, names = quote(model._meta.db_table), ", ".join(map(quote, columns))
        source = f"json_populate_record(null::{table}, %(row{place})s::json)"
        parts.append(f"w{place} as (insert into {table} ({names}) select {names} from {source})")
    return f"with {', '.join(parts)} select 1"


def update_each(rows: Sequence[Model], fields: Sequence[str]) -> None:
    """Write these fields of many objects of one model in one statement. (``bulk_update`` makes the server compare every row with
    every key: the square of their number.)"""
    if not rows:
        return
    meta = rows[0]._meta
    columns: list[Any] = [meta.get_field(name) for name in fields]
    kinds = {str(column.column): str(column.db_type(connection)) for column in columns}
    values = {
        row.pk: {c.column: c.get_db_prep_save(getattr(row, c.attname), connection) for c in columns} for row in rows
    }
    write_columns(meta.db_table, kinds, values)


def write_columns(table: str, kinds: Mapping[str, str], rows: Mapping[Any, Mapping[str, Any]]) -> None:
    """One statement for many rows: ``kinds`` are column and type, ``rows`` key and column and value."""
    quote = connection.ops.quote_name
    names = {column: quote(column) for column in kinds}
    sets = ", ".join(f"{name} = new.{name}" for name in names.values())
    arrays = ", ".join(f"%s::{kind}[]" for kind in kinds.values())
    source = f"unnest(%s::uuid[], {arrays}) as new(id, {', '.join(names.values())})"
    with connection.cursor() as cursor:
        cursor.execute(
            f"update {quote(table)} t set {sets} from {source} where t.id = new.id",
            [list(rows), *([row[column] for row in rows.values()] for column in names)],
        )


@cache
def _shape(model: type[Model]) -> tuple[str, list[str], dict[int, Callable[..., Any]]]:
    fields, quote = model._meta.concrete_fields, connection.ops.quote_name
    table = quote(model._meta.db_table)
    columns = ", ".join(f"{table}.{quote(str(field.column))}" for field in fields)
    readers = {n: field.from_db_value for n, field in enumerate(fields) if hasattr(field, "from_db_value")}
    return f"select {columns} from {table} ", [str(field.attname) for field in fields], readers


def _read(row: tuple[Any, ...], readers: Mapping[int, Callable[..., Any]]) -> tuple[Any, ...]:
    """Columns that a field stores in another form, e.g. JSON, as the field reads them."""
    return tuple(readers[n](value, None, connection) if n in readers else value for n, value in enumerate(row))
