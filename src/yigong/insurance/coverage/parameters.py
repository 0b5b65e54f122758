"""Rules of enrolment that are no benefits, from the packs: the target, the season, the lawful reasons for leaving the denominator."""

from datetime import date
from decimal import Decimal
from typing import Literal

import msgspec

from yigong.core.packs.api import Kind, current, register

Certainty = Literal["published", "secondary", "general", "demo"]


class Reason(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Why somebody need not be enrolled here; ``evidence`` says what proves it."""

    code: str
    title: str
    evidence: str
    source: str
    certainty: Certainty


class EnrolmentRules(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """``target``: the rate a village should reach. ``season_from``: the month from which next year's contributions are collected."""

    code: str
    version: str
    effective_from: date
    title: str
    certainty: Certainty
    source: str
    target: Decimal
    season_from: int
    reasons: tuple[Reason, ...]


RULES: Kind[EnrolmentRules] = register(Kind("coverage", "coverage.toml", EnrolmentRules))


def enrolment_rules(day: date) -> EnrolmentRules:
    """The rules in force on a day."""
    return current(RULES, "enrolment", day)
