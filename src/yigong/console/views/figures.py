"""The director's page: five figures of a month, each opening its rows."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from yigong.console import policies, queries
from yigong.console.data import Month, PlaceRow
from yigong.core import clock
from yigong.core.asked import key_of, month_from
from yigong.core.errors import NotFound
from yigong.core.figures import FigureRow, FigureSource, month_of, sources, span_of
from yigong.core.months import add_months
from yigong.core.paging import Page, number_of, page_of_list
from yigong.core.rights import guarded
from yigong.network import api as network
from yigong.tasks import api as tasks

DEFINITIONS = {"P1": "社区中心、卫生院、村卫生室", "P2": "P1 加门诊部、诊所"}
_MONTHS = 12


@guarded(policies.FIGURES)
def overview(request: HttpRequest) -> HttpResponse:
    """Visits, primary-care share, referrals completed, reports with median time, overdue tasks."""
    chosen = _Choice(request)
    trend = queries.months(chosen.places, chosen.month, chosen.definition, _MONTHS)
    places = queries.by_place(chosen.places, chosen.month, chosen.definition)
    page = {
        **chosen.for_page(),
        "now_month": trend[-1],
        "before": trend[-2],
        "under_way": chosen.month == chosen.this_month,
        "overdue": tasks.overdue_count(list(chosen.places)),
        "visits_chart": _visits_chart(trend),
        "share_chart": _share_chart(trend),
        "reports_chart": _reports_chart(trend),
        "place_chart": _place_chart(places),
        "trend": trend,
        "by_place": page_of_list(places, page=number_of(request.GET.get("page", 1))),
    }
    return render(request, "console/figures.html", page)


@guarded(policies.FIGURES)
def rows(request: HttpRequest, code: str) -> HttpResponse:
    """The rows behind one figure: as many as the figure says."""
    chosen = _Choice(request)
    number = number_of(request.GET.get("page", 1))
    primary = code == "primary"
    source = sources().get("visits" if primary else code)
    places = chosen.places & network.primary_care_ids(chosen.definition) if primary else chosen.places
    found: Page[Any]
    if code == "overdue":
        found = tasks.overdue(list(places), page=number, limit=50)
    elif source is None:
        raise NotFound()
    else:
        found = _rows(source, chosen, places, number)
    names = network.institutions({row.institution_id for row in found.items})
    page = {**chosen.for_page(), "code": code, "rows": found, "names": names, "title": _title(code, source)}
    return render(request, "console/figure_rows.html", page)


def _rows(source: FigureSource, chosen: "_Choice", places: set[UUID], number: int) -> Page[FigureRow]:
    begin, end = span_of(chosen.month)
    return source.rows(begin, end, places, number)


def _title(code: str, source: FigureSource | None) -> str:
    fixed = {"overdue": _("超时待办"), "primary": _("基层诊疗人次"), "referrals": _("转诊")}
    return fixed.get(code) or str(source.label if source else code)


class _Choice:
    """What the address chooses: month, definition of primary care, one institution."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.this_month = month_of(clock.now())
        self.month = min(month_from(request.GET.get("month", "")) or self.this_month, self.this_month)
        self.definition = "P2" if request.GET.get("definition") == "P2" else "P1"
        self.scope = queries.places_of(request.actor)
        self.place = key_of(request.GET.get("place", ""))
        if self.place is not None and self.place not in self.scope:
            raise NotFound(_("没有这个机构,或它不在您的管理范围内。"))
        self.places = self.scope if self.place is None else set(network.descendants(self.place)) & self.scope

    def for_page(self) -> dict[str, Any]:
        """What both pages show of the choice."""
        names = network.institutions(self.scope)
        listed = sorted(names.values(), key=lambda one: (one.level == "village", one.code))
        return {
            "month": self.month,
            "definition": self.definition,
            "definitions": DEFINITIONS,
            "place": str(self.place or ""),
            "places": [("", _("全部机构"))] + [(str(one.id), one.name) for one in listed if one.level != "village"],
            "months": [add_months(self.this_month, -n) for n in range(24)],
            "query": f"?month={self.month:%Y-%m}&definition={self.definition}&place={self.place or ''}",
        }


def _labels(trend: list[Month]) -> dict[str, Any]:
    return {"type": "category", "data": [f"{m.month:%y-%m}" for m in trend]}


def _visits_chart(trend: list[Month]) -> dict[str, Any]:
    return {
        "legend": {},
        "xAxis": _labels(trend),
        "yAxis": {"type": "value"},
        "series": [
            {"type": "bar", "stack": "all", "name": _("基层"), "data": [m.primary_visits for m in trend]},
            {"type": "bar", "stack": "all", "name": _("医院"), "data": [m.visits - m.primary_visits for m in trend]},
        ],
    }


def _share_chart(trend: list[Month]) -> dict[str, Any]:
    def percents(shares: list[float | None]) -> list[float | None]:
        return [None if share is None else round(share * 100, 1) for share in shares]

    return {
        "legend": {},
        "xAxis": _labels(trend),
        "yAxis": {"type": "value", "max": 100, "axisLabel": {"formatter": "{value}%"}},
        "series": [
            {"type": "line", "name": _("基层就诊占比"), "data": percents([m.primary_share for m in trend])},
            {"type": "line", "name": _("转诊完成率"), "data": percents([m.referral_share for m in trend])},
        ],
    }


def _reports_chart(trend: list[Month]) -> dict[str, Any]:
    return {
        "legend": {},
        "xAxis": _labels(trend),
        "yAxis": [
            {"type": "value", "name": _("份")},
            {"type": "value", "name": _("分钟"), "splitLine": {"show": False}},
        ],
        "series": [
            {"type": "bar", "name": _("签发报告"), "data": [m.reports for m in trend]},
            {"type": "line", "yAxisIndex": 1, "name": _("中位用时"), "data": [m.median_minutes for m in trend]},
        ],
    }


def _place_chart(places: list[PlaceRow]) -> dict[str, Any]:
    top = [row for row in places if row.figures.visits][:12][::-1]
    return {
        "xAxis": {"type": "value"},
        "yAxis": {
            "type": "category",
            "data": [row.name for row in top],
            "axisLabel": {"width": 130, "overflow": "truncate"},
        },
        "series": [{"type": "bar", "name": _("诊疗人次"), "data": [row.figures.visits for row in top]}],
    }
