"""Cold ischaemia and fixation: two times, their limits, and what is unknown. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Limits:
    """``cold``: from removal to the fixative at most; ``shortest`` and ``longest`` in the fixative."""

    cold: timedelta
    shortest: timedelta
    longest: timedelta


@dataclass(frozen=True, slots=True)
class Fixation:
    """What the times say. ``cold`` and ``duration``: ok, late, short, long, running (not cut yet, not too long) or unknown."""

    cold: str
    cold_minutes: int | None
    duration: str
    hours: Decimal | None

    @property
    def is_regular(self) -> bool:
        """Both times known and within their limits."""
        return (self.cold, self.duration) == ("ok", "ok")


def judge(
    *, removed: datetime | None, fixed: datetime | None, cut: datetime | None, now: datetime, limits: Limits
) -> Fixation:
    """The judgement of one container: ``cut`` is when it was cut (None: still in the fixative). A time that nobody wrote down is unknown."""
    cold, minutes = _cold(removed, fixed, limits)
    duration, hours = _duration(fixed, cut, now, limits)
    return Fixation(cold, minutes, duration, hours)


def _cold(removed: datetime | None, fixed: datetime | None, limits: Limits) -> tuple[str, int | None]:
    if removed is None or fixed is None:
        return "unknown", None
    gap = fixed - removed
    return ("ok" if gap <= limits.cold else "late"), int(gap.total_seconds() // 60)


def _duration(
    fixed: datetime | None, cut: datetime | None, now: datetime, limits: Limits
) -> tuple[str, Decimal | None]:
    if fixed is None:
        return "unknown", None
    span = (cut or now) - fixed
    hours = (Decimal(int(span.total_seconds())) / 3600).quantize(Decimal("0.1"))
    if span > limits.longest:
        return "long", hours
    if cut is None:
        return "running", hours
    return ("short" if span < limits.shortest else "ok"), hours
