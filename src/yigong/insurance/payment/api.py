"""What other rooms may use of the payment calculations."""

from yigong.insurance.payment.budget import (
    Overspend,
    Package,
    PackageTerms,
    PerHead,
    Shares,
    Surplus,
    make_package,
    per_head,
    released_share,
    share_overspend,
    share_surplus,
    split_by_appraisal,
)
from yigong.insurance.payment.cases import (
    CasePayment,
    DipGroup,
    DipPayment,
    DrgCase,
    GroupCost,
    PointCase,
    Points,
    Weights,
    base_points,
    pay_bed_days,
    pay_case,
    pay_dip,
    pay_points,
    point_value,
    weigh,
)
from yigong.insurance.payment.errors import PaymentInvalid
from yigong.insurance.payment.indicators import GroupResult, Indicators, indicators
from yigong.insurance.payment.rounding import money, quotient, rate

__all__ = [
    "CasePayment", "DipGroup", "DipPayment", "DrgCase", "GroupCost", "GroupResult", "Indicators", "Overspend", "Package",
    "PackageTerms", "PaymentInvalid", "PerHead", "PointCase", "Points", "Shares", "Surplus", "Weights", "base_points",
    "indicators", "make_package", "money", "pay_bed_days", "pay_case", "pay_dip", "pay_points", "per_head", "point_value",
    "quotient", "rate", "released_share", "share_overspend", "share_surplus", "split_by_appraisal", "weigh",
]  # fmt: skip
