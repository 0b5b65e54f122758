"""Reading pack files with the place of every value, so that a mistake can be named by file and line."""

import csv
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

_TABLE = re.compile(r"^\s*\[(?P<array>\[)?\s*(?P<path>[^\[\]]+?)\s*\]{1,2}\s*(#.*)?$")
_KEY = re.compile(r"^\s*(?P<key>\"[^\"]+\"|'[^']+'|[A-Za-z0-9_.-]+)\s*=")
_STEP = re.compile(r"\.?([A-Za-z_][\w-]*)|\[(\d+|\.\.\.)\]")


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a pack: ``line`` counts from 1, 0 when the whole file is meant."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


class PackError(Exception):
    """A pack cannot be used; ``problems`` lists every mistake with file and line."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))


def read_toml(path: Path, shown: str) -> tuple[dict[str, Any], dict[str, int]]:
    """The document and the line of every table and key by dotted path (``stages[1].form``)."""
    text = path.read_text("utf-8")
    try:
        return tomllib.loads(text), _lines(text)
    except tomllib.TOMLDecodeError as mistake:
        found = re.search(r"line (\d+)", str(mistake))
        raise PackError([Problem(shown, int(found[1]) if found else 0, str(mistake))]) from None


def convert(document: dict[str, Any], struct: type, lines: dict[str, int], shown: str) -> Any:
    """The document as ``struct``; the first mistake is raised with its line."""
    try:
        return msgspec.convert(document, struct)
    except msgspec.ValidationError as mistake:
        raise PackError([Problem(shown, line_of(str(mistake), lines), str(mistake))]) from None


def read_table(path: Path, row: type, shown: str) -> list[Any]:
    """The rows of a CSV as ``row`` structs; every bad row is listed with its line."""
    rows: list[Any] = []
    problems: list[Problem] = []
    with path.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.DictReader(handle)
        for cells in reader:
            try:
                rows.append(msgspec.convert({k: v for k, v in cells.items() if v != ""}, row, strict=False))
            except (msgspec.ValidationError, TypeError) as mistake:
                problems.append(Problem(shown, reader.line_num, str(mistake)))
    if problems:
        raise PackError(problems)
    return rows


def line_of(message: str, lines: dict[str, int]) -> int:
    """The line of the value a validation message speaks of (``… - at `$.stages[1].form```)."""
    found = re.search(r"`\$([^`]*)`", message)
    path = found[1].lstrip(".") if found else ""
    while path and path not in lines:
        path = re.sub(r"(\.?[\w-]+|\[[^\]]*\])$", "", path)
    return lines.get(path, 1)


def _lines(text: str) -> dict[str, int]:
    found: dict[str, int] = {}
    arrays: dict[str, int] = {}
    prefix = ""
    for number, line in enumerate(text.splitlines(), 1):
        if table := _TABLE.match(line):
            prefix = _full(table["path"], arrays, bool(table["array"]))
            found.setdefault(prefix, number)
        elif key := _KEY.match(line):
            name = key["key"].strip("\"'")
            found.setdefault(f"{prefix}.{name}".lstrip("."), number)
    return found


def _full(path: str, arrays: dict[str, int], new: bool) -> str:
    """The path with the index of each enclosing array of tables."""
    parts, plain, full = [p.strip().strip("\"'") for p in path.split(".")], "", ""
    for place, part in enumerate(parts):
        plain, full = f"{plain}.{part}".lstrip("."), f"{full}.{part}".lstrip(".")
        if new and place == len(parts) - 1:
            arrays[plain] = arrays.get(plain, -1) + 1
            for below in [a for a in arrays if a.startswith(plain + ".")]:
                del arrays[below]
        if plain in arrays:
            full += f"[{arrays[plain]}]"
    return full
