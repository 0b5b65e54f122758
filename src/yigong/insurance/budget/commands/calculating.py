"""A month calculated: each case by the chosen method, and each institution's statement."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from yigong.core.actor import Actor
from yigong.core.commands import one_at_a_time, racing
from yigong.core.constraints import refusing
from yigong.core.numbers.api import dated_number
from yigong.core.states.api import start
from yigong.insurance.budget import errors, policies
from yigong.insurance.budget.commands.common import require
from yigong.insurance.budget.models import (
    CasePayment,
    FundCase,
    FundFact,
    FundMonth,
    GroupWeight,
    SpecialRequest,
    Statement,
    WeightSet,
)
from yigong.insurance.budget.queries.paying import adopted_set, method_of_month, pure_case, weights_of
from yigong.insurance.budget.queries.terms import terms_for
from yigong.insurance.budget.queries.year_end import closing_of
from yigong.insurance.budget.rules import cases as rules
from yigong.insurance.budget.rules import dip, telling
from yigong.insurance.budget.rules.clearing import percent
from yigong.insurance.budget.rules.money import yuan
from yigong.insurance.budget.rules.states import STATEMENT
from yigong.insurance.budget.rules.terms import FundTerms
from yigong.insurance.budget.rules.words import METHOD_WORDS
from yigong.insurance.payment.api import from_fen, money, per_head, to_fen
from yigong.insurance.review import api as review
from yigong.network import api as network


@racing("budget.calculate_month")
@transaction.atomic
def calculate_month(*, scheme: str, month: date, actor: Actor, method: str = "drg") -> int:
    """Each case of a month by the method (``drg``, ``dip``) and each institution's statement; again as often as wanted until it is paid. Says how
    many institutions. NoWeights, AnotherMethod (some are paid by the other), AlreadyPaid, YearIsClosed."""
    require(actor, policies.KEEP)
    one_at_a_time("budget.statements", month)
    not_closed(month.year)
    words = {"month": f"{month:%Y-%m}", "method": str(METHOD_WORDS.get(method, method))}
    weight_set = adopted_set(month.year, method)
    if weight_set is None:
        raise errors.NoWeights(year=month.year, method=words["method"])
    if (before := method_of_month(month)) and before != method:
        raise errors.AnotherMethod(month=words["month"], method=str(METHOD_WORDS[before]))
    paid = set(
        Statement.objects.filter(month=month).exclude(state="calculated").values_list("institution_id", flat=True)
    )
    terms = terms_for(scheme, month.year)
    value = (_pay_scores if method == "dip" else _pay_groups)(month, weight_set, terms, paid)
    houses, owed = _houses(scheme, month), _owed(month)
    for key in owed:
        houses.setdefault(key, {})
    fresh = [key for key in sorted(houses) if key not in paid]
    if houses and not fresh:
        raise errors.AlreadyPaid(month=f"{month:%Y-%m}")
    made = _Month(month, weight_set, value, terms, actor)
    with refusing(budget_year_is_open=errors.YearIsClosed(year=month.year, number="—")):
        for key in fresh:
            made.state(key, houses[key], owed.get(key, 0))
    return len(fresh)


def not_closed(year: int) -> None:
    """YearIsClosed, with the closing that is in the way."""
    if standing := closing_of(year):
        raise errors.YearIsClosed(year=year, number=standing.number)


def _granted(month: date) -> dict[UUID, int]:
    rows = SpecialRequest.objects.filter(case__month=month, state="granted")
    return {case: amount for case, amount in rows.values_list("case_id", "granted") if amount is not None}


def _pay_groups(month: date, weight_set: WeightSet, terms: FundTerms, paid: Collection[UUID]) -> None:
    weights, names, granted = weights_of(weight_set.id), _names(weight_set), _granted(month)
    made = []
    for row in FundCase.objects.filter(month=month).exclude(institution_id__in=paid).iterator(chunk_size=2000):
        case = pure_case(row, granted.get(row.id))
        found = rules.worth(case, weights, weight_set.rate, terms.paying)
        known = weights.get(row.group)
        by_group = found.standard is not None and known is not None
        steps = (
            telling.by_group(case, known, names.get(row.group, row.group_name), weight_set.rate, terms.paying, found)
            if by_group and known is not None
            else telling.apart(case, found, row.why_not)
        )
        made.append(
            CasePayment(
                case=row, weight_set=weight_set, month=month, institution_id=row.institution_id, kind=found.kind,
                weight=known.weight if known else None, multiple=found.multiple, standard=found.standard, payable=found.payable,
                fund=found.fund, steps=steps,
            )
        )  # fmt: skip
    _keep(made, month, weight_set, paid)


def _pay_scores(month: date, weight_set: WeightSet, terms: FundTerms, paid: Collection[UUID]) -> Decimal:
    """All cases of the month have their score before a point has its value; institutions that were paid already keep it for the others."""
    weights, names, granted = weights_of(weight_set.id), _names(weight_set), _granted(month)
    rows = list(FundCase.objects.filter(month=month))
    cases = [pure_case(row, granted.get(row.id)) for row in rows]
    scored = [dip.score_of(case, weights, weight_set.mean, terms) for case in cases]
    value = _value(month, weight_set, terms, cases, scored)
    made = []
    for row, case, score in zip(rows, cases, scored, strict=True):
        if row.institution_id in paid:
            continue
        found = dip.worth(case, score, value, terms)
        made.append(
            CasePayment(
                case=row, weight_set=weight_set, month=month, institution_id=row.institution_id, kind=found.kind,
                multiple=found.multiple, standard=found.standard, payable=found.payable, fund=found.fund,
                disease=score.disease if score else "", score=score.score if score else None,
                steps=dip.steps(case, score, names[score.disease], value, found) if score else telling.apart(case, found, _no_score(row)),
            )
        )  # fmt: skip
    _keep(made, month, weight_set, paid)
    return value


def _no_score(row: FundCase) -> str:
    if not row.diagnosis:
        return row.why_not or _("病案首页尚未编码")
    return _("诊断 %(code)s 及其类目往年没有病例，没有分值") % {"code": row.diagnosis}


def _value(
    month: date,
    weight_set: WeightSet,
    terms: FundTerms,
    cases: Collection[rules.FundCase],
    scored: Collection[dip.Scored | None],
) -> Decimal:
    paid = Statement.objects.filter(month=month, point_value__isnull=False).exclude(state="calculated")
    known = paid.values_list("point_value", flat=True).first()
    if known is not None:
        return known
    forecast = weight_set.point_value
    assert forecast is not None
    whole = sum((one.score for one in scored if one), Decimal(0))
    if terms.dip.monthly == "year" or whole <= 0:
        return forecast
    apart = sum(
        dip.worth(case, None, forecast, terms).payable for case, one in zip(cases, scored, strict=True) if one is None
    )
    most = (forecast * terms.dip.most).quantize(forecast)
    return dip.value_of(weight_set.predicted // 12, apart, whole, most)


def _names(weight_set: WeightSet) -> dict[str, str]:
    return dict(GroupWeight.objects.filter(weight_set=weight_set).values_list("code", "name"))


def _keep(made: list[CasePayment], month: date, weight_set: WeightSet, paid: Collection[UUID]) -> None:
    CasePayment.objects.filter(month=month, weight_set=weight_set).exclude(institution_id__in=paid).delete()
    CasePayment.objects.bulk_create(made, batch_size=2000)


def _houses(scheme: str, month: date) -> dict[UUID, dict[str, dict[str, int]]]:
    """institution -> kind -> count and fund by item, from the months' sums (only inside the county)."""
    found_: dict[UUID, dict[str, dict[str, int]]] = {}
    rows = FundMonth.objects.filter(scheme=scheme, month=month, inside=True)
    for row in rows.values("institution_id", "kind").annotate(n=Sum("cases"), sum=Sum("pool")):
        found_.setdefault(row["institution_id"], {})[row["kind"]] = {"cases": row["n"], "pool": row["sum"]}
    return found_


def _owed(month: date) -> dict[UUID, int]:
    """institution -> what was deducted up to this month and stands on no other statement: those paid before, and those of earlier months."""
    others = Statement.objects.exclude(month=month).filter(~Q(state="calculated") | Q(month__lt=month)).order_by()
    settled = dict(others.values_list("institution_id").annotate(Sum("refused")))
    found_ = {key: amount - settled.pop(key, 0) for key, amount in review.deducted(month).items()}
    found_ |= {key: -amount for key, amount in settled.items()}
    return {key: amount for key, amount in found_.items() if amount}


@dataclass(frozen=True, slots=True)
class _Month:
    """What the statements of a month have in common."""

    month: date
    weight_set: WeightSet
    value: Decimal | None
    terms: FundTerms
    actor: Actor

    def state(self, institution_id: UUID, kinds: Mapping[str, Mapping[str, int]], refused: int) -> None:
        """Write one institution's statement, or the present one anew."""
        paying, steps = self.terms.paying, list[list[str]]()
        by_cases, cases = self._by_cases(institution_id, steps)
        by_head = self._by_head(institution_id, steps)
        heads = set(paying.per_head_kinds) if by_head else set()
        visits = sum(one["pool"] for kind, one in kinds.items() if kind != "inpatient" and kind not in heads)
        steps.append([_("门诊按项目"), _("未包含在按人头付费中的门诊待遇"), yuan(visits)])
        if refused:
            steps.append([_("审核扣减"), _("已认定的基金疑点，从本月应付中扣除"), yuan(-refused)])
        whole = by_cases + by_head + visits - refused
        prepaid = to_fen(money(from_fen(whole) * paying.prepaid)) if whole > 0 else whole
        steps.append([_("本月应付"), _("以上之和"), yuan(whole)])
        steps.append([_("预付"), f"{yuan(whole)} × {percent(paying.prepaid)}", yuan(prepaid)])
        steps.append([_("质量保证金"), f"{yuan(whole)} − {yuan(prepaid)}", yuan(whole - prepaid)])
        values = {
            "weight_set": self.weight_set, "point_value": self.value, "cases": cases, "by_item": sum(one["pool"] for one in kinds.values()),
            "by_cases": by_cases, "by_head": by_head, "by_visits": visits, "refused": refused, "prepaid": prepaid,
            "withheld": whole - prepaid, "steps": steps,
        }  # fmt: skip
        row = Statement.objects.filter(institution_id=institution_id, month=self.month).first()
        if row:
            Statement.objects.filter(pk=row.pk).update(**values)
            return
        fresh = Statement(
            number=dated_number("statement", "ZF"), institution_id=institution_id, month=self.month, **values
        )
        start(STATEMENT, fresh, "calculated", actor=self.actor)

    def _by_cases(self, institution_id: UUID, steps: list[list[str]]) -> tuple[int, int]:
        rows = CasePayment.objects.filter(month=self.month, institution_id=institution_id, weight_set=self.weight_set)
        sums = rows.aggregate(n=Count("id"), fund=Sum("fund", default=0), scores=Sum("score"))
        if self.value is None:
            how = _("%(n)s 例，费率 %(rate)s 元/权重，个人已按项目结算")
            title, words = _("住院按病组"), {"n": sums["n"], "rate": yuan(self.weight_set.rate)}
        else:
            how = _("%(n)s 例，结算分值 %(scores)s，本月每分 %(value)s 元，减去个人与其他基金")
            title = _("住院按病种分值")
            words = {"n": sums["n"], "scores": sums["scores"] or 0, "value": self.value}
        steps.append([title, how % words, yuan(sums["fund"])])
        return sums["fund"], sums["n"]

    def _by_head(self, institution_id: UUID, steps: list[list[str]]) -> int:
        """A month's part of the sum for the people at home there; nothing for institutions that are not paid by head."""
        house = network.institution(institution_id)
        if house is None or house.level != "township" or "1" not in self.terms.paying.per_head_levels:
            return 0
        people = people_of(institution_id)
        monthly = to_fen(per_head(people, self.terms.paying.per_head, Decimal(1)).monthly)
        how = _("%(n)s 人 × %(price)s 元 ÷ 12") % {"n": people, "price": self.terms.paying.per_head}
        steps.append([_("门诊按人头"), how, yuan(monthly)])
        return monthly


def people_of(institution_id: UUID) -> int:
    """How many people are at home with a township centre: who has any settlement of the last facts counted there."""
    rows = FundFact.objects.filter(home_id=institution_id, resident_id__isnull=False)
    return rows.aggregate(n=Count("resident_id", distinct=True))["n"]
