"""The one source of time. Tests move it; nothing else calls ``datetime.now``."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

SHANGHAI = ZoneInfo("Asia/Shanghai")
_shift: ContextVar[timedelta] = ContextVar("yigong_clock_shift", default=timedelta())


def now() -> datetime:
    """The current instant, aware, in UTC."""
    return timezone.now() + _shift.get()


def today() -> date:
    """The current calendar day in China (Asia/Shanghai)."""
    return now().astimezone(SHANGHAI).date()


def span(first: date, last: date) -> tuple[datetime, datetime]:
    """From the first instant of a day to the first after another, in China."""
    return datetime.combine(first, time(), SHANGHAI), datetime.combine(last + timedelta(days=1), time(), SHANGHAI)


@contextmanager
def travel(by: timedelta) -> Iterator[None]:
    """Move the clock within the block (tests and simulations only)."""
    token = _shift.set(_shift.get() + by)
    try:
        yield
    finally:
        _shift.reset(token)
