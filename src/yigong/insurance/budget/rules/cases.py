"""What a case is worth under a weight set: the terms of the packs applied to one case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median_high

from yigong.insurance.budget.rules.terms import Paying
from yigong.insurance.payment.api import (
    DrgCase,
    GroupCost,
    PointCase,
    base_points,
    from_fen,
    money,
    pay_bed_days,
    pay_case,
    pay_points,
    quotient,
    to_fen,
)


@dataclass(frozen=True, slots=True)
class FundCase:
    """A case as the calculation needs it; money in fen, the ratio in millionths. ``person`` and ``other_funds`` are what the bill said."""

    group: str
    level: str
    days: int
    cost: int
    own: int
    over: int
    first_self_pay: int
    deductible: int
    ratio: int
    pool: int
    other_funds: int
    person: int
    special: int | None = None
    diagnosis: str = ""
    operation: str = ""
    age: int | None = None
    other_diagnoses: int = 0
    died: bool = False


@dataclass(frozen=True, slots=True)
class Weight:
    """One group: weight (a disease of DIP: its score) and regional mean in fen."""

    weight: Decimal
    mean: int


@dataclass(frozen=True, slots=True)
class Worth:
    """What a case is worth: how it counts, its standard, what is payable in all, and the fund's part of it."""

    kind: str
    standard: int | None
    multiple: Decimal | None
    payable: int
    fund: int


def coefficient_of(paying: Paying, level: str) -> Decimal:
    """The coefficient of hospitals of a level; 1 where the terms name none."""
    return next((one.coefficient for one in paying.levels if one.level == level), Decimal(1))


def upper_of(paying: Paying, weight: Decimal) -> Decimal:
    """The multiple above which a case of this weight is high."""
    return max((one for one in paying.upper if weight >= one.weight), key=lambda one: one.weight).limit


def worth(case: FundCase, weights: Mapping[str, Weight], rate: int, paying: Paying) -> Worth:
    """Special requests first, then long stays by the day, cases without a group at cost, the others by their group.

    The person's bill never changes: the fund pays what is payable less the person's and the other funds' part.
    """
    if found := apart(case, paying):
        return found
    known = weights.get(case.group)
    if known is None or known.weight <= 0:
        return left_to_the_fund("ungrouped", case, case.cost)
    paid = pay_case(
        DrgCase(
            weight=known.weight, rate=from_fen(rate), cost=from_fen(case.cost), own=from_fen(case.own), over=from_fen(case.over),
            first=from_fen(case.first_self_pay), deductible=from_fen(case.deductible), ratio=Decimal(case.ratio).scaleb(-6),
            coefficient=coefficient_of(paying, case.level), lower=paying.lower, upper=upper_of(paying, known.weight),
            factor=paying.factor, other_funds=from_fen(case.other_funds),
        )
    )  # fmt: skip
    payable = to_fen(paid.total)
    return Worth(paid.kind, to_fen(paid.standard), paid.multiple, payable, payable - case.person - case.other_funds)


def apart(case: FundCase, paying: Paying) -> Worth | None:
    """What is paid apart from any grouping: a special request, a long stay by the day."""
    if case.special is not None:
        return left_to_the_fund("special", case, case.special)
    if case.days > paying.long_stay:
        bands = [(one.upto, one.price) for one in paying.bed_days]
        return left_to_the_fund("bed_day", case, to_fen(pay_bed_days(case.days, bands)))
    return None


def left_to_the_fund(kind: str, case: FundCase, payable: int) -> Worth:
    """A case without a standard: the fund pays what the person and the other funds leave."""
    return Worth(kind, None, None, payable, payable - case.person - case.other_funds)


def history(costs: Mapping[str, Sequence[int]], low: Decimal, high: Decimal) -> tuple[list[GroupCost], int]:
    """Cases and mean of each group, without those far from the group's median; and how many were left out."""
    found, trimmed = [], 0
    for group in sorted(costs):
        middle = median_high(costs[group])
        near = [cost for cost in costs[group] if middle * low <= cost <= middle * high]
        trimmed += len(costs[group]) - len(near)
        mean = money(quotient(from_fen(sum(near)), Decimal(len(near))))
        found.append(GroupCost(group, len(near), mean))
    return found, trimmed


@dataclass(frozen=True, slots=True)
class Methods:
    """What all cases of somebody are worth by each method, in fen; ``dip`` None while the year has no adopted scores."""

    cases: int
    item: int
    drg: int
    points: int
    dip: int | None


def by_points(
    cases: Sequence[FundCase], weights: Mapping[str, Weight], mean: int, value: Decimal, paying: Paying
) -> int:
    """All cases by points at a value; those without a group at cost."""
    whole = 0
    for case in cases:
        known = weights.get(case.group)
        if known is None:
            whole += case.cost
            continue
        given = PointCase(
            from_fen(known.mean), coefficient_of(paying, case.level), from_fen(case.cost), paying.points_upper
        )
        whole += to_fen(pay_points(given, base_points(from_fen(known.mean), from_fen(mean)), value).total)
    return whole
