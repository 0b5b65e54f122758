"""Workbooks that leave: the template of a layout, and the rows that were refused with what is wrong with each."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from yigong.exchange.takeon.rules.layouts import Column, Layout, codes_of
from yigong.exchange.takeon.rules.values import FORMULA

_LARGEST_SHEET = 50_000
_LONGEST_LIST = 255  # characters that a drop-down written into its cell may have
TYPES = {
    "text": "文字",
    "code": "代码",
    "date": "日期",
    "moment": "日期时间",
    "number": "整数",
    "decimal": "小数",
    "amount": "金额（元）",
    "flag": "是/否",
}


def template(layout: Layout) -> bytes:
    """Header and one example row; notes on each column; code lists as drop-downs. All cells are text, so that long numbers keep their digits."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        styles = {
            "must": book.add_format({"bold": True, "bg_color": "#FCE4D6", "border": 1, "num_format": "@"}),
            "may": book.add_format({"bold": True, "bg_color": "#EDEDED", "border": 1, "num_format": "@"}),
            "text": book.add_format({"num_format": "@"}),
            "example": book.add_format({"num_format": "@", "font_color": "#808080", "italic": True}),
            "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
        }
        sheet, notes, lists = (
            book.add_worksheet(layout.title[:31]),
            book.add_worksheet(_("填写说明")),
            book.add_worksheet(_("代码表")),
        )
        for place, column in enumerate(layout.each()):
            sheet.write(0, place, column.label, styles["must" if column.required else "may"])
            sheet.set_column(place, place, max(10, min(30, 2 * len(column.label) + 2)), styles["text"])
            sheet.write_string(1, place, column.example, styles["example"])
        sheet.freeze_panes(1, 0)
        _write_notes(notes, layout, styles)
        _write_lists(sheet, lists, layout)
    return out.getvalue()


def _write_notes(sheet: Any, layout: Layout, styles: dict[str, Any]) -> None:
    sheet.write(0, 0, layout.about, styles["wrap"])
    sheet.write(1, 0, _("第一张表第 2 行是示例，原样留着会自动跳过，也可删去。橙色表头的列必填。"))
    sheet.write_row(
        3, 0, [_("列"), _("必填"), _("类型"), _("最长"), _("示例"), _("说明"), _("也认得的表头")], styles["may"]
    )
    for line, column in enumerate(layout.each(), 4):
        must = _("是") if column.required else ""
        longest = str(column.longest) if column.type == "text" else ""
        kind = _(TYPES[column.type])
        others = "、".join(column.aliases)
        sheet.write_row(
            line, 0, [column.label, must, kind, longest, column.example, column.note, others], styles["wrap"]
        )
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 4, 12)
    sheet.set_column(5, 6, 46)


def _write_lists(sheet: Any, lists: Any, layout: Layout) -> None:
    """Each code table once in the list sheet; drop-downs point there."""
    places: dict[str, str] = {}
    name = lists.get_name()
    for place, column in enumerate(layout.each()):
        if column.type != "code":
            continue
        if column.codes not in places:
            at = len(places)
            known = [f"{code} {label}" for code, label in codes_of(column.codes).items()]
            lists.write_column(0, at, [column.label, *known])
            lists.set_column(at, at, 24)
            letter = xlsxwriter.utility.xl_col_to_name(at)
            places[column.codes] = f"='{name}'!${letter}$2:${letter}${len(known) + 1}"
        rule = {"validate": "list", "source": places[column.codes], "error_type": "warning"}
        rule |= {"error_title": _("不在代码表中"), "error_message": _("请从列表中选择，代码和名称都可以。")}
        sheet.data_validation(1, place, 1_048_575, place, rule)


def told(columns: Sequence[Column]) -> list[dict[str, Any]]:
    """The columns of a layout for a page."""
    return [
        {
            "label": one.span,
            "required": one.required,
            "type": _(TYPES[one.type]),
            "example": one.example,
            "note": one.note
            or ("、".join(f"{c} {t}" for c, t in list(codes_of(one.codes).items())[:6]) if one.codes else ""),
        }
        for one in columns
    ]


class RefusedRows:
    """The refused rows as they were given with one more column: gathered on disk, handed out as a sheet or, when there are very many, as CSV."""

    def __init__(self, path: Path, header: Sequence[str]) -> None:
        self.path, self.count, self._header = path, 0, list(header)
        self._handle = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._handle)
        self._writer.writerow([*header, _("原文件行号"), _("错误")])

    def add(self, cells: Sequence[str], line: int, text: str) -> None:
        """One row with what is wrong."""
        width = len(self._header)
        given = [cell.replace(FORMULA, _("（公式）")) for cell in cells[:width]]
        self._writer.writerow([*given, *[""] * (width - len(cells)), line, text])
        self.count += 1

    def content(self) -> tuple[str, bytes]:
        """File name and content."""
        self._handle.close()
        if self.count > _LARGEST_SHEET:
            return _("错误行.csv"), self.path.read_bytes()
        out = io.BytesIO()
        with (
            self.path.open(encoding="utf-8-sig", newline="") as given,
            xlsxwriter.Workbook(
                out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
            ) as book,
        ):
            sheet, bold = book.add_worksheet(_("错误行")), book.add_format({"bold": True})
            text = book.add_format({"num_format": "@"})
            red = book.add_format({"font_color": "#C00000", "text_wrap": True})
            for line, cells in enumerate(csv.reader(given)):
                for place, cell in enumerate(cells):
                    sheet.write_string(
                        line, place, cell, bold if not line else red if place == len(cells) - 1 else text
                    )
            sheet.set_column(0, len(self._header), 16)
            sheet.set_column(len(self._header) + 1, len(self._header) + 1, 60)
        return _("错误行.xlsx"), out.getvalue()
