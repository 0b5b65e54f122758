"""The facts as Parquet files, and the roll-ups counted over them by DuckDB with the same statements as in PostgreSQL.

A lake is a folder with one file per fact, of one county or of many. DuckDB comes with the linking group (``docs/explanation/dependencies.md``).
"""

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import connection

from yigong.indicators.commands.computing import cells_of
from yigong.indicators.facts import Column, Fact, facts
from yigong.indicators.models import Cell
from yigong.indicators.rules import sql
from yigong.indicators.rules.definition import Definition
from yigong.indicators.rules.plan import passes_of

if TYPE_CHECKING:
    import duckdb

_TYPES = {"int": "BIGINT", "bool": "BOOLEAN", "string": "VARCHAR", "place": "UUID", "key": "UUID"}
_FIXED = {"id": "UUID", "at": "TIMESTAMPTZ", "month": "DATE"}


def export(folder: Path, names: Iterable[str] = ()) -> int:
    """Write the facts (all of them by default) into ``folder``; answers the bytes written. Files that are there are replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    engine, written = connect(), 0
    for fact in facts().values():
        if names and fact.name not in names:
            continue
        text, target = folder / f"{fact.table}.csv", folder / f"{fact.table}.parquet"
        _copy_out(fact, text)
        columns = _FIXED | {column.name: _TYPES[column.kind] for column in fact.columns}
        engine.execute(
            f"copy (select * from read_csv('{text}', header = true, nullstr = '\\N', columns = {columns})) to '{target}' (format parquet)"
        )
        text.unlink()
        written += target.stat().st_size
    return written


def connect(folder: Path | None = None, memory: str = "2GB") -> "duckdb.DuckDBPyConnection":
    """An engine in this process that fetches nothing from anywhere; with a folder its files are the views."""
    import duckdb

    engine = duckdb.connect(
        ":memory:",
        config={"memory_limit": memory, "autoinstall_known_extensions": "false", "autoload_known_extensions": "false"},
    )
    for fact in facts().values() if folder else ():
        engine.execute(f"create view {fact.table} as select * from read_parquet('{folder}/{fact.table}.parquet')")
    return engine


def count(
    engine: "duckdb.DuckDBPyConnection", definitions: Iterable[Definition], first: date, last: date
) -> Iterator[Cell]:
    """The cells of these months as DuckDB counts them; nothing is written."""
    wanted = list(definitions)
    for fact in facts().values():
        for one in passes_of(fact, [d for d in wanted if d.fact == fact.name]):
            found = engine.execute(sql.statement(fact, one.attribution, one.measures, first, last))
            names = [column[0] for column in found.description or ()]
            for row in found.fetchall():
                values = dict(zip(names, row, strict=True))
                values["place"] = UUID(str(values["place"])) if values["place"] else None
                yield from cells_of(one, values)


def _copy_out(fact: Fact, path: Path) -> None:
    shown = ", ".join(["id", "at", "month", *(_spelled(column) for column in fact.columns)])
    with (
        connection.cursor() as cursor,
        path.open("wb") as file,
        cursor.cursor.copy(
            f"copy (select {shown} from {fact.table}) to stdout (format csv, header, null '\\N')"
        ) as rows,
    ):
        for part in rows:
            file.write(part)


def _spelled(column: Column) -> str:
    return f"{column.name}::text as {column.name}" if column.kind == "bool" else column.name
