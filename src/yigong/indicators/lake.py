"""The facts as Parquet files, and the roll-ups counted over them by DuckDB with the same statements as in PostgreSQL.

A lake is a folder with files of each fact, of one county or of many. DuckDB comes with the linking group (``docs/explanation/dependencies.md``).
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
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


def export(folder: Path, names: Iterable[str] = (), since: date | None = None) -> int:
    """Write the facts (all of them by default, from a month on) into ``folder``; answers the bytes written. Files that are there are replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    engine, written = connect(), 0
    for fact in facts().values():
        if names and fact.name not in names:
            continue
        text, target = folder / f"{fact.table}.csv", folder / f"{fact.table}.parquet"
        _copy_out(fact, text, since)
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
        engine.execute(f"create view {fact.table} as select * from read_parquet('{folder}/{fact.table}[.-]*parquet')")
    return engine


def multiply(lake: Path, target: Path, counties: int, distinct: int = 10) -> None:
    """A lake of so many counties out of one, for measurements: each with keys of its own, beyond ``distinct`` of them the same files again."""
    target.mkdir(parents=True, exist_ok=True)
    engine = connect()
    for fact in facts().values():
        source = lake / f"{fact.table}.parquet"
        keys = [column.name for column in fact.columns if column.kind in ("place", "key")]
        for n in range(counties):
            path, known = target / f"{fact.table}-{n}.parquet", target / f"{fact.table}-{n % distinct}.parquet"
            if n >= distinct:
                path.hardlink_to(known)
                continue
            own = ", ".join(f"cast(overlay_key({name}, {n}) as uuid) as {name}" for name in keys)
            engine.execute(
                "create or replace macro overlay_key(k, n) as left(k::varchar, 9) || lpad(n::varchar, 4, '0') || substr(k::varchar, 14)"
            )
            engine.execute(
                f"copy (select * replace ({own}) from read_parquet('{source}')) to '{path}' (format parquet)"
            )


class SparkLake:
    """A lake behind the two calls of DuckDB that counting uses. Spark reads no UUID from Parquet: its files carry the keys as text."""

    def __init__(self, session: Any, folder: Path) -> None:
        self.session: Any = session
        self.found: Any = None
        engine = connect(folder)
        for fact in facts().values():
            keys = [column.name for column in fact.columns if column.kind in ("place", "key")]
            texts = ", ".join(f"cast({name} as varchar) as {name}" for name in keys)
            path = folder / f"spark-{fact.table}.parquet"
            engine.execute(
                f"copy (select * exclude id replace ({texts}) from {fact.table}) to '{path}' (format parquet)"
            )
            session.read.parquet(str(path)).createOrReplaceTempView(fact.table)

    def execute(self, text: str) -> "SparkLake":
        """Ask."""
        self.found = self.session.sql(text)
        return self

    @property
    def description(self) -> list[tuple[str]]:
        """The columns of the answer."""
        return [(name,) for name in self.found.columns]

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The rows of the answer."""
        return [tuple(row) for row in self.found.collect()]


@contextmanager
def spark(folder: Path) -> Iterator[SparkLake]:
    """The lake on Spark, where ``YIGONG_SPARK`` says (by default two workers of their own on this machine)."""
    import pyspark
    from pyspark.sql import SparkSession

    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    os.environ.setdefault("SPARK_HOME", os.path.dirname(pyspark.__file__))
    options = {
        "spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.driver.bindAddress": "127.0.0.1", "spark.driver.memory": "2g", "spark.sql.session.timeZone": "Asia/Shanghai",
        "spark.sql.shuffle.partitions": "4", "spark.local.dir": str(folder / "spark"), "spark.sql.warehouse.dir": str(folder / "warehouse"),
    }  # fmt: skip
    builder = SparkSession.builder.master(os.environ.get("YIGONG_SPARK", "local-cluster[2,1,2048]")).appName("yigong")
    for name, value in options.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    try:
        session.sparkContext.setLogLevel("ERROR")
        yield SparkLake(session, folder)
    finally:
        session.stop()


def count(
    engine: "duckdb.DuckDBPyConnection | SparkLake", definitions: Iterable[Definition], first: date, last: date
) -> Iterator[Cell]:
    """The cells of these months as the engine counts them; nothing is written."""
    wanted = list(definitions)
    for fact in facts().values():
        for one in passes_of(fact, [d for d in wanted if d.fact == fact.name]):
            found = engine.execute(sql.statement(fact, one.attribution, one.measures, first, last))
            names = [column[0] for column in found.description or ()]
            for row in found.fetchall():
                values = dict(zip(names, row, strict=True))
                values["place"] = UUID(str(values["place"])) if values["place"] else None
                yield from cells_of(one, values)


def _copy_out(fact: Fact, path: Path, since: date | None) -> None:
    shown = ", ".join(["id", "at", "month", *(_spelled(column) for column in fact.columns)])
    recent = f" where at >= timestamptz '{since} 00:00:00+08'" if since else ""
    with (
        connection.cursor() as cursor,
        path.open("wb") as file,
        cursor.cursor.copy(
            f"copy (select {shown} from {fact.table}{recent}) to stdout (format csv, header, null '\\N')"
        ) as rows,
    ):
        for part in rows:
            file.write(part)


def _spelled(column: Column) -> str:
    return f"{column.name}::text as {column.name}" if column.kind == "bool" else column.name
