"""A plan made ready for calculation: amounts in fen, shares in millionths, look-ups by code."""

from typing import NamedTuple

from yigong.insurance.benefits.data import INPATIENT
from yigong.insurance.benefits.money import fen, share
from yigong.insurance.benefits.plan import Band, BenefitPlan, Minimum, Money, Outpatient, Share, Tier

NO_LIMIT = 10**18


class Bands(NamedTuple):
    """Shares by amount: (from, to, ratio), following on each other."""

    rows: tuple[tuple[int, int, int], ...]

    def of(self, amount: int) -> int:
        """The benefit of an amount in millionths of a fen, not yet rounded."""
        sum_ = 0
        for begin, end, ratio in self.rows:
            if amount <= begin:
                break
            sum_ += ((amount if amount < end else end) - begin) * ratio
        return sum_


class LevelRule(NamedTuple):
    """Inpatient benefit at one level; ``ratio`` is that of the first band where there are bands."""

    deductible: int
    ratio: int
    retired: int
    bands: Bands | None


class MinimumRule(NamedTuple):
    """At least ``ratio`` of the in-scope cost, or of the total."""

    ratio: int
    of_total: bool


class PlaceRule(NamedTuple):
    """What changes for treatment outside the region."""

    deductible: int | None
    points: int
    factor: int
    minimum: MinimumRule | None
    critical: bool
    assistance: bool


class WaiverRule(NamedTuple):
    """Who bears only ``factor`` of the deductible."""

    factor: int
    identities: frozenset[str]
    under_age: int
    tcm: bool


class TierRule(NamedTuple):
    """Critical-illness benefit of one group of people."""

    threshold: int
    bands: Bands
    ceiling: int


class AidRule(NamedTuple):
    """Assistance of one identity."""

    threshold: int
    ratio: int


class DiseaseRule(NamedTuple):
    """A disease of an outpatient benefit."""

    ratio: int | None
    ceiling: int


class OutpatientRule(NamedTuple):
    """One outpatient benefit."""

    code: str
    levels: dict[str, tuple[int, int]]
    like_inpatient: bool
    retired: int
    per_year: bool
    ceiling: int
    diseases: dict[str, DiseaseRule]
    to_pool_ceiling: bool


class Rules:
    """One plan, ready. Immutable by habit; may be shared between threads and processes."""

    def __init__(self, plan: BenefitPlan) -> None:
        self.plan, self.name = plan, f"{plan.code}/{plan.version}"
        self._set_inpatient(plan)
        self.places = {
            one.place: PlaceRule(
                None if one.deductible is None else fen(one.deductible), share(one.points), share(one.factor),
                _minimum(one.minimum), one.critical, one.assistance,
            )
            for one in plan.elsewhere
        }  # fmt: skip
        self.outpatient = {one.code: _outpatient(one) for one in sorted(plan.outpatient, key=lambda b: b.order)}
        self.first_self_pay = {one.category: share(one.ratio) for one in plan.items.first_self_pay}
        self.institution_bears_over = plan.items.over_ceiling == "institution"
        self._set_upper_layers(plan)

    def _set_inpatient(self, plan: BenefitPlan) -> None:
        inpatient = plan.inpatient
        self.levels = {
            one.level: LevelRule(
                fen(one.deductible), share(one.bands[0].ratio if one.ratio is None else one.ratio),
                share(one.retired_plus), _bands(one.bands) if one.bands else None,
            )
            for one in inpatient.levels
        }  # fmt: skip
        self.waivers = [
            WaiverRule(share(one.factor), one.identities, one.under_age or 0, one.tcm) for one in inpatient.waivers
        ]
        self.minimum = _minimum(inpatient.minimum)
        self.ceiling = fen(inpatient.ceiling.amount) if inpatient.ceiling else NO_LIMIT
        self.ceiling_on_cost = bool(inpatient.ceiling and inpatient.ceiling.on == "covered")
        repeat = inpatient.repeat
        self.repeat_rule, self.repeat_minus, self.repeat_floor = repeat.rule, fen(repeat.minus), fen(repeat.floor)
        self.repeat_factors = tuple(share(one) for one in repeat.factors)
        self.repeat_exceptions = [(one.diseases, tuple(share(f) for f in one.factors)) for one in repeat.exceptions]

    def _set_upper_layers(self, plan: BenefitPlan) -> None:
        critical, aid, relief = plan.critical, plan.assistance, plan.relief
        self.critical = critical
        self.tiers = [(one.identities, _tier(one)) for one in critical.tiers if one.identities] if critical else []
        self.tier = next((_tier(one) for one in critical.tiers if not one.identities), None) if critical else None
        self.excess = bool(critical and critical.bands_on == "excess")
        self.large = (share(plan.large.ratio), _limit(plan.large.ceiling)) if plan.large else None
        civil = plan.civil
        self.civil = _cut(civil.threshold, civil.ratio, civil.ceiling) if civil else None
        self.aids = [(one.identity, AidRule(fen(one.threshold), share(one.ratio))) for one in aid.groups] if aid else []
        self.aid_ceiling = _limit(aid.ceiling) if aid else 0
        tilt = aid.tilt if aid else None
        self.tilt = _cut(tilt.threshold, tilt.ratio, tilt.ceiling) if tilt else None
        self.supplements = [
            (one, share(one.ratio), fen(one.threshold), _limit(one.ceiling)) for one in plan.supplements
        ]
        self.reductions = {one.category: share(one.ratio) for one in relief.reductions} if relief else {}
        self.relief_ceiling = _limit(relief.ceiling) if relief else 0
        self.account_pays_scope_only = bool(plan.account and plan.account.pays_for == "in_scope")

    def level(self, code: str) -> LevelRule:
        """The inpatient benefit at a level; "*" stands for every level that is not listed."""
        return self.levels.get(code) or self.levels["*"]

    def kinds(self) -> list[str]:
        """What can be settled under this plan."""
        return [INPATIENT, *self.outpatient]


def _bands(bands: tuple[Band, ...]) -> Bands:
    return Bands(tuple((fen(one.begin), _limit(one.end), share(one.ratio)) for one in bands))


def _tier(tier: Tier) -> TierRule:
    return TierRule(fen(tier.threshold), _bands(tier.bands), _limit(tier.ceiling))


def _limit(amount: Money | None) -> int:
    return NO_LIMIT if amount is None else fen(amount)


def _cut(threshold: Money, ratio: Share, ceiling: Money | None) -> tuple[int, int, int]:
    return fen(threshold), share(ratio), _limit(ceiling)


def _minimum(minimum: Minimum | None) -> MinimumRule | None:
    return MinimumRule(share(minimum.ratio), minimum.of == "total") if minimum else None


def _outpatient(benefit: Outpatient) -> OutpatientRule:
    return OutpatientRule(
        code=benefit.code,
        levels={one.level: (fen(one.deductible), share(one.ratio)) for one in benefit.levels},
        like_inpatient=benefit.like == INPATIENT,
        retired=share(benefit.retired_plus),
        per_year=benefit.deductible_per == "year",
        ceiling=_limit(benefit.ceiling),
        diseases={
            one.code: DiseaseRule(None if one.ratio is None else share(one.ratio), _limit(one.ceiling))
            for one in benefit.diseases
        },
        to_pool_ceiling=benefit.counts_to_pool_ceiling,
    )
