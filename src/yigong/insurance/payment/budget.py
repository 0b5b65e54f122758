"""One budget over many institutions: package, surplus and overspend, shares, monthly payment, payment per head."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from yigong.insurance.benefits.api import largest_remainder
from yigong.insurance.payment.errors import PaymentInvalid
from yigong.insurance.payment.rounding import money, quotient, rate

ONE, ZERO = Decimal(1), Decimal(0)


@dataclass(frozen=True, slots=True)
class PackageTerms:
    """How the package is made from the money of the insured people."""

    insured: int
    per_head: Decimal
    risk_reserve: Decimal
    critical_per_head: Decimal
    adjustment: Decimal


@dataclass(frozen=True, slots=True)
class Package:
    """Financing less what goes elsewhere."""

    financing: Decimal
    reserve: Decimal
    critical: Decimal
    adjustment: Decimal
    package: Decimal


def make_package(terms: PackageTerms) -> Package:
    """Package = financing − reserve − critical-illness premium − regional adjustment fund."""
    financing = money(terms.insured * terms.per_head)
    reserve, adjustment = money(financing * terms.risk_reserve), money(financing * terms.adjustment)
    critical = money(terms.insured * terms.critical_per_head)
    return Package(financing, reserve, critical, adjustment, financing - reserve - critical - adjustment)


@dataclass(frozen=True, slots=True)
class KeptBack:
    """Something kept back from the financing: a share of it, so much for each insured person, or a fixed sum."""

    code: str
    how: str
    value: Decimal


def keep_back(insured: int, per_head: Decimal, kept: Sequence[KeptBack]) -> tuple[Decimal, list[Decimal], Decimal]:
    """(financing, each part kept back, package) by a county's own list of what is kept back; each part is rounded when it gets its name."""
    financing = money(insured * per_head)
    amounts = {
        "share": lambda one: money(financing * one.value),
        "per_head": lambda one: money(insured * one.value),
        "fixed": lambda one: money(one.value),
    }
    parts = [amounts[one.how](one) for one in kept]
    package = financing - sum(parts, ZERO)
    if package < 0:
        raise PaymentInvalid(f"扣留合计超过筹资总额 {financing}，请核对各项比例和标准")
    return financing, parts, package


@dataclass(frozen=True, slots=True)
class Surplus:
    """What is left of a package and who keeps it."""

    surplus: Decimal
    rate: Decimal
    kept: Decimal
    returned: Decimal


def share_surplus(
    package: Decimal, used: Decimal, score: Decimal, retention: Sequence[tuple[Decimal, Decimal]]
) -> Surplus:
    """The share kept follows the appraisal score: the highest step (from score, share) that the score reaches."""
    if len({step for step, _share in retention}) < len(retention):
        raise PaymentInvalid("留用比例的分数档次重复（重叠）")
    reached = [(step, share) for step, share in retention if score >= step]
    if not reached:
        raise PaymentInvalid(f"得分 {score} 没有对应的留用比例（缺口）")
    surplus = package - used
    kept = money(max(ZERO, surplus) * max(reached)[1])
    return Surplus(surplus, rate(quotient(surplus, package)), kept, max(ZERO, surplus) - kept)


@dataclass(frozen=True, slots=True)
class Overspend:
    """Who bears what exceeds a package."""

    overspend: Decimal
    rate: Decimal
    reasonable: Decimal
    in_bands: tuple[Decimal, ...]
    fund: Decimal
    community: Decimal


def share_overspend(
    package: Decimal, used: Decimal, unreasonable: Decimal, bands: Sequence[tuple[Decimal | None, Decimal]]
) -> Overspend:
    """The unreasonable part is the community's; of the rest the fund bears a share by bands, each up to a share of the package."""
    overspend = max(ZERO, used - package)
    if not ZERO <= unreasonable <= overspend:
        raise PaymentInvalid("不合理部分应在 0 与超支额之间")
    reasonable = overspend - unreasonable
    inside, begin = [], ZERO
    for end, _share in bands:
        limit = reasonable if end is None else money(package * end)
        if end is not None and limit < begin:
            raise PaymentInvalid("超支分担的档次重叠：后一档的上限不高于前一档")
        inside.append(max(ZERO, min(reasonable, limit) - begin))
        begin = max(begin, limit)
    if begin < reasonable:
        raise PaymentInvalid("超支分担的档次有缺口：最高一档以上没有规定")
    fund = sum((money(one * share) for one, (_end, share) in zip(inside, bands, strict=True)), ZERO)
    return Overspend(overspend, rate(quotient(overspend, package)), reasonable, tuple(inside), fund, overspend - fund)


@dataclass(frozen=True, slots=True)
class Shares:
    """An amount split among members by base weight × score."""

    factors: tuple[Decimal, ...]
    parts: tuple[Decimal, ...]
    favoured: tuple[int, ...]


def split_by_appraisal(amount: Decimal, members: Sequence[tuple[Decimal, Decimal]]) -> Shares:
    """(base weight, score) of each member to its part; the left-over fen go to the largest remainders."""
    factors = tuple(rate(weight * score) for weight, score in members)
    try:
        parts, favoured = largest_remainder(int(amount * 100), [int(factor * 10_000) for factor in factors])
    except ValueError as fault:
        raise PaymentInvalid(str(fault)) from None
    return Shares(factors, tuple(Decimal(one).scaleb(-2) for one in parts), tuple(favoured))


def released_share(score: Decimal, full_from: Decimal, per_point: Decimal) -> Decimal:
    """All from a score on; below it so much less for each point missing, never below nothing."""
    return max(ZERO, ONE - max(ZERO, full_from - score) * per_point)


@dataclass(frozen=True, slots=True)
class PerHead:
    """Payment per head of a contracted institution."""

    total: Decimal
    monthly: Decimal
    withheld: Decimal


def per_head(people: int, standard: Decimal, prepaid: Decimal) -> PerHead:
    """The year's sum, the monthly prepayment, and what is withheld until the appraisal."""
    total = money(people * standard)
    return PerHead(total, money(quotient(total * prepaid, Decimal(12))), total - money(total * prepaid))
