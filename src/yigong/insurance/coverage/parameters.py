"""Rules of enrolment that are no benefits, from the packs: the target, the season, the lawful reasons for leaving the denominator."""

from datetime import date
from decimal import Decimal
from typing import Literal

import msgspec

from yigong.core import clock
from yigong.core.packs.api import Kind, Table, current, register, rows

Certainty = Literal["published", "secondary", "general", "demo"]


class Reason(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Why somebody need not be enrolled here; ``evidence`` says what proves it."""

    code: str
    title: str
    evidence: str
    source: str
    certainty: Certainty


class ApplicationRule(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How one kind of entitlement is asked for: the sheet's title, what has to be handed in, for how long it is granted, until when the office answers."""

    kind: Literal["chronic", "two_diseases", "elsewhere", "drug"]
    certificate: str
    needs: str
    months: int
    answer_days: int
    source: str
    certainty: Certainty


class DualChannelDrug(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A negotiated drug that outpatients get paid, in hospital or pharmacy, only once its use was granted: national code, name, indication."""

    code: str
    name: str
    indication: str
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
    applications: tuple[ApplicationRule, ...]


DUAL_CHANNEL: Table[DualChannelDrug] = register(Table("dual-channel", "dual-channel.csv", DualChannelDrug))
RULES: Kind[EnrolmentRules] = register(Kind("coverage", "coverage.toml", EnrolmentRules))


def enrolment_rules(day: date) -> EnrolmentRules:
    """The rules in force on a day."""
    return current(RULES, "enrolment", day)


def application_rule(kind: str) -> ApplicationRule:
    """How an entitlement of this kind is asked for today."""
    return next(one for one in enrolment_rules(clock.today()).applications if one.kind == kind)


def is_dual_channel(code: str) -> bool:
    """Whether an outpatient's use of this drug has to be granted before it is paid."""
    return code in rows(DUAL_CHANNEL)


def dual_channel_titles() -> dict[str, str]:
    """The dual-channel drugs with their indication, by national code."""
    return {one.code: f"{one.name}（{one.indication}）" for one in rows(DUAL_CHANNEL).values()}
