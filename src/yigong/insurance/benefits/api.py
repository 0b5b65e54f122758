"""What other rooms may use of the benefit engine."""

from datetime import date

from yigong.core.money import largest_remainder
from yigong.insurance.benefits.data import (
    HERE,
    INPATIENT,
    NOTHING,
    Case,
    Episode,
    Line,
    Settlement,
    Split,
    Step,
    Told,
)
from yigong.insurance.benefits.documents import plan_documents
from yigong.insurance.benefits.engine import settle
from yigong.insurance.benefits.errors import CaseInvalid, PlanInvalid
from yigong.insurance.benefits.lines import reduction, reductions, split_bill, split_line
from yigong.insurance.benefits.money import fen, part, percent, rounded, share, yuan
from yigong.insurance.benefits.plan import BenefitPlan
from yigong.insurance.benefits.reading import plan_of, read_plan
from yigong.insurance.benefits.rules import Rules
from yigong.insurance.benefits.telling import WHY, doubt, tell, why
from yigong.insurance.benefits.waiting import Waited, tell_waiting, waiting
from yigong.insurance.benefits.year import after, settle_in_order, taken_back

__all__ = [
    "HERE",
    "INPATIENT",
    "NOTHING",
    "WHY",
    "BenefitPlan",
    "Case",
    "CaseInvalid",
    "Episode",
    "Line",
    "PlanInvalid",
    "Rules",
    "Settlement",
    "Split",
    "Step",
    "Told",
    "Waited",
    "after",
    "doubt",
    "fen",
    "largest_remainder",
    "part",
    "percent",
    "plan_documents",
    "plan_for",
    "plan_of",
    "plan_released",
    "plans_on",
    "read_plan",
    "reduction",
    "reductions",
    "rounded",
    "settle",
    "settle_in_order",
    "share",
    "split_bill",
    "split_line",
    "taken_back",
    "tell",
    "tell_waiting",
    "waiting",
    "why",
    "yuan",
]


# The packs need the program's settings; the engine alone does not, so that the command line starts at once.


def plan_for(region: str, insurance: str, on: date) -> Rules:
    """The plan of an insured region and a kind of insurance in force on a day; NotFound when the packs have none."""
    from yigong.insurance.benefits import plans

    return plans.plan_for(region, insurance, on)


def plans_on(on: date) -> list[BenefitPlan]:
    """All plans in force on a day, for naming what they speak of."""
    from yigong.insurance.benefits import plans

    return plans.plans_on(on)


def plan_released(code: str, version: str) -> Rules:
    """The exact plan that an old settlement names."""
    from yigong.insurance.benefits import plans

    return plans.plan_released(code, version)
