"""Figures of consultations, each opening its rows."""

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from yigong.access.api import guarded
from yigong.centres.consultation import policies
from yigong.centres.consultation.queries import figures
from yigong.core import clock
from yigong.core.asked import day_of
from yigong.core.errors import NotFound
from yigong.core.paging import number_of


@guarded(policies.STATISTICS)
def overview(request: HttpRequest) -> HttpResponse:
    """Volume, promptness, acceptance, follow-through and satisfaction of a span."""
    first, last = _span(request)
    found = figures.figures(request.actor, first, last)
    cards = [
        (
            measure.label,
            found.counts[code],
            found.share(code),
            f"{reverse('consultation:rows')}?measure={code}&since={first}&until={last}",
        )
        for code, measure in figures.MEASURES.items()
    ]
    chart = {
        "grid": {"left": 90, "right": 24, "top": 8, "bottom": 24}, "tooltip": {}, "xAxis": {"type": "value", "minInterval": 1},
        "yAxis": {"type": "category", "inverse": True, "data": [name for name, _n in found.by_asker[:12]]},
        "series": [{"type": "bar", "data": [n for _name, n in found.by_asker[:12]], "barMaxWidth": 18}],
    }  # fmt: skip
    context = {"found": found, "cards": cards, "since": first, "until": last, "chart": chart}
    return render(request, "consultation/figures.html", context)


@guarded(policies.STATISTICS)
def rows(request: HttpRequest) -> HttpResponse:
    """The rows behind one figure."""
    code = request.GET.get("measure", "requested")
    if code not in figures.MEASURES:
        raise NotFound()
    first, last = _span(request)
    page = figures.page_behind(code, request.actor, first, last, page=number_of(request.GET.get("page")))
    context = {"page": page, "measure": figures.MEASURES[code], "since": first, "until": last}
    return render(request, "consultation/rows.html", context)


def _span(request: HttpRequest) -> tuple[date, date]:
    today = clock.today()
    first = day_of(request.GET.get("since")) or today - timedelta(days=29)
    last = day_of(request.GET.get("until")) or today
    return min(first, last), max(first, last)
