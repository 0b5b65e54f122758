"""How long late payers wait, by a table."""

from datetime import date

import pytest

from yigong.insurance.benefits.api import plan_documents, plan_of, tell_waiting, waiting

PLAN = plan_of(plan_documents("390")[0]).plan
NEW_YEAR = date(PLAN.year, 1, 1)
SEASON, LATE = date(PLAN.year - 1, 12, 31), date(PLAN.year, 2, 10)


@pytest.mark.parametrize(
    ("paid", "missed", "repaired", "months"),
    [
        (None, 0, 0, 0), (SEASON, 0, 0, 0), (LATE, 0, 0, 3), (LATE, 2, 0, 5), (LATE, 2, 1, 4), (LATE, 2, 2, 3), (SEASON, 1, 0, 4),
        (LATE, 4, 4, 6), (LATE, 5, 0, 8),
    ],
)  # fmt: skip
def test_months(paid: date | None, missed: int, repaired: int, months: int) -> None:
    """Three months fixed, one more per missed year that was not paid afterwards, at least six after four missed years."""
    found = waiting(PLAN, "1501", frozenset(), NEW_YEAR, paid, missed, repaired)
    assert (found.months if found else 0) == months
    if found and paid:
        assert found.until.month == (max(paid, NEW_YEAR).month + months - 1) % 12 + 1
        assert str(found.until) in tell_waiting(found)
        assert "未核对" in tell_waiting(found)


def test_who_does_not_wait() -> None:
    """New-borns and the poor."""
    assert waiting(PLAN, "1401", frozenset(), NEW_YEAR, LATE, 0, 0) is None
    assert waiting(PLAN, "1501", frozenset({"dibao"}), NEW_YEAR, LATE, 3, 0) is None
