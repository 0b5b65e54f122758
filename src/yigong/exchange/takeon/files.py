"""Files as they come: CSV in UTF-8 or GBK, also mixed, or workbooks; rows with their line, and where they lie while somebody works with them.

Uploaded files hold personal data in the clear: they lie below the data folder for the server's account only, and go when the import is over.
"""

import csv
import hashlib
import shutil
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from yigong.core.encodings import decoded, encoding_of
from yigong.core.errors import InvalidInput
from yigong.exchange.takeon import workbooks
from yigong.exchange.takeon.rules.columns import plain
from yigong.exchange.takeon.workbooks import Line

_MOST_LINES = 6  # of one record with line breaks inside quotes
_SAMPLE = 1 << 20
_LOOK = 20  # rows above a header: titles and remarks
SHOWN = 3


@dataclass(slots=True)
class Head:
    """What a file begins with: the header, the last line of it, the first rows below. Of a workbook, which sheet, and its name."""

    header: list[str]
    line: int
    sample: list[list[str]] = field(default_factory=list)
    sheet: int = 0
    sheet_name: str = ""


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
    """Header and first rows. The header is the row that names most known columns, or two rows read together where that names more (a group's
    name above, merged over its columns); without any, the first row that is not empty. Of a workbook the sheet with the best header counts."""
    names = {plain(name) for name in known}
    best: tuple[int, Head] | None = None
    for sheet, name in enumerate(workbooks.names(path) if path.suffix == ".xlsx" else [""]):
        look = list(islice((line for line in lines(path, sheet) if any(line.cells)), _LOOK))
        if look and (best is None or _hits(_header_of(look, names)[0], names) > best[0]):
            header, last = _header_of(look, names)
            sample = [line.cells for line in look if line.number > last][:SHOWN]
            best = _hits(header, names), Head([cell.strip() for cell in header], last, sample, sheet, name)
    if best is None:
        raise InvalidInput(errors={"file": _("文件是空的。第一行应为表头，请用模板填写后再上传。")})
    return best[1]


def _header_of(look: Sequence[Line], names: set[str]) -> tuple[list[str], int]:
    """The header among the first rows, and the line on which it ends."""
    found = max(look, key=lambda line: _hits(line.cells, names))
    header, last = found.cells, found.number
    for upper, lower in pairwise(look):
        both = _together(upper.cells, lower.cells, names)
        if _hits(both, names) > _hits(header, names):
            header, last = both, lower.number
    return header, last


def _together(upper: Sequence[str], lower: Sequence[str], names: set[str]) -> list[str]:
    """Two rows as one header: below a group's name (or the empty cells that it is merged over) the group's name and the column's, or the column's
    alone where only that is known."""
    group, found = "", list[str]()
    for n in range(max(len(upper), len(lower))):
        above, below = (cells[n].strip() if n < len(cells) else "" for cells in (upper, lower))
        group = above or (group if below else "")
        both = group + below if below and below != group else group or below
        found.append(below if below and plain(both) not in names and plain(below) in names else both)
    return found


def _hits(cells: Iterable[str], names: set[str]) -> int:
    return len({plain(cell) for cell in cells if cell.strip()} & names)


def rows(path: Path, head: Head) -> Iterator[Line]:
    """The rows below the header; empty ones are passed over."""
    return (line for line in lines(path, head.sheet) if line.number > head.line and (line.broken or any(line.cells)))


def lines(path: Path, sheet: int = 0) -> Iterator[Line]:
    """Every row of a CSV, or of a sheet of a workbook."""
    return workbooks.lines(path, sheet) if path.suffix == ".xlsx" else _csv(path)


def count(path: Path, sheet: int = 0) -> int:
    """About how many rows: lines of a CSV, used rows of a sheet."""
    if path.suffix == ".xlsx":
        return workbooks.count(path, sheet)
    with path.open("rb") as handle:
        return sum(block.count(b"\n") for block in iter(lambda: handle.read(1 << 20), b""))


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
