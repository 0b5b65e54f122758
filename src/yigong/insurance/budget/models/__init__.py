"""Tables of the budget. Money in fen; residents, institutions and staff by key."""

from yigong.insurance.budget.models.clearing import (
    Appraisal,
    AppraisalScore,
    Clearing,
    ClearingShare,
    Unreasonable,
)
from yigong.insurance.budget.models.facts import BudgetMonth, FiledSettlement, FundFact, FundMonth
from yigong.insurance.budget.models.package import Package, PackageChange
from yigong.insurance.budget.models.paying import (
    METHODS,
    CasePayment,
    FundCase,
    GroupWeight,
    SpecialRequest,
    Statement,
    WeightSet,
)
from yigong.insurance.budget.models.whatif import WhatIf
from yigong.insurance.budget.models.year_end import YearClose, YearCloseLine, YearClosePart

__all__ = [
    "METHODS", "Appraisal", "AppraisalScore", "BudgetMonth", "CasePayment", "Clearing", "ClearingShare", "FiledSettlement", "FundCase", "FundFact",
    "FundMonth", "GroupWeight", "Package", "PackageChange", "SpecialRequest", "Statement", "Unreasonable", "WeightSet",
    "WhatIf", "YearClose", "YearCloseLine", "YearClosePart",
]  # fmt: skip
