"""The definition of a free follow-up number, by table."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yigong.clinic.rules.definitions import Registration
from yigong.clinic.rules.registration import Earlier, judge, valid_until

RULES = Registration(
    valid_days=3, follow_ups=1, same_department=True, not_higher_title=True, only_unfinished=False, item_follow_up="X"
)
DAY, HERE, THERE = date(2026, 12, 30), UUID(int=1), UUID(int=2)
PAID = Earlier(UUID(int=9), HERE, "3", DAY, valid_until(DAY, RULES), False, False, True, 0)


@pytest.mark.parametrize(
    ("earlier", "department", "title", "days", "is_free", "said"),
    [
        (PAID, HERE, "3", 0, True, "免费"),
        (PAID, HERE, "3", 2, True, "免费"),
        (PAID, HERE, "4", 2, True, "免费"),
        (PAID, HERE, "", 1, True, "免费"),
        (PAID, HERE, "3", 3, False, "已过期"),
        (PAID, THERE, "3", 1, False, "其他科室"),
        (PAID, HERE, "1", 1, False, "职称高于"),
        (replace(PAID, followed=1), HERE, "3", 1, False, "已用过"),
        (replace(PAID, is_follow_up=True), HERE, "3", 1, False, ""),
        (replace(PAID, is_emergency=True), HERE, "3", 1, False, ""),
    ],
)
def test_free_or_why_not(earlier: Earlier, department: UUID, title: str, days: int, is_free: bool, said: str) -> None:
    """Across the turn of the year; the reason is one that a clerk can tell."""
    found = judge([earlier], department, title, DAY + timedelta(days=days), RULES)
    assert (found.rests_on is not None, said in found.reason) == (is_free, True)


@given(st.integers(1, 30), st.integers(0, 60))
def test_valid_exactly_as_many_days_as_defined(valid_days: int, later: int) -> None:
    """The first day counts."""
    rules = Registration(
        valid_days=valid_days,
        follow_ups=1,
        same_department=True,
        not_higher_title=True,
        only_unfinished=False,
        item_follow_up="X",
    )
    one = replace(PAID, valid_until=valid_until(DAY, rules))
    found = judge([one], HERE, "3", DAY + timedelta(days=later), rules)
    assert (found.rests_on is not None) == (later < valid_days)
