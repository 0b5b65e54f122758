"""Document numbers and phones for comparison."""

import re
from functools import lru_cache
from operator import mul

from yigong.residents.matching.preparing.fields import said
from yigong.residents.matching.preparing.registry import maker
from yigong.residents.rules.numbers import CHECK, PROVINCES, WEIGHTS, upgrade

_CITIZEN_KINDS = frozenset(("", "1", "01", "02", "2", "08", "10", "11", "99P"))
_LIKE_CITIZEN = re.compile(r"\d{15}|\d{17}[\dX]")
_BETWEEN, _NO_DIGIT, _PREFIX = (re.compile(p) for p in (r"[;,、/;,]", r"\D", r"^(00)?86(?=1\d{10}$)"))
_KEEP = re.compile(r"[^0-9A-Z]")
_DAYS = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def is_valid(number: str) -> bool:
    """Whether an 18-character citizen number has a province, a date and the right check character."""
    if not _LIKE_CITIZEN.fullmatch(number) or len(number) != 18:
        return False
    province = number[1:3] if number[0] == "9" else number[:2]
    year, month, day = int(number[6:10]), int(number[10:12]), int(number[12:14])
    if province not in PROVINCES or not 1850 <= year <= 2100 or not 1 <= month <= 12 or not 1 <= day <= _DAYS[month]:
        return False
    if month == 2 and day == 29 and (year % 4 or (year % 100 == 0 and year % 400)):
        return False
    return CHECK[sum(map(mul, WEIGHTS, map(int, number[:17]))) % 11] == number[17]


@maker(
    "numbers",
    "id_type id_number",
    "number number_written number_body number_valid number_sex number_born other_number other_kind",
    ascii="number number_body",
)
def make(id_type: str, id_number: str) -> tuple[str, ...]:
    """A citizen number in its 18-character form with what it is worth; any other document as kind and number.

    ``number_valid`` is ``1`` or ``0``; ``number_written`` tells a 15-digit number from its 18-character form; ``number_body`` leaves the check
    character out; ``number_sex`` and ``number_born`` are what a valid number says.
    """
    return _document(id_type, id_number)


@lru_cache(maxsize=60_000)
def _document(id_type: str, id_number: str) -> tuple[str, ...]:
    if id_type == "01" and _LIKE_CITIZEN.fullmatch(id_number) and is_valid(id_number):
        return (id_number, id_number, id_number[:17], "1", _sex(id_number), id_number[6:14], "", "")
    value = _KEEP.sub("", said(id_number))
    kind = said(id_type) or "01"
    kind = kind if len(kind) > 1 else f"0{kind}"
    if not value:
        return ("",) * 8
    if (kind in _CITIZEN_KINDS and kind != "02") or _LIKE_CITIZEN.fullmatch(value):
        return _citizen(value)
    return ("", "", "", "", "", "", f"{kind}:{value}", kind)


def _citizen(value: str) -> tuple[str, ...]:
    whole = upgrade(value) if len(value) == 15 and value.isdigit() else value
    valid = is_valid(whole)
    said_by_it = (_sex(whole), whole[6:14]) if valid else ("", "")
    return (whole, value, whole[:17], "1" if valid else "0", *said_by_it, "", "")


def _sex(number: str) -> str:
    return "1" if int(number[16]) % 2 else "2"


@maker("phones", "phone", "phone", ascii="phone")
def make_phone(phone: str) -> tuple[str, ...]:
    """Digits of the first phone named, without the country's prefix."""
    if len(phone) == 11 and phone.isascii() and phone.isdigit():
        digits = phone
    else:
        digits = _PREFIX.sub("", _NO_DIGIT.sub("", _BETWEEN.split(said(phone), 1)[0]))
    if len(digits) < 7 or len(set(digits)) == 1 or digits in {"13800000000", "12345678", "12345678901", "13000000000"}:
        return ("",)
    return (digits,)
