"""Growth standards: tables of standard deviations by age or stature, and where a measured value lies in them. Pure but for reading the packs."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

import msgspec

from yigong.core.months import add_months, months_between
from yigong.core.packs.api import Kind, every, register
from yigong.programmes.rules.definition import Certainty, Programme, Score

SDS = (-3, -2, -1, 0, 1, 2, 3)
FURTHEST = 6.0  # a value further out is a slip of the pen, not a child
Row = Sequence[float]


class GrowthTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One measure's standard: rows of (month or stature, value at −3 SD … +3 SD), for boys and girls, in ``unit``."""

    code: str
    version: str
    effective_from: date
    title: str
    by: str
    unit: str
    boys: list[list[float]]
    girls: list[list[float]]
    source: str = ""
    certainty: Certainty = "uncertain"
    note: str = ""

    def rows(self, sex: str) -> list[list[float]]:
        """The rows of a sex (1 male, 2 female); none for an unknown one."""
        return {"1": self.boys, "2": self.girls}.get(sex, [])


def problems(found: GrowthTable) -> Iterator[tuple[str, str]]:
    """Rows must have eight numbers, rise from row to row and from one SD to the next."""
    for name in ("boys", "girls"):
        rows: list[list[float]] = getattr(found, name)
        for n, row in enumerate(rows):
            if len(row) != 1 + len(SDS):
                yield f"{name}[{n}]", f"第 {n + 1} 行应有 8 个数"
            elif any(low >= high for low, high in pairwise(row[1:])):
                yield f"{name}[{n}]", f"第 {n + 1} 行的标准差数值没有从小到大"
            elif n and row[0] <= rows[n - 1][0]:
                yield f"{name}[{n}]", f"第 {n + 1} 行的{found.by}没有大于上一行"


TABLES: Kind[GrowthTable] = register(Kind("growth_table", "growth/*.toml", GrowthTable, problems))


def table(code: str, on: date) -> GrowthTable | None:
    """The table in force on a day."""
    return every(TABLES, on).get(code)


def scores(programme: Programme, answers: Mapping[str, Any], *, born: date, on: date, sex: str) -> dict[str, float]:
    """Every score of a visit that can be reckoned, to two decimals; what was not measured or lies outside the table is absent."""
    found = {}
    for score in programme.scores:
        at = place_of(score, answers, born, on)
        value = answers.get(score.item)
        standard = table(score.table, programme.effective_from)
        if at is None or value is None or standard is None:
            continue
        z = deviation(standard.rows(sex), at, float(value))
        if z is not None:
            found[score.code] = z
    return found


def place_of(score: Score, answers: Mapping[str, Any], born: date, on: date) -> float | None:
    """Where on the table's axis a visit lies, or None outside the ages of the score."""
    whole = months_between(born, on)
    if on < born or whole < score.months_from or (score.months_below and whole >= score.months_below):
        return None
    if score.by == "months":
        return exact_months(born, on)
    value = answers.get(score.by)
    return float(value) if value is not None else None


def exact_months(born: date, on: date) -> float:
    """Completed months and the part of the one under way.

    >>> exact_months(date(2026, 1, 10), date(2026, 2, 24))
    1.5
    """
    whole = months_between(born, on)
    begun, ends = add_months(born, whole), add_months(born, whole + 1)
    return whole + (on - begun).days / max(1, (ends - begun).days)


def line_at(rows: Sequence[Row], at: float) -> list[float] | None:
    """The values at −3 … +3 SD between two rows; after the last row its slope goes on for one more step, outside there are none."""
    if len(rows) < 2 or at < rows[0][0]:
        return None
    n = min(max(bisect_right([r[0] for r in rows], at), 1), len(rows) - 1)
    low, high = rows[n - 1], rows[n]
    step = high[0] - low[0]
    if at > high[0] + step:
        return None
    share = (at - low[0]) / step
    return [a + (b - a) * share for a, b in zip(low[1:], high[1:], strict=True)]


def deviation(rows: Sequence[Row], at: float, value: float) -> float | None:
    """Standard deviations from the median, straight between two lines and on beyond the outermost ones.

    >>> deviation([[0, 7, 8, 9, 10, 11, 12, 13], [1, 7, 8, 9, 10, 11, 12, 13]], 0.5, 8.5)
    -1.5
    """
    line = line_at(rows, at)
    if line is None:
        return None
    n = min(max(bisect_right(line, value), 1), len(line) - 1)
    z = SDS[n - 1] + (value - line[n - 1]) / (line[n] - line[n - 1])
    return round(max(-FURTHEST, min(FURTHEST, z)), 2)


def band(z: float) -> str:
    """high (上) above +2 SD, low (下) below −2 SD, middle (中) between: the three words of the 2017 form."""
    return "high" if z > 2 else "low" if z < -2 else "middle"
