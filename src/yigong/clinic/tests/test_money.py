"""Amounts of lines and of what is returned of them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yigong.clinic.rules.money import amount_of, returned_part

_QUANTITIES = st.decimals(min_value="0.01", max_value=1000, places=2)


@pytest.mark.parametrize(
    ("price", "quantity", "fen"),
    [("100.335", "1", 10034), ("0.3355", "3", 101), ("0.005", "1", 1), ("0.0049", "1", 0), ("12", "2.5", 3000)],
)
def test_amounts_are_half_up(price: str, quantity: str, fen: int) -> None:
    """By table."""
    assert amount_of(Decimal(price), Decimal(quantity)) == fen


@given(st.integers(0, 10_000_000), st.lists(_QUANTITIES, min_size=1, max_size=6))
def test_parts_returned_add_up_to_the_whole(amount: int, parts: list[Decimal]) -> None:
    """However a line is returned in parts, the last part leaves nothing over and no part is negative."""
    whole, before, given_back = sum(parts), Decimal(0), []
    for part in parts:
        given_back.append(returned_part(amount, whole, before, part))
        before += part
    assert sum(given_back) == amount
    assert all(fen >= 0 for fen in given_back)
