"""Coverage: the door for other rooms."""

from yigong.insurance.coverage.commands import (
    end_category,
    end_enrolment,
    end_entitlement,
    enrol,
    grant_category,
    register_entitlement,
)
from yigong.insurance.coverage.data import CoverageData, EntitlementData, NewEnrolment
from yigong.insurance.coverage.errors import AlreadyEnded, AlreadyHeld, AlreadyInsured, NotInsured
from yigong.insurance.coverage.queries import coverage, coverage_on, coverages_on

__all__ = [
    "AlreadyEnded", "AlreadyHeld", "AlreadyInsured", "CoverageData", "EntitlementData", "NewEnrolment", "NotInsured", "coverage",
    "coverage_on", "coverages_on", "end_category", "end_enrolment", "end_entitlement", "enrol", "grant_category", "register_entitlement",
]  # fmt: skip
