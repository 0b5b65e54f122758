"""Rows into tables by COPY: text in chunks, columns named by the model."""

import json
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection

_CHUNK = 20_000


def _text(value: str) -> str:
    if "\\" in value or "\t" in value or "\n" in value or "\r" in value:
        return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    return value


def _json(value: Any) -> str:
    return _text(json.dumps(value, ensure_ascii=False))


_FORMAT: dict[type, Callable[[Any], str]] = {
    type(None): lambda value: "\\N",
    str: _text,
    int: str,
    float: repr,
    Decimal: str,
    bool: lambda value: "t" if value else "f",
    UUID: str,
    date: date.isoformat,
    datetime: datetime.isoformat,
    time: time.isoformat,
    bytes: lambda value: "\\\\x" + value.hex(),
    dict: _json,
    list: _json,
    tuple: lambda value: _text("{" + ",".join(f'"{item}"' for item in value) + "}"),
}


class Table:
    """One table being filled; ``add`` takes the values in the order of ``fields``."""

    def __init__(self, model: str, fields: Sequence[str]) -> None:
        meta = apps.get_model(model)._meta
        columns = ", ".join(f'"{meta.get_field(name).column}"' for name in fields)
        self._statement = f'copy "{meta.db_table}" ({columns}) from stdin'
        self._lines: list[str] = []
        self.count = 0

    def add(self, *values: Any) -> None:
        """One row. A tuple is an array of text, a list or dict is JSON."""
        self._lines.append("\t".join([_FORMAT[type(value)](value) for value in values]))
        if len(self._lines) >= _CHUNK:
            self.flush()

    def flush(self) -> None:
        """Send what is waiting."""
        if not self._lines:
            return
        with connection.cursor() as cursor, cursor.copy(self._statement) as copy:
            copy.write("\n".join(self._lines) + "\n")
        self.count += len(self._lines)
        self._lines.clear()


def without_triggers() -> bool:
    """Switch triggers and foreign key checks off for this transaction where we may (superuser); says whether it worked.

    A bulk load writes what it has just computed: a history line per row would double it and say nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute("select rolsuper from pg_roles where rolname = current_user")
        if not cursor.fetchone()[0]:
            return False
        cursor.execute("set local session_replication_role = replica")
    return True


def analyse() -> None:
    """Fresh statistics, so that the first page is as quick as the thousandth."""
    with connection.cursor() as cursor:
        cursor.execute("analyze")
