"""Codes and definitions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yigong.network import rules

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@pytest.mark.parametrize("code", ["91350100M000100Y43", "12140121123456788R"])
def test_known_credit_codes(code: str) -> None:
    """The two worked examples of the standard hold, and a changed digit does not."""
    assert rules.credit_code_problem(code) == ""
    wrong = code[:5] + ("1" if code[5] != "1" else "2") + code[6:]
    assert rules.credit_code_problem(wrong)


@given(st.text(alphabet=_ALPHABET, min_size=17, max_size=17), st.integers(0, 16), st.sampled_from(_ALPHABET))
def test_credit_code_finds_each_single_error(first: str, place: int, other: str) -> None:
    """Any one wrong character is found, because 31 is prime."""
    code = first + rules.credit_code_check(first)
    assert rules.credit_code_problem(code) == ""
    if code[place] != other:
        assert rules.credit_code_problem(code[:place] + other + code[place + 1 :])


def test_full_width_codes_fold() -> None:
    """Full-width digits, small letters and blanks are the same code."""
    assert rules.fold("９１35０100m000 100y43") == "91350100M000100Y43"


def test_old_organisation_codes() -> None:
    """The three worked examples of GB 11714."""
    checks = {"12345678": "8", "00001408": "2", "MB000001": "9"}
    assert {first: rules.old_organisation_check(first) for first in checks} == checks


@pytest.mark.parametrize(
    ("category", "p1", "p2"),
    [("C220", 1, 1), ("D600", 1, 1), ("B200", 1, 1), ("D110", 0, 1), ("D211", 0, 1), ("D400", 0, 1), ("A100", 0, 0)],
)
def test_two_definitions_of_primary_care(category: str, p1: int, p2: int) -> None:
    """P2 adds outpatient departments and clinics to P1."""
    assert rules.is_primary_care(category, "P1") is bool(p1)
    assert rules.is_primary_care(category, "P2") is bool(p2)


@pytest.mark.parametrize(
    ("code", "level"),
    [
        ("140000", "province"),
        ("140100", "city"),
        ("140121", "county"),
        ("140121100", "town"),
        ("140121100201", "village"),
    ],
)
def test_place_levels(code: str, level: str) -> None:
    """The level shows in the code's digits."""
    assert rules.place_level(code) == level
