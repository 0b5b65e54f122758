"""Months of the calendar, each named by its first day."""

import calendar
from datetime import date


def first_of(day: date) -> date:
    """The first day of the month."""
    return day.replace(day=1)


def add_months(day: date, months: int) -> date:
    """The same day ``months`` months later (earlier when negative), or the last day of a shorter month.

    >>> add_months(date(2026, 1, 31), 1), add_months(date(2026, 11, 1), -12)
    (datetime.date(2026, 2, 28), datetime.date(2025, 11, 1))
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def months_of(year: int) -> list[date]:
    """January to December."""
    return [date(year, number, 1) for number in range(1, 13)]


def months_between(start: date, end: date) -> int:
    """Completed calendar months, aware of the day of the month; never negative."""
    months = (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)
    return max(0, months)
