"""Record files: the columns of ``sample.csv``, lists joined by ``|``, empty is missing."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from yigong.insurance.grouping.data import Case
from yigong.insurance.grouping.errors import RecordsInvalid

COLUMNS = "index gender age age_days weight dept los leaving diagnoses procedures".split()
ANSWERS = "mdc adrg drg status".split()
_OPTIONAL = ("icu_hours", "amount")


def read_records(path: Path | str) -> Iterator[tuple[Case, tuple[str, ...] | None]]:
    """Cases of a record file, each with its answer (mdc, adrg, drg, status) when the file has those columns.

    A number that cannot be read counts as missing, so that one bad record gets a status instead of ending the file.
    Raises ``RecordsInvalid`` for a missing file or column.
    """
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file)
            header = next(rows, [])
            missing = [name for name in COLUMNS if name not in header]
            if missing:
                raise RecordsInvalid(f"{Path(path).name} 第 1 行：缺少列 {'、'.join(missing)}")
            yield from _records(rows, header)
    except FileNotFoundError:
        raise RecordsInvalid(f"找不到病例文件 {path}") from None
    except csv.Error as fault:
        raise RecordsInvalid(f"{Path(path).name} 第 {rows.line_num} 行不是完整的 CSV:{fault}") from None
    except UnicodeDecodeError:
        raise RecordsInvalid(f"{Path(path).name} 不是 UTF-8 编码，请另存为 UTF-8 后再试") from None


def _records(rows: Iterable[list[str]], header: list[str]) -> Iterator[tuple[Case, tuple[str, ...] | None]]:
    at = {name: header.index(name) for name in (*COLUMNS, *ANSWERS, *_OPTIONAL) if name in header}
    answers = [at[name] for name in ANSWERS] if all(name in at for name in ANSWERS) else []
    extra = [(name, at[name]) for name in _OPTIONAL if name in at]
    index, sex, age, days, weight, dept, los, leaving, diagnoses, procedures = (at[name] for name in COLUMNS)
    width = len(header)
    for row in rows:
        if not row:
            continue
        row.extend([""] * (width - len(row)))
        case = Case(
            sex=_whole(row[sex]),
            age=_whole(row[age]),
            diagnoses=_codes(row[diagnoses]),
            procedures=_codes(row[procedures]),
            age_days=_whole(row[days]),
            birth_weight=number(row[weight]),
            los=_whole(row[los]),
            leaving=row[leaving],
            dept=row[dept],
            index=row[index],
            **{name: number(row[place]) for name, place in extra},
        )
        yield case, tuple(row[place] for place in answers) if answers else None


def _codes(text: str) -> tuple[str, ...]:
    if not text:
        return ()
    if "||" in text or text[0] == "|" or text[-1] == "|" or " " in text:
        return tuple(code for part in text.split("|") if (code := part.strip()))
    return tuple(text.split("|"))


def _whole(text: str) -> int | None:
    value = number(text)
    return int(value) if value is not None and value == int(value) else None


def number(text: str) -> int | float | None:
    """The number a cell holds, or ``None`` when it holds none."""
    if text.isdecimal() and text.isascii():
        return int(text)
    try:
        value = float(text)
    except ValueError:
        return None
    return value if value == value and abs(value) != float("inf") else None
