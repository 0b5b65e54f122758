"""Amounts in words."""

import pytest

from yigong.insurance.invoices.rules import in_words


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (0, "零元整"), (5, "伍分"), (10, "壹角整"), (100, "壹元整"), (1000, "壹拾元整"), (10_05, "壹拾元零伍分"), (123_45, "壹佰贰拾叁元肆角伍分"),
        (1_000_00, "壹仟元整"), (1_002_30, "壹仟零贰元叁角整"), (10_020_00, "壹万零贰拾元整"), (10_500_00, "壹万零伍佰元整"), (100_000_00, "壹拾万元整"),
        (1_000_500_00, "壹佰万零伍佰元整"), (100_000_001_00, "壹亿零壹元整"), (-12_30, "负壹拾贰元叁角整"),
    ],
)  # fmt: skip
def test_amounts_in_words(fen: int, words: str) -> None:
    """As a bank would write them."""
    assert in_words(fen) == words
