"""Numbers of receipts: from a sequence, so that no counter waits for another."""

from yigong.core import clock, statements


def next_number(prefix: str) -> str:
    """``JS20260314000123``; numbers are unique, not gapless (the fiscal invoice has a number of its own)."""
    ((serial,),) = statements.fetch("select nextval('settlement_number')", {})
    return numbered(prefix, serial)


def numbered(prefix: str, serial: int) -> str:
    """The number of a serial."""
    return f"{prefix}{clock.today():%Y%m%d}{serial % 1_000_000:06d}"
