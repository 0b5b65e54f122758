"""The code: short-lived, signed, and refused when one letter of it differs."""

import base64
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from yigong.residents.cards.rules import codes

AT = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
CARD = UUID("0195a000-0000-7000-8000-000000000001")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


@given(st.uuids(), st.integers(1767225600, 4102444800))
def test_a_code_says_its_card_and_its_second(card_id: UUID, second: int) -> None:
    """Read back as made; letters and digits only, so that it fits the QR code's alphanumeric mode."""
    moment = datetime.fromtimestamp(second, UTC)
    text = codes.make_code(card_id, moment)
    read = codes.read_code(text)
    assert (read.card_id, read.made_at) == (card_id, moment)
    assert codes.is_like_code(text)
    assert set(text) <= set(LETTERS)


@given(st.integers(3, 66), st.sampled_from(LETTERS))
def test_any_changed_letter_is_refused(place: int, letter: str) -> None:
    """Every letter of the body and of the signature carries meaning."""
    text = codes.make_code(CARD, AT)
    if text[place] == letter:
        return
    with pytest.raises(codes.NotOurs):
        codes.read_code(text[:place] + letter + text[place + 1 :])


def test_every_bit_matters() -> None:
    """All bytes, all bits: none can be flipped."""
    body = base64.b32decode(codes.make_code(CARD, AT).removeprefix(codes.PREFIX))
    assert len(body) == 40
    for bit in range(len(body) * 8):
        changed = bytearray(body)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(codes.NotOurs):
            codes.read_code(codes.PREFIX + base64.b32encode(bytes(changed)).decode())


@given(st.integers(23, 66))
def test_half_a_code_is_not_a_forged_one(length: int) -> None:
    """A scanner that stopped too early is told so."""
    with pytest.raises(codes.Incomplete):
        codes.read_code(codes.make_code(CARD, AT)[:length])


def test_initials_are_no_code() -> None:
    """YGM may be somebody's initials."""
    assert not codes.is_like_code("YGM")
    assert not codes.is_like_code("YANGGUIMEI")


def test_a_code_holds_under_the_former_secret_while_it_is_rotated() -> None:
    """Shown before the switch, scanned after it; afterwards it is a stranger's."""
    with override_settings(SECRET_KEY="a" * 50):
        text = codes.make_code(uuid4(), AT)
    with override_settings(SECRET_KEY="b" * 50, SECRET_KEY_FALLBACKS=["a" * 50]):
        assert codes.read_code(text)
    with override_settings(SECRET_KEY="b" * 50, SECRET_KEY_FALLBACKS=[]), pytest.raises(codes.NotOurs):
        codes.read_code(text)
