"""Late payers wait for their benefits: how long, by the plan, and that in words. Pure."""

from datetime import date
from typing import NamedTuple

from django.utils.translation.trans_null import gettext_noop as N_  # needs no settings

from yigong.core.months import add_months
from yigong.insurance.benefits.plan import BenefitPlan, Certainty
from yigong.insurance.benefits.telling import DOUBTS, Translate


class Waited(NamedTuple):
    """``until`` is the first day with benefits; ``months`` = ``fixed`` for the late payment + ``more`` for years without insurance."""

    until: date
    paid_on: date
    months: int
    fixed: int
    more: int
    certainty: Certainty


def waiting(
    plan: BenefitPlan, person_type: str, identities: frozenset[str], starts_on: date, paid_on: date | None, missed: int, repaired: int
) -> Waited | None:  # fmt: skip
    """How long somebody waits who paid on a day, after so many years without insurance of which some were paid afterwards; None who does not.

    Who pays within the season and missed no year does not wait; nor do kinds of person and identities the plan names (new-borns, the poor).
    """
    rule = plan.waiting
    if rule is None or paid_on is None or person_type in rule.not_types or identities & rule.not_identities:
        return None
    if paid_on <= rule.season_ends and not missed:
        return None
    more = (missed - repaired) * rule.months_per_missed_year
    months = rule.months + more
    if rule.long_from_years and missed >= rule.long_from_years:
        months = max(months, rule.long_months)
    if not months:
        return None
    sure = rule.certainty or plan.certainty
    return Waited(add_months(max(starts_on, paid_on), months), paid_on, months, rule.months, months - rule.months, sure)


SENTENCE = N_(
    "{0} 缴费，晚于集中缴费期或曾断保，待遇等待期 {1} 个月（固定 {2} 个月，断保增加 {3} 个月），自 {4} 起享受待遇。"
)


def tell_waiting(found: Waited, translate: Translate = str) -> str:
    """The waiting period as a sentence, with the doubt about its numbers."""
    told = translate(SENTENCE).format(found.paid_on, found.months, found.fixed, found.more, found.until)
    doubt = translate(DOUBTS[found.certainty]) if DOUBTS[found.certainty] else ""
    return f"{told}（{doubt}）" if doubt else told
