"""One case under the scheme in force: group, weight, expected payment, the way in words."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from time import perf_counter

from yigong.clinic.data import FrontPageData
from yigong.insurance.claims import groupers
from yigong.insurance.claims.data import Grouping
from yigong.insurance.claims.rules.definitions import Parameters, parameters
from yigong.insurance.grouping.api import Case, Grouped, SchemeNotFound, Status
from yigong.insurance.payment.api import DrgCase, pay_case

HUNDRED = Decimal(100)
_KINDS = {"low": "低倍率", "high": "高倍率", "normal": "正常"}  # texts: data


def case_of(page: FrontPageData, diagnoses: Sequence[str], procedures: Sequence[str], cost: int) -> Case:
    """The grouper's case of a front page with these codes; ``cost`` in fen."""
    weights = page.newborn_weights
    return Case(
        sex=int(page.sex) if page.sex.isdigit() else None, age=page.age_years, diagnoses=tuple(diagnoses), procedures=tuple(procedures),
        age_days=page.age_days, birth_weight=weights[0] if weights else None, los=page.days, leaving=page.stay.way_out,
        amount=Decimal(cost) / HUNDRED,
    )  # fmt: skip


def group(case: Case, cost: int, on: date, *, explain: bool = True, scheme: str = "") -> Grouping:
    """What the case is worth on a day, ``cost`` in fen; without a scheme in force an empty answer that says so."""
    began, local = perf_counter(), parameters(on)
    try:
        name = scheme or groupers.name_for(local.region, on)
        engine = groupers.grouper(name)
    except SchemeNotFound as fault:
        return Grouping("", "", "", str(fault), "", None, None, cost, "", ())
    if explain:
        told = engine.explain(case)
        grouped, steps = told.grouped, tuple(step.text for step in told.steps)
    else:
        grouped, steps = engine.group(case), ()
    standard, expected, kind = worth(grouped, cost, local)
    return Grouping(
        scheme=name, code=grouped.drg, name=grouped.name, status=grouped.detail or grouped.status_text,
        weight=f"{grouped.weight:.4f}" if grouped.weight is not None else "", standard=standard, expected=expected, cost=cost,
        kind=_KINDS.get(kind, ""), steps=steps, ambiguous=grouped.status is Status.AMBIGUOUS, took_ms=(perf_counter() - began) * 1000,
    )  # fmt: skip


def worth(grouped: Grouped, cost: int, local: Parameters) -> tuple[int | None, int | None, str]:
    """Standard and expected payment in fen, and the kind of case; nothing without a group and a weight."""
    if grouped.status is not Status.OK or grouped.weight is None:
        return None, None, ""
    zero = Decimal(0)
    paid = pay_case(
        DrgCase(
            weight=grouped.weight, rate=Decimal(local.rate), cost=Decimal(cost) / HUNDRED, own=zero, first=zero, deductible=zero,
            ratio=zero, lower=Decimal(local.low_multiple), upper=Decimal(local.high_multiple),
        )
    )  # fmt: skip
    return int(paid.standard * 100), int(paid.total * 100), paid.kind
