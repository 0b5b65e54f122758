"""A person's year: sums that grow with each settlement and shrink with each reversal.

Deductibles, ceilings and the critical-illness sum depend on the order. A reversal is therefore last in, first out; taking back an earlier
settlement means settling the later ones again.
"""

from collections.abc import Iterable, Mapping

from yigong.insurance.benefits.data import INPATIENT, NOTHING, Case, Settlement
from yigong.insurance.benefits.engine import settle
from yigong.insurance.benefits.rules import Rules


def after(before: Mapping[str, int], settlement: Settlement) -> dict[str, int]:
    """The year's sums with a settlement."""
    sums = dict(before)
    for name, amount in settlement.added.items():
        sums[name] = sums.get(name, 0) + amount
    return sums


def taken_back(sums: Mapping[str, int], settlement: Settlement) -> dict[str, int]:
    """The year's sums without their last settlement; a sum that is nothing again goes."""
    left = dict(sums)
    for name, amount in settlement.added.items():
        left[name] = left.get(name, 0) - amount
        if not left[name]:
            del left[name]
    return left


def settle_in_order(rules: Rules, cases: Iterable[Case], before: Mapping[str, int] = NOTHING) -> list[Settlement]:
    """Each case on the sums of those before it; the admission number of a stay follows from them."""
    done, sums = [], dict(before)
    by_level = rules.plan.inpatient.repeat.by == "level"
    for case in cases:
        if case.kind == INPATIENT:
            counted = sums.get("admissions:" + case.level if by_level else "admissions", 0)
            one = settle(rules, case._replace(admission=counted + 1), sums)
        else:
            one = settle(rules, case, sums)
        done.append(one)
        sums = after(sums, one)
    return done
