"""What other rooms may use of the benefit engine."""

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
from yigong.insurance.benefits.lines import reductions, split_bill, split_line
from yigong.insurance.benefits.money import fen, largest_remainder, part, percent, rounded, share, yuan
from yigong.insurance.benefits.reading import plan_of, read_plan
from yigong.insurance.benefits.rules import Rules
from yigong.insurance.benefits.telling import doubt, tell, why
from yigong.insurance.benefits.year import after, settle_in_order, taken_back

__all__ = [
    "HERE",
    "INPATIENT",
    "NOTHING",
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
    "after",
    "doubt",
    "fen",
    "largest_remainder",
    "part",
    "percent",
    "plan_documents",
    "plan_of",
    "read_plan",
    "reductions",
    "rounded",
    "settle",
    "settle_in_order",
    "share",
    "split_bill",
    "split_line",
    "taken_back",
    "tell",
    "why",
    "yuan",
]
