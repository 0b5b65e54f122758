"""Which figures of a cockpit are alarms, from what the page has read anyway."""

from collections.abc import Mapping
from datetime import date, datetime

from yigong.core import clock
from yigong.core.months import first_of
from yigong.indicators.data import Figure, Freshness, Span
from yigong.indicators.rules.alarms import Alarm, jumped, missed, not_counted, nothing_returned, outdated
from yigong.indicators.rules.definition import Alarms

_BEFORE = 6  # months that a sudden change is measured against


def alarms_of(
    figure: Figure, monthly: Mapping[date, Figure], span: Span, fresh: Freshness, limits: Alarms, now: datetime
) -> list[Alarm]:
    """The alarms of one figure, the worst first; few cases raise none, and a count under way is not judged before its month is over."""
    found = [_of_data(figure, span, fresh, limits, now)]
    if figure.value is not None and not figure.is_small:
        if figure.reaches is False:
            found.append(missed(figure.definition, figure.value))
        under_way = span.last == first_of(now.astimezone(clock.SHANGHAI).date()) and not figure.definition.is_share
        if span.is_month and not under_way:
            before = [one for month, one in monthly.items() if month < span.last][-_BEFORE:]
            known = [one.value for one in before if one.value is not None and not one.is_small]
            found.append(jumped(figure.definition, figure.value, known, limits))
    return [one for one in found if one]


def _of_data(figure: Figure, span: Span, fresh: Freshness, limits: Alarms, now: datetime) -> Alarm | None:
    if span.last in fresh.never or fresh.computed_at is None:
        return not_counted()
    if figure.value is None and figure.definition.needs_outside:
        return nothing_returned()
    return outdated((now - fresh.computed_at).total_seconds() / 3600, limits)
