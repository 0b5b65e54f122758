"""Payment by disease score (按病种分值, DIP): the diseases from past cases, the score of one case in words, the value of a point.

A disease is a principal diagnosis (first five characters: the sub-category) with the main operation, or without one. Where past years have too few
cases of it, it belongs to the mixed disease of its category (three characters), operated or not. Reference b2.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from yigong.insurance.budget.rules.cases import (
    FundCase,
    Weight,
    Worth,
    apart,
    coefficient_of,
    history,
    left_to_the_fund,
)
from yigong.insurance.budget.rules.clearing import Line
from yigong.insurance.budget.rules.money import yuan
from yigong.insurance.budget.rules.telling import rest as _rest
from yigong.insurance.budget.rules.terms import ABOUT_A_CASE, Auxiliary, FundTerms
from yigong.insurance.budget.rules.words import LEVEL_WORDS
from yigong.insurance.payment.api import DipGroup, DipPayment, GroupCost, from_fen, money, pay_dip, point_value, to_fen

MIXED = "*"
_DIAGNOSIS, _OPERATION, _CATEGORY = 5, 5, 3
ONE, ZERO = Decimal(1), Decimal(0)


@dataclass(frozen=True, slots=True)
class Past:
    """One past case: what it was, what it cost in fen."""

    diagnosis: str
    diagnosis_name: str
    operation: str
    operation_name: str
    cost: int


@dataclass(frozen=True, slots=True)
class Scored:
    """How a case came to its score: its disease, what the group is worth, what multiplies it, and the score that counts."""

    disease: str
    paid: DipPayment
    group: DipGroup
    basic: bool
    auxiliary: Auxiliary | None

    @property
    def score(self) -> Decimal:
        """The score that shares the money."""
        return self.paid.settled


def core_of(diagnosis: str, operation: str) -> str:
    """``J18.9:0`` without an operation, ``K80.2:51.23`` with one."""
    return f"{diagnosis[:_DIAGNOSIS].upper()}:{operation[:_OPERATION] or '0'}"


def mixed_of(diagnosis: str, operation: str) -> str:
    """``*J18:0``: all rarer diseases of a category, ``*K80:1`` with an operation."""
    return f"{MIXED}{diagnosis[:_CATEGORY].upper()}:{'1' if operation else '0'}"


def disease_of(diagnosis: str, operation: str, known: Iterable[str]) -> str:
    """The disease of a case among those that have a score; blank where neither it nor its category has one."""
    if not diagnosis:
        return ""
    return next((one for one in (core_of(diagnosis, operation), mixed_of(diagnosis, operation)) if one in known), "")


def diseases(past: Sequence[Past], core_cases: int) -> tuple[dict[str, list[int]], dict[str, str]]:
    """Disease -> costs, and its name: those with enough cases alone, the others by category."""
    alone: dict[str, list[Past]] = defaultdict(list)
    for one in past:
        if one.diagnosis:
            alone[core_of(one.diagnosis, one.operation)].append(one)
    found: dict[str, list[int]] = defaultdict(list)
    names: dict[str, str] = {}
    for core, rows in alone.items():
        first, enough = rows[0], len(rows) >= core_cases
        code = core if enough else mixed_of(first.diagnosis, first.operation)
        names[code] = _name(first) if enough else _mixed_name(first)
        found[code] += [one.cost for one in rows]
    return dict(found), names


def _name(of: Past) -> str:
    return f"{of.diagnosis_name or of.diagnosis} · {of.operation_name or of.operation or _('保守治疗')}"[:120]


def _mixed_name(of: Past) -> str:
    how = _("手术") if of.operation else _("保守治疗")
    return _("%(category)s 类综合病种 · %(how)s") % {"category": of.diagnosis[:_CATEGORY], "how": how}


def scored_history(
    past: Sequence[Past], terms: FundTerms
) -> tuple[list[GroupCost], dict[str, str], dict[str, Decimal], Decimal, int]:
    """(diseases with cases and mean, names, score of each, mean of all in yuan, cases left out as far from their disease's middle)."""
    costs, names = diseases(past, terms.dip.core_cases)
    groups, trimmed = history(costs, terms.paying.trim_low, terms.paying.trim_high)
    cases = sum(one.cases for one in groups)
    mean = money(sum((one.mean * one.cases for one in groups), ZERO) / cases) if cases else ZERO
    scores = {
        one.group: DipGroup(
            mean, one.mean, terms.paying.dip_base, ONE, terms.paying.dip_high, terms.paying.dip_low
        ).score
        for one in groups
    }
    return groups, names, scores, mean, trimmed


def auxiliary_of(case: FundCase, terms: FundTerms) -> Auxiliary | None:
    """The auxiliary factor of a case: of all that fit the one farthest above, or where none lifts it the one below. They are not stacked."""
    values = {"age": case.age, "days": case.days, "died": case.died, "others": case.other_diagnoses}
    fitting = [one for one in terms.dip.auxiliary if ABOUT_A_CASE.compile(one.when).evaluate(values) is True]
    return max(fitting, key=lambda one: one.factor, default=None)


def score_of(case: FundCase, weights: Mapping[str, Weight], mean: int, terms: FundTerms) -> Scored | None:
    """The score of one case; None for what is paid apart or has no disease with a score. The value of a point plays no part in it."""
    if apart(case, terms.paying):
        return None
    disease = disease_of(case.diagnosis, case.operation, weights)
    known = weights.get(disease)
    if known is None or known.mean <= 0:
        return None
    basic, auxiliary = disease in terms.dip.basic, auxiliary_of(case, terms)
    group = DipGroup(
        from_fen(mean), from_fen(known.mean), terms.paying.dip_base, ONE if basic else coefficient_of(terms.paying, case.level),
        terms.paying.dip_high, terms.paying.dip_low, auxiliary.factor if auxiliary else ONE,
    )  # fmt: skip
    return Scored(disease, pay_dip(group, from_fen(case.cost), ZERO), group, basic, auxiliary)


def value_of(whole: int, outside: int, scores: Decimal, most: Decimal | None = None) -> Decimal:
    """Yuan of one point, four decimals: the money (fen) less what is paid apart from it, shared by all scores; never above ``most``."""
    value = point_value(from_fen(max(0, whole - outside)), scores)
    return value if most is None else min(value, most)


def worth(case: FundCase, scored: Scored | None, value: Decimal, terms: FundTerms) -> Worth:
    """What a case is worth at a value: its score in money, or what it is paid apart from the scores (at cost where nothing has a score)."""
    if scored is None:
        return apart(case, terms.paying) or left_to_the_fund("ungrouped", case, case.cost)
    payable = to_fen(money(scored.score * value))
    standard = to_fen(money(scored.group.score * value))
    return Worth(scored.paid.kind, standard, scored.paid.ratio, payable, payable - case.person - case.other_funds)


def steps(case: FundCase, scored: Scored, name: str, value: Decimal, found: Worth) -> list[Line]:
    """The way of one case from its codes to its money."""
    group, paid = scored.group, scored.paid
    mixed = scored.disease.startswith(MIXED)
    told: list[Line] = [
        (
            _("病种"),
            _("往年例数不足，归入 %(name)s") % {"name": name} if mixed else name,
            scored.disease,
        ),
        (
            _("病种分值"),
            _("病种次均 %(mean)s ÷ 全部病例次均 %(all)s × %(base)s")
            % {"mean": f"{group.group_mean:,.2f}", "all": f"{group.region_mean:,.2f}", "base": group.score_base},
            str(group.score),
        ),
        (_("费用偏差"), _deviation(case, scored), str(paid.score)),
        (
            _("机构系数"),
            _("基层病种，各级医院同病同分") if scored.basic else str(LEVEL_WORDS.get(case.level, "—")),
            f"× {group.coefficient}",
        ),
    ]
    if scored.auxiliary:
        told.append((_("辅助目录"), scored.auxiliary.title, f"× {scored.auxiliary.factor}"))
    told += [
        (_("结算分值"), _("分值 × 系数，取两位小数"), str(paid.settled)),
        (_("应付"), _("结算分值 × 每分 %(value)s 元") % {"value": value}, yuan(found.payable)),
        _rest(case, found),
    ]
    return told


def _deviation(case: FundCase, scored: Scored) -> str:
    words = {"cost": yuan(case.cost), "ratio": scored.paid.ratio, "high": scored.group.high, "low": scored.group.low}
    if scored.paid.kind == "high":
        return _("费用 %(cost)s 是病种次均的 %(ratio)s 倍，高于 %(high)s 倍：（倍数 − %(high)s + 1）× 分值") % words
    if scored.paid.kind == "low":
        return _("费用 %(cost)s 是病种次均的 %(ratio)s 倍，低于 %(low)s 倍：倍数 × 分值") % words
    return _("费用 %(cost)s 是病种次均的 %(ratio)s 倍，在 %(low)s 与 %(high)s 倍之间，不调整") % words
