"""The end of the day on the wards: daily lines that nobody has asked for are written by the clock."""

from datetime import date, timedelta
from uuid import UUID

from django.db import transaction

from yigong.clinic.commands.ward import charge_days
from yigong.clinic.models import Stay
from yigong.clinic.rules import definitions
from yigong.core import clock
from yigong.core.actor import system
from yigong.core.clock import SHANGHAI

_INSIDE = ["on_ward", "leaving"]
_done: set[date] = set()  # days this process has been through: the clock asks every few seconds


def charge_the_day() -> int:
    """The clock's: once a day after the hour of the definition, the missing daily lines of everybody on a ward, up to that day. Each stay in a
    transaction of its own; lines have keys, so that a ward that asked for them before, or another process, makes no difference."""
    now = clock.now().astimezone(SHANGHAI)
    day = now.date() if now.hour >= definitions.parameters().ward.day_ends else now.date() - timedelta(days=1)
    if day in _done:
        return 0
    keys = Stay.objects.filter(state__in=_INSIDE, admitted_at__lt=now).order_by("id").values_list("id", flat=True)
    written = sum(_charge(key, day) > 0 for key in list(keys))
    _done.clear()
    _done.add(day)
    return written


@transaction.atomic
def _charge(stay_id: UUID, day: date) -> int:
    row = Stay.objects.select_for_update().filter(pk=stay_id, state__in=_INSIDE).first()
    return charge_days(row, day, system("clinic")) if row else 0
