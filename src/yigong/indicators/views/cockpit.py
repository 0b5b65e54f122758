"""The cockpit: few figures, large, each with its trend, target and way to the rows; the same for a screen on the wall; the card of the home page."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.months import add_months, first_of
from yigong.core.paging import number_of
from yigong.core.rights import guarded
from yigong.indicators import policies
from yigong.indicators.data import Figure, Freshness, Span
from yigong.indicators.queries import figures, registry
from yigong.indicators.queries.alarms import alarms_of
from yigong.indicators.queries.comparing import Compared, with_year_before
from yigong.indicators.queries.figures import Places
from yigong.indicators.rules.alarms import Alarm
from yigong.indicators.rules.definition import rest_of
from yigong.indicators.rules.figures import rounded
from yigong.indicators.views import common
from yigong.network import api as network
from yigong.tasks import api as tasks

_WITHOUT_CARD = {"insurance_clerk"}
_LEVELS = {"village_doctor": "village", "township_manager": "township"}


@dataclass(frozen=True)
class Dial:
    """One figure of the cockpit with its trend."""

    figure: Figure
    grown: str
    chart: dict[str, Any]
    table: list[tuple[str, str]]
    unit: str
    alarms: list[Alarm]

    @property
    def tone(self) -> str:
        """Red where something should be looked at, green where the target is reached on enough cases."""
        if self.alarms:
            return "bad"
        return "good" if self.figure.reaches and not self.figure.is_small else ""

    @property
    def side(self) -> str:
        """The rows that an alarm opens: those that miss the target where these can be told, else all that were counted."""
        if any(one.kind == "missed" for one in self.alarms) and rest_of(self.figure.definition):
            return "rest"
        return "denominator" if self.figure.definition.is_share else "numerator"


@guarded(policies.READ)
def cockpit(request: HttpRequest) -> HttpResponse:
    """The figures of the reader's level."""
    return render(request, "indicators/cockpit.html", {"tabs": common.tabs(request, "cockpit"), **_cockpit(request)})


@guarded(policies.READ)
def wall(request: HttpRequest) -> HttpResponse:
    """The same for a screen on the wall: large, without menu, renewed by itself."""
    return render(request, "indicators/wall.html", _cockpit(request))


@guarded(policies.READ)
def overdue(request: HttpRequest) -> HttpResponse:
    """Tasks past their time, at this moment."""
    chosen = common.Choice(request)
    found = tasks.overdue(_listed(chosen.places), page=number_of(request.GET.get("page", 1)), limit=50)
    names = network.institutions({row.institution_id for row in found.items})
    return render(
        request, "indicators/overdue.html", {**chosen.for_page(), "rows": found, "names": names, "label": tasks.label}
    )


def home_card(actor: Actor) -> dict[str, Any] | None:
    """This month so far, on the home page of those who answer for an institution."""
    if actor.role in _WITHOUT_CARD:
        return None
    month = first_of(clock.today())
    places = policies.places_of(actor)
    shown = registry.cockpit(level_of(actor))[:5]
    now = figures.figures_of(shown, Span(month, month), places)
    before = figures.figures_of(shown, Span(add_months(month, -1), add_months(month, -1)), places)
    return {
        "figures": [(d, now[d.code], before[d.code], common.unit(d.unit)) for d in shown],
        "overdue": tasks.overdue_count(_listed(places)),
    }


def level_of(actor: Actor) -> str:
    """Which cockpit is the actor's."""
    return _LEVELS.get(actor.role, "county")


def _cockpit(request: HttpRequest) -> dict[str, Any]:
    chosen = common.Choice(request)
    shown = registry.cockpit(level_of(request.actor))
    now = figures.figures_of(shown, chosen.span, chosen.places, chosen.primary)
    beside = with_year_before(now, chosen.span, chosen.places, chosen.primary)
    monthly = figures.months_of(shown, chosen.trend, chosen.places, chosen.primary)
    fresh = figures.freshness_of(shown, chosen.span)
    limits = registry.alarm_limits(level_of(request.actor))
    alarms = {
        code: alarms_of(one, monthly[code], chosen.span, fresh[code], limits, clock.now()) for code, one in now.items()
    }
    place = network.institution(chosen.place).name if chosen.place else ""
    return {
        **chosen.for_page(), "dials": [_dial(now[d.code], beside[d.code], monthly[d.code], alarms[d.code]) for d in shown],
        "overdue": tasks.overdue_count(_listed(chosen.places)), "fresh": _oldest(list(fresh.values())), "place_name": place,
        "under_way": chosen.month == chosen.this_month, "alarms": sum(map(len, alarms.values())),
    }  # fmt: skip


def _dial(now: Figure, beside: Compared, monthly: dict[Any, Figure], alarms: list[Alarm]) -> Dial:
    points = [(f"{month:%y-%m}", one) for month, one in monthly.items()]
    values = [float(rounded(one.value, 2)) if one.value is not None else None for _month, one in points]
    series: dict[str, Any] = {"type": "line" if now.definition.is_share else "bar", "data": values, "symbol": "none"}
    if now.definition.target:
        series["markLine"] = {
            "symbol": "none",
            "silent": True,
            "label": {"show": False},
            "data": [{"yAxis": float(now.definition.target)}],
        }
    chart = {
        "grid": {"left": 4, "right": 4, "top": 8, "bottom": 18}, "xAxis": {"type": "category", "data": [month for month, _one in points]},
        "yAxis": {"type": "value", "show": False, "scale": now.definition.is_share}, "series": [series],
    }  # fmt: skip
    table = [(month, one.text) for month, one in points]
    return Dial(now, beside.text, chart, table, common.unit(now.definition.unit), alarms)


def _oldest(fresh: list[Freshness]) -> Freshness:
    known = [one.computed_at for one in fresh if one.computed_at]
    never = tuple(sorted({month for one in fresh for month in one.never}))
    return Freshness(min(known) if known else None, never, any(one.stale for one in fresh))


def _listed(places: Places) -> list[Any] | None:
    return None if places is None else list(places)
