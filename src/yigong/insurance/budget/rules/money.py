"""Amounts as they are read."""

from datetime import date

from yigong.core import money


def yuan(amount: int | None) -> str:
    """Fen as ``1,234.50``; a dash for nothing known."""
    return "—" if amount is None else money.yuan(amount)


def wan(amount: int) -> str:
    """Fen as ten thousands of yuan with two decimals, for drawings and headings."""
    size = (abs(amount) + 5_000) // 10_000
    return ("-" if amount < 0 else "") + money.yuan(size)


def month_of(day: date) -> date:
    """The first day of the month."""
    return day.replace(day=1)


def next_month(month: date) -> date:
    """The month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def months_of(year: int) -> list[date]:
    """January to December."""
    return [date(year, number, 1) for number in range(1, 13)]
