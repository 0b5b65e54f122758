"""Weights and rate from history, as a version that somebody adopts."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Avg, Count, Q

from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.constraints import refusing
from yigong.core.errors import InvalidInput
from yigong.core.numbers.api import dated_number
from yigong.core.states.api import start, transition
from yigong.insurance.budget import errors, policies
from yigong.insurance.budget.commands.common import found, require
from yigong.insurance.budget.models import METHODS, FundCase, GroupWeight, WeightSet
from yigong.insurance.budget.queries.paying import pure_case
from yigong.insurance.budget.queries.terms import terms_for
from yigong.insurance.budget.rules import cases as rules
from yigong.insurance.budget.rules import dip
from yigong.insurance.budget.rules.states import WEIGHTS
from yigong.insurance.budget.rules.terms import FundTerms
from yigong.insurance.payment.api import from_fen, money, point_value, quotient, risk_classes, to_fen, weigh

_CHUNK = 5000


@transaction.atomic
def weigh_history(
    *, scheme: str, year: int, history: Sequence[int], predicted: int, actor: Actor, method: str = "drg"
) -> UUID:
    """Weights of the groups (``dip``: scores of the diseases) from the cases of the given years, and the rate (the forecast value of a point) for
    what a year is predicted to cost: a draft. NothingToWeigh."""
    require(actor, policies.KEEP)
    if method not in METHODS:
        raise InvalidInput()
    terms = terms_for(scheme, year)
    if method == "dip":
        return _score_history(terms, year, history, predicted, actor)
    costs: dict[str, list[int]] = defaultdict(list)
    wanted = FundCase.objects.filter(month__year__in=list(history), days__lte=terms.paying.long_stay).exclude(group="")
    for group, cost in wanted.values_list("group", "cost").iterator(chunk_size=_CHUNK):
        costs[group].append(cost)
    if not costs:
        raise errors.NothingToWeigh()
    groups, trimmed = rules.history(costs, terms.paying.trim_low, terms.paying.trim_high)
    # The groups hold the cases of all the years, the prediction is that of one.
    weights = weigh(groups, from_fen(predicted) * len(set(history)))
    row = WeightSet(
        number=dated_number("weights", "QZ"), year=year, history=sorted(history), cases=sum(one.cases for one in groups),
        trimmed=trimmed, mean=to_fen(weights.mean), predicted=predicted, total_weight=money(quotient(weights.total_weight, Decimal(len(set(history))))), rate=to_fen(weights.rate),
        made_by=actor.name, rules={"definition": f"{terms.code} {terms.version}", "source": terms.paying.source},
    )  # fmt: skip
    start(WEIGHTS, row, "draft", actor=actor)
    told = {
        one["group"]: one
        for one in wanted.values("group").annotate(
            n=Count("id"), deaths=Count("id", filter=Q(died=True)), stay=Avg("days"), name=_any_name()
        )
    }
    risks = risk_classes({group: (one["n"], one["deaths"]) for group, one in told.items()})
    GroupWeight.objects.bulk_create(
        GroupWeight(
            weight_set=row, code=one.group, name=told[one.group]["name"] or one.group, cases=one.cases, mean=to_fen(one.mean),
            days=round(told[one.group]["stay"], 2), weight=weights.weights[one.group],
            standard=to_fen(weights.standards[one.group]), risk=risks[one.group],
        )
        for one in groups
    )  # fmt: skip
    return row.id


def _score_history(terms: FundTerms, year: int, history: Sequence[int], predicted: int, actor: Actor) -> UUID:
    """Scores of the diseases, and what a point is worth when a year has as many scores as the past years had on average."""
    wanted = FundCase.objects.filter(month__year__in=list(history), days__lte=terms.paying.long_stay).exclude(
        diagnosis=""
    )
    rows = list(wanted)
    past = [dip.Past(r.diagnosis, r.diagnosis_name, r.operation, r.operation_name, r.cost) for r in rows]
    if not past:
        raise errors.NothingToWeigh()
    groups, names, scores, mean, trimmed = dip.scored_history(past, terms)
    weights = {one.group: rules.Weight(scores[one.group], to_fen(one.mean)) for one in groups}
    scored = [dip.score_of(pure_case(row), weights, to_fen(mean), terms) for row in rows]
    whole = sum((one.score for one in scored if one), Decimal(0))
    total = money(quotient(whole, Decimal(len(set(history)))))
    value = point_value(from_fen(predicted), total)
    row = WeightSet(
        number=dated_number("weights", "QZ"), method="dip", year=year, history=sorted(history), cases=sum(one.cases for one in groups),
        trimmed=trimmed, mean=to_fen(mean), predicted=predicted, total_weight=total, rate=max(1, to_fen(value)), point_value=value,
        made_by=actor.name, rules={"definition": f"{terms.code} {terms.version}", "source": terms.dip.source},
    )  # fmt: skip
    start(WEIGHTS, row, "draft", actor=actor)
    stays: dict[str, list[int]] = defaultdict(list)
    for case, one in zip(rows, scored, strict=True):
        if one:
            stays[one.disease].append(case.days)
    GroupWeight.objects.bulk_create(
        GroupWeight(
            weight_set=row, code=one.group, name=names[one.group], cases=one.cases, mean=to_fen(one.mean),
            days=round(Decimal(sum(stays[one.group])) / max(1, len(stays[one.group])), 2), weight=scores[one.group],
            standard=to_fen(scores[one.group] * value), risk="none",
        )
        for one in groups
    )  # fmt: skip
    return row.id


def _any_name() -> object:
    from django.db.models import Max

    return Max("group_name")


@racing("budget.adopt_weights")
@transaction.atomic
def move_weights(*, set_id: UUID, action: str, actor: Actor, reason: str = "") -> None:
    """Adopt, replace or drop; one adopted set for a year (SetInUse)."""
    with refusing(one_adopted_weight_set=errors.SetInUse()):
        transition(WEIGHTS, found(WeightSet, set_id), action, actor=actor, reason=reason)
