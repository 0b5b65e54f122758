"""A report and the statutory tables as spreadsheets: numbers as numbers, a sheet for each chapter, a sheet of definitions."""

# texts: data (the spreadsheet's own words)

import io
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import xlsxwriter

from yigong.workreport.data import Document, Line
from yigong.workreport.queries.statutory import Entry, FilledTable

FORMATS = {
    "percent": "0.00%", "permille": '0.00"‰"', "per_ten_thousand": "0.00", "ratio": "0.00", "count": "#,##0", "yuan": "#,##0.00", "days": "0.00", "minutes": "0.00",
}  # fmt: skip
_HEADS = ("指标", "机构", "统计期", "数值", "单位", "分子", "分母", "口径版本", "键")
_UNITS = {
    "percent": "%",
    "permille": "‰",
    "per_ten_thousand": "每万人",
    "ratio": "比值",
    "count": "",
    "yuan": "元",
    "days": "天",
    "minutes": "分钟",
}
_DEFINITION_HEADS = ("注", "代码", "指标", "名称确度", "口径版本", "分子", "分母", "口径", "依据", "说明")
_STATUTORY_HEADS = (
    "序号",
    "方面",
    "指标",
    "数值",
    "分子",
    "分母",
    "分子口径",
    "分母口径",
    "无数据的原因",
    "佐证",
    "名称确度",
    "口径版本",
)


def write(report: Document) -> bytes:
    """All figures of a report."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        for name, lines in _by_chapter(report.lines):
            sheet = _Sheet(book, name, report)
            sheet.head(_HEADS)
            for line in lines:
                sheet.line(
                    [line.name, line.place, line.span, _number(line.number, line.unit), _UNITS[line.unit], line.above, line.below, line.version, line.key],
                    {3: line.unit},
                )  # fmt: skip
        sheet = _Sheet(book, "指标口径", report)
        sheet.head(_DEFINITION_HEADS)
        for definition in report.definitions:
            sheet.line(list(definition), {})
    return out.getvalue()


def write_table(filled: FilledTable, mark: str) -> bytes:
    """A statutory table; a figure that is not there leaves its cell empty and says why beside it."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = _Sheet(book, "监测表", None)
        for text in filter(None, [filled.table.title, f"{filled.scope} · {filled.period}", mark, filled.table.basis]):
            sheet.line([text], {})
        sheet.head(_STATUTORY_HEADS)
        for entry in filled.entries:
            sheet.line(_statutory(entry), {3: entry.unit})
        if filled.criteria:
            sheet = _Sheet(book, "评判标准", None)
            sheet.head(("序号", "维度", "条目", "看什么", "平台能出的证据", "相关指标", "自评（A/B/C）"))
            for one in filled.criteria:
                sheet.line(
                    [one.number, one.dimension, one.title, one.looks_at, one.evidence, filled.evidence_of(one), ""], {}
                )
    return out.getvalue()


class _Sheet:
    """Lines one below the other; each sheet of a report tells which report it is and whether its figures are provisional."""

    def __init__(self, book: Any, name: str, report: Document | None) -> None:
        self.book, self.sheet, self.row = book, book.add_worksheet(re.sub(r"[\[\]:*?/\\']", " ", name)[:31]), 0
        self.sheet.set_column(0, 0, 34)
        self.sheet.set_column(1, 9, 16)
        self.sheet.set_landscape()
        if report is not None:
            self.line([" · ".join(filter(None, [report.title, report.subtitle, report.number, report.mark]))], {})

    def head(self, names: Sequence[str]) -> None:
        """The heads, which stay in sight."""
        self.sheet.write_row(
            self.row, 0, names, self.book.add_format({"bold": True, "bg_color": "#eef2f6", "border": 1})
        )
        self.row += 1
        self.sheet.freeze_panes(self.row, 1)

    def line(self, values: Sequence[Any], units: dict[int, str]) -> None:
        """One line; None stays empty."""
        for column, value in enumerate(values):
            if value is None or value == "":
                continue
            number = "#,##0.00" if isinstance(value, Decimal) else "#,##0" if isinstance(value, int) else ""
            self.sheet.write(
                self.row, column, value, self._format(FORMATS[units[column]] if column in units else number)
            )
        self.row += 1

    def _format(self, number: str) -> Any:
        if not hasattr(self.book, "looks"):
            self.book.looks = {}
        return self.book.looks.setdefault(number, self.book.add_format({"num_format": number} if number else {}))


def _by_chapter(lines: Iterable[Line]) -> list[tuple[str, list[Line]]]:
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(line.chapter or "其他", []).append(line)
    return list(found.items())


def _statutory(entry: Entry) -> list[Any]:
    return [
        int(entry.item), entry.group, entry.name, _number(entry.number, entry.unit), entry.above, entry.below, entry.numerator, entry.denominator,
        entry.missing, entry.evidence, entry.certainty, entry.version,
    ]  # fmt: skip


def _number(value: float | None, unit: str) -> float | None:
    return value / 100 if value is not None and unit == "percent" else value
