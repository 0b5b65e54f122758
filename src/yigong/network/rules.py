"""Pure rules about institutions: codes, kinds and the two definitions of primary care."""

import re
from datetime import date

SOUTH, NORTH, WEST, EAST = 3, 54, 73, 136
"""The box of degrees around China: what lies outside it was measured or typed wrongly."""
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_OLD_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_FULL_WIDTH = str.maketrans({chr(0xFF01 + n): chr(0x21 + n) for n in range(94)} | {"\u3000": " "})

# 基层医疗卫生机构, two definitions that must always be named with a figure (WS 218 class letters):
# P1 = 社区卫生服务中心(站) + 乡镇(街道)卫生院 + 村卫生室; P2 = P1 + 门诊部 + 诊所(卫生所、医务室).
_PRIMARY_CARE = {"P1": ("B", "C", "D600"), "P2": ("B", "C", "D600", "D1", "D2", "D3", "D4")}

TITLES = {"1": "主任医师", "2": "副主任医师", "3": "主治医师", "4": "医师", "5": "医士"}


def fold(text: str) -> str:
    """Upper case, half width, without blanks: how codes are compared and stored."""
    return re.sub(r"\s+", "", text.translate(_FULL_WIDTH)).upper()


def credit_code_check(first17: str) -> str:
    """The 18th character of a unified social credit code (GB 32100-2015)."""
    total = sum(_CREDIT_ALPHABET.index(c) * w for c, w in zip(first17, _CREDIT_WEIGHTS, strict=True))
    return _CREDIT_ALPHABET[(31 - total % 31) % 31]


def credit_code_problem(text: str) -> str:
    """Why this is not a unified social credit code, as a msgid; empty when it is one. ``text`` is folded already."""
    if len(text) != 18:
        return "统一社会信用代码应为 18 位，请核对营业执照或法人证书。"
    if set(text) - set(_CREDIT_ALPHABET):
        return "统一社会信用代码只能用数字和大写字母（不含 I、O、S、V、Z）。"
    if credit_code_check(text[:17]) != text[17]:
        return "统一社会信用代码的校验位不对，请逐位核对。"
    return ""


def old_organisation_check(first8: str) -> str:
    """The 9th character of an organisation code (GB 11714)."""
    total = sum((ord(c) - 55 if c.isalpha() else int(c)) * w for c, w in zip(first8, _OLD_WEIGHTS, strict=True))
    digit = 11 - total % 11
    return {10: "X", 11: "0"}.get(digit, str(digit))


def institution_code_problem(text: str) -> str:
    """Why this cannot be an institution's code, as a msgid; empty when it can."""
    if not re.fullmatch(r"[0-9A-Z-]{3,22}", text):
        return "机构代码为 3 至 22 位数字或大写字母。"
    return ""


def is_primary_care(category: str, definition: str = "P1") -> bool:
    """Whether a WS 218 category is primary care by definition ``P1`` or ``P2``; an institution's grade does not matter."""
    return category.startswith(_PRIMARY_CARE[definition])


def primary_care_classes(definition: str) -> tuple[str, ...]:
    """The beginnings of the WS 218 classes that a definition counts."""
    return _PRIMARY_CARE[definition]


def holds(starts_on: date | None, ends_on: date | None, on: date) -> bool:
    """Whether a half-open span contains the day."""
    return (starts_on is None or starts_on <= on) and (ends_on is None or on < ends_on)


def place_level(code: str) -> str:
    """The level of a national area code by its digits (130000 province, 130600 city, 6 digits county, 9 town, 12 village)."""
    if len(code) > 6:
        return "town" if len(code) == 9 else "village"
    if code.endswith("0000"):
        return "province"
    return "city" if code.endswith("00") else "county"


LEVELS = {"service": ("basic", "recommended", "community_hospital", "none"), "clinic": ("met", "none")}
"""The verdicts of each assessment, the last of them that the standard is not met."""


def standards_of(category: str) -> list[str]:
    """Which assessments an institution of this class takes part in: health centres and community centres, or village clinics."""
    if category.startswith(("B1", "C")):
        return ["service"]
    return ["clinic"] if category.startswith("D600") else []


def is_in_china(latitude: float, longitude: float) -> bool:
    """Whether a position can be right at all."""
    return SOUTH <= latitude <= NORTH and WEST <= longitude <= EAST
