"""Rates with their rows, turnaround by stage, workload."""

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from yigong.access.api import guarded
from yigong.centres.pathology.policies import STATISTICS
from yigong.centres.pathology.queries import figures as queries
from yigong.core import clock
from yigong.core.asked import day_of
from yigong.core.errors import NotFound
from yigong.core.paging import number_of
from yigong.residents import api as residents

STEPS = ("receive", "gross", "embed", "section", "stain")


@guarded(STATISTICS)
def overview(request: HttpRequest) -> HttpResponse:
    """The rates of the national list that the centre's own records can answer, and how long each stage takes."""
    since, until = _days(request)
    heads = [_("核收"), _("取材"), _("包埋"), _("切片"), _("染色")]
    context = {
        "figures": queries.figures(request.actor, since, until), "since": since, "until": until, "steps": STEPS, "heads": heads,
    }  # fmt: skip
    return render(request, "pathology/figures.html", context)


@guarded(STATISTICS)
def rows(request: HttpRequest) -> HttpResponse:
    """The rows behind a rate."""
    since, until = _days(request)
    code, part = request.GET.get("rate", ""), request.GET.get("part", "")
    if code not in queries.RATES:
        raise NotFound(_("没有这项指标。"))
    rate, page = queries.rows(
        request.actor, since, until, code=code, part=part, page=number_of(request.GET.get("page"))
    )
    names = residents.resident_names({row[3] for row in page.items})
    context = {"rate": rate, "page": page, "part": part, "since": since, "until": until, "names": names}
    return render(request, "pathology/rows.html", context)


def _days(request: HttpRequest) -> tuple[date, date]:
    until = day_of(request.GET.get("until", "")) or clock.today()
    return day_of(request.GET.get("since", "")) or until - timedelta(days=29), until
