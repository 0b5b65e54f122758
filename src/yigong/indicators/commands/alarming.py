"""Alarms of the county's cockpit as tasks: opened when the night's count finds one, ended when a later count no longer does."""

from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import system
from yigong.core.months import add_months, first_of
from yigong.indicators.data import Span
from yigong.indicators.queries import figures, registry
from yigong.indicators.queries.alarms import alarms_of
from yigong.network import api as network
from yigong.tasks import api as tasks

KIND = "indicators.alarm"
KINDS = ("missed", "jump", "stale")


def tell_alarms() -> int:
    """Look at the last whole month; every leading hospital's quality manager gets a task for each alarm. Returns how many alarms there are."""
    month = add_months(first_of(clock.today()), -1)
    span, shown = Span(month, month), registry.cockpit("county")
    now = figures.figures_of(shown, span, None)
    monthly = figures.months_of(shown, Span(add_months(month, -12), month), None)
    fresh, limits = figures.freshness_of(shown, span), registry.alarm_limits("county")
    found = {
        (d.code, one.kind): _("指标预警：%(name)s %(month)s %(reason)s")
        % {"name": d.title, "month": f"{month:%Y-%m}", "reason": one.text}
        for d in shown
        for one in alarms_of(now[d.code], monthly[d.code], span, fresh[d.code], limits, clock.now())
    }
    for house in _leading():
        gone = [_key(d.code, kind, house) for d in shown for kind in KINDS if (d.code, kind) not in found]
        tasks.resolve_tasks(keys=gone, actor=system("clock"), note=_("最近一次计算已没有这项预警"))
        for (code, kind), title in found.items():
            tasks.open_task(
                key=_key(code, kind, house), kind=KIND, title=title, institution_id=house, role="quality_manager",
                url=reverse("indicators:indicator", args=[code]) + f"?month={month:%Y-%m}",
            )  # fmt: skip
    return len(found)


def _key(code: str, kind: str, house: UUID) -> str:
    return f"{KIND}:{code}:{kind}:{house}"


def _leading() -> list[UUID]:
    return [
        member.institution_id
        for alliance in network.alliances("community")
        for member in network.alliance_members(alliance.id)
        if member.role == "lead"
    ]
