"""What other rooms may use of the grouper."""

from yigong.insurance.grouping.data import Case, Explanation, Grouped, Status, Step
from yigong.insurance.grouping.errors import Problem, RecordsInvalid, SchemeInvalid, SchemeNotFound
from yigong.insurance.grouping.grouper import Grouper
from yigong.insurance.grouping.registry import InForce, Schemes, schemes
from yigong.insurance.grouping.scheme import Scheme, load_scheme

__all__ = [
    "Case",
    "Explanation",
    "Grouped",
    "Grouper",
    "InForce",
    "Problem",
    "RecordsInvalid",
    "Scheme",
    "SchemeInvalid",
    "SchemeNotFound",
    "Schemes",
    "Status",
    "Step",
    "load_scheme",
    "schemes",
]
