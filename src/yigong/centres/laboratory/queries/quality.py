"""Control charts and holds."""

from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from yigong.centres.laboratory.models import ControlPoint, ControlTarget, QualityHold
from yigong.centres.laboratory.rules import catalogue
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import NotFound
from yigong.core.paging import Page, page_of

COLOURS = {"ok": "#2f7d4f", "warn": "#b26a00", "reject": "#b3261e"}


def targets(actor: Actor, *, page: int = 1) -> Page[ControlTarget]:
    """What is under control at the actor's institutions, with the last point of each."""
    last = ControlPoint.objects.filter(target=OuterRef("pk")).order_by("-at")
    rows = ControlTarget.objects.filter(lot__instrument__institution_id__in=actor.places).select_related(
        "lot__instrument"
    )
    rows = rows.annotate(
        last_at=Subquery(last.values("at")[:1]),
        last_z=Subquery(last.values("z")[:1]),
        last_verdict=Subquery(last.values("verdict")[:1]),
    )
    return page_of(rows.order_by("lot__instrument__name", "analyte", "lot__level"), page=page)


def open_holds(actor: Actor) -> list[QualityHold]:
    """What is held back at the actor's institutions."""
    rows = QualityHold.objects.filter(instrument__institution_id__in=actor.places, released_at__isnull=True)
    return list(rows.select_related("instrument", "point").order_by("opened_at")[:100])


def target(target_id: UUID, actor: Actor) -> ControlTarget:
    """One target at the actor's institutions."""
    row = ControlTarget.objects.select_related("lot__instrument").filter(pk=target_id).first()
    if row is None or (not actor.is_system and row.lot.instrument.institution_id not in actor.places):
        raise NotFound()
    return row


def points(row: ControlTarget, limit: int = 30) -> list[ControlPoint]:
    """The newest points, oldest first."""
    return list(row.points.select_related("hold").order_by("-at")[:limit])[::-1]


def chart(row: ControlTarget, shown: list[ControlPoint]) -> dict[str, Any]:
    """The Levey-Jennings chart: target in the middle, lines at one, two and three deviations, broken rules in red."""
    mean, sd = float(row.mean), float(row.sd)
    lines = [
        {"yAxis": mean + k * sd, "name": f"{k:+d}SD" if k else _("靶值"), "lineStyle": {"type": "solid" if not k else "dashed", "color": c}}
        for k, c in ((0, "#2f7d4f"), (1, "#9aa5b1"), (-1, "#9aa5b1"), (2, "#b26a00"), (-2, "#b26a00"), (3, "#b3261e"), (-3, "#b3261e"))
    ]  # fmt: skip
    return {
        "grid": {"left": 56, "right": 48, "top": 16, "bottom": 40},
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "category", "data": [f"{p.at.astimezone(clock.SHANGHAI):%m-%d}" for p in shown]},
        "yAxis": {"type": "value", "min": round(mean - 4 * sd, 4), "max": round(mean + 4 * sd, 4)},
        "series": [{
            "type": "line", "name": catalogue.analytes()[row.analyte].name, "lineStyle": {"color": "#1f5fa8"},
            "data": [{"value": float(p.value), "itemStyle": {"color": COLOURS[p.verdict]}, "symbolSize": 6 if p.verdict == "ok" else 11} for p in shown],
            "markLine": {"silent": True, "symbol": "none", "data": lines, "label": {"formatter": "{b}"}},
        }],
    }  # fmt: skip
