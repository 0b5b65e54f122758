"""A year's end by head or by disease score: as it would be now with what is in the way, and those that were posted."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, DecimalField, Exists, F, OuterRef, QuerySet, Sum, Value
from django.db.models.functions import Coalesce, Round
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.insurance.budget.models import (
    Appraisal,
    CasePayment,
    FundFact,
    Statement,
    WeightSet,
    YearClose,
)
from yigong.insurance.budget.queries.terms import terms_for
from yigong.insurance.budget.queries.use import institution_names, open_months, sums_of
from yigong.insurance.budget.rules import dip
from yigong.insurance.budget.rules.clearing import Line
from yigong.insurance.budget.rules.money import yuan
from yigong.insurance.budget.rules.terms import FundTerms
from yigong.insurance.budget.rules.year_end import DipYear, HeadYear, YearLine, close_heads, close_scores
from yigong.network import api as network


@dataclass(frozen=True, slots=True)
class YearEnd:
    """A closing as it would be now, who was paid most first; ``why_not`` says what keeps it from being posted."""

    lines: tuple[YearLine, ...]
    steps: tuple[Line, ...]
    why_not: tuple[str, ...]
    appraisal: Appraisal | None = None
    weight_set: WeightSet | None = None
    value: Decimal | None = None

    @property
    def paid(self) -> int:
        """What the months paid."""
        return sum(one.paid for one in self.lines)

    @property
    def due(self) -> int:
        """What the year comes to."""
        return sum(one.due for one in self.lines)

    @property
    def given(self) -> int:
        """What village clinics get beside it."""
        return sum(amount for one in self.lines for _key, amount, _favoured in one.parts)


def closing_of(year: int, kind: str = "") -> YearClose | None:
    """The closing of a year that stands."""
    rows = YearClose.objects.filter(year=year, state="posted")
    return (rows.filter(kind=kind) if kind else rows).order_by("at").first()


def closings(scheme: str, year: int) -> QuerySet[YearClose]:
    """All closings of a year, newest first."""
    return YearClose.objects.filter(scheme=scheme, year=year).order_by("-at")


def year_end(scheme: str, year: int, kind: str) -> YearEnd:
    """A year by head (``head``) or by disease score (``dip``) as it would be closed now."""
    why = _not_over(scheme, year)
    return (_heads if kind == "head" else _scores)(scheme, year, terms_for(scheme, year), why)


def _not_over(scheme: str, year: int) -> list[str]:
    why = []
    if year >= clock.today().year:
        why.append(_("%(year)s 年还没有结束。") % {"year": year})
    if waiting := open_months(scheme, year):
        why.append(
            _("还有 %(n)s 个月没有关账（最早 %(month)s）。") % {"n": len(waiting), "month": f"{waiting[0]:%Y-%m}"}
        )
    return why


def _of_year(year: int) -> QuerySet[Statement]:
    return Statement.objects.filter(month__gte=date(year, 1, 1), month__lte=date(year, 12, 1))


def _unpaid(rows: QuerySet[Statement], why: list[str]) -> None:
    """Names whose months wait for payment, the first three of them."""
    waiting = rows.filter(state="calculated")
    houses = list(waiting.values("institution_id").annotate(n=Count("id")).order_by("-n", "institution_id"))
    if not houses:
        return
    names = institution_names([one["institution_id"] for one in houses[:3]])
    told = "、".join(
        _("%(name)s %(n)s 个月") % {"name": names.get(one["institution_id"], ""), "n": one["n"]} for one in houses[:3]
    )
    words = {"told": told, "more": _("等 %(n)s 家") % {"n": len(houses)} if len(houses) > 3 else ""}
    why.append(_("还有结算单没有预付：%(told)s%(more)s。") % words)


def _heads(scheme: str, year: int, terms: FundTerms, why: list[str]) -> YearEnd:
    rows = _of_year(year).filter(by_head__gt=0)
    _unpaid(rows, why)
    houses = list(rows.values("institution_id").annotate(paid=Sum("by_head"), n=Count("id")).order_by("institution_id"))
    if not houses:
        why.append(_("这一年没有按人头预付的机构：请先在“机构支付”里计算并预付各月。"))
    short = [one for one in houses if one["n"] < 12]
    if short:
        names = institution_names([one["institution_id"] for one in short[:3]])
        why.append(
            _("%(names)s等 %(n)s 家还有月份没有计算。") % {"names": "、".join(sorted(names.values())), "n": len(short)}
        )
    appraisal = Appraisal.objects.filter(year=year, state="frozen").first()
    if appraisal is None:
        why.append(_("没有已签署冻结的考核结果。"))
        return YearEnd((), (), tuple(why))
    scores = dict(appraisal.scores.values_list("institution_id", "score"))
    served, used, people = _services(scheme, year, terms)
    lines = []
    for one in houses:
        key = one["institution_id"]
        if key not in scores:
            name = institution_names([key]).get(key, "")
            why.append(_("%(name)s没有考核得分。") % {"name": name})
            continue
        villages = tuple((below, served.get(below, 0)) for below in sorted(network.descendants_of([key]) - {key}))
        lines.append(
            close_heads(
                HeadYear(
                    key,
                    people.get(key, 0),
                    one["n"],
                    one["paid"],
                    served.get(key, 0),
                    used.get(key, 0),
                    scores[key],
                    villages,
                ),
                terms.heads,
            )
        )
    steps = (
        (_("全年人头预付"), _("%(n)s 家机构") % {"n": len(lines)}, yuan(sum(one.paid for one in lines))),
        (_("使用"), _("按各机构服务的居民，在任何机构就医"), yuan(sum(one.used for one in lines))),
        (_("机构留用"), _("含分给村卫生室的部分"), yuan(sum(one.kept for one in lines))),
        (_("退回基金"), _("没有留用的结余"), yuan(sum(one.returned for one in lines))),
        (_("基金分担"), _("超支中由基金承担的部分"), yuan(sum(one.fund_bears for one in lines))),
        (_("机构承担"), _("超支中由机构承担的部分"), yuan(sum(one.borne for one in lines))),
    )
    return YearEnd(_sorted(lines), steps, tuple(why), appraisal=appraisal)


def _services(scheme: str, year: int, terms: FundTerms) -> tuple[dict[UUID, int], dict[UUID, int], dict[UUID, int]]:
    """What each institution served and what each home's people used of the benefits that are paid by head, and how many people are at home there."""
    rows = sums_of(scheme, year).filter(kind__in=terms.paying.per_head_kinds)
    served = dict(rows.filter(inside=True).order_by().values_list("institution_id").annotate(Sum("pool")))
    used = dict(rows.order_by().values_list("home_id").annotate(Sum("pool")))
    known = FundFact.objects.filter(home_id__isnull=False, resident_id__isnull=False).order_by()
    people = dict(known.values_list("home_id").annotate(Count("resident_id", distinct=True)))
    return served, used, people


def _scores(scheme: str, year: int, terms: FundTerms, why: list[str]) -> YearEnd:
    rows = _of_year(year).filter(weight_set__method="dip")
    weight_set = WeightSet.objects.filter(pk__in=rows.values("weight_set")).order_by("-made_at").first()
    if weight_set is None:
        why.append(_("这一年没有按病种分值（DIP）计算的月份。"))
        return YearEnd((), (), tuple(why))
    _unpaid(rows, why)
    if _of_year(year).exclude(weight_set__method="dip").filter(cases__gt=0).exists():
        why.append(_("有的月份按病组（DRG）计算：一年的分值单价要求全年 12 个月都按病种分值计算。"))
    missing = 12 - rows.order_by().values("month").distinct().count()
    if missing > 0:
        why.append(_("还有 %(n)s 个月没有按病种分值计算。") % {"n": missing})
    paid = _standing(year)
    scored = paid.filter(score__isnull=False).aggregate(sum=Sum("score"))["sum"] or Decimal(0)
    if scored <= 0:
        why.append(_("没有得分的病例。"))
        return YearEnd((), (), tuple(why), weight_set=weight_set)
    apart = paid.filter(score__isnull=True).aggregate(sum=Sum("payable", default=0))["sum"]
    value = dip.value_of(weight_set.predicted, apart, scored)
    lines, shared = _at(value, year)
    left = weight_set.predicted - apart - shared
    steps = (
        (_("全年住院总额"), _("采用的测算 %(number)s，基金与个人合计") % {"number": weight_set.number}, yuan(weight_set.predicted)),
        (_("不计分的病例"), _("特例单议、床日、没有分值的病例"), yuan(-apart)),
        (_("全年结算分值"), _("全部计分病例之和"), str(scored)),
        (_("全年每分"), f"({yuan(weight_set.predicted)} − {yuan(apart)}) ÷ {scored}", str(value)),
        (_("按分值应付"), _("逐例取整到分后之和"), yuan(shared)),
        (_("取整尾差"), _("单价取四位小数、逐例取整到分的差额，留在基金"), yuan(left)),
    )  # fmt: skip
    return YearEnd(_sorted(lines), steps, tuple(why), weight_set=weight_set, value=value)


def _standing(year: int) -> QuerySet[CasePayment]:
    """What the year's cases were worth by the scores that their statements stand on: another edition may have been adopted on the way."""
    by_statement = Statement.objects.filter(
        institution_id=OuterRef("institution_id"), month=OuterRef("month"), weight_set_id=OuterRef("weight_set_id")
    )
    return CasePayment.objects.filter(
        Exists(by_statement), weight_set__method="dip", month__gte=date(year, 1, 1), month__lte=date(year, 12, 1)
    )


def _at(value: Decimal, year: int) -> tuple[list[YearLine], int]:
    """Every institution's cases at the year's value, each rounded to the fen; and all of what the scores are paid in fen."""
    in_money = Round(F("score") * Value(value), precision=2) * 100
    at_value = Coalesce(in_money, F("payable"), output_field=DecimalField())
    rows = (
        _standing(year)
        .values("institution_id")
        .annotate(
            cases=Count("id"), scores=Sum("score", default=Decimal(0)), paid=Sum("fund"), due=Sum(F("fund") + at_value - F("payable")),
            shared=Sum(in_money, default=Decimal(0)),
        )
        .order_by("institution_id")
    )  # fmt: skip
    lines = [
        close_scores(DipYear(row["institution_id"], row["cases"], row["scores"], row["paid"], int(row["due"])), value)
        for row in rows
    ]
    return lines, int(sum(row["shared"] for row in rows))


def _sorted(lines: list[YearLine]) -> tuple[YearLine, ...]:
    return tuple(sorted(lines, key=lambda one: (-one.paid, str(one.institution_id))))
