"""What an address or a form asks for, as text: keys, days, months. Nonsense is nothing, as if it had not been asked."""

from datetime import date
from uuid import UUID


def key_of(text: object) -> UUID | None:
    """A key.

    >>> key_of("0190"), key_of(None)
    (None, None)
    """
    try:
        return UUID(str(text or ""))
    except ValueError:
        return None


def day_of(text: str | None) -> date | None:
    """A day as ``2026-11-28``."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def month_from(text: str | None) -> date | None:
    """The first day of a month as ``2026-11``."""
    return day_of(f"{text}-01") if text else None
