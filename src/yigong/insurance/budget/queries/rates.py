"""What a grouped case is expected to be worth at the rate in force: asked while a front page is coded, before the month is calculated."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from yigong.insurance.budget.queries.paying import adopted_set
from yigong.insurance.budget.queries.terms import terms_for
from yigong.insurance.budget.rules.cases import coefficient_of, upper_of
from yigong.insurance.payment.api import DrgCase, from_fen, pay_case, to_fen


@dataclass(frozen=True, slots=True)
class Expected:
    """Standard and payment in fen, the person's part included; ``kind`` is low, normal or high."""

    standard: int
    payable: int
    kind: str


def expected_payment(*, weight: Decimal, cost: int, level: str, on: date, scheme: str = "390") -> Expected | None:
    """What a case of this weight and cost (fen) is paid at the year's adopted rate and terms; None while the year has no adopted rate."""
    adopted = adopted_set(on.year)
    if adopted is None:
        return None
    paying, zero = terms_for(scheme, on.year).paying, Decimal(0)
    paid = pay_case(
        DrgCase(
            weight=weight, rate=from_fen(adopted.rate), cost=from_fen(cost), own=zero, first=zero, deductible=zero, ratio=zero,
            coefficient=coefficient_of(paying, level), lower=paying.lower, upper=upper_of(paying, weight), factor=paying.factor,
        )
    )  # fmt: skip
    return Expected(to_fen(paid.standard), to_fen(paid.total), paid.kind)
