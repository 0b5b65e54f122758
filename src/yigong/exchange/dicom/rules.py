"""Pure rules of the archive: names, dates, wildcards, identity comparison."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from pypinyin import Style, lazy_pinyin

from yigong.core.statements import literal

_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
_NOISE = re.compile(r"[\s^=,.·\-_'\u3000]+")
_UID = re.compile(r"[0-9]+(\.[0-9]+)*")


@dataclass(frozen=True, slots=True)
class NameKeys:
    """What a name is found by: its characters, its pinyin, its initials."""

    key: str
    pinyin: str
    initials: str


def display_name(groups: dict[str, str]) -> str:
    """The name a person reads: the ideographic group when there is one."""
    name = groups.get("Ideographic") or groups.get("Alphabetic") or groups.get("Phonetic") or ""
    if _HAN.search(name):
        return name.replace("^", "").strip()
    return " ".join(part for part in name.split("^") if part)


def name_keys(name: str) -> NameKeys:
    """Keys of a displayed name; a Latin name is its own pinyin."""
    plain = fold(name)
    if _HAN.search(name):
        syllables = lazy_pinyin(_NOISE.sub("", name), errors="default")
        first = lazy_pinyin(_NOISE.sub("", name), style=Style.FIRST_LETTER, errors="default")
        return NameKeys(plain, "".join(syllables).lower()[:200], "".join(first).lower()[:60])
    words = [word for word in _NOISE.split(name.lower()) if word]
    return NameKeys(plain, plain, "".join(word[0] for word in words)[:60])


def fold(text: str) -> str:
    """Lower case without separators, for comparing names of different spellings."""
    return _NOISE.sub("", text).lower()[:200]


def like_pattern(wildcard: str) -> str:
    """A SQL LIKE pattern from a DICOM wildcard (``*`` any, ``?`` one), with SQL's own signs taken literally."""
    return literal(wildcard).replace("*", "%").replace("?", "_")


def fold_wildcard(wildcard: str) -> str:
    """A person name key with wildcards, lower case and without separators."""
    return _NOISE.sub("", wildcard).lower()


def name_pattern(wildcard: str) -> str:
    """The LIKE pattern for a person name key; separators do not count."""
    return like_pattern(fold_wildcard(wildcard))


def parse_date(text: str) -> date | None:
    """A DICOM DA value (also the old form with dots), or None."""
    digits = text.replace(".", "").replace("-", "").strip()[:8]
    try:
        return datetime.strptime(digits, "%Y%m%d").date()  # noqa: DTZ007 - a calendar day has no zone
    except ValueError:
        return None


def date_range(text: str) -> tuple[date | None, date | None]:
    """Both ends of a DICOM date match: ``d``, ``d1-d2``, ``d-`` or ``-d``."""
    if "-" not in text:
        return parse_date(text), parse_date(text)
    first, last = text.split("-", 1)
    return parse_date(first), parse_date(last)


def is_uid(text: str) -> bool:
    """Whether this can be a UID: digits and dots, at most 64 signs (leading zeros occur in practice and are let pass)."""
    return len(text) <= 64 and bool(_UID.fullmatch(text))


def same_person(
    *, name: str, sex: str, birth: date | None, other_name: str, other_sex: str, other_birth: date | None
) -> bool:
    """Whether an image's identity can be the order's: names agree by characters or pinyin; sex and birth only when both are given."""
    mine, other = name_keys(name), name_keys(other_name)
    if (
        name
        and other_name
        and mine.key != other.key
        and not _pinyin_agrees(mine.pinyin, other.pinyin, name, other_name)
    ):
        return False
    if {sex.upper(), other_sex.upper()} == {"M", "F"}:
        return False
    return not (birth and other_birth and birth != other_birth)


def _pinyin_agrees(mine: str, other: str, name: str, other_name: str) -> bool:
    # Two Chinese spellings must be equal; only a Latin spelling is compared by sound.
    return mine == other and not (_HAN.search(name) and _HAN.search(other_name))
