"""Coverage: the door for other rooms."""

from yigong.insurance.coverage.commands.applications import answer, apply, grant, resubmit
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
from yigong.insurance.coverage.data import CategoryData, CoverageData, EntitlementData, NewApplication, NewEnrolment
from yigong.insurance.coverage.errors import (
    AlreadyAsked,
    AlreadyEnded,
    AlreadyExempt,
    AlreadyHeld,
    AlreadyInsured,
    NotEnded,
    NotInsured,
)
from yigong.insurance.coverage.parameters import is_dual_channel
from yigong.insurance.coverage.queries.coverage import (
    ask_coverages,
    categories_held,
    coverage,
    coverage_on,
    coverages_on,
)
from yigong.insurance.coverage.queries.person import askable

__all__ = [
    "AlreadyAsked", "AlreadyEnded", "AlreadyExempt", "AlreadyHeld", "AlreadyInsured", "CategoryData", "CoverageData", "EntitlementData", "NewApplication", "NewEnrolment",
    "NotEnded", "NotInsured", "answer", "apply", "ask_coverages", "askable", "call_off", "categories_held", "coverage", "coverage_on", "coverages_on", "end_category", "end_enrolment",
    "end_entitlement", "enrol", "exempt", "grant", "grant_category", "is_dual_channel", "register_entitlement", "resubmit", "undo_end", "withdraw_exemption",
]  # fmt: skip
