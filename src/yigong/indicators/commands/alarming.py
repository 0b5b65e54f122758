"""Alarms of the cockpits as tasks: opened when the night's count finds one, ended when a later count no longer does.

The county's go to the quality managers of the leading hospitals, a township's own (with its villages) to who runs it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import system
from yigong.core.months import add_months, first_of
from yigong.indicators.data import Span
from yigong.indicators.queries import figures, registry
from yigong.indicators.queries.alarms import alarms_of
from yigong.indicators.queries.figures import Places
from yigong.network import api as network
from yigong.tasks import api as tasks

KIND = "indicators.alarm"
KINDS = ("missed", "jump", "stale")


@dataclass(frozen=True, slots=True)
class _Reader:
    """Who is told: the role at the house, about the cockpit of a level over its places."""

    level: str
    house: UUID
    role: str
    places: Places


def tell_alarms() -> int:
    """Look at the last whole month; a task for each alarm of each reader. Returns how many alarms stand."""
    month = add_months(first_of(clock.today()), -1)
    return sum(_tell(reader, month) for reader in _readers(month))


def _tell(reader: _Reader, month: date) -> int:
    span, shown, house = Span(month, month), registry.cockpit(reader.level), reader.house
    now = figures.figures_of(shown, span, reader.places)
    monthly = figures.months_of(shown, Span(add_months(month, -12), month), reader.places)
    fresh, limits = figures.freshness_of(shown, span), registry.alarm_limits(reader.level)
    found = {
        (d.code, one.kind): _("指标预警：%(name)s %(month)s %(reason)s")
        % {"name": d.title, "month": f"{month:%Y-%m}", "reason": one.text}
        for d in shown
        for one in alarms_of(now[d.code], monthly[d.code], span, fresh[d.code], limits, clock.now())
    }
    gone = [_key(d.code, kind, house) for d in shown for kind in KINDS if (d.code, kind) not in found]
    tasks.resolve_tasks(keys=gone, actor=system("clock"), note=_("最近一次计算已没有这项预警"))
    for (code, kind), title in found.items():
        tasks.open_task(
            key=_key(code, kind, house), kind=KIND, title=title, institution_id=house, role=reader.role,
            url=reverse("indicators:indicator", args=[code]) + f"?month={month:%Y-%m}",
        )  # fmt: skip
    return len(found)


def _key(code: str, kind: str, house: UUID) -> str:
    return f"{KIND}:{code}:{kind}:{house}"


def _readers(month: date) -> Iterator[_Reader]:
    for alliance in network.alliances("community"):
        for member in network.alliance_members(alliance.id):
            if member.role == "lead":
                yield _Reader("county", member.institution_id, "quality_manager", None)
    with connection.cursor() as cursor:
        # Health centres and community centres that are open: private clinics have no cockpit of their own.
        cursor.execute(
            "select institution_id from fact_institution where month = %s and is_township and primary_care_p1", [month]
        )
        houses = [row[0] for row in cursor.fetchall()]
    for house in houses:
        yield _Reader("township", house, "township_manager", network.descendants(house))
