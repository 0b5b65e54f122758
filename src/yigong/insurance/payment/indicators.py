"""DRG indicators of a hospital, a department or a group of doctors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import log
from statistics import fmean, pstdev

from yigong.insurance.payment.errors import PaymentInvalid
from yigong.insurance.payment.rounding import quotient, rate

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class GroupResult:
    """One DRG: own cases, their means, and those of the region."""

    group: str
    cases: int
    cost: Decimal
    stay: Decimal
    weight: Decimal
    region_cost: Decimal
    region_stay: Decimal
    risk: str
    deaths: int = 0


@dataclass(frozen=True, slots=True)
class Indicators:
    """Shares in percent."""

    groups: int
    total_weight: Decimal
    cmi: Decimal
    cost_index: Decimal
    time_index: Decimal
    low_risk_mortality: Decimal
    grouping_rate: Decimal


def indicators(results: Sequence[GroupResult], *, discharged: int, excluded: int) -> Indicators:
    """CMI, cost and time index, mortality in the low-risk groups, share of cases grouped (of those not excluded)."""
    cases = sum(one.cases for one in results)
    if cases <= 0 or discharged <= excluded:
        raise PaymentInvalid("没有可以计算指标的病例")
    if cases > discharged - excluded:
        raise PaymentInvalid(f"入组病例 {cases} 多于可入组病例 {discharged - excluded}")
    weight = sum((one.weight * one.cases for one in results), ZERO)
    low = [one for one in results if one.risk == "low"]
    at_risk = sum(one.cases for one in low)
    died = sum(one.deaths for one in low)
    return Indicators(
        groups=len({one.group for one in results if one.cases}),
        total_weight=rate(weight),
        cmi=rate(quotient(weight, Decimal(cases))),
        cost_index=_index([(one.cases, one.cost, one.region_cost) for one in results]),
        time_index=_index([(one.cases, one.stay, one.region_stay) for one in results]),
        low_risk_mortality=rate(quotient(Decimal(100 * died), Decimal(at_risk))) if at_risk else ZERO,
        grouping_rate=rate(quotient(Decimal(100 * cases), Decimal(discharged - excluded))),
    )


def _index(rows: Sequence[tuple[int, Decimal, Decimal]]) -> Decimal:
    weighted = sum((cases * quotient(own, region) for cases, own, region in rows), ZERO)
    return rate(quotient(weighted, Decimal(sum(cases for cases, _own, _region in rows))))


def risk_classes(groups: Mapping[str, tuple[int, int]]) -> dict[str, str]:
    """Group -> risk by the logarithm of its mortality among (cases, deaths) of the region: ``low`` below mean - 1 SD, ``mid_low`` below the
    mean, ``mid_high`` below mean + 1 SD, ``high`` above; groups without a death are ``none``, a class of their own.

    Logarithms only order the groups here; no money is computed from them.
    """
    logs = {group: log(deaths / cases) for group, (cases, deaths) in groups.items() if deaths}
    if not logs:
        return dict.fromkeys(groups, "none")
    mean, spread = fmean(logs.values()), pstdev(logs.values())
    return {group: _risk(logs[group], mean, spread) if group in logs else "none" for group in groups}


def _risk(value: float, mean: float, spread: float) -> str:
    if value < mean - spread:
        return "low"
    if value < mean:
        return "mid_low"
    return "mid_high" if value <= mean + spread else "high"
