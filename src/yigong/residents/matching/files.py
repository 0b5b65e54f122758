"""Reading files of people: encodings, headers, broken rows. Every refusal names the file, the line and the reason."""

import csv
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import BinaryIO, TextIO

from yigong.core.encodings import decoded, encoding_of
from yigong.residents.matching.preparing.fields import Unreadable, read_birth, read_sex
from yigong.residents.rules.text import has_controls

HEADER = (
    "record_id", "source", "name", "sex", "birth_date", "id_type", "id_number", "phone", "address", "mother_name", "household",
)  # fmt: skip
_CHUNK = 2 << 20
_MOST_LINES = 6  # of one record with line breaks inside quotes
LONGEST = 1000
_OLDEST = 130


class BadFile(Exception):
    """A file that cannot be linked at all; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row left out, with its line and the reason."""

    file: str
    line: int
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Piece:
    """Some whole lines of a file, not yet decoded. ``order`` gives the place of each field of HEADER."""

    file: str
    first_line: int
    lines: list[bytes]
    encoding: str
    order: tuple[int, ...]
    width: int


@dataclass(slots=True)
class Read:
    """What a piece held: fields in the order of HEADER with their lines, and what was left out."""

    rows: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


def pieces(path: Path, header: tuple[str, ...] = HEADER) -> Iterator[Piece]:
    """The file in pieces of whole lines. Raises BadFile when it is missing, empty or lacks a column."""
    try:
        size = path.stat().st_size
        handle = path.open("rb")
    except OSError as failure:
        raise BadFile(f"打不开文件 {path}:{failure.strerror or failure}。请核对路径和权限。") from None
    with handle:
        if not size:
            raise BadFile(f"文件 {path} 是空的。第一行应为表头：{','.join(header)}。")
        encoding, start = _encoding(handle.read(1 << 20), path)
        handle.seek(start)
        order, width = _header(handle.readline(), encoding, path, header)
        yield from _cut(handle, path, encoding, order, width)


def _cut(handle: BinaryIO, path: Path, encoding: str, order: tuple[int, ...], width: int) -> Iterator[Piece]:
    line = 2
    while lines := handle.readlines(_CHUNK):
        # Do not cut inside a record whose quotes are open.
        for _ in range(_MOST_LINES):
            if sum(text.count(b'"') for text in lines[-_MOST_LINES:]) % 2 == 0:
                break
            more = handle.readline()
            if not more:
                break
            lines.append(more)
        yield Piece(path.name, line, lines, encoding, order, width)
        line += len(lines)


def _encoding(sample: bytes, path: Path) -> tuple[str, int]:
    """UTF-8 or GB18030 by the first megabyte, and how many bytes of mark to skip. Single lines may still be in the other one."""
    if sample.startswith(b"\xef\xbb\xbf"):
        return "utf-8", 3
    if sample[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise BadFile(f"文件 {path} 是 UTF-16 编码。请另存为 UTF-8 或 GB18030 的 CSV 再来。")
    if sample.startswith(b"PK\x03\x04") or sample.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadFile(f"文件 {path} 是 Excel 工作簿。请在 Excel 中另存为 CSV UTF-8 再来。")
    return encoding_of(sample), 0


def _header(line: bytes, encoding: str, path: Path, wanted: tuple[str, ...]) -> tuple[tuple[int, ...], int]:
    names = [n.strip().lower() for n in next(csv.reader([line.decode(encoding, "replace")]), [])]
    missing = [name for name in wanted if name not in names]
    if missing:
        raise BadFile(
            f"文件 {path} 的表头缺少列：{'、'.join(missing)}。第一行应为：{','.join(wanted)}（次序不限，用英文逗号分隔）。"
        )
    doubled = [name for name in wanted if names.count(name) > 1]
    if doubled:
        raise BadFile(f"文件 {path} 的表头中 {'、'.join(doubled)} 出现了不止一次，不知道该用哪一列。")
    return tuple(names.index(name) for name in wanted), len(names)


def plain_text(piece: Piece) -> str:
    """The text of a piece that is wholly in one encoding, without quotes and control characters; else an empty one."""
    try:
        text = b"".join(piece.lines).decode(piece.encoding)
    except UnicodeDecodeError:
        return ""
    if '"' in text or "\ufffd" in text or not text.replace("\r\n", "").replace("\n", "").isprintable():
        return ""
    return text


def read(piece: Piece, today: date) -> Read:
    """Decode, split and check the rows of a piece, one by one."""
    found, at = Read(), 0
    lines = piece.lines
    while at < len(lines):
        cells, taken, why = _split(piece, at)
        line = piece.first_line + at
        raw = lines[at]
        at += taken
        if cells is None and not why:
            continue
        row = [cells[i] for i in piece.order] if cells is not None and not why else []
        reason = why or _reason(row, today)
        if reason:
            found.rejected.append(Rejected(piece.file, line, reason, decoded(raw, piece.encoding).strip()[:300]))
        else:
            found.rows.append(row)
            found.lines.append(line)
    return found


def _split(piece: Piece, at: int) -> tuple[list[str] | None, int, str]:
    """The cells of the record that begins in a line, how many lines it takes, and why it is broken (or an empty line: no cells)."""
    text = decoded(piece.lines[at], piece.encoding).rstrip("\r\n")
    taken = 1
    if '"' in text:
        while text.count('"') % 2 and taken < _MOST_LINES and at + taken < len(piece.lines):
            text += "\n" + decoded(piece.lines[at + taken], piece.encoding).rstrip("\r\n")
            taken += 1
        if text.count('"') % 2:
            return None, 1, "引号没有成对，无法分列"
        cells = next(csv.reader([text], strict=False), [])
        if taken > 1 and len(cells) != piece.width:
            return None, 1, "引号没有成对，无法分列"
    else:
        cells = text.split(",")
    if len(text) < 40 and not text.strip(" ,\x00"):
        return None, taken, "" if not text.strip() else "整行是空的"
    if len(cells) != piece.width:
        return None, taken, f"应有 {piece.width} 列，这一行有 {len(cells)} 列"
    return cells, taken, ""


def _reason(row: list[str], today: date) -> str:
    """Why a row cannot be used."""
    row[0] = row[0].strip()
    if not row[0]:
        return "没有 record_id"
    if row[0] == "record_id":
        return "重复的表头"
    if reason := _bad_characters("".join(row)):
        return reason
    if sum(map(len, row)) > LONGEST:
        return f"内容过长（{sum(map(len, row))} 个字符）"
    return bad_sex(row[3]) or bad_birth(row[4], today)


def bad_sex(text: str) -> str:
    """Why a sex cannot be used."""
    try:
        read_sex(text)
    except Unreadable as mistake:
        return str(mistake)
    return ""


def bad_birth(text: str, today: date) -> str:
    """Why a birth date cannot be used."""
    try:
        born = read_birth(text)[0]
    except Unreadable as mistake:
        return str(mistake)
    if born and not today.year - _OLDEST <= int(born[:4]) <= today.year:
        return f"出生日期“{text}”不可能：晚于今年，或早于 {_OLDEST} 年前"
    return ""


def people_row_problems(sex: str, birth: str, today: date) -> list[tuple[str, str]]:
    """The columns of a row that cannot be used, each with why: what ``read`` would leave the whole row out for."""
    found = (("sex", bad_sex(sex)), ("birth_date", bad_birth(birth, today)))
    return [(column, reason) for column, reason in found if reason]


def _bad_characters(text: str) -> str:
    if "\ufffd" in text:
        return "有无法识别的字符：既不是 UTF-8 也不是 GB18030"
    return "有看不见的控制字符" if not text.isprintable() and has_controls(text) else ""


@dataclass
class RejectedFile:
    """The list of rows left out, written beside the output; nothing is left behind when nothing was rejected."""

    path: Path
    count: int = 0
    _handle: TextIO | None = None

    def add(self, rows: list[Rejected]) -> None:
        """Append rows."""
        if not rows:
            return
        if self._handle is None:
            self._handle = self.path.open("w", encoding="utf-8-sig", newline="")
            csv.writer(self._handle).writerow(("file", "line", "reason", "text"))
        writer = csv.writer(self._handle)
        writer.writerows((row.file, row.line, row.reason, row.text) for row in rows)
        self.count += len(rows)

    def close(self) -> None:
        """Flush to disk."""
        if self._handle is not None:
            self._handle.flush()
            os.fsync(self._handle.fileno())
            self._handle.close()
