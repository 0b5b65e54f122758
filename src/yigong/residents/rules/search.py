"""What was typed into the one search box."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date

from yigong.residents.rules.text import name_key, squeeze

SHORTEST_PREFIX = 10


@dataclass(frozen=True, slots=True)
class Wanted:
    """The ways in which a typed text may mean somebody; empty fields are not asked. ``too_short`` says a number needs more digits."""

    name: str = ""
    letters: str = ""
    number: str = ""
    number_prefix: str = ""
    tail: str = ""
    phone: str = ""
    archive_number: str = ""
    too_short: bool = False

    @property
    def is_empty(self) -> bool:
        """Nothing to look for."""
        return not (
            self.name
            or self.letters
            or self.number
            or self.number_prefix
            or self.tail
            or self.phone
            or self.archive_number
        )


def parse(text: str) -> Wanted:
    """Read the box: a name or part of it, pinyin or initials, a number or its beginning, a phone, or name and last four together."""
    text = text[:100]
    words = [w for w in re.split(r"[\s,，、]+", text.strip()) if w]
    number_words = [squeeze(w) for w in words if re.fullmatch(r"[\d\-]+[XxＸｘ]?", squeeze(w))]
    other = "".join(w for w in words if not re.fullmatch(r"[\d\-]+[XxＸｘ]?", squeeze(w)))
    if other and number_words:
        return _with_name(other, number_words[0])
    if number_words:
        return _digits("".join(number_words).replace("-", ""), "".join(number_words))
    return _words(other)


def _with_name(other: str, digits: str) -> Wanted:
    base = _words(other)
    if len(digits) == 4:
        return Wanted(name=base.name, letters=base.letters, tail=digits)
    found = _digits(digits.replace("-", ""), digits)
    return Wanted(
        base.name,
        base.letters,
        found.number,
        found.number_prefix,
        found.tail,
        found.phone,
        found.archive_number,
        found.too_short,
    )


def _words(text: str) -> Wanted:
    key = name_key(text)
    if re.fullmatch(r"[A-Z0-9]*\d[A-Z0-9]*", key):
        return Wanted(number=key)
    if re.fullmatch(r"[A-ZÜ'’]+", key):
        return Wanted(letters=re.sub("['’]", "", key).replace("Ü", "V").lower(), name=key if len(key) > 2 else "")
    return Wanted(name=key)


def _digits(value: str, typed: str) -> Wanted:
    if len(value) in {15, 18}:
        return Wanted(number=value)
    if len(value) == 17:
        return Wanted(archive_number=value, number_prefix=value)
    if len(value) == 11 and re.fullmatch(r"1[3-9]\d{9}", value):
        return Wanted(phone=value, number_prefix=value if value[:2] in {"13", "14", "15"} else "")
    if re.fullmatch(r"0\d{9,11}", value):
        return Wanted(phone=typed)
    if SHORTEST_PREFIX <= len(value) < 17:
        return Wanted(number_prefix=value)
    if len(value) == 4:
        return Wanted(tail=value)
    if len(value) in {7, 8}:
        return Wanted(phone=value, number=value)
    return Wanted(number=value, too_short=True) if 4 <= len(value) < SHORTEST_PREFIX else Wanted(too_short=True)


def birth_range(prefix: str) -> tuple[date, date] | None:
    """The first and last birth date that a number prefix of ten or more digits allows; None when there is none."""
    digits = prefix[6:14]
    year = int(digits[:4])
    months = [m for m in range(1, 13) if f"{m:02d}".startswith(digits[4:6])]
    if not months or not MINYEAR <= year <= MAXYEAR:
        return None
    days = [
        date(year, month, day)
        for month in (months[0], months[-1])
        for day in range(1, monthrange(year, month)[1] + 1)
        if f"{day:02d}".startswith(digits[6:8])
    ]
    return (days[0], days[-1]) if days else None
