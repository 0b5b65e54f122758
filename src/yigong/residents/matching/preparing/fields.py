"""Reading of single fields as files carry them: dates, sexes, placeholders."""

# texts: data

import re
from datetime import date
from functools import lru_cache

# What residents.rules.text.squeeze does, as one table: this runs a dozen times a record.
_FOLD = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | dict.fromkeys(
    [
        *range(9, 14),
        32,
        0x85,
        0xA0,
        0x1680,
        *range(0x2000, 0x2010),
        0x2028,
        0x2029,
        0x202F,
        0x205F,
        0x2060,
        0x3000,
        0xFEFF,
    ]
)
_PARTS = re.compile(r"(\d{4})(?:[-/.年]?(\d{1,2})(?:[-/.月]?(\d{1,2})日?)?月?)?年?")
_SOLID = re.compile(r"\d{8}|\d{6}|\d{4}")
NOTHING = frozenset(
    "无 不详 未知 不明 未填 没有 空 暂无 未提供 拒绝提供 N/A NA NULL NONE NAN - -- — / \\ . * ? ?? 1 0 XX XXX".split()
)
SEXES = {
    "1": "1", "2": "2", "0": "", "9": "", "": "", "男": "1", "女": "2", "男性": "1", "女性": "2", "M": "1", "F": "2", "MALE": "1", "FEMALE": "2",
    "未知": "", "不详": "", "未说明": "", "U": "", "未知的性别": "", "未说明的性别": "",
}  # fmt: skip


def squeeze(text: str) -> str:
    """Without any blank, half-width, upper case."""
    return "".join(text.split()).upper() if text.isascii() else text.translate(_FOLD).upper()


class Unreadable(ValueError):
    """A field that cannot mean anything; the text says what stands there."""


def said(text: str) -> str:
    """The text without blanks in upper case, empty when it only says that nothing is known (无, 不详, 0000…)."""
    if not text:
        return ""
    value = squeeze(text)
    return "" if value in NOTHING or (len(value) > 1 and len(set(value)) == 1 and not _is_han(value)) else value


def _is_han(text: str) -> bool:
    return text[0] > "\u2e7f"


@lru_cache(maxsize=200_000)
def read_birth(text: str) -> tuple[str, str]:
    """A date as ``YYYYMMDD`` and its precision (``day``, ``month``, ``year``); two empty texts when nothing is said. Raises Unreadable.

    30 February is a day of the lunar calendar, which many give: its precision is ``lunar``.
    """
    value = said(text)
    if not value:
        return "", ""
    value = value.split("T")[0] if "T" in value else re.sub(r"(00:00:00.*)$", "", value)
    year, month, day = _parts(value, text)
    precision = "day" if day else "month" if month else "year"
    try:
        return date(year, month or 1, day or 1).isoformat().replace("-", "") if year >= 1000 else "", precision
    except ValueError:
        if 1 <= month <= 12 and 29 <= day <= 30:
            return f"{year:04d}{month:02d}{day:02d}", "lunar"
        raise Unreadable(f"出生日期“{text.strip()}”不是真实的日期") from None


def _parts(value: str, text: str) -> tuple[int, int, int]:
    if _SOLID.fullmatch(value):
        return int(value[:4]), int(value[4:6] or 0), int(value[6:] or 0)
    found = _PARTS.fullmatch(value)
    if not found:
        raise Unreadable(f"出生日期“{text.strip()}”读不懂，应为 1990-03-07 这样的日期")
    return int(found[1]), int(found[2] or 0), int(found[3] or 0)


def read_sex(text: str) -> str:
    """``1`` or ``2``, empty when unknown. Raises Unreadable for a word that is no sex."""
    if text in SEXES:
        return SEXES[text]
    value = squeeze(text)
    if value not in SEXES:
        raise Unreadable(f"性别“{text.strip()}”不在“男、女、未知、未说明”之中")
    return SEXES[value]


def fields_of_birth(born: date | None, precision: str) -> str:
    """A birth date as the bulk file writes it, as exact as it is known."""
    if born is None:
        return ""
    text = born.isoformat()
    return {"month": text[:7], "year": text[:4], "estimated": text[:4]}.get(precision, text)
