"""What the year will have cost: two steps that can be done by hand, and how wrong they would have been before.

1. **Completion.** Settlements made outside come in late. Of the months of the past years it is known what share of a month's final sum had
   come in by the month's end, one month later, and so on: the development factors. A month of this year is divided by the factor of its age.
2. **The year.** The share of a year that was used by the end of each month in the past years; what is used this year so far, completed, is
   divided by that share.

The band is the largest error that the same forecast would have made at the end of the same month of each past year, when the other past
years (or, with one only, that one) were known. With no past year there is no forecast.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from yigong.insurance.payment.api import quotient, rate

# month of the settlement (1-12), months later when it became known (0, 1, …) -> fen
Triangle: TypeAlias = Mapping[tuple[int, int], int]
OLDEST = 3


@dataclass(frozen=True, slots=True)
class Forecast:
    """A year's end in fen with the band; ``factors`` by age in months, ``error`` the largest of the backtest as a share."""

    expected: int
    low: int
    high: int
    completed: int
    factors: tuple[Decimal, ...]
    share: Decimal
    error: Decimal


@dataclass(frozen=True, slots=True)
class Tested:
    """One backtest: at the end of a month of a past year."""

    year: int
    month: int
    expected: int
    actual: int

    @property
    def error(self) -> Decimal:
        """How far off, as a share of what it became."""
        return rate(quotient(Decimal(self.expected - self.actual), Decimal(self.actual)))


def factors(years: Sequence[Triangle]) -> tuple[Decimal, ...]:
    """The share of a month's final sum that is known after 0, 1, 2 and 3 months, over all past years."""
    whole = sum(sum(year.values()) for year in years)
    if whole <= 0:
        return (Decimal(1),) * (OLDEST + 1)
    known = [sum(sum(v for (_m, late), v in year.items() if late <= age) for year in years) for age in range(OLDEST)]
    return tuple(rate(quotient(Decimal(sum_), Decimal(whole))) for sum_ in [*known, whole])


def so_far(year: Triangle, until: int) -> Triangle:
    """What was known of a year at the end of a month."""
    return {(month, late): value for (month, late), value in year.items() if month + late <= until}


def completed(year: Triangle, until: int, by_age: Sequence[Decimal]) -> int:
    """Each month until then divided by the share that is known at its age."""
    whole = Decimal(0)
    for month in range(1, until + 1):
        known = sum(value for (m, _late), value in year.items() if m == month)
        whole += quotient(Decimal(known), by_age[min(until - month, OLDEST)] or Decimal(1))
    return int(whole.to_integral_value())


def share_until(years: Sequence[Triangle], until: int) -> Decimal:
    """The share of a year that belongs to its months until then, over all past years."""
    whole = sum(sum(year.values()) for year in years)
    part = sum(sum(value for (month, _late), value in year.items() if month <= until) for year in years)
    return rate(quotient(Decimal(part), Decimal(whole))) if whole > 0 else Decimal(0)


def expect(
    year: Triangle, until: int, past: Sequence[Triangle]
) -> tuple[int, int, tuple[Decimal, ...], Decimal] | None:
    """(year's end, completed so far, factors, share of the year) at the end of a month; None without a usable past."""
    by_age, share = factors(past), share_until(past, until)
    if share <= 0:
        return None
    done = completed(so_far(year, until), until, by_age)
    return int(quotient(Decimal(done), share).to_integral_value()), done, by_age, share


def backtest(past: Mapping[int, Triangle]) -> list[Tested]:
    """Each past year, at the end of each month from January to November, forecast from the other past years."""
    found = []
    for year, triangle in sorted(past.items()):
        others = [other for key, other in past.items() if key != year] or [triangle]
        actual = sum(triangle.values())
        for month in range(1, 12):
            answer = expect(triangle, month, others)
            if answer and actual > 0:
                found.append(Tested(year, month, answer[0], actual))
    return found


def forecast(year: Triangle, until: int, past: Mapping[int, Triangle]) -> Forecast | None:
    """The year's end with its band."""
    answer = expect(year, until, list(past.values()))
    if answer is None:
        return None
    expected, done, by_age, share = answer
    errors = [abs(one.error) for one in backtest(past) if one.month == until]
    error = max(errors, default=Decimal(0))
    spread = int((Decimal(expected) * error).to_integral_value())
    return Forecast(expected, expected - spread, expected + spread, done, by_age, share, error)
