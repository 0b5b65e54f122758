"""The facts as Parquet files, and the roll-ups counted over them by DuckDB with the same statements as in PostgreSQL.

A lake is a folder with files of each fact, of one county or of many. DuckDB comes with the linking group (``docs/explanation/dependencies.md``).
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from yigong.core.errors import InvalidInput
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


def connect(folder: Path | None = None, memory: str = "2GB", names: Iterable[str] = ()) -> "duckdb.DuckDBPyConnection":
    """An engine in this process that fetches nothing from anywhere; with a folder its files are the views (all, or those of ``names``)."""
    import duckdb

    engine = duckdb.connect(
        ":memory:",
        config={"memory_limit": memory, "autoinstall_known_extensions": "false", "autoload_known_extensions": "false"},
    )
    wanted = set(names) or set(facts())
    for fact in facts().values():
        if folder and fact.name in wanted:
            files = _text(folder / f"{fact.table}[.-]*parquet")
            engine.execute(f"create view {fact.table} as select * from read_parquet({files})")
    return engine


def _text(path: Path) -> str:
    """A path inside a statement: views and copies take no parameters."""
    return "'" + str(path).replace("'", "''") + "'"


class LakeMissing(InvalidInput):
    """No folder, or none with facts."""

    code = "indicators.lake_missing"
    message = "%(folder)s 不是数据湖：里面没有 fact_*.parquet 文件。请用 ./yigong indicators lake 目录 写出本县的湖，或核对 --lake 的路径。"


class LakeIncomplete(InvalidInput):
    """Facts are missing that indicators need."""

    code = "indicators.lake_incomplete"
    message = (
        "湖 %(folder)s 不完整，缺少：%(facts)s，有 %(n)s 个指标不能计算。请补齐这些文件；只算其余的，加上 --partly。"
    )


class LakeBroken(InvalidInput):
    """A file that cannot be read, or has other columns."""

    code = "indicators.lake_broken"
    message = "湖里的文件 %(file)s 不能用：%(why)s。请重新导出这个文件（./yigong indicators lake 目录）。"


class LakeEmpty(InvalidInput):
    """No month or indicator that was asked for."""

    code = "indicators.lake_empty"
    message = "湖里没有这些月份或指标的数据，没有可计算的内容。"


class NotOverLakes(InvalidInput):
    """PostgreSQL counts where the rows lie."""

    code = "indicators.not_over_lakes"
    message = "PostgreSQL 只计算本县数据库；数据湖请用 --engine duckdb 或 spark。"


class ComparesWithItself(InvalidInput):
    """What is kept was counted by PostgreSQL; another engine is what tells something."""

    code = "indicators.compares_with_itself"
    message = "--compare 用另一种引擎核对已存的数，请同时写 --engine duckdb 或 spark。"


class NothingToCount(InvalidInput):
    """The first month lies ahead."""

    code = "indicators.nothing_to_count"
    message = "起始月份晚于本月，没有可计算的月份。"


class NotCounted(InvalidInput):
    """Codes that no definition counts."""

    code = "indicators.not_counted"
    message = "没有由平台计算的指标 %(codes)s，代码见指标目录。"


@dataclass(frozen=True, slots=True)
class Lake:
    """What lies in a folder: counties (files of one fact), months, and the facts of which there is no file at all."""

    counties: int
    files: int
    first: date
    last: date
    missing: set[str]


def look(folder: Path) -> Lake:
    """Look at every file before anything is counted: what is missing, broken, or of another time is told with its name."""
    files = {name: sorted(folder.glob(f"{fact.table}[.-]*parquet")) for name, fact in facts().items()}
    if not folder.is_dir() or not any(files.values()):
        raise LakeMissing(folder=folder)
    endings = {n: {path.name.removeprefix(facts()[n].table) for path in found} for n, found in files.items() if found}
    every = set().union(*endings.values())
    for name, own in endings.items():
        if lost := sorted(every - own):
            raise LakeBroken(
                file=f"{facts()[name].table}{lost[0]}",
                why=_("没有这个文件，别的事实有（共缺 %(n)s 个）") % {"n": len(lost)},
            )
    engine, months = connect(), list[tuple[date, date]]()
    for name, found in files.items():
        if found:
            months += _looked_at(engine, facts()[name], found)
    if not months:
        raise LakeMissing(folder=folder)
    missing = {name for name, found in files.items() if not found}
    first, last = min(m[0] for m in months), max(m[1] for m in months)
    return Lake(len(every), sum(map(len, files.values())), first, last, missing)


def _looked_at(engine: "duckdb.DuckDBPyConnection", fact: Fact, files: list[Path]) -> list[tuple[date, date]]:
    """The months of a fact's files; none where they are empty."""
    import duckdb

    try:
        told = engine.execute(
            "describe select * from read_parquet(?, union_by_name = true)", [[str(p) for p in files]]
        ).fetchall()
        found = engine.execute(
            "select min(month), max(month) from read_parquet(?)", [[str(p) for p in files]]
        ).fetchone()
    except duckdb.Error as failure:
        for path in files:
            try:
                engine.execute("select min(month) from read_parquet(?)", [str(path)])
            except duckdb.Error:
                raise LakeBroken(file=path.name, why=_("文件已损坏或没有写完")) from failure
        raise LakeBroken(file=files[0].name, why=_("各县的列不一致")) from failure
    columns = {row[0] for row in told}
    if lost := [column.label for column in fact.columns if column.name not in columns]:
        raise LakeBroken(
            file=files[0].name, why=_("缺少列“%(columns)s”，可能是旧版本写出的") % {"columns": "、".join(lost)}
        )
    return [found] if found and found[0] is not None else []


@contextmanager
def opened(
    engine: str, folder: Path, memory: str, names: Iterable[str]
) -> "Iterator[duckdb.DuckDBPyConnection | SparkLake]":
    """The lake on an engine, with the views of these facts and of the institutions."""
    wanted = {*names, "institution"}
    if engine == "spark":
        with spark(folder, wanted) as found:
            yield found
    else:
        yield connect(folder, memory, wanted)


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
                f"copy (select * replace ({own}) from read_parquet({_text(source)})) to {_text(path)} (format parquet)"
            )


class SparkLake:
    """A lake behind the two calls of DuckDB that counting uses. Spark reads no UUID from Parquet: its files carry the keys as text."""

    def __init__(self, session: Any, folder: Path, names: Iterable[str] = ()) -> None:
        self.session: Any = session
        self.found: Any = None
        wanted = set(names) or set(facts())
        engine = connect(folder, names=wanted)
        for fact in facts().values():
            if fact.name not in wanted:
                continue
            keys = [column.name for column in fact.columns if column.kind in ("place", "key")]
            texts = ", ".join(f"cast({name} as varchar) as {name}" for name in keys)
            path = folder / f"spark-{fact.table}.parquet"
            engine.execute(
                f"copy (select * exclude id replace ({texts}) from {fact.table}) to {_text(path)} (format parquet)"
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
def spark(folder: Path, names: Iterable[str] = ()) -> Iterator[SparkLake]:
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
        yield SparkLake(session, folder, names)
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
