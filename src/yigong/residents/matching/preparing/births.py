"""Birth dates for comparison: the stated one, the number's, and the readings that habits make of it."""

from datetime import date, timedelta
from functools import cache, lru_cache

from yigong.residents.matching.preparing.fields import SEXES, read_birth, squeeze
from yigong.residents.matching.preparing.registry import maker

_JULIAN_DAY_ZERO = 1721424.5  # Julian day of the day before 0001-01-01


@cache
def _lunar_year(year: int) -> dict[int, tuple[date, int]]:
    """First day and length of each month of a lunar year (leap months left out: nobody's papers name them)."""
    from lunar_python import LunarYear

    found: dict[int, tuple[date, int]] = {}
    for month in LunarYear.fromYear(year).getMonthsInYear():
        if month.getMonth() > 0:
            ordinal = int(month.getFirstJulianDay() - _JULIAN_DAY_ZERO)  # given for noon
            found[month.getMonth()] = (date.fromordinal(ordinal), month.getDayCount())
    return found


@lru_cache(maxsize=60_000)
def solar_of_lunar(year: int, month: int, day: int) -> date | None:
    """The day that a lunar date falls on; None where there is no such lunar day or the year is outside 1900–2100."""
    if not 1900 <= year <= 2100:
        return None
    first, days = _lunar_year(year).get(month, (None, 0))
    return first + timedelta(days=day - 1) if first and 1 <= day <= days else None


def _stated(birth_date: str) -> tuple[str, ...] | None:
    stated, precision = read_birth(birth_date)
    return _readings(stated, precision) if stated else None


@maker(
    "births",
    "birth_date",
    "birth birth_swapped birth_lunar birth_rough year month month_day",
    ascii="birth birth_swapped birth_lunar year month month_day",
    uses="number_born",
    alone=_stated,
)
def make(birth_date: str, number_born: str) -> tuple[str, ...]:
    """The stated birth date (else the number's), and what it becomes with day and month swapped or read as a lunar date.

    ``birth_rough`` is ``1`` for a date that only means a year: 1 January, or given as a year or a month.
    """
    return _stated(birth_date) or _readings(number_born, "day" if number_born else "")


@lru_cache(maxsize=200_000)
def _readings(stated: str, precision: str) -> tuple[str, ...]:
    if not stated:
        return ("",) * 7
    year, month, day = int(stated[:4]), int(stated[4:6]), int(stated[6:])
    rough = precision not in ("day", "lunar") or stated.endswith("0101")
    swapped = f"{stated[:4]}{stated[6:]}{stated[4:6]}" if not rough and day <= 12 and day != month else ""
    lunar = None if rough else solar_of_lunar(year, month, day)
    return (
        stated,
        swapped,
        lunar.isoformat().replace("-", "") if lunar else "",
        "1" if rough else "0",
        stated[:4],
        stated[:6] if precision != "year" else "",
        stated[4:] if not rough else "",
    )


def _given(sex: str) -> tuple[str, ...] | None:
    given = SEXES.get(sex) if sex in SEXES else SEXES.get(squeeze(sex), "")
    return (given,) if given else None


@maker("sexes", "sex", "sex", ascii="sex", uses="number_sex", alone=_given)
def make_sex(sex: str, number_sex: str) -> tuple[str, ...]:
    """The stated sex, else the number's."""
    return _given(sex) or (number_sex,)
