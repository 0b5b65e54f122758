"""Workbooks as clerks keep them: several sheets, merged cells, formulas; rows as text.

A merged cell holds its value in its first cell only, but people read it in all: it is given to each. A formula counts by the result that was saved
with it; one that was never calculated, and one that came to an error, are told at their cell instead of passing for an empty one.
"""

import re
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from django.utils.translation import gettext as _
from openpyxl.utils import range_boundaries
from openpyxl.utils.exceptions import InvalidFileException

from yigong.core.errors import InvalidInput
from yigong.exchange.takeon.rules.values import FORMULA

_MERGE = re.compile(rb'<(?:\w+:)?mergeCell [^>]*?ref="([A-Z]+\d+:[A-Z]+\d+)"')
_CELL = re.compile(rb'<(?:\w+:)?c r="([A-Z]+)(\d+)"[^>]*>\s*<(?:\w+:)?f\b.*?</(?:\w+:)?c>', re.DOTALL)
_RESULT = re.compile(rb"<(?:\w+:)?(?:v|is)>[^<]")
_TEXT_RESULT = re.compile(rb't="str"')
_CHUNK, _OVERLAP = 1 << 20, 1 << 14
_MOST_MERGED = 200_000  # cells that merged ranges are spread over


@dataclass(slots=True)
class Line:
    """One row: its line in the file, its cells, and the rule that says why it cannot be split, empty when it can. ``filled``: cells that got the
    value of the merged cell they belong to."""

    number: int
    cells: list[str]
    broken: str = ""
    filled: int = 0


def names(path: Path) -> list[str]:
    """The sheets by name, in their order."""
    with _book(path) as book:
        return [sheet.title for sheet in book.worksheets]


def count(path: Path, sheet: int) -> int:
    """About how many rows."""
    with _book(path) as book:
        return int(book.worksheets[sheet].max_row or 0)


def lines(path: Path, sheet: int) -> Iterator[Line]:
    """Every row of a sheet."""
    with _book(path) as book:
        chosen = book.worksheets[sheet]
        merged, unsaved = _odd(path, getattr(chosen, "_worksheet_path", ""))
        above: dict[tuple[int, int], str] = {}
        widest = 0
        for number, row in enumerate(chosen.iter_rows(values_only=True), 1):
            line = Line(number, [_cell(value) for value in row])
            widest = max(widest, len(line.cells))
            line.cells += [""] * (widest - len(line.cells))  # Rows end at their last cell that says anything.
            for column in unsaved.get(number, ()):
                _put(line.cells, column, FORMULA)
            for column, first in merged.get(number, {}).items():
                if first == (number, column):
                    above[first] = line.cells[column - 1] if column <= len(line.cells) else ""
                elif above.get(first) and not (column <= len(line.cells) and line.cells[column - 1]):
                    _put(line.cells, column, above[first])
                    line.filled += 1
            yield line


def _put(cells: list[str], column: int, text: str) -> None:
    cells += [""] * (column - len(cells))
    cells[column - 1] = text


def _odd(path: Path, part: str) -> tuple[dict[int, dict[int, tuple[int, int]]], dict[int, set[int]]]:
    """By row and column: the first cell of the merged range a cell belongs to; by row: columns of formulas without a saved result. Read from the
    sheet's own text in pieces: it may have millions of cells, and the reader above knows of neither."""
    merged: dict[int, dict[int, tuple[int, int]]] = {}
    unsaved: dict[int, set[int]] = {}
    spread = 0
    for piece in _pieces(path, part):
        for found in _MERGE.finditer(piece):
            left, top, right, bottom = range_boundaries(found[1].decode())
            spread += (right - left + 1) * (bottom - top + 1)
            if spread > _MOST_MERGED:
                raise InvalidInput(
                    errors={"file": _("表里合并的单元格太多。请在表格软件中取消合并、逐格填写后再上传。")}
                )
            for row in range(top, bottom + 1):
                merged.setdefault(row, {}).update(dict.fromkeys(range(left, right + 1), (top, left)))
        for found in _CELL.finditer(piece):
            if not _RESULT.search(found[0]) and not _TEXT_RESULT.search(found[0]):
                column, row = range_boundaries(f"{found[1].decode()}{found[2].decode()}")[:2]
                unsaved.setdefault(row, set()).add(column)
    return merged, unsaved


def _pieces(path: Path, part: str) -> Iterator[bytes]:
    """The text of a part, overlapping so that nothing short falls between two."""
    with zipfile.ZipFile(path) as archive:
        name = part.lstrip("/")
        if name not in archive.namelist():
            return
        with archive.open(name) as handle:
            tail = b""
            while block := handle.read(_CHUNK):
                yield tail + block
                tail = block[-_OVERLAP:]


def _book(path: Path) -> Any:
    try:
        return closing(openpyxl.load_workbook(path, read_only=True, data_only=True))
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ParseError, OSError) as failure:
        raise InvalidInput(errors={"file": _("打不开这个工作簿，请在表格软件中另存为 xlsx 后再上传。")}) from failure


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S").removesuffix(" 00:00:00")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value).strip()
