"""Statements of the busiest pages: written as SQL once, prepared by the server, without building a queryset each time.

A queryset is built anew at every call, which costs more than the row it brings. Where a page asks the same question at every visit:

rows = statements.fetch("select kind, count(*) from tasks_task where staff_id = %(staff)s group by 1", {"staff": key})
visits = statements.objects(Encounter, "where resident_id = any(%(keys)s) order by occurred_at desc", {"keys": keys})

The text must stay the same from call to call (lists go in as ``= any(%(ids)s)``), or nothing is gained. Everything else stays a queryset.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Generic, TypeVar, overload
from uuid import UUID

import msgspec
import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.utils import CursorWrapper
from django.db.models import AutoField, JSONField, Model
from django.db.models.expressions import DatabaseDefault

from yigong.core import wire
from yigong.core.wire import Question, Row

M = TypeVar("M", bound=Model)
T = TypeVar("T")
U = TypeVar("U")
V = TypeVar("V")


def literal(text: str) -> str:
    """A text inside a pattern of LIKE, its own ``%`` and ``_`` taken as they stand."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def fetch(sql: str, values: Mapping[str, Any]) -> list[Row]:
    """All rows of one statement; values by name, bound by the server (a value that may be null needs a cast: ``%(day)s::date``)."""
    return together((sql, values))[0]


def together(*questions: Question) -> list[list[Row]]:
    """The rows of several statements that do not need each other's answers: one journey to the server for all of them.

    They run one after the other, each as if it stood alone; outside a transaction all of them happen or none.
    """
    db = connections[DEFAULT_DB_ALIAS]  # looked up once: each look through ``connection`` is a lookup of its own
    db.close_if_health_check_failed()
    db.ensure_connection()
    wrappers = db.execute_wrappers
    if db.queries_logged or any(wrapper not in _ahead for wrapper in wrappers):
        return [_spelt_out(*question) for question in questions]
    db.validate_thread_sharing()
    db.validate_no_broken_transaction()
    journey: list[Question] = []
    own = []
    for question in questions:
        journey += [ahead for wrapper in wrappers if (ahead := _ahead[wrapper](question[0]))]
        own.append(len(journey))
        journey.append(question)
    with db.wrap_database_errors:
        answers = wire.line_of(db.connection).ask(journey)
    return [answers[place] for place in own]


@dataclass(frozen=True, slots=True)
class Asked(Generic[T]):
    """A room's question that another room may send together with its own: ``read`` makes the room's answer of the rows."""

    sql: str
    values: Mapping[str, Any]
    read: Callable[[list[Row]], T]

    def then(self, further: Callable[[T], U]) -> "Asked[U]":
        """The same question with what is made of the answer."""
        return Asked(self.sql, self.values, lambda rows: further(self.read(rows)))


@overload
def answers(a: Asked[T], /) -> tuple[T]: ...
@overload
def answers(a: Asked[T], b: Asked[U], /) -> tuple[T, U]: ...
@overload
def answers(a: Asked[T], b: Asked[U], c: Asked[V], /) -> tuple[T, U, V]: ...
@overload
def answers(*asked: Asked[Any]) -> tuple[Any, ...]: ...
def answers(*asked: Asked[Any]) -> tuple[Any, ...]:
    """The answers to the questions of several rooms, in one journey; the first that is a refusal is raised."""
    found = together(*((one.sql, one.values) for one in asked))
    return tuple(one.read(rows) for one, rows in zip(asked, found, strict=True))


def of_keys(sql: str, keys: Collection[UUID]) -> tuple[str, dict[str, Any]]:
    """A statement about ``= any(%(keys)s)`` with its keys. For one key it says ``=``: the server then plans it once for everybody, where it would
    plan for a list of unknown length each time."""
    if len(keys) == 1:
        return _of_one(sql), {"keys": next(iter(keys))}
    return sql, {"keys": list(keys)}


@cache
def _of_one(sql: str) -> str:
    return sql.replace("= any(%(keys)s)", "= %(keys)s")


def _spelt_out(sql: str, values: Mapping[str, Any]) -> list[Row]:
    values = {name: value.decode() if type(value) is wire.Plain else value for name, value in values.items()}
    # The log of statements can read only what is bound on this side; what watches statements wants Django's cursor.
    with connection.cursor() if connection.queries_logged else _watched() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def _watched() -> CursorWrapper:
    return connection.make_cursor(psycopg.Cursor(connection.connection))  # type: ignore[arg-type]


_ahead: dict[Callable[..., Any], Callable[[str], Question | None]] = {}


def travels_ahead(wrapper: Callable[..., Any], ahead: Callable[[str], Question | None]) -> None:
    """What an execute wrapper of Django does to a cursor is done here by a statement that travels ahead of the given one, if any."""
    _ahead[wrapper] = ahead


def objects(model: type[M], rest: str, values: Mapping[str, Any]) -> list[M]:
    """Whole rows of a model: ``rest`` is what follows ``select … from table``."""
    return answers(asked_objects(model, rest, values))[0]


def asked_objects(model: type[M], rest: str, values: Mapping[str, Any]) -> Asked[list[M]]:
    """The same as a question that travels with others."""
    head, names, readers = _shape(model)

    def read(rows: list[Row]) -> list[M]:
        if readers:
            rows = [_read(row, readers) for row in rows]
        return [model.from_db(connection.alias, names, row) for row in rows]

    return Asked(head + rest, values, read)


def insert_together(rows: Sequence[Model], also: str = "", values: Mapping[str, Any] | None = None) -> None:
    """Write new rows of several models in one statement, and what ``also`` (a statement that returns something) says with its ``values``.

    The text depends on the models only and is prepared once.
    """
    answers(inserting(rows, also, values))


def inserting(rows: Sequence[Model], also: str = "", values: Mapping[str, Any] | None = None) -> Asked[None]:
    """The same as a question that travels with others."""
    shapes: list[tuple[type[Model], tuple[str, ...]]] = []
    given: dict[str, Any] = dict(values or {})
    for place, row in enumerate(rows):
        kept, columns = row.__dict__, []
        for column, name, numbered, as_json in _columns(type(row)):
            value = kept[name]
            if type(value) is not DatabaseDefault and not (numbered and value is None):
                given[f"{column}_{place}"] = _plain(value, as_json)
                columns.append(column)
        shapes.append((type(row), tuple(columns)))

    def read(_rows: list[Row]) -> None:
        for row in rows:
            row._state.adding, row._state.db = False, connection.alias

    return Asked(_together(tuple(shapes), also), given, read)


def _plain(value: Any, as_json: bool) -> Any:
    """A value as the server reads it into a column; what has a form of its own is left to psycopg."""
    if value is None:
        return None
    if as_json:
        return wire.Plain(msgspec.json.encode(value))
    if isinstance(value, str):
        return wire.Plain(value.encode())
    if isinstance(value, int | date | UUID):
        return wire.Plain(str(value).encode())
    return value


@cache
def _columns(model: type[Model]) -> list[tuple[str, str, bool, bool]]:
    return [
        (str(field.column), field.attname, isinstance(field, AutoField), isinstance(field, JSONField))
        for field in model._meta.concrete_fields
    ]


@cache
def _together(shapes: tuple[tuple[type[Model], tuple[str, ...]], ...], also: str) -> str:
    quote, parts = connection.ops.quote_name, [f"also as ({also})"] if also else []
    for place, (model, columns) in enumerate(shapes):
        table, names = quote(model._meta.db_table), ", ".join(map(quote, columns))
        values = ", ".join(f"%({column}_{place})s" for column in columns)
        parts.append(f"w{place} as (insert into {table} ({names}) values ({values}))")
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
