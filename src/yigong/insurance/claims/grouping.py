"""One case under the scheme in force: group, weight, expected payment, the way in words."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from time import perf_counter

from yigong.clinic.data import FrontPageData
from yigong.insurance.budget import api as budget
from yigong.insurance.claims import groupers
from yigong.insurance.claims.data import Grouping
from yigong.insurance.claims.errors import no_rate
from yigong.insurance.claims.rules.definitions import parameters
from yigong.insurance.grouping.api import Case, Grouped, SchemeNotFound, Status

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


def group(case: Case, cost: int, on: date, *, level: str = "", explain: bool = True, scheme: str = "") -> Grouping:
    """What the case is worth on a day at a hospital of this level, ``cost`` in fen; without a scheme in force an empty answer that says so.

    The rate is the budget's: while the year has none, there is a group and no expected payment.
    """
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
    worth = _worth(grouped, cost, level, on)
    status = grouped.detail or grouped.status_text
    if worth is None and grouped.status is Status.OK:
        status = no_rate(on.year)
    return Grouping(
        scheme=name, code=grouped.drg, name=grouped.name, status=status,
        weight=f"{grouped.weight:.4f}" if grouped.weight is not None else "", standard=worth.standard if worth else None,
        expected=worth.payable if worth else None, cost=cost, kind=_KINDS[worth.kind] if worth else "", steps=steps, ambiguous=grouped.status is Status.AMBIGUOUS, took_ms=(perf_counter() - began) * 1000,
    )  # fmt: skip


def group_codes(case: Case, on: date) -> tuple[str, str, str]:
    """(group, name, why there is none) of a case by the scheme of the region in force on a day: for files, where nobody looks at the way."""
    try:
        grouped = groupers.grouper(groupers.name_for(parameters(on).region, on)).group(case)
    except SchemeNotFound as fault:
        return "", "", str(fault)
    if grouped.status is not Status.OK:
        return "", "", grouped.detail or grouped.status_text
    return grouped.drg, grouped.name, ""


def _worth(grouped: Grouped, cost: int, level: str, on: date) -> budget.Expected | None:
    if grouped.status is not Status.OK or grouped.weight is None:
        return None
    return budget.expected_payment(weight=grouped.weight, cost=cost, level=level, on=on)
