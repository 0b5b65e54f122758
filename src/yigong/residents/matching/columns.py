"""Pieces of files as Arrow columns: lines that are plain all at once, the others with care, one by one."""

# texts: data

from collections.abc import Callable
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from yigong.residents.matching.files import HEADER, LONGEST, Piece, Read, Rejected, bad_birth, bad_sex, plain_text, read

SCHEMA = pa.schema([(name, pa.string()) for name in HEADER] + [("line", pa.int64())])


def read_columns(piece: Piece, today: date) -> tuple[pa.Table, list[Rejected]]:
    """The usable rows of a piece (columns of HEADER and ``line``, in the order of the file) and what was left out.

    The same as ``files.read``, which looks at each row: here each distinct sex and date is looked at once.
    """
    text = plain_text(piece)
    if not text:
        return _with_care(read(piece, today))
    ragged: list[int] = []
    rows = _split(piece, text, ragged)
    if rows is None:
        return _with_care(read(piece, today))
    wrong = _doubtful(rows, today)
    doubtful = [*ragged, *rows.filter(wrong)["line"].to_pylist()] if ragged or pc.any(wrong).as_py() else []
    if not doubtful:
        return rows, []
    again, lost = _each(piece, sorted(doubtful), today)
    kept = rows.filter(pc.invert(wrong))
    return (pa.concat_tables([kept, again]).sort_by("line") if again.num_rows else kept), lost


def _split(piece: Piece, text: str, ragged: list[int]) -> pa.Table | None:
    """All rows of the right width with their lines; those of another width are only named."""

    def left_out(row: csv.InvalidRow) -> str:
        ragged.append(piece.first_line + row.number - 1)
        return "skip"

    names = [str(place) for place in range(piece.width)]
    wanted = [str(place) for place in piece.order]
    data = text.encode()
    try:
        table = csv.read_csv(
            pa.BufferReader(data),
            csv.ReadOptions(use_threads=False, block_size=len(data) + 1, column_names=names),
            csv.ParseOptions(quote_char=False, ignore_empty_lines=False, invalid_row_handler=left_out),
            csv.ConvertOptions(
                check_utf8=False, column_types=dict.fromkeys(names, pa.string()), include_columns=wanted
            ),
        )
    except pa.ArrowInvalid:
        return None
    lines = set(ragged)
    numbers = [n for n in range(piece.first_line, piece.first_line + len(piece.lines)) if n not in lines]
    if len(numbers) != table.num_rows:
        return None
    columns = [table[name].combine_chunks() for name in wanted]
    return pa.table([*columns, pa.array(numbers, pa.int64())], schema=SCHEMA)


def _doubtful(rows: pa.Table, today: date) -> pa.ChunkedArray:
    """Which rows have to be looked at with care."""
    key = rows["record_id"]
    lengths = [pc.binary_length(rows[name]) for name in HEADER]
    total = lengths[0]
    for one in lengths[1:]:
        total = pc.add(total, one)
    return _any(
        pc.not_equal(pc.utf8_trim_whitespace(key), key),
        pc.is_in(key, pa.array(["", "record_id"])),
        pc.greater(total, LONGEST),
        _each_value(rows["sex"], bad_sex),
        _each_value(rows["birth_date"], lambda text: bad_birth(text, today)),
    )


def _any(*masks: pa.ChunkedArray) -> pa.ChunkedArray:
    found = masks[0]
    for mask in masks[1:]:
        found = pc.or_(found, mask)
    return found


def _each_value(column: pa.ChunkedArray, bad: Callable[[str], str]) -> pa.ChunkedArray:
    coded = column.combine_chunks().dictionary_encode()
    return pa.array([bool(bad(text)) for text in coded.dictionary.to_pylist()], pa.bool_()).take(coded.indices)


def _each(piece: Piece, lines: list[int], today: date) -> tuple[pa.Table, list[Rejected]]:
    found = Read()
    for line in lines:
        raw = piece.lines[line - piece.first_line]
        one = read(Piece(piece.file, line, [raw], piece.encoding, piece.order, piece.width), today)
        found.rows += one.rows
        found.lines += one.lines
        found.rejected += one.rejected
    return _with_care(found)


def _with_care(got: Read) -> tuple[pa.Table, list[Rejected]]:
    columns = list(zip(*got.rows, strict=True)) or [()] * len(HEADER)
    return pa.table([*columns, got.lines], schema=SCHEMA), got.rejected
