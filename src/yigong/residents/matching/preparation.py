"""Files of people as one table of prepared columns in DuckDB; rows are read and prepared by several processes."""

# texts: data

import gc
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from datetime import date
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from yigong.residents.matching.definition import Definition
from yigong.residents.matching.files import HEADER, BadFile, Piece, Rejected, pieces, read
from yigong.residents.matching.splinking import ROW, block_columns, frequencies

PEOPLE = "people"
_WORTH_PROCESSES = 6 << 20
_definition: Definition | None = None
_today = date.min


class Records:
    """What was read: the DuckDB table ``people`` (row_number, record_id, file, line, prepared columns, block columns), and its counts."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, definition: Definition, count: int = 0) -> None:
        self.connection, self.definition, self.count = connection, definition, count


def connect(folder: Path, memory: str) -> duckdb.DuckDBPyConnection:
    """A DuckDB of its own that asks nothing of the network and spills into ``folder``."""
    return duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "temp_directory": str(folder / "spill"),
            "memory_limit": memory,
            "threads": str(cores()),
            "preserve_insertion_order": "false",
        },
    )


def cores() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def load(
    connection: duckdb.DuckDBPyConnection,
    definition: Definition,
    paths: list[Path],
    today: date,
    rejected: Callable[[list[Rejected]], None],
    progress: Callable[[int], None],
) -> Records:
    """Read and prepare all files. Raises BadFile, also when a record_id occurs twice."""
    records = Records(connection, definition)
    _create(records)
    with _workers(definition, today, sum(p.stat().st_size for p in paths if p.exists())) as run:
        for batch, lost in run(piece for path in paths for piece in pieces(path)):
            rejected(lost)
            _append(records, batch)
            progress(records.count)
    if not records.count:
        raise BadFile("文件里没有一行可用的记录:除表头外没有内容,或全部被拒收。")
    _refuse_doubles(records, paths)
    _add_blocks(records)
    return records


def load_rows(
    connection: duckdb.DuckDBPyConnection, definition: Definition, key: str, rows: Sequence[Mapping[str, str]]
) -> Records:
    """Prepare records that are at hand as texts by field; ``key`` is the field that names a record."""
    records = Records(connection, definition)
    _create(records)
    fields = {name: [row.get(name) or "" for row in rows] for name in (key, *definition.fields)}
    columns: dict[str, Any] = {"record_id": fields[key], "file": [""] * len(rows), "line": list(range(len(rows)))}
    _append(records, _batch(columns | dict(prepared(definition, fields, len(rows)))))
    _add_blocks(records)
    return records


def _batch(columns: dict[str, Any]) -> pa.RecordBatch:
    schema = pa.schema([(name, pa.int64() if name == "line" else pa.string()) for name in columns])
    return pa.RecordBatch.from_pydict(columns, schema)


def _workers(definition: Definition, today: date, size: int) -> Any:
    """Processes take a second or two to start; small files are done before that."""
    many = cores() > 1 and size > _WORTH_PROCESSES
    return _Pool(definition, today) if many else _Alone(definition, today)


class _Alone:
    """One after the other in this process."""

    def __init__(self, definition: Definition, today: date) -> None:
        _start(definition, today)

    def __enter__(self) -> Callable[[Iterable[Piece]], Iterator[tuple[pa.RecordBatch, list[Rejected]]]]:
        return lambda work: map(_prepare, work)

    def __exit__(self, *details: object) -> None:
        pass


def _start_worker(definition: Definition, today: date) -> None:
    _start(definition, today)
    gc.disable()  # millions of kept texts and no cycles: searching them for garbage costs a third of the time


class _Pool:
    """In several processes, a few pieces ahead, answers in the order of the file."""

    def __init__(self, definition: Definition, today: date) -> None:
        self._pool = ProcessPoolExecutor(cores(), get_context("spawn"), _start_worker, (definition, today))

    def __enter__(self) -> Callable[[Iterable[Piece]], Iterator[tuple[pa.RecordBatch, list[Rejected]]]]:
        return self._run

    def _run(self, work: Iterable[Piece]) -> Iterator[tuple[pa.RecordBatch, list[Rejected]]]:
        waiting = iter(work)
        under_way: list[Future] = [self._pool.submit(_prepare, piece) for piece in islice(waiting, 2 * cores())]
        while under_way:
            yield under_way.pop(0).result()
            under_way += [self._pool.submit(_prepare, piece) for piece in islice(waiting, 1)]

    def __exit__(self, *details: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)


def _start(definition: Definition, today: date) -> None:
    from yigong.residents.matching.standalone import settle

    global _definition, _today
    settle()
    _definition, _today = definition, today


def _prepare(piece: Piece) -> tuple[pa.RecordBatch, list[Rejected]]:
    """The prepared columns of a piece as an Arrow batch."""
    assert _definition is not None
    got = read(piece, _today)
    fields = {name: [row[place] for row in got.rows] for place, name in enumerate(HEADER)}
    columns: dict[str, list[Any]] = {
        "record_id": fields["record_id"],
        "file": [piece.file] * len(got.rows),
        "line": got.lines,
    }
    return _batch(columns | dict(prepared(_definition, fields, len(got.rows)))), got.rejected


def prepared(definition: Definition, fields: dict[str, list[str]], count: int) -> dict[str, Sequence[str]]:
    """The prepared columns that the definition uses, of many records given field by field; empty where nothing is known."""
    found: dict[str, Sequence[str]] = {}
    for maker in definition.makers:
        inputs = [fields.get(name) or [""] * count for name in maker.inputs]
        columns = zip(*map(maker.make, *inputs), strict=True) if count else [()] * len(maker.outputs)
        found |= {name: column for name, column in zip(maker.outputs, columns, strict=True) if name in definition.used}
    return found


def _create(records: Records) -> None:
    columns = ", ".join(f"{c} varchar" for c in records.definition.used)
    records.connection.execute(
        f"create table prepared ({ROW} bigint, record_id varchar, file varchar, line bigint, {columns})"
    )


def _append(records: Records, batch: pa.RecordBatch) -> None:
    """Rows are numbered as they come, so that a run can be repeated."""
    numbers = pa.array(range(records.count, records.count + batch.num_rows), pa.int64())
    table = pa.Table.from_batches([batch]).add_column(0, ROW, numbers)
    records.connection.register("incoming", table)
    columns = ", ".join(f"nullif({c}, '')" for c in records.definition.used)
    records.connection.execute(f"insert into prepared select {ROW}, record_id, file, line, {columns} from incoming")
    records.connection.unregister("incoming")
    records.count += batch.num_rows


def _refuse_doubles(records: Records, paths: list[Path]) -> None:
    found = records.connection.execute(
        "select record_id, string_agg(file || ' 第 ' || line || ' 行', '、' order by row_number), count(*) over () "
        "from prepared group by record_id having count(*) > 1 order by min(row_number) limit 5"
    ).fetchall()
    if found:
        shown = ";".join(f"{key}({places})" for key, places, _ in found)
        more = f"等 {found[0][2]} 个" if found[0][2] > len(found) else ""
        raise BadFile(
            f"record_id 重复,无法分清记录:{shown}{more}。请让每行的 record_id 在所有文件中各不相同,再运行一次。"
        )


def _add_blocks(records: Records) -> None:
    """Each block's values as one digest; none where a value is missing or is shared by too many."""
    keys = []
    for block, name in zip(records.definition.block, block_columns(records.definition), strict=True):
        present = " and ".join(f"{c} is not null" for c in block.columns)
        together = f"(hash({', '.join(block.columns)}) >> 1)::bigint"
        keys.append((name, f"case when {present} then {together} end", block.most))
    digests = ", ".join(f"{expression} as {name}" for name, expression, _ in keys)
    records.connection.execute(f"create table {PEOPLE} as select *, {digests} from prepared; drop table prepared")
    for name, _, most in keys:
        records.connection.execute(
            f"update {PEOPLE} set {name} = null where {name} in "
            f"(select {name} from {PEOPLE} where {name} is not null group by 1 having count(*) > {most})"
        )


def add_frequencies(records: Records) -> dict[str, str]:
    """A table of shares for each column that has term frequencies: column -> table name.

    A value's share is its count without the record itself, drawn towards the definition's ``usual`` as if that had been seen in
    ``definition.usual_weight`` records: a small file cannot tell how common a name is.
    """
    made: dict[str, str] = {}
    for column, frequency in frequencies(records.definition).items():
        made[column] = f"shares_{column}"
        records.connection.execute(
            f"create table {made[column]} as select {column}, "
            f"(count(*) - 1 + {records.definition.usual_weight} * {frequency.usual}) / ({records.count} + {records.definition.usual_weight}) "
            f"::double as tf_{column} from {PEOPLE} where {column} is not null group by 1"
        )
    return made
