"""Coverage: the door for other rooms."""

from yigong.insurance.coverage.commands import (
    end_category,
    end_enrolment,
    end_entitlement,
    enrol,
    grant_category,
    register_entitlement,
)
from yigong.insurance.coverage.data import CategoryData, CoverageData, EntitlementData, NewEnrolment
from yigong.insurance.coverage.errors import AlreadyEnded, AlreadyHeld, AlreadyInsured, NotInsured
from yigong.insurance.coverage.queries import categories_held, coverage, coverage_on, coverages_on

__all__ = [
    "AlreadyEnded", "AlreadyHeld", "AlreadyInsured", "CategoryData", "CoverageData", "EntitlementData", "NewEnrolment", "NotInsured",
    "categories_held", "coverage", "coverage_on", "coverages_on", "end_category", "end_enrolment", "end_entitlement", "enrol", "grant_category",
    "register_entitlement",
]  # fmt: skip
