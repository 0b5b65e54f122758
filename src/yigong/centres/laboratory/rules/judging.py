"""What a value means: unit, reference, flag, critical, change against the last one. Pure; tables in ``tests/test_rules.py``."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from yigong.centres.laboratory.rules.catalogue import Analyte, Range, Unit

_SAME = {"μ": "u", "µ": "u", "×": "", "^": "*", "％": "%"}
_EQUAL = {"iu/l": "u/l", "miu/l": "m[iu]/l", "uiu/ml": "m[iu]/l", "mmol/l": "mmol/l", "sec": "s"}


class UnknownUnit(ValueError):
    """No factor is declared from this unit to the analyte's own."""


class NotANumber(ValueError):
    """A number was expected."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A value with its limits: ``flag`` is N, L, H, LL, HH, A or empty when there is nothing to judge from."""

    flag: str
    low: Decimal | None
    high: Decimal | None

    @property
    def is_critical(self) -> bool:
        """Beyond a critical limit."""
        return self.flag in {"LL", "HH"}


def folded(unit: str) -> str:
    """A unit as it is compared: UCUM's spelling for the usual ways of writing it."""
    text = unit.strip()
    for seen, meant in _SAME.items():
        text = text.replace(seen, meant)
    text = text.lower().replace(" ", "")
    return _EQUAL.get(text, text)


def number(text: str) -> Decimal:
    """A plain decimal number; refuses words, infinities and absurd sizes."""
    try:
        value = Decimal(text.strip().replace(",", "."))
    except ArithmeticError:
        raise NotANumber(text) from None
    if not value.is_finite() or abs(value) >= 10**9:
        raise NotANumber(text)
    return value


def converted(value: Decimal, unit: str, analyte: Analyte, declared: Iterable[Unit]) -> Decimal:
    """The value in the analyte's own unit, by a declared factor or unchanged when the unit is the same; never guessed.

    Raises UnknownUnit. A message without a unit is refused as well, unless the analyte has none.
    """
    if folded(unit) == folded(analyte.unit) or (not unit.strip() and analyte.unit in {"", "1"}):
        factor = Decimal(1)
    else:
        found = (one.factor for one in declared if one.analyte == analyte.code and folded(one.unit) == folded(unit))
        if (known := next(found, None)) is None:
            raise UnknownUnit(unit)
        factor = known
    return (value * factor).quantize(Decimal(1).scaleb(-analyte.decimals), ROUND_HALF_UP)


def reference(
    analyte: Analyte, ranges: Iterable[Range], *, sex: str, age: int | None, method: str = ""
) -> Range | None:
    """The interval for this sex, age and method; the most specific one, None when nothing fits or the age is unknown where it matters."""
    fit = [one for one in ranges if one.analyte == analyte.code and _fits(one, sex, age, method or analyte.method)]
    return max(fit, key=lambda one: (bool(one.method), bool(one.sex), one.age_from or 0), default=None)


def _fits(one: Range, sex: str, age: int | None, method: str) -> bool:
    if (one.sex and one.sex != sex) or (one.method and one.method != method):
        return False
    if one.age_from in (None, 0) and one.age_to is None:
        return True
    if age is None:
        return False
    return (one.age_from is None or age >= one.age_from) and (one.age_to is None or age <= one.age_to)


def judge(analyte: Analyte, value: Decimal, interval: Range | None) -> Judged:
    """Flag of a number: beyond a critical limit, outside the reference interval, or normal."""
    low, high = (interval.low, interval.high) if interval else (None, None)
    if analyte.critical_low is not None and value < analyte.critical_low:
        return Judged("LL", low, high)
    if analyte.critical_high is not None and value > analyte.critical_high:
        return Judged("HH", low, high)
    if low is not None and value < low:
        return Judged("L", low, high)
    if high is not None and value > high:
        return Judged("H", low, high)
    return Judged("N" if interval else "", low, high)


def judge_words(analyte: Analyte, text: str) -> Judged:
    """Flag of words: abnormal when they are not the normal ones."""
    if not analyte.normal:
        return Judged("", None, None)
    return Judged("N" if text.strip() in {analyte.normal, "-", "neg", "NEG"} else "A", None, None)


def change(
    analyte: Analyte, value: Decimal, at: datetime, before: Decimal | None, before_at: datetime | None
) -> Decimal | None:
    """By how many per cent the value differs from the last one, when that is more than the analyte allows in its days; else None."""
    if before is None or before_at is None or not before or analyte.delta_percent is None or analyte.delta_days is None:
        return None
    if at - before_at > timedelta(days=analyte.delta_days):
        return None
    percent = (value - before) / abs(before) * 100
    return percent.quantize(Decimal("0.1"), ROUND_HALF_UP) if abs(percent) > analyte.delta_percent else None
