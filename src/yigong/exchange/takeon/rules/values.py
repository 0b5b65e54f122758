"""What a cell says, by the type of its column. Files from many systems write the same thing in many ways."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from yigong.core import clock
from yigong.exchange.takeon.rules.layouts import Column, codes_of

_FULL = str.maketrans({chr(0xFF01 + n): chr(0x21 + n) for n in range(94)} | {"\u3000": " "})
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_PLAIN_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")
_TIME = re.compile(r"[T\s]*(\d{1,2})\s*[::时]\s*(\d{1,2})(?:\s*[::分]\s*(\d{1,2})(?:\.\d+)?)?\s*[分秒]?")
_PLAIN_TIME = re.compile(r"(\d{2})(\d{2})(\d{2})?")
_EPOCH = date(1899, 12, 30)  # day 0 of spreadsheets
_YES, _NO = {"1", "是", "Y", "YES", "TRUE", "有"}, {"0", "2", "否", "N", "NO", "FALSE", "无"}
FORMULA = "\ufffc"
"""Stands in a cell for a formula whose result is not in the file."""
_SPOILT = {"#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"}
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+\d+")  # what a spreadsheet makes of a long number
_NOTHING = {"", "-", "--", "—", "/", "NULL", "NONE", "无数据"}


class Bad(ValueError):
    """A value that cannot be used: which rule, and what its sentence needs."""

    def __init__(self, rule: str, **said: Any) -> None:
        super().__init__(rule)
        self.rule, self.said = rule, said


def read(column: Column, text: str) -> Any:
    """The value of a cell, None for an empty one; raises Bad."""
    tidy = text.translate(_FULL).strip() if column.type != "text" else text.strip()
    if tidy.upper() in _NOTHING and not (column.type == "code" and tidy in codes_of(column.codes)):
        if column.required:
            raise Bad("required")
        return None
    if tidy == FORMULA:
        raise Bad("formula")
    if tidy.upper() in _SPOILT:
        raise Bad("spoilt")
    if column.type == "text" and _SCIENTIFIC.fullmatch(tidy):
        raise Bad("scientific")
    if (not tidy.isprintable() and any(ord(c) < 32 and c not in "\t\n\r" for c in tidy)) or "\ufffd" in tidy:
        raise Bad("unreadable")
    return _READERS[column.type](column, tidy)


def _text(column: Column, text: str) -> str:
    text = " ".join(text.split())
    if len(text) > column.longest:
        raise Bad("too_long", most=column.longest, n=len(text))
    return text


def _code(column: Column, text: str) -> str:
    found = _code_in(codes_of(column.codes), text)
    if found is None:
        known = codes_of(column.codes)
        shown = "、".join(f"{code} {label}" for code, label in list(known.items())[:8])
        raise Bad("choice", known=shown + (" …" if len(known) > 8 else ""))
    return found


def _code_in(known: Mapping[str, str], text: str) -> str | None:
    """By code, by name, or by both as drop-downs write them (“1 男”, “1-男”)."""
    if text in known:
        return text
    by_label = {label: code for code, label in known.items()}
    if text in by_label:
        return by_label[text]
    head, tail = [*re.split(r"[\s\-—_.、::]+", text, maxsplit=1), ""][:2]
    if head in known and (not tail or known[head] == tail):
        return head
    plain = head.lstrip("0") or "0"
    return next((code for code in known if (code.lstrip("0") or "0") == plain), None) if head.isdigit() else None


def day_of(text: str) -> tuple[date, str]:
    """The day a text begins with, and the rest."""
    found = _DAY.match(text) or _PLAIN_DAY.match(text)
    if found and not (found.re is _PLAIN_DAY and len(text) == 5):
        try:
            return date(*map(int, found.groups())), text[found.end() :]
        except ValueError:
            raise Bad("date") from None
    if re.fullmatch(r"\d{5}(\.\d+)?", text):
        return _EPOCH + timedelta(days=int(float(text))), ""
    raise Bad("date")


def _date(column: Column, text: str) -> date:
    day, _rest = day_of(text)
    return _possible(day)


def _moment(column: Column, text: str) -> datetime:
    day, rest = day_of(text)
    _possible(day)
    hour = minute = second = 0
    if rest.strip():
        found = _TIME.fullmatch(rest) or _PLAIN_TIME.fullmatch(rest.strip())
        if not found:
            raise Bad("moment")
        hour, minute, second = (int(part or 0) for part in found.groups())
    try:
        return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=clock.SHANGHAI)
    except ValueError:
        raise Bad("moment") from None


def _possible(day: date) -> date:
    if not 1880 <= day.year <= clock.today().year + 50:
        raise Bad("date")
    return day


def _number(column: Column, text: str) -> int:
    try:
        value = Decimal(text.replace(",", ""))
    except InvalidOperation:
        raise Bad("number") from None
    if not value.is_finite() or value != value.to_integral_value() or abs(value) > 10**12:
        raise Bad("number")
    return int(value)


def _decimal(column: Column, text: str) -> Decimal:
    try:
        value = Decimal(text.replace(",", "").lstrip("\u00a5\uffe5").removesuffix("元"))
    except InvalidOperation:
        raise Bad("decimal") from None
    if not value.is_finite() or abs(value) > 10**9 or value != round(value, 4):
        raise Bad("decimal")
    return round(value, 4)


def _amount(column: Column, text: str) -> int:
    """Yuan in the file, whole fen here."""
    try:
        value = Decimal(text.replace(",", "").lstrip("\u00a5\uffe5").removesuffix("元")) * 100
    except InvalidOperation:
        raise Bad("amount") from None
    if not value.is_finite() or value != value.to_integral_value() or abs(value) > 10**13:
        raise Bad("amount")
    return int(value)


def _flag(column: Column, text: str) -> bool:
    if text.upper() in _YES:
        return True
    if text.upper() in _NO:
        return False
    raise Bad("flag")


_READERS: dict[str, Any] = {
    "text": _text, "code": _code, "date": _date, "moment": _moment, "number": _number, "decimal": _decimal, "amount": _amount, "flag": _flag,
}  # fmt: skip


def masked(text: str) -> str:
    """A secret value as it may be shown: enough to find it in the file."""
    text = text.strip()
    return text if len(text) < 5 else f"{text[:2]}{'*' * min(len(text) - 4, 12)}{text[-2:]}"
