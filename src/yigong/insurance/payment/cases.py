"""What one case is worth: by disease group, points, DIP score, bed-day."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from yigong.insurance.payment.errors import PaymentInvalid
from yigong.insurance.payment.rounding import money, quotient, rate

ONE, ZERO = Decimal(1), Decimal(0)


@dataclass(frozen=True, slots=True)
class GroupCost:
    """Cases of one group and their mean cost."""

    group: str
    cases: int
    mean: Decimal


@dataclass(frozen=True, slots=True)
class Weights:
    """Relative weights from history, and what the year's money makes of them."""

    mean: Decimal
    weights: dict[str, Decimal]
    total_weight: Decimal
    rate: Decimal
    standards: dict[str, Decimal]


def weigh(groups: Sequence[GroupCost], predicted_cost: Decimal) -> Weights:
    """Weight = mean of the group / mean of all; rate = forecast cost / forecast total weight; standard = weight × rate."""
    cases = sum(one.cases for one in groups)
    if not cases or min(one.cases for one in groups) < 0:
        raise PaymentInvalid("病例数应为正")
    mean = money(quotient(sum((one.mean * one.cases for one in groups), ZERO), Decimal(cases)))
    if mean <= 0:
        raise PaymentInvalid("次均费用应大于零")
    weights = {one.group: rate(quotient(one.mean, mean)) for one in groups}
    total = money(sum((weights[one.group] * one.cases for one in groups), ZERO))
    price = money(quotient(predicted_cost, total))
    return Weights(mean, weights, total, price, {name: money(weight * price) for name, weight in weights.items()})


@dataclass(frozen=True, slots=True)
class CasePayment:
    """One case: its standard, how its cost compares, and who pays."""

    standard: Decimal
    multiple: Decimal
    kind: str
    total: Decimal
    by_item: Decimal
    person: Decimal
    by_difference: Decimal
    by_ratio: Decimal
    balance: Decimal


@dataclass(frozen=True, slots=True)
class DrgCase:
    """A discharged case for payment by group. A limit that is not given does not apply."""

    weight: Decimal
    rate: Decimal
    cost: Decimal
    own: Decimal
    first: Decimal
    deductible: Decimal
    ratio: Decimal
    over: Decimal = ZERO
    coefficient: Decimal = ONE
    lower: Decimal | None = None
    upper: Decimal | None = None
    factor: Decimal = ONE
    other_funds: Decimal = ZERO


def pay_case(case: DrgCase) -> CasePayment:
    """The standard for a normal case, cost for a low one, standard and the excess above the limit for a high one.

    The person's bill is by item and never changes with the group. The fund's part is the difference; the published other way, by ratio of
    the standard, is given beside it.
    """
    standard = money(case.weight * case.rate * case.coefficient)
    if standard <= 0:
        raise PaymentInvalid("支付标准应大于零")
    in_scope = case.cost - case.own - case.over - case.first
    by_item = money(max(ZERO, in_scope - case.deductible) * case.ratio)
    person = case.cost - by_item - case.other_funds
    kind, total = _standing(case, standard)
    paid = money(max(ZERO, standard - case.own - case.over - case.first - case.deductible) * case.ratio)
    return CasePayment(
        standard,
        rate(quotient(case.cost, standard)),
        kind,
        total,
        by_item,
        person,
        total - person - case.other_funds,
        paid,
        total - case.cost,
    )


def _standing(case: DrgCase, standard: Decimal) -> tuple[str, Decimal]:
    if case.lower is not None and case.cost < case.lower * standard:
        return "low", case.cost
    if case.upper is not None and case.cost > case.upper * standard:
        return "high", standard + money((case.cost - case.upper * standard) * case.factor)
    return "normal", standard


@dataclass(frozen=True, slots=True)
class PointCase:
    """A case paid by points; ``upper`` None: no addition for high cost."""

    group_mean: Decimal
    coefficient: Decimal
    cost: Decimal
    upper: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Points:
    """Points of a case and their money."""

    base: Decimal
    extra: Decimal
    points: Decimal
    total: Decimal


def base_points(group_mean: Decimal, region_mean: Decimal) -> Decimal:
    """Mean of the group / mean of the region × 100."""
    return money(quotient(group_mean * 100, region_mean))


def point_value(pool: Decimal, points: Decimal) -> Decimal:
    """What one point is worth: four decimals."""
    if points <= 0:
        raise PaymentInvalid("总点数应大于零")
    return rate(quotient(pool, points))


def pay_points(case: PointCase, base: Decimal, value: Decimal) -> Points:
    """Case points = base × coefficient, and for a high case the same again times what exceeds the limit."""
    points, extra = money(base * case.coefficient), ZERO
    if case.upper is not None:
        multiple = quotient(case.cost, case.group_mean * case.coefficient)
        extra = max(ZERO, rate(multiple - case.upper))
        points = money(points + points * extra)
    return Points(base, extra, points, money(points * value))


@dataclass(frozen=True, slots=True)
class DipGroup:
    """A DIP group: means, limits, and what multiplies its score: the hospital's coefficient and the auxiliary factor of the case."""

    region_mean: Decimal
    group_mean: Decimal
    score_base: Decimal
    coefficient: Decimal
    high: Decimal
    low: Decimal
    auxiliary: Decimal = ONE

    @property
    def weight(self) -> Decimal:
        """Mean of the group / mean of all, four decimals."""
        return rate(quotient(self.group_mean, self.region_mean))

    @property
    def score(self) -> Decimal:
        """The group's score."""
        return money(quotient(self.group_mean * self.score_base, self.region_mean))


@dataclass(frozen=True, slots=True)
class DipPayment:
    """One DIP case."""

    kind: str
    ratio: Decimal
    score: Decimal
    settled: Decimal
    fund: Decimal


def pay_dip(group: DipGroup, cost: Decimal, value: Decimal) -> DipPayment:
    """High: (cost/mean − limit + 1) × score; low: cost/mean × score; both from the exact quotient."""
    multiple, score, kind = quotient(cost, group.group_mean), group.score, "normal"
    if cost > group.high * group.group_mean:
        kind, score = "high", money((multiple - group.high + 1) * score)
    elif cost < group.low * group.group_mean:
        kind, score = "low", money(multiple * score)
    settled = money(score * group.coefficient * group.auxiliary)
    return DipPayment(kind, rate(multiple), score, settled, money(settled * value))


def pay_bed_days(days: int, bands: Sequence[tuple[int | None, Decimal]]) -> Decimal:
    """Days × rate, where each band ends with a day (included) and the last has no end."""
    paid, begin = ZERO, 0
    for end, price in bands:
        if end is not None and end <= begin:
            raise PaymentInvalid(f"床日档次 {end} 天不高于上一档 {begin} 天（重叠）")
        upto = days if end is None else min(days, end)
        paid += max(0, upto - begin) * price
        begin = days if end is None else end
    if begin < days:
        raise PaymentInvalid(f"第 {begin + 1} 天起没有床日标准（缺口）")
    return money(paid)
