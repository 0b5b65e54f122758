"""Several schemes side by side: which one is in force for a region on a day."""

import csv
import io
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from yigong.insurance.grouping.errors import Problem, SchemeInvalid, SchemeNotFound
from yigong.insurance.grouping.grouper import Grouper
from yigong.insurance.grouping.scheme import load_scheme

SCHEDULE = "schedule.csv"
_HEADER = ["region", "valid_from", "valid_to", "scheme"]


@dataclass(frozen=True, slots=True)
class InForce:
    """A scheme in force for the division codes that begin with ``region``, both days included; no end while ``valid_to`` is ``None``."""

    region: str
    valid_from: date
    valid_to: date | None
    scheme: str

    def covers(self, region: str, on: date) -> bool:
        """Whether a division and a day fall under this line."""
        return (
            region.startswith(self.region) and self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)
        )

    def overlaps(self, other: "InForce") -> bool:
        """Whether two lines of one region share a day."""
        ends_before = self.valid_to is not None and self.valid_to < other.valid_from
        begins_after = other.valid_to is not None and other.valid_to < self.valid_from
        return self.region == other.region and not (ends_before or begins_after)


class Schemes:
    """The scheme folders below one folder and their schedule. Schemes are loaded when first used and then kept."""

    def __init__(self, folder: Path, in_force: tuple[InForce, ...]) -> None:
        self.folder, self.in_force = folder, in_force
        self.names = _names(folder)
        self.grouper = lru_cache(maxsize=None)(self._grouper)

    def name_for(self, *, region: str, on: date) -> str:
        """The scheme of a region (administrative division code) on a day; the most particular line wins. Raises ``SchemeNotFound``."""
        fitting = [line for line in self.in_force if line.covers(region, on)]
        if not fitting:
            raise SchemeNotFound(f"{region or '全国'} 在 {on} 没有生效的分组方案，请在 {SCHEDULE} 中登记")
        return max(fitting, key=lambda line: len(line.region)).scheme

    def grouper_for(self, *, region: str, on: date, convert: bool = False) -> Grouper:
        """The grouper of a region on a day."""
        return self.grouper(self.name_for(region=region, on=on), convert)

    def _grouper(self, name: str, convert: bool = False) -> Grouper:
        if name not in self.names:
            raise SchemeNotFound(f"没有名为“{name}”的分组方案，现有：{'、'.join(self.names) or '无'}")
        return Grouper(load_scheme(self.folder / name), convert=convert)


def schemes(folder: Path | str) -> Schemes:
    """The schemes below a folder. Raises ``SchemeInvalid`` naming the line of ``schedule.csv`` that cannot be used."""
    folder = Path(folder)
    return Schemes(folder, _schedule(folder) if (folder / SCHEDULE).is_file() else ())


def _names(folder: Path) -> tuple[str, ...]:
    return tuple(sorted(path.parent.name for path in folder.glob("*/scheme.json")))


def _schedule(folder: Path) -> tuple[InForce, ...]:
    lines: list[InForce] = []
    problems: list[Problem] = []
    rows = csv.reader(io.StringIO((folder / SCHEDULE).read_text(encoding="utf-8-sig"), newline=""))
    if next(rows, None) != _HEADER:
        raise SchemeInvalid([Problem(SCHEDULE, 1, f"表头应为“{','.join(_HEADER)}”")])
    for row in rows:
        try:
            line = _line(row, _names(folder), lines)
        except ValueError as fault:
            problems.append(Problem(SCHEDULE, rows.line_num, str(fault)))
        else:
            lines.append(line)
    if problems:
        raise SchemeInvalid(problems)
    return tuple(lines)


def _line(row: list[str], known: tuple[str, ...], before: list[InForce]) -> InForce:
    if len(row) != len(_HEADER):
        raise ValueError(f"应有 {len(_HEADER)} 列")
    region, begins, ends, scheme = (cell.strip() for cell in row)
    if scheme not in known:
        raise ValueError(f"文件夹中没有方案“{scheme}”")
    line = InForce(region, _day(begins), _day(ends) if ends else None, scheme)
    if line.valid_to is not None and line.valid_to < line.valid_from:
        raise ValueError("止期早于起期")
    if any(line.overlaps(other) for other in before):
        raise ValueError("与同一地区的另一行日期重叠")
    return line


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"日期“{text}”应写成 2024-01-31 的样子") from None
