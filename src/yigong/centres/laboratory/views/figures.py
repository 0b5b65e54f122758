"""Turnaround, workload and rejections."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from yigong.access.api import guarded
from yigong.centres.laboratory.policies import STATISTICS
from yigong.centres.laboratory.queries import figures as queries
from yigong.centres.laboratory.views.tubes import TONES, benches
from yigong.core import clock
from yigong.core.asked import day_of
from yigong.core.paging import number_of
from yigong.orders import api as orders


@guarded(STATISTICS)
def turnaround(request: HttpRequest) -> HttpResponse:
    """How long each stage takes, how much each bench does, what is rejected and why."""
    since, until = _days(request)
    context = {
        "figures": queries.figures(request.actor, since, until), "since": since, "until": until, "benches": benches(),
        "faults": orders.service("laboratory").image_reasons,
    }  # fmt: skip
    return render(request, "laboratory/turnaround.html", context)


@guarded(STATISTICS)
def rows(request: HttpRequest) -> HttpResponse:
    """The tubes behind a figure."""
    since, until = _days(request)
    view, value = request.GET.get("view", ""), request.GET.get("value", "")[:16]
    page = queries.rows(request.actor, since, until, view=view, value=value, page=number_of(request.GET.get("page")))
    context = {
        "page": page,
        "tones": TONES,
        "since": since,
        "until": until,
        "faults": orders.service("laboratory").image_reasons,
    }
    return render(request, "laboratory/rows.html", {**context, "view": view, "value": value, "benches": benches()})


def _days(request: HttpRequest) -> tuple:
    until = day_of(request.GET.get("until", "")) or clock.today()
    return day_of(request.GET.get("since", "")) or until - timedelta(days=29), until
