"""What other rooms may use of the payment calculations."""

from yigong.insurance.payment.budget import (
    KeptBack,
    Overspend,
    Package,
    PackageTerms,
    PerHead,
    Shares,
    Surplus,
    keep_back,
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
from yigong.insurance.payment.indicators import GroupResult, Indicators, indicators, risk_classes
from yigong.insurance.payment.rounding import from_fen, money, quotient, rate, to_fen

__all__ = [
    "CasePayment", "DipGroup", "DipPayment", "DrgCase", "GroupCost", "GroupResult", "Indicators", "KeptBack", "Overspend", "Package",
    "PackageTerms", "PaymentInvalid", "PerHead", "PointCase", "Points", "Shares", "Surplus", "Weights", "base_points", "from_fen",
    "indicators", "keep_back", "make_package", "money", "pay_bed_days", "pay_case", "pay_dip", "pay_points", "per_head", "point_value",
    "quotient", "rate", "released_share", "risk_classes", "share_overspend", "share_surplus", "split_by_appraisal", "to_fen", "weigh",
]  # fmt: skip
