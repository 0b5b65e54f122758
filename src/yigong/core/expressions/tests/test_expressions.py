"""Expressions: typed at load, honest about what is not there."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yigong.core.expressions.api import MISSING, EvaluationFailed, ExpressionInvalid, Vocabulary

VITALS = Vocabulary({"sbp": "int", "dbp": "int", "fpg": "double", "dx": "list(string)", "born": "date"})


@given(st.integers(40, 300), st.integers(20, 200))
def test_agrees_with_python(sbp: int, dbp: int) -> None:
    """The same rule written in Python gives the same answer on both sides of every threshold."""
    severe = VITALS.compile("sbp >= 180 || dbp >= 110")
    assert severe.evaluate({"sbp": sbp, "dbp": dbp}) is (sbp >= 180 or dbp >= 110)


@pytest.mark.parametrize(
    ("values", "expected"),
    [({"sbp": 186}, True), ({"sbp": 150}, MISSING), ({"sbp": 150, "dbp": None}, MISSING), ({}, MISSING)],
)
def test_missing_is_not_false(values: dict, expected: object) -> None:
    """An absent value decides nothing, unless the other side already decides."""
    assert VITALS.compile("sbp >= 180 || dbp >= 110").evaluate(values) is expected


def test_missing_has_no_truth() -> None:
    """Using MISSING as a boolean is a programming error, not false."""
    with pytest.raises(TypeError):
        bool(MISSING)


@pytest.mark.parametrize(
    ("text", "column", "word"),
    [("sbp >= '180'", 5, "overload"), ("spb > 3", 1, "undeclared"), ("sbp >=", 7, "Syntax"), ("sbp + 1", 1, "INT")],
)
def test_mistakes_are_found_at_load(text: str, column: int, word: str) -> None:
    """Wrong types, unknown names, syntax and a wrong result type are refused with their place."""
    with pytest.raises(ExpressionInvalid) as refused:
        VITALS.compile(text)
    assert refused.value.fields["column"] == column
    assert word in str(refused.value.fields["problem"])


def test_lists_dates_and_decimals() -> None:
    """Codes are matched in lists, dates are Chinese calendar days, whole numbers serve as decimals."""
    assert VITALS.compile("dx.exists(c, c.startsWith('I1'))").evaluate({"dx": ["E11.9", "I10"]}) is True
    assert VITALS.compile("fpg >= 7.0").evaluate({"fpg": 7}) is True
    assert (
        VITALS.compile("born < timestamp('2000-01-01T00:00:00+08:00')").evaluate({"born": date(1999, 12, 31)}) is True
    )


def test_other_faults_are_told() -> None:
    """A division by zero is neither an answer nor a missing value."""
    with pytest.raises(EvaluationFailed, match="sbp / dbp"):
        VITALS.compile("sbp / dbp > 1").evaluate({"sbp": 1, "dbp": 0})
