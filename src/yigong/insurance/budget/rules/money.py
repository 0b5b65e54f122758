"""Amounts as they are read."""

from yigong.core import money


def yuan(amount: int | None) -> str:
    """Fen as ``1,234.50``; a dash for nothing known."""
    return "—" if amount is None else money.yuan(amount)


def wan(amount: int) -> str:
    """Fen as ten thousands of yuan with two decimals, for drawings and headings."""
    size = (abs(amount) + 5_000) // 10_000
    return ("-" if amount < 0 else "") + money.yuan(size)
