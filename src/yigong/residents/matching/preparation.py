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

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yigong.residents.matching.columns import read_columns
from yigong.residents.matching.definition import Definition
from yigong.residents.matching.files import HEADER, BadFile, Piece, Rejected, pieces
from yigong.residents.matching.making import Make, make_batch, make_here, prepare_columns
from yigong.residents.matching.preparing.registry import Maker
from yigong.residents.matching.splinking import ROW, block_columns

PEOPLE = "people"
Got = tuple[pa.Table, list[Rejected]]
_WORTH_PROCESSES = 6 << 20
_PORTION = 10_000


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
    parts: list[pa.Table] = []
    with _workers(today, sum(p.stat().st_size for p in paths if p.exists())) as work:
        for piece, (rows, lost) in work.read(piece for path in paths for piece in pieces(path)):
            rejected(lost)
            parts.append(rows.append_column("file", _repeated(piece.file, rows.num_rows)))
            records.count += rows.num_rows
            progress(records.count)
        if not records.count:
            raise BadFile("文件里没有一行可用的记录：除表头外没有内容，或全部被拒收。")
        given = pa.concat_tables(parts).combine_chunks()
        parts.clear()
        _refuse_doubles(connection, given)
        _keep(records, given, {name: given[name] for name in HEADER}, work.make)
    return records


def load_rows(
    connection: duckdb.DuckDBPyConnection, definition: Definition, key: str, rows: Sequence[Mapping[str, str]]
) -> Records:
    """Prepare records that are at hand as texts by field; ``key`` is the field that names a record."""
    records = Records(connection, definition, len(rows))
    fields = {name: pa.array([row.get(name) or "" for row in rows]) for name in (key, *definition.fields)}
    lines = pa.array(range(len(rows)), pa.int64())
    given = pa.table({"record_id": fields[key], "file": _repeated("", len(rows)), "line": lines})
    _keep(records, given, fields, make_here)
    return records


def _repeated(text: str, count: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, np.int32)), pa.array([text]))


def _keep(records: Records, given: pa.Table, fields: Mapping[str, pa.Array], make: Make) -> None:
    """Rows are numbered as they come, so that a run can be repeated."""
    columns = {ROW: pa.array(np.arange(records.count)), **{c: given[c] for c in ("record_id", "file", "line")}}
    prepared = pa.table(columns | prepare_columns(records.definition, fields, make))
    records.connection.register("prepared", prepared)
    _add_blocks(records)
    records.connection.unregister("prepared")


def _workers(today: date, size: int) -> "_Alone | _Pool":
    """Processes take a second or two to start; small files are done before that."""
    return _Pool(today) if cores() > 1 and size > _WORTH_PROCESSES else _Alone(today)


class _Alone:
    """One after the other in this process."""

    def __init__(self, today: date) -> None:
        self._today = today

    def __enter__(self) -> "_Alone":
        return self

    def __exit__(self, *details: object) -> None:
        pass

    def read(self, work: Iterable[Piece]) -> Iterator[tuple[Piece, Got]]:
        """Each piece with its rows and what was left out."""
        return ((piece, read_columns(piece, self._today)) for piece in work)

    make = staticmethod(make_here)


def _start_worker() -> None:
    from yigong.residents.matching.standalone import settle

    settle()
    gc.disable()  # millions of kept texts and no cycles: searching them for garbage costs a third of the time


class _Pool:
    """In several processes, a few pieces ahead, answers in the order of the file."""

    def __init__(self, today: date) -> None:
        self._pool = ProcessPoolExecutor(cores(), get_context("spawn"), _start_worker)
        self._today = today

    def __enter__(self) -> "_Pool":
        return self

    def __exit__(self, *details: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def read(self, work: Iterable[Piece]) -> Iterator[tuple[Piece, Got]]:
        """Each piece with its rows and what was left out."""
        waiting = iter(work)
        under_way = [self._submit(piece) for piece in islice(waiting, 2 * cores())]
        while under_way:
            piece, answer = under_way.pop(0)
            yield piece, answer.result()
            under_way += [self._submit(piece) for piece in islice(waiting, 1)]

    def _submit(self, piece: Piece) -> tuple[Piece, "Future[Got]"]:
        return piece, self._pool.submit(read_columns, piece, self._today)

    def make(self, maker: Maker, inputs: Sequence[pa.Array]) -> Sequence[pa.Array]:
        """Distinct values in portions; few are quicker made here."""
        batch = pa.RecordBatch.from_arrays(list(inputs), [str(n) for n in range(len(inputs))])
        if batch.num_rows < _PORTION:
            return make_here(maker, inputs)
        portions = [batch.slice(start, _PORTION) for start in range(0, batch.num_rows, _PORTION)]
        made = self._pool.map(make_batch, [maker.name] * len(portions), portions)
        return [column.combine_chunks() for column in pa.Table.from_batches(made).columns]


def _refuse_doubles(connection: duckdb.DuckDBPyConnection, given: pa.Table) -> None:
    if pc.count_distinct(given["record_id"]).as_py() == given.num_rows:
        return
    connection.register("given", given)
    found = connection.execute(
        "select record_id, string_agg(file || ' 第 ' || line || ' 行', '、' order by place), count(*) over () from "
        "(select record_id, file, line, row_number() over () as place from given) "
        "group by record_id having count(*) > 1 order by min(place) limit 5"
    ).fetchall()
    connection.unregister("given")
    shown = "；".join(f"{key}（{places}）" for key, places, _ in found)
    more = f"等 {found[0][2]} 个" if found[0][2] > len(found) else ""
    raise BadFile(
        f"record_id 重复，无法分清记录：{shown}{more}。请让每行的 record_id 在所有文件中各不相同，再运行一次。"
    )


def _add_blocks(records: Records) -> None:
    """Each block's values as one digest; none where a value is missing or is shared by too many."""
    connection, digests = records.connection, []
    for block, name in zip(records.definition.block, block_columns(records.definition), strict=True):
        present = " and ".join(f"{c} is not null" for c in block.columns)
        digest = f"case when {present} then (hash({', '.join(block.columns)}) >> 1)::bigint end"
        connection.execute(
            f"create or replace temp table crowded_{name} as select {digest} as digest from prepared "
            f"where {present} group by 1 having count(*) > {block.most}"
        )
        (crowded,) = connection.execute(f"select count(*) from crowded_{name}").fetchone() or (0,)
        free = f"case when {digest} not in (select digest from crowded_{name}) then {digest} end"
        digests.append(f"{free if crowded else digest} as {name}")
    connection.execute(f"create table {PEOPLE} as select *, {', '.join(digests)} from prepared")


def add_frequencies(records: Records) -> dict[str, str]:
    """A table of shares for each column that has term frequencies: column -> table name.

    A value's share is its count without the record itself, drawn towards the definition's ``usual`` as if that had been seen in
    ``definition.usual_weight`` records: a small file cannot tell how common a name is.
    """
    made: dict[str, str] = {}
    for column, frequency in records.definition.frequencies.items():
        made[column] = f"shares_{column}"
        records.connection.execute(
            f"create table {made[column]} as select {column}, "
            f"(count(*) - 1 + {records.definition.usual_weight} * {frequency.usual}) / ({records.count} + {records.definition.usual_weight}) "
            f"::double as tf_{column} from {PEOPLE} where {column} is not null group by 1"
        )
    return made
