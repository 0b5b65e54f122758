"""What is read about paying: weights, cases, statements, indicators."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Avg, Count, Q, QuerySet, Sum

from yigong.core.actor import Actor
from yigong.insurance.budget.models import CasePayment, FundCase, FundFact, GroupWeight, Statement, WeightSet
from yigong.insurance.budget.rules import cases as rules
from yigong.insurance.budget.rules import dip
from yigong.insurance.budget.rules.money import yuan
from yigong.insurance.budget.rules.terms import FundTerms
from yigong.insurance.payment.api import (
    GroupResult,
    Indicators,
    base_points,
    from_fen,
    indicators,
    point_value,
)

EXCLUDED_DAYS, EXCLUDED_COST = (
    60,
    500,
)  # stays of more than 60 days, bills under 5 yuan: not counted in the grouping rate


def adopted_set(year: int, method: str = "drg") -> WeightSet | None:
    """The year's adopted weights, or (``dip``) scores."""
    return WeightSet.objects.filter(year=year, method=method, state="adopted").first()


def adopted_methods(year: int) -> list[str]:
    """By which methods a month of the year can be calculated."""
    return sorted(WeightSet.objects.filter(year=year, state="adopted").values_list("method", flat=True), reverse=True)


def statements_to_pay(month: date, institution_ids: Collection[UUID]) -> list[UUID]:
    """Statements of a month that are calculated and not paid."""
    rows = Statement.objects.filter(month=month, institution_id__in=institution_ids, state="calculated")
    return list(rows.order_by("number").values_list("id", flat=True))


def method_of_month(month: date) -> str:
    """The method by which institutions were already paid for a month; blank while none was."""
    paid = Statement.objects.filter(month=month).exclude(state="calculated").exclude(weight_set=None)
    return paid.values_list("weight_set__method", flat=True).first() or ""


def weights_of(set_id: UUID) -> dict[str, rules.Weight]:
    """Group -> weight and regional mean."""
    rows = GroupWeight.objects.filter(weight_set_id=set_id).values_list("code", "weight", "mean")
    return {code: rules.Weight(weight, mean) for code, weight, mean in rows}


def pure_case(row: FundCase, special: int | None = None) -> rules.FundCase:
    """A row as the calculation needs it."""
    return rules.FundCase(
        row.group, row.level, row.days, row.cost, row.own, row.over, row.first_self_pay, row.deductible, row.ratio, row.pool,
        row.other_funds, row.person, special, row.diagnosis, row.operation, row.age, row.other_diagnoses, row.died,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figures:
    """DRG indicators of one hospital, department or doctor; ``figures`` None where no case was grouped."""

    key: UUID | None
    discharged: int
    grouped: int
    at_low_risk: int
    figures: Indicators | None


def cases_in(year: int, seen: Collection[UUID] | None, month: date | None = None, **where: Any) -> QuerySet[FundCase]:
    """Cases of a year within what the actor sees, narrowed by institution, department, doctor, group."""
    rows = (
        FundCase.objects.filter(month=month)
        if month
        else FundCase.objects.filter(month__gte=date(year, 1, 1), month__lte=date(year, 12, 1))
    )
    if seen is not None:
        rows = rows.filter(institution_id__in=seen)
    return rows.filter(**{name: value for name, value in where.items() if value})


def drg_figures(rows: QuerySet[FundCase], by: str, weight_set: WeightSet | None) -> list[Figures]:
    """Indicators by ``institution_id``, ``department_id`` or ``doctor_id``; most cases first."""
    groups = {row.code: row for row in GroupWeight.objects.filter(weight_set=weight_set)} if weight_set else {}
    told: dict[UUID | None, list[GroupResult]] = defaultdict(list)
    grouped = rows.exclude(group="").exclude(_excluded())
    for row in grouped.values(by, "group").annotate(
        n=Count("id"), cost_=Avg("cost"), stay=Avg("days"), deaths=Count("id", filter=Q(died=True))
    ):
        known = groups.get(row["group"])
        if known is not None:
            told[row[by]].append(
                GroupResult(
                    row["group"], row["n"], Decimal(row["cost_"]), Decimal(row["stay"]), known.weight, Decimal(known.mean), known.days,
                    known.risk, row["deaths"],
                )
            )  # fmt: skip
    found = []
    for row in rows.values(by).annotate(n=Count("id"), out=Count("id", filter=_excluded())).order_by("-n"):
        results = told.get(row[by], [])
        low = sum(one.cases for one in results if one.risk == "low")
        figures = indicators(results, discharged=row["n"], excluded=row["out"]) if results else None
        found.append(Figures(row[by], row["n"], sum(one.cases for one in results), low, figures))
    return found


def _excluded() -> Q:
    return Q(days__gt=EXCLUDED_DAYS) | Q(cost__lt=EXCLUDED_COST)


def statements_of(seen: Collection[UUID] | None, year: int, month: date | None = None) -> QuerySet[Statement]:
    """Statements of a year or month within what the actor sees."""
    rows = Statement.objects.filter(month=month) if month else Statement.objects.filter(month__year=year)
    return rows if seen is None else rows.filter(institution_id__in=seen)


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A case whose settlement was taken back after its month was paid: what was paid for it, and what its correction booked, in fen."""

    number: str
    group: str
    group_name: str
    fund: int
    back: int
    on: date
    booked: date


def taken_back_since(row: Statement) -> list[TakenBack]:
    """The cases of a paid statement whose settlement is no more: the statement stays, the corrections count to the year."""
    if row.state == "calculated":
        return []
    cases = {str(one.id): one for one in FundCase.objects.filter(institution_id=row.institution_id, month=row.month)}
    paid = payments_of([one.id for one in cases.values()])
    facts = FundFact.objects.filter(ref__in=cases, source="settlement", cases__lt=0).order_by("settled_on", "id")
    return [
        TakenBack(
            case.number, case.group, case.group_name, paid[case.id].fund if case.id in paid else 0, fact.pool, fact.settled_on, fact.booked
        )
        for fact in facts
        if (case := cases[fact.ref])
    ]  # fmt: skip


def own_statement_card(actor: Actor) -> dict[str, Any] | None:
    """The newest statement of the manager's own institution, for the home page; others have the fund's own pages in the menu."""
    if actor.role != "township_manager" or actor.institution_id is None:
        return None
    return {
        "row": Statement.objects.filter(institution_id=actor.institution_id).order_by("-month").first(),
        "yuan": yuan,
    }


def inpatient_cost(year: int) -> int:
    """What the inpatient cases of a year cost in all."""
    return cases_in(year, None).aggregate(sum=Sum("cost"))["sum"] or 0


def by_methods(
    rows: Collection[FundCase], weight_set: WeightSet, scores: WeightSet | None, terms: FundTerms
) -> tuple[dict[UUID, rules.Methods], Decimal, Decimal | None]:
    """The same cases by item, by group, by points and (with adopted ``scores``) by disease score, by institution; and the values of a point and of a
    score at which the same money, what the cases cost, is shared out. What has no group or no score counts at cost."""
    weights, paying = weights_of(weight_set.id), terms.paying
    mine: Mapping[UUID, list[rules.FundCase]] = _by_institution(rows)
    every = [case for cases in mine.values() for case in cases]
    grouped = [case for case in every if case.group in weights]
    if not grouped:
        return {}, Decimal(0), None
    points = sum(
        (base_points(from_fen(weights[case.group].mean), from_fen(weight_set.mean)) for case in grouped), Decimal(0)
    )
    value = point_value(from_fen(sum(case.cost for case in grouped)), points)
    scored, score = _scored(every, scores, terms)
    found = {}
    for key, cases in mine.items():
        found[key] = rules.Methods(
            len(cases),
            sum(case.cost for case in cases),
            sum(rules.worth(case, weights, weight_set.rate, paying).payable for case in cases),
            rules.by_points(cases, weights, weight_set.mean, value, paying),
            sum(dip.worth(case, scored[case], score, terms).payable for case in cases) if score is not None else None,
        )
    return found, value, score


def _scored(
    cases: Collection[rules.FundCase], scores: WeightSet | None, terms: FundTerms
) -> tuple[dict[rules.FundCase, dip.Scored | None], Decimal | None]:
    if scores is None:
        return {}, None
    weights = weights_of(scores.id)
    found = {case: dip.score_of(case, weights, scores.mean, terms) for case in cases}
    whole = sum((scored.score for case in cases if (scored := found[case])), Decimal(0))
    if whole <= 0:
        return found, None
    return found, point_value(from_fen(sum(case.cost for case in cases if found[case])), whole)


def _by_institution(rows: Collection[FundCase]) -> dict[UUID, list[rules.FundCase]]:
    found: dict[UUID, list[rules.FundCase]] = defaultdict(list)
    for row in rows:
        found[row.institution_id].append(pure_case(row))
    return found


def beyond_their_group(institution_id: UUID, month: date) -> list[tuple[UUID, int]]:
    """(case, cost in fen) of a calculated month that cost more than their standard, the farthest first: who has a reason may ask for a special payment."""
    rows = CasePayment.objects.filter(month=month, institution_id=institution_id, multiple__gt=1)
    return list(rows.order_by("-multiple", "case_id").values_list("case_id", "case__cost"))


def payments_of(case_ids: Collection[UUID]) -> dict[UUID, CasePayment]:
    """What cases were worth when last calculated, for one page of a list."""
    rows = CasePayment.objects.filter(case_id__in=case_ids).order_by("id")
    return {row.case_id: row for row in rows}


def ways_of(case_id: UUID) -> list[CasePayment]:
    """What one case was worth by each weight set it was calculated with, the last calculated first."""
    return list(CasePayment.objects.filter(case_id=case_id).select_related("weight_set").order_by("-id"))
