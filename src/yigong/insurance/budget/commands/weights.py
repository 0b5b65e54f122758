"""Weights and rate from history, as a version that somebody adopts."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import Avg, Count, Q

from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.constraints import refusing
from yigong.core.numbers.api import dated_number
from yigong.core.states.api import start, transition
from yigong.insurance.budget import errors, policies
from yigong.insurance.budget.commands.common import found, require
from yigong.insurance.budget.models import FundCase, GroupWeight, WeightSet
from yigong.insurance.budget.queries.terms import terms_for
from yigong.insurance.budget.rules import cases as rules
from yigong.insurance.budget.rules.states import WEIGHTS
from yigong.insurance.payment.api import from_fen, risk_classes, to_fen, weigh

_CHUNK = 5000


@transaction.atomic
def weigh_history(*, scheme: str, year: int, history: Sequence[int], predicted: int, actor: Actor) -> UUID:
    """Weights of the groups from the cases of the given years, and the rate for a predicted cost: a draft. NothingToWeigh."""
    require(actor, policies.KEEP)
    terms = terms_for(scheme, year)
    costs: dict[str, list[int]] = defaultdict(list)
    wanted = FundCase.objects.filter(month__year__in=list(history), days__lte=terms.paying.long_stay).exclude(group="")
    for group, cost in wanted.values_list("group", "cost").iterator(chunk_size=_CHUNK):
        costs[group].append(cost)
    if not costs:
        raise errors.NothingToWeigh()
    groups, trimmed = rules.history(costs, terms.paying.trim_low, terms.paying.trim_high)
    weights = weigh(groups, from_fen(predicted))
    row = WeightSet(
        number=dated_number("weights", "QZ"), year=year, history=sorted(history), cases=sum(one.cases for one in groups),
        trimmed=trimmed, mean=to_fen(weights.mean), predicted=predicted, total_weight=weights.total_weight, rate=to_fen(weights.rate),
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


def _any_name() -> object:
    from django.db.models import Max

    return Max("group_name")


@racing("budget.adopt_weights")
@transaction.atomic
def move_weights(*, set_id: UUID, action: str, actor: Actor, reason: str = "") -> None:
    """Adopt, replace or drop; one adopted set for a year (SetInUse)."""
    with refusing(one_adopted_weight_set=errors.SetInUse()):
        transition(WEIGHTS, found(WeightSet, set_id), action, actor=actor, reason=reason)
