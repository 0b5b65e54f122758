"""What of a figure should make somebody look: a missed target, a sudden change, data that is missing or old. Pure; the limits are the pack's."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from django.utils.translation import gettext as _

from yigong.indicators.rules.definition import Alarms, Definition
from yigong.indicators.rules.figures import STEP_UNITS, change, rounded

_LEAST = 3  # months before, with enough cases, without which nothing can be called sudden


@dataclass(frozen=True, slots=True)
class Alarm:
    """``kind`` is missed, jump or stale; ``text`` the reason in words."""

    kind: str
    text: str


def missed(definition: Definition, now: Decimal) -> Alarm:
    """By how much the target is missed."""
    unit = STEP_UNITS.get(definition.unit)
    gap = f"{rounded(abs(now - Decimal(definition.target)), 2)}{f' {_(unit)}' if unit else ''}"
    return Alarm("missed", _("未达目标 %(target)s，差 %(gap)s") % {"target": definition.target, "gap": gap})


def jumped(definition: Definition, now: Decimal, earlier: Sequence[Decimal], limits: Alarms) -> Alarm | None:
    """A share by points, anything else by percent, against the middle of the months before; one odd month among them does not count, nor do few cases.
    What adds up since January is not measured so: it rises by itself."""
    if len(earlier) < _LEAST or definition.grows_by_the_year:
        return None
    usual = Decimal(median(earlier))
    if not definition.is_share and max(now, usual) < definition.small:
        return None
    if unit := STEP_UNITS.get(definition.unit):
        moved, most, told = now - usual, limits.points, _(unit)
    else:
        grown = change(now, usual)
        if grown is None:
            return None
        moved, most, told = grown, limits.percent, "%"
    if abs(moved) <= most:
        return None
    words = {"moved": f"{rounded(moved, 1):+}", "unit": told, "n": len(earlier)}
    return Alarm("jump", _("与前 %(n)s 个月的中位数相比变动 %(moved)s %(unit)s") % words)


def outdated(hours: float, limits: Alarms) -> Alarm | None:
    """Counted too long ago."""
    if hours <= limits.stale_hours:
        return None
    return Alarm("stale", _("数据已 %(n)s 小时没有重新计算") % {"n": int(hours)})


def not_counted() -> Alarm:
    """Never counted."""
    return Alarm("stale", _("这个月份还没有计算"))


def nothing_returned() -> Alarm:
    """Of care outside nothing has come back."""
    return Alarm("stale", _("县外结算还没有回流，没有数据"))
