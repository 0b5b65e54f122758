"""One settlement: from a bill and the year's sums to what each fund and the person pay, in the order the rules prescribe.

1 deductible · 2 pool with ceilings · 3 large amount · 4 critical illness · 5 civil servants · 6 assistance and tilt · 7 other funds and
relief · 8 account and cash. Every named figure is rounded half up to the fen when it gets its name. Nothing is looked up outside the
arguments: the same plan, case and sums give the same settlement.
"""

from collections.abc import Mapping

from yigong.insurance.benefits.data import HERE, INPATIENT, NOTHING, Case, Settlement, Step
from yigong.insurance.benefits.errors import CaseInvalid
from yigong.insurance.benefits.money import WHOLE, part, rounded
from yigong.insurance.benefits.rules import NO_LIMIT, Bands, LevelRule, OutpatientRule, PlaceRule, Rules, WaiverRule

_HALF = WHOLE // 2


def settle(rules: Rules, case: Case, before: Mapping[str, int] = NOTHING) -> Settlement:
    """Settle one case. ``before`` holds the year's sums by name, as ``Settlement.added`` of earlier settlements adds them up.

    Raises CaseInvalid for what the plan does not know and for a bill whose parts do not make its total.
    """
    return _Work(rules, case, before).settled()


class _Work:
    """The figures of one settlement while it is calculated."""

    __slots__ = (
        "added",
        "base",
        "before",
        "case",
        "deductible",
        "gross",
        "large",
        "note",
        "pool",
        "ratio",
        "rules",
        "steps",
    )

    def __init__(self, rules: Rules, case: Case, before: Mapping[str, int]) -> None:
        _check(rules, case)
        self.rules, self.case, self.before = rules, case, before
        self.steps: list[Step] = []
        self.note = self.steps.append  # a figure and what it was made from
        self.added: dict[str, int] = {}
        self.pool = self.large = self.gross = self.deductible = self.base = self.ratio = 0

    def settled(self) -> Settlement:
        """All layers in their order."""
        rules, case = self.rules, self.case
        fee = case.fee
        if case.kind == INPATIENT:
            self._inpatient()
        else:
            self._outpatient(rules.outpatient[case.kind])
        left = burden = fee.in_scope - self.pool - self.large
        self.note(("burden", burden, (fee.in_scope, self.pool, self.large)))
        place = rules.places[case.place] if case.place != HERE else None
        critical = self._critical(burden, place)
        left -= critical
        civil = self._civil(left) if rules.civil and case.civil_servant else 0
        left -= civil
        aid = tilt = 0
        if case.identities and rules.aids and (place is None or place.assistance):
            aid, tilt = self._assistance(left)
            left -= aid + tilt
        other = self._others(left) if rules.supplements else 0
        left -= other
        institution = self._institution(left)
        person = fee.total - self.pool - self.large - critical - civil - aid - tilt - other - institution
        self.note(("person", person, (fee.own, fee.over if not rules.institution_bears_over else 0, fee.first, left)))
        account, family = self._account(person, left)
        return Settlement(
            rules.name, case, tuple(self.steps), self.deductible, self.ratio, self.base, self.gross, self.pool, burden,
            self.large, critical, civil, aid, tilt, other, left, institution, person, account, family,
            person - account - family, self.added,
        )  # fmt: skip

    def add(self, name: str, amount: int) -> None:
        """Let one of the year's sums grow."""
        if amount:
            self.added[name] = amount

    def left_of(self, ceiling: int, name: str) -> int:
        """What a yearly limit still allows."""
        return max(0, ceiling - self.before.get(name, 0)) if ceiling != NO_LIMIT else NO_LIMIT

    # --- 1 and 2: deductible and pool, inpatient

    def _inpatient(self) -> None:
        rules, case = self.rules, self.case
        level = rules.level(case.level)
        place = rules.places[case.place] if case.place != HERE else None
        standard = self._standard(level, place)
        scope, asked = case.fee.in_scope, self._deductible(standard)
        self.deductible = asked if asked < scope else scope
        self.add("deductible", self.deductible)
        self.base = scope - self.deductible
        self.note(("base", self.base, (case.fee.in_scope, self.deductible)))
        covered = self._covered()
        self._gross(level, place, covered)
        self._pool(covered, level.bands is not None)
        self.add("admissions", 1)
        self.add("admissions:" + case.level, 1)

    def _standard(self, level: LevelRule, place: PlaceRule | None) -> int:
        standard = level.deductible if place is None or place.deductible is None else place.deductible
        factor = WHOLE
        for one in self.rules.waivers:
            if one.factor < factor and self._fits(one):
                factor = one.factor
        self.note(("standard", standard, (self.case.level, self.case.place)))
        if factor == WHOLE:
            return standard
        waived = part(standard, factor)
        self.note(("waived", waived, (standard, factor)))
        return waived

    def _fits(self, waiver: WaiverRule) -> bool:
        case = self.case
        return (
            (not waiver.identities or bool(waiver.identities & case.identities))
            and (not waiver.under_age or (case.age is not None and case.age < waiver.under_age))
            and (not waiver.tcm or case.tcm)
        )

    def _deductible(self, standard: int) -> int:
        """What is asked for, before it is limited to the in-scope cost."""
        referral, episode = self.rules.plan.referral, self.case.episode
        way = None if episode is None else referral.up if episode.referral == "up" else referral.down
        ordinary = self._repeated(standard)
        if episode is None or way == "full":
            return ordinary
        if way == "none":
            self.note(("deductible_down", 0, (standard,)))
            return 0
        credit = episode.paid if way == "paid" else episode.standard
        asked = max(0, standard - credit)
        if referral.cheaper and ordinary < asked:
            return ordinary
        self.note(("deductible_up", asked, (standard, credit)))
        return asked

    def _repeated(self, standard: int) -> int:
        rules, number = self.rules, self.case.admission
        if rules.repeat_rule == "once":
            paid = self.before.get("deductible", 0)
            asked = max(0, standard - paid)
            self.note(("deductible_once", asked, (standard, paid)))
            return asked
        if rules.repeat_rule == "minus":
            asked = standard - rules.repeat_minus * (number - 1)
            asked = max(asked, min(standard, rules.repeat_floor), 0)
            self.note(("deductible_minus", asked, (standard, number, rules.repeat_minus)))
            return asked
        factors = self._factors()
        factor = factors[min(number, len(factors)) - 1]
        asked = max(part(standard, factor), min(standard, rules.repeat_floor))
        self.note(("deductible", asked, (standard, number, factor)))
        return asked

    def _factors(self) -> tuple[int, ...]:
        if self.case.disease:
            for diseases, factors in self.rules.repeat_exceptions:
                if self.case.disease.startswith(diseases):
                    return factors
        return self.rules.repeat_factors

    def _covered(self) -> int:
        """The part of the base that a ceiling on covered cost still lets in."""
        if not self.rules.ceiling_on_cost:
            return self.base
        left = self.left_of(self.rules.ceiling, "pool_cost")
        covered = min(self.base, left)
        self.add("pool_cost", covered)
        if covered < self.base:
            self.note(("covered", covered, (self.base, left)))
        return covered

    def _gross(self, level: LevelRule, place: PlaceRule | None, covered: int) -> None:
        plus = level.retired if self.case.retired else 0
        self.ratio = self._ratio(level.ratio + plus, place)
        if level.bands is None:
            self.gross = (covered * self.ratio + _HALF) // WHOLE
            self.note(("gross", self.gross, (covered, self.ratio)))
        else:
            rows = tuple((begin, end, _changed(ratio + plus, place)) for begin, end, ratio in level.bands.rows)
            self.gross = rounded(Bands(rows).of(covered), WHOLE)
            self.note(("gross_bands", self.gross, (covered,)))
        self._guarantee(place)

    def _ratio(self, ratio: int, place: PlaceRule | None) -> int:
        changed = _changed(ratio, place)
        if place is not None and changed != ratio:
            self.note(("ratio_elsewhere", changed, (ratio, self.case.place)))
        return changed

    def _guarantee(self, place: PlaceRule | None) -> None:
        minimum = (place and place.minimum) or self.rules.minimum
        if minimum is None:
            return
        fee = self.case.fee
        whole = fee.total if minimum.of_total else fee.in_scope
        least = min(part(whole, minimum.ratio), fee.in_scope)
        if least > self.gross:
            self.note(("minimum", least, (self.gross, whole, minimum.ratio)))
            self.gross = least

    def _pool(self, covered: int, banded: bool) -> None:
        rules = self.rules
        ceiling = NO_LIMIT if rules.ceiling_on_cost else rules.ceiling
        left = self.left_of(ceiling, "pool")
        self.pool = self.gross if self.gross < left else left
        self.add("pool", self.pool)
        if self.pool < self.gross:
            self.note(("pool_ceiling", self.pool, (self.gross, ceiling, self.before.get("pool", 0))))
        else:
            self.note(("pool", self.pool, ()))
        if rules.large is not None and (self.pool < self.gross or covered < self.base):
            self._large(covered, banded)

    # --- 3: large amount

    def _large(self, covered: int, banded: bool) -> None:
        assert self.rules.large is not None
        ratio, ceiling = self.rules.large
        used = covered
        if self.pool < self.gross:
            simple = not banded and self.gross == part(covered, self.ratio)
            used = rounded(self.pool * WHOLE, self.ratio) if simple else rounded(covered * self.pool, self.gross)
            self.note(("covered_used", used, (self.pool, self.ratio)))
        above = self.base - used
        self.note(("covered_above", above, (self.base, used)))
        gross = part(above, ratio)
        self.large = min(gross, self.left_of(ceiling, "large"), self.case.fee.in_scope - self.pool)
        self.note(("large", self.large, (above, ratio)))
        self.add("large", self.large)

    # --- outpatient

    def _outpatient(self, benefit: OutpatientRule) -> None:
        case = self.case
        deductible, ratio, bands = self._outpatient_terms(benefit)
        if benefit.per_year:
            paid = self.before.get("deductible:" + benefit.code, 0)
            asked = max(0, deductible - paid)
            self.note(("deductible_year", asked, (deductible, paid)))
        else:
            asked = deductible
            self.note(("deductible_visit", asked, ()))
        self.deductible = min(asked, case.fee.in_scope)
        if benefit.per_year:
            self.add("deductible:" + benefit.code, self.deductible)
        self.base = case.fee.in_scope - self.deductible
        self.note(("base", self.base, (case.fee.in_scope, self.deductible)))
        self.ratio = ratio
        if bands is None:
            self.gross = (self.base * ratio + _HALF) // WHOLE
            self.note(("gross", self.gross, (self.base, ratio)))
        else:
            self.gross = rounded(bands.of(self.base), WHOLE)
            self.note(("gross_bands", self.gross, (self.base,)))
        self._outpatient_ceilings(benefit)

    def _outpatient_terms(self, benefit: OutpatientRule) -> tuple[int, int, Bands | None]:
        case, bands = self.case, None
        if benefit.like_inpatient:
            level = self.rules.level(case.level)
            plus = level.retired if case.retired else 0
            deductible, ratio = 0, level.ratio + plus
            if level.bands is not None:
                bands = Bands(tuple((begin, end, one + plus) for begin, end, one in level.bands.rows))
        else:
            deductible, ratio = benefit.levels.get(case.level) or benefit.levels["*"]
            ratio += benefit.retired if case.retired else 0
        disease = benefit.diseases.get(case.disease)
        if disease is not None and disease.ratio is not None:
            ratio, bands = disease.ratio, None
        return deductible, ratio, bands

    def _outpatient_ceilings(self, benefit: OutpatientRule) -> None:
        code, disease = benefit.code, self.case.disease
        self.pool = self.gross
        self._limited("outpatient_ceiling", benefit.ceiling, "paid:" + code)
        if disease in benefit.diseases:
            self._limited("disease_ceiling", benefit.diseases[disease].ceiling, f"paid:{code}:{disease}")
            self.add(f"paid:{code}:{disease}", self.pool)
        if benefit.like_inpatient or benefit.to_pool_ceiling:
            if not self.rules.ceiling_on_cost:
                self._limited("pool_ceiling", self.rules.ceiling, "pool")
            self.add("pool", self.pool)
        self.add("paid:" + code, self.pool)
        if self.pool == self.gross:
            self.note(("pool", self.pool, ()))

    def _limited(self, figure: str, ceiling: int, name: str) -> None:
        left = self.left_of(ceiling, name)
        if left < self.pool:
            self.note((figure, left, (self.pool, ceiling, self.before.get(name, 0))))
            self.pool = left

    # --- 4 to 6: critical illness, civil servants, assistance

    def _critical(self, burden: int, place: PlaceRule | None) -> int:
        rules, case, before = self.rules, self.case, self.before
        if rules.critical is None or case.kind not in rules.critical.counts or (place and not place.critical):
            return 0
        mine = burden + (case.fee.first if rules.critical.with_first_self_pay else 0)
        sum_ = before.get("burden", 0) + mine
        self.add("burden", mine)
        tier = rules.tier
        for identities, special in rules.tiers:
            if identities & case.identities:
                tier = special
                break
        assert tier is not None  # the check of the plan asks for a tier without identities
        if sum_ <= tier.threshold:
            self.note(("critical_below", 0, (sum_, tier.threshold)))
            return 0
        entitled = rounded(tier.bands.of(sum_ - tier.threshold if rules.excess else sum_), WHOLE)
        entitled = min(entitled, tier.ceiling)
        paid = before.get("critical", 0)
        critical = max(0, min(entitled - paid, burden))
        self.note(("critical", critical, (sum_, tier.threshold, entitled, paid)))
        if critical < entitled - paid:
            self.note(("critical_limited", critical, (burden,)))
        self.add("critical", critical)
        return critical

    def _civil(self, left: int) -> int:
        rules = self.rules
        civil = rules.plan.civil
        if civil is None or rules.civil is None or self.case.kind not in civil.counts:
            return 0
        threshold, ratio, ceiling = rules.civil
        yearly = civil.threshold_per == "year"
        used = self.before.get("civil_threshold", 0) if yearly else 0
        taken = min(left, max(0, threshold - used))
        if yearly:
            self.add("civil_threshold", taken)
        paid = min(part(left - taken, ratio), self.left_of(ceiling, "civil"))
        self.note(("civil", paid, (left, taken, ratio)))
        self.add("civil", paid)
        return paid

    def _assistance(self, left: int) -> tuple[int, int]:
        rules, case = self.rules, self.case
        rule = next((rule for identity, rule in rules.aids if identity in case.identities), None)
        if rule is None or rules.plan.assistance is None or case.kind not in rules.plan.assistance.counts:
            return 0, 0
        taken = min(left, max(0, rule.threshold - self.before.get("aid_threshold", 0)))
        self.add("aid_threshold", taken)
        gross = part(left - taken, rule.ratio)
        aid = min(gross, self.left_of(rules.aid_ceiling, "aid"))
        self.note(("aid", aid, (left, taken, rule.ratio)))
        if aid < gross:
            self.note(("aid_ceiling", aid, (gross, rules.aid_ceiling, self.before.get("aid", 0))))
        self.add("aid", aid)
        return aid, self._tilt(left - aid)

    def _tilt(self, left: int) -> int:
        rules = self.rules
        assert rules.plan.assistance is not None
        if rules.tilt is None or rules.plan.assistance.tilt is None:
            return 0
        threshold, ratio, ceiling = rules.tilt
        yearly = rules.plan.assistance.tilt.per == "year"
        taken = min(left, max(0, threshold - (self.before.get("tilt_threshold", 0) if yearly else 0)))
        if yearly:
            self.add("tilt_threshold", taken)
        tilt = min(part(left - taken, ratio), self.left_of(ceiling, "tilt"))
        if left > taken:
            self.note(("tilt", tilt, (left, taken, ratio)))
        self.add("tilt", tilt)
        return tilt

    # --- 7 and 8: other funds, relief, account

    def _others(self, left: int) -> int:
        paid = 0
        for supplement, ratio, threshold, ceiling in self.rules.supplements:
            if self.case.kind not in supplement.counts:
                continue
            if supplement.identities and not supplement.identities & self.case.identities:
                continue
            name, rest = supplement.code, left - paid
            taken = min(rest, max(0, threshold - self.before.get("other_threshold:" + name, 0)))
            one = min(part(rest - taken, ratio), self.left_of(ceiling, "other:" + name))
            self.note(("other", one, (rest, taken, ratio, supplement.title)))
            self.add("other_threshold:" + name, taken)
            self.add("other:" + name, one)
            paid += one
        return paid

    def _institution(self, left: int) -> int:
        """What the institution bears: relief after the insurance, and what exceeds a price ceiling where the region says so."""
        rules, case = self.rules, self.case
        over = case.fee.over if rules.institution_bears_over else 0
        if over:
            self.note(("institution_over", over, ()))
        relief = rules.plan.relief
        if relief is None or not relief.identities & case.identities:
            return over
        if relief.when == "before":
            self.add("relief", case.fee.relief)
            return over
        personal = left + case.fee.own + case.fee.over - over + case.fee.first
        ratio = rules.reductions.get("", 0)
        given = min(part(personal, ratio), self.left_of(rules.relief_ceiling, "relief"))
        self.note(("relief", given, (personal, ratio)))
        self.add("relief", given)
        return over + given

    def _account(self, person: int, left: int) -> tuple[int, int]:
        rules, case = self.rules, self.case
        account = rules.plan.account
        if account is None:
            self.note(("cash", person, (person, 0, 0)))
            return 0, 0
        may = min(person, left) if rules.account_pays_scope_only else person
        own = min(may, case.account)
        family = min(may - own, case.family) if account.family else 0
        self.note(("cash", person - own - family, (person, own, family)))
        return own, family


def _changed(ratio: int, place: PlaceRule | None) -> int:
    return ratio if place is None else max(0, part(ratio, place.factor) - place.points)


def _check(rules: Rules, case: Case) -> None:
    fee = case.fee
    if min(fee) < 0 or fee.own + fee.over + fee.first + fee.in_scope != fee.total:
        raise CaseInvalid("费用的四部分（自费、超限价、先行自付、政策范围内）应不为负，且合计等于总额")
    if case.place != HERE and case.place not in rules.places:
        raise CaseInvalid(f"待遇方案没有就医地类别“{case.place}”，可用的有：{'、'.join(rules.places) or '无'}")
    if case.admission < 1 or case.account < 0 or case.family < 0:
        raise CaseInvalid("住院次数从 1 起，账户余额不能为负")
    if case.kind == INPATIENT:
        known: Mapping[str, object] = rules.levels
    elif (benefit := rules.outpatient.get(case.kind)) is None:
        raise CaseInvalid(f"待遇方案没有“{case.kind}”这项待遇，可用的有：{'、'.join(rules.kinds())}")
    else:
        known = rules.levels if benefit.like_inpatient else benefit.levels
        if benefit.diseases and case.disease not in benefit.diseases:
            raise CaseInvalid(f"“{benefit.code}”没有病种“{case.disease}”，可用的有：{'、'.join(benefit.diseases)}")
    if case.level not in known and "*" not in known:
        raise CaseInvalid(f"“{case.kind}”没有级别“{case.level}”的待遇，可用的有：{'、'.join(known)}")
    if case.episode is not None and case.episode.referral not in ("up", "down"):
        raise CaseInvalid("转诊方向应为 up（上转）或 down（下转）")
