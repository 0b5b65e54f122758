"""Refusals of the benefit engine."""

from yigong.core.errors import InvalidInput


class CaseInvalid(InvalidInput):
    """A case that no plan can settle: an unknown level, kind, place or identity, or a bill that does not add up."""

    code = "benefits.case_invalid"


class PlanInvalid(InvalidInput):
    """A plan that cannot be used; the sentence lists every mistake with file and line."""

    code = "benefits.plan_invalid"
