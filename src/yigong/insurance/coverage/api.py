"""Coverage: the door for other rooms."""

from yigong.insurance.coverage.commands.exemptions import exempt, withdraw_exemption
from yigong.insurance.coverage.commands.periods import (
    call_off,
    end_category,
    end_enrolment,
    end_entitlement,
    enrol,
    grant_category,
    register_entitlement,
    undo_end,
)
from yigong.insurance.coverage.data import CategoryData, CoverageData, EntitlementData, NewEnrolment
from yigong.insurance.coverage.errors import (
    AlreadyEnded,
    AlreadyExempt,
    AlreadyHeld,
    AlreadyInsured,
    NotEnded,
    NotInsured,
)
from yigong.insurance.coverage.queries.coverage import categories_held, coverage, coverage_on, coverages_on

__all__ = [
    "AlreadyEnded", "AlreadyExempt", "AlreadyHeld", "AlreadyInsured", "CategoryData", "CoverageData", "EntitlementData", "NewEnrolment",
    "NotEnded", "NotInsured", "call_off", "categories_held", "coverage", "coverage_on", "coverages_on", "end_category", "end_enrolment",
    "end_entitlement", "enrol", "exempt", "grant_category", "register_entitlement", "undo_end", "withdraw_exemption",
]  # fmt: skip
