"""Business numbers."""

import pytest
from django.db import transaction

from yigong.core import clock
from yigong.core.actor import system
from yigong.core.errors import DomainError
from yigong.core.numbers import api
from yigong.core.numbers.models import Block
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


BOSS = system("test")


def block(first: str, last: str, **values: str) -> Block:
    """A block of invoice numbers as it was received."""
    given = {"kind": "invoice", "scope": "here", "code": "3506", "source": "领用单 1"} | values
    return api.open_block(first=first, last=last, actor=BOSS, **given)


@pytest.mark.django_db
def test_blocks_are_used_in_order_and_the_own_before_the_common() -> None:
    """Zeros stand as on the paper; a window's own stack first; the next block when one is used up; then a refusal; a closed block gives none."""
    block("0098", "0099")
    own = block("0200", "0200", holder="window 2")
    taken = [api.take_number("invoice", "here", "window 2").number for _ in range(3)]
    assert taken == ["0200", "0098", "0099"]
    with pytest.raises(api.NoNumberLeft):
        api.take_number("invoice", "here", "window 2")
    rest = block("0300", "0399")
    api.close_block(block_id=rest.id, scope="here", reason="余号交回", actor=BOSS)
    with pytest.raises(api.NoNumberLeft):
        api.take_number("invoice", "here")
    assert (own.written(7), Block.objects.get(pk=rest.id).left) == ("0007", 0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("first", "last", "field"), [("0150", "0250", "first"), ("200", "0300", "last"), ("0300", "0299", "last"), ("A1", "0300", "first")]
)  # fmt: skip
def test_blocks_do_not_overlap_and_have_an_order(first: str, last: str, field: str) -> None:
    """Refused beside the field, whoever holds the other block; the same numbers under another code are other numbers."""
    block("0100", "0199")
    with pytest.raises(DomainError) as refusal:
        block(first, last, scope="there")
    assert field in refusal.value.errors  # type: ignore[attr-defined]
    block("0100", "0199", code="3507")


@pytest.mark.race("numbers.take_number")
@pytest.mark.django_db(transaction=True)
def test_windows_take_numbers_at_once() -> None:
    """Six windows over two blocks of three: six numbers, none twice, none left out, though the first block ends in the middle."""
    block("1", "3")
    block("7", "9")
    assert sorted(race(*[lambda: api.take_number("invoice", "here").serial] * 6)) == [1, 2, 3, 7, 8, 9]
