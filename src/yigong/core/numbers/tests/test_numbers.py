"""Business numbers."""

import pytest
from django.db import transaction

from yigong.core import clock
from yigong.core.numbers import api
from yigong.core.testing import race


@pytest.mark.django_db
def test_numbers_count_per_prefix_and_day() -> None:
    """Each prefix has its own series that starts anew each day in China."""
    day = clock.today().strftime("%Y%m%d")
    assert [api.dated_number("referral", p) for p in ("A", "A", "B")] == [f"A{day}0001", f"A{day}0002", f"B{day}0001"]


@pytest.mark.race("numbers.next_value")
@pytest.mark.django_db(transaction=True)
def test_no_number_is_given_twice() -> None:
    """Eight connections at once get eight different numbers."""
    assert sorted(race(*[lambda: api.next_value("n", "x")] * 8)) == list(range(1, 9))


@pytest.mark.django_db
def test_a_rolled_back_number_is_given_again() -> None:
    """A change that fails leaves no gap."""

    class Undo(Exception):
        pass

    with pytest.raises(Undo), transaction.atomic():
        assert api.next_value("n", "x") == 1
        raise Undo
    assert api.next_value("n", "x") == 1
