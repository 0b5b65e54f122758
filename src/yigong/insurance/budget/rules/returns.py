"""Reading a file of settlements made outside the county. Pure: what is wrong is said by line, and nothing is looked up."""

# texts: data (the heads of the file and what is wrong with its lines, in the language of the file)

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from yigong.core.asked import text_of
from yigong.core.months import first_of
from yigong.insurance.budget.errors import FileUnreadable

MOST_LINES = 50_000
HEADS = (
    "结算编号", "版次", "证件号码", "险种", "类别", "结算日期", "医院", "医院级别", "备案", "总费用", "自费", "超限价", "先行自付", "统筹基金",
    "其他基金", "个人负担", "定案",
)  # fmt: skip
_OPTIONAL = {"证件号码", "医院级别", "备案", "自费", "超限价", "先行自付", "其他基金", "定案"}
KINDS = {"住院": "inpatient", "门诊": "pooling", "慢特病": "chronic", "两病": "two-diseases"}
_YES, _NO = {"是", "1", "y", "Y", "√"}, {"否", "0", "n", "N", ""}


@dataclass(slots=True)
class Line:
    """One line read; money in fen. ``number`` is the citizen number as written, kept only until it is matched."""

    line: int
    ref: str
    revision: int
    number: str
    figures: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Reading:
    """What a file says, and what is wrong with it: (line, sentence)."""

    lines: list[Line] = field(default_factory=list)
    faults: list[tuple[int, str]] = field(default_factory=list)


def read(content: bytes, schemes: Mapping[str, str], today: date) -> Reading:
    """A CSV in UTF-8 or GB 18030 with the heads of ``HEADS``. FileUnreadable when it is no such table."""
    rows = csv.DictReader(io.StringIO(_text(content)))
    heads = [head.strip() for head in rows.fieldnames or []]
    if missing := [head for head in HEADS if head not in heads and head not in _OPTIONAL]:
        raise FileUnreadable(why="缺少列：" + "、".join(missing) + "。请使用下载的模板。")
    found = Reading()
    seen: dict[str, int] = {}
    for place, row in enumerate(rows, 2):
        if place > MOST_LINES:
            raise FileUnreadable(why=f"一次最多 {MOST_LINES} 行，请分开导入。")
        _one(
            place,
            {key.strip(): (value or "").strip() for key, value in row.items() if key},
            schemes,
            today,
            found,
            seen,
        )
    if not found.lines and not found.faults:
        raise FileUnreadable(why="文件里没有数据行。")
    return found


def _text(content: bytes) -> str:
    try:
        return text_of(content)
    except UnicodeDecodeError:
        raise FileUnreadable(why="既不是 UTF-8 也不是 GB 18030 编码的文本。请另存为 CSV。") from None


def _one(
    place: int, row: dict[str, str], schemes: Mapping[str, str], today: date, found: Reading, seen: dict[str, int]
) -> None:
    faults: list[str] = []
    ref = row.get("结算编号", "")
    if not ref or len(ref) > 40:
        faults.append("结算编号应有 1–40 个字符")
    elif ref in seen:
        faults.append(f"结算编号与第 {seen[ref]} 行重复")
    seen.setdefault(ref, place)
    figures = _figures(row, faults)
    figures |= _facts(row, schemes, today, faults)
    revision = row.get("版次", "") or "1"
    if not revision.isdecimal() or not 1 <= int(revision) <= 999:
        faults.append("版次应为 1–999 的整数")
    if faults:
        found.faults += [(place, fault + "。") for fault in faults]
        return
    found.lines.append(Line(place, ref, int(revision), row.get("证件号码", ""), figures))


def _figures(row: dict[str, str], faults: list[str]) -> dict[str, int]:
    names = {
        "total": "总费用", "own": "自费", "over": "超限价", "first_self_pay": "先行自付", "pool": "统筹基金", "other_funds": "其他基金",
        "person": "个人负担",
    }  # fmt: skip
    found: dict[str, int] = {}
    for name, head in names.items():
        amount = _fen(row.get(head, "") or "0")
        if amount is None:
            faults.append(f"{head}“{row.get(head)}”应为不小于 0、最多两位小数的金额")
        found[name] = amount or 0
    if faults:
        return found
    found["in_scope"] = found["total"] - found["own"] - found["over"] - found["first_self_pay"]
    if found["total"] == 0:
        faults.append("总费用不能为 0")
    if found["in_scope"] < 0:
        faults.append("自费、超限价、先行自付之和超过总费用")
    if found["pool"] + found["other_funds"] + found["person"] != found["total"]:
        faults.append("统筹基金、其他基金、个人负担之和不等于总费用")
    return found


def _fen(text: str) -> int | None:
    """Whole fen without any float on the way; None when it is no amount."""
    whole, _point, rest = text.replace(",", "").partition(".")
    if not whole.isdecimal() or (rest and not rest.isdecimal()) or len(rest) > 2 or len(whole) > 9:
        return None
    return int(whole) * 100 + int(rest.ljust(2, "0") or 0)


def _facts(row: dict[str, str], schemes: Mapping[str, str], today: date, faults: list[str]) -> dict[str, Any]:
    scheme = {**{word: code for code, word in schemes.items()}, **{code: code for code in schemes}}.get(
        row.get("险种", "")
    )
    if scheme is None:
        faults.append(f"险种“{row.get('险种', '')}”应为 {'、'.join(schemes.values())} 之一")
    kind = KINDS.get(row.get("类别", ""))
    if kind is None:
        faults.append(f"类别“{row.get('类别', '')}”应为 {'、'.join(KINDS)} 之一")
    if not row.get("医院"):
        faults.append("医院不能为空")
    day = _day(row.get("结算日期", ""))
    if day is None or not date(2000, 1, 1) <= day <= today:
        faults.append(f"结算日期“{row.get('结算日期', '')}”应写成 2026-03-01，且不晚于今天")
    flags = {head: _flag(row.get(head, "")) for head in ("备案", "定案")}
    faults += [f"{head}应填“是”或“否”" for head, value in flags.items() if value is None]
    return {
        "scheme": scheme or "", "kind": kind or "", "institution_name": row.get("医院", "")[:100],
        "level": row.get("医院级别", "")[:2], "settled_on": (day or today).isoformat(), "month": first_of(day or today).isoformat(),
        "place": "registered" if flags["备案"] else "unregistered", "provisional": not flags["定案"],
    }  # fmt: skip


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.replace("/", "-"))
    except ValueError:
        return None


def _flag(text: str) -> bool | None:
    return True if text in _YES else False if text in _NO else None
