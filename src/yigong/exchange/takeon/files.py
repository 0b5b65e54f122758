"""Files as they come: CSV in UTF-8 or GBK, also mixed, or workbooks; rows with their line, and where they lie while somebody works with them.

Uploaded files hold personal data in the clear: they lie below the data folder for the server's account only, and go when the import is over.
"""

import csv
import hashlib
import shutil
import zipfile
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID
from xml.etree.ElementTree import ParseError

import openpyxl
from django.conf import settings
from django.utils.translation import gettext as _
from openpyxl.utils.exceptions import InvalidFileException

from yigong.core.encodings import decoded, encoding_of
from yigong.core.errors import InvalidInput

_MOST_LINES = 6  # of one record with line breaks inside quotes
_SAMPLE = 1 << 20
_LOOK = 20  # rows above a header: titles and remarks
SHOWN = 3


@dataclass(slots=True)
class Line:
    """One row: its line in the file, its cells, and the rule that says why it cannot be split, empty when it can."""

    number: int
    cells: list[str]
    broken: str = ""


@dataclass(slots=True)
class Head:
    """What a file begins with."""

    header: list[str]
    line: int
    sample: list[list[str]] = field(default_factory=list)


def folder_of(import_id: UUID) -> Path:
    """Where an import's file lies."""
    return Path(settings.DATA) / "imports" / str(import_id)


def keep(import_id: UUID, name: str, chunks: Iterable[bytes]) -> tuple[Path, str, int]:
    """Write an uploaded file for nobody but this server: path, SHA-256, size."""
    folder = folder_of(import_id)
    folder.mkdir(parents=True, mode=0o700)
    digest, size = hashlib.sha256(), 0
    path = folder / ("given" + (".xlsx" if name.lower().endswith((".xlsx", ".xlsm")) else ".csv"))
    with path.open("wb") as handle:
        for chunk in chunks:
            handle.write(chunk)
            digest.update(chunk)
            size += len(chunk)
    return path, digest.hexdigest(), size


def kept(import_id: UUID) -> Path:
    """The uploaded file."""
    found = next(folder_of(import_id).glob("given.*"), None)
    if found is None:
        raise InvalidInput(_("上传的文件已不在服务器上，请重新上传。"))
    return found


def forget(import_id: UUID) -> None:
    """Remove everything."""
    shutil.rmtree(folder_of(import_id), ignore_errors=True)


def head_of(path: Path, known: Iterable[str] = ()) -> Head:
    """Header and first rows. The header is the first row that names a known column; without one, the first row that is not empty."""
    names = set(known)
    first: Line | None = None
    look: list[Line] = []
    for line in lines(path):
        if any(line.cells):
            look.append(line)
            if first is None and {cell.strip() for cell in line.cells} & names:
                first = line
        if len(look) >= _LOOK:
            break
    first = first or next(iter(look), None)
    if first is None:
        raise InvalidInput(errors={"file": _("文件是空的。第一行应为表头，请用模板填写后再上传。")})
    sample = [line.cells for line in look if line.number > first.number][:SHOWN]
    return Head([cell.strip() for cell in first.cells], first.number, sample)


def rows(path: Path, head_line: int) -> Iterator[Line]:
    """The rows below the header; empty ones are passed over."""
    return (line for line in lines(path) if line.number > head_line and (line.broken or any(line.cells)))


def lines(path: Path) -> Iterator[Line]:
    """Every row of a CSV or of a workbook's first sheet."""
    return _sheet(path) if path.suffix == ".xlsx" else _csv(path)


def count(path: Path) -> int:
    """About how many rows: lines of a CSV, used rows of a sheet."""
    if path.suffix != ".xlsx":
        with path.open("rb") as handle:
            return sum(block.count(b"\n") for block in iter(lambda: handle.read(1 << 20), b""))
    with _book(path) as book:
        return int(book.worksheets[0].max_row or 0)


# CSV


def _csv(path: Path) -> Iterator[Line]:
    with path.open("rb") as handle:
        encoding = _encoding(handle)
        number, comma = 0, ""
        ahead: deque[bytes] = deque()
        while raw := ahead.popleft() if ahead else handle.readline():
            number += 1
            text = decoded(raw, encoding).rstrip("\r\n")
            comma = comma or ("\t" if text.count("\t") > text.count(",") else ",")
            begun = number
            if text.count('"') % 2:
                while len(ahead) < _MOST_LINES - 1 and (more := handle.readline()):
                    ahead.append(more)
                joined, taken = _joined(text, ahead, encoding)
                if not taken:
                    yield Line(begun, [text[:80]], "quotes")
                    continue
                text, number = joined, number + taken
                for _n in range(taken):
                    ahead.popleft()
            cells = next(csv.reader([text], delimiter=comma), []) if '"' in text else text.split(comma)
            yield Line(begun, [cell.strip() for cell in cells])


def _joined(text: str, ahead: Iterable[bytes], encoding: str) -> tuple[str, int]:
    """A record whose quotes are open with the lines that close them, and how many; 0 when none does."""
    for taken, raw in enumerate(ahead, 1):
        text += "\n" + decoded(raw, encoding).rstrip("\r\n")
        if text.count('"') % 2 == 0:
            return text, taken
    return text, 0


def _encoding(handle: BinaryIO) -> str:
    sample = handle.read(_SAMPLE)
    if sample[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise InvalidInput(errors={"file": _("文件是 UTF-16 编码，请在表格软件中另存为“CSV UTF-8”或 xlsx 后再上传。")})
    if sample.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise InvalidInput(errors={"file": _("文件是旧版 Excel 或改了后缀的工作簿，请另存为 xlsx 或 CSV 后再上传。")})
    if sample.startswith(b"\xef\xbb\xbf"):
        handle.seek(3)
        return "utf-8"
    handle.seek(0)
    return encoding_of(sample)


# Workbooks


def _book(path: Path) -> Any:
    from contextlib import closing

    try:
        return closing(openpyxl.load_workbook(path, read_only=True, data_only=True))
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ParseError, OSError) as failure:
        raise InvalidInput(errors={"file": _("打不开这个工作簿，请在表格软件中另存为 xlsx 后再上传。")}) from failure


def _sheet(path: Path) -> Iterator[Line]:
    with _book(path) as book:
        for number, row in enumerate(book.worksheets[0].iter_rows(values_only=True), 1):
            yield Line(number, [_cell(value) for value in row])


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
