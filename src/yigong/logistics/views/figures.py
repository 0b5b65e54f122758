"""On time, temperature, losses, with the rows behind each."""

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.access.api import guarded
from yigong.core import clock
from yigong.core.asked import day_of
from yigong.core.errors import NotFound
from yigong.core.paging import number_of, page_of
from yigong.logistics.policies import FIGURES, FOLLOW
from yigong.logistics.queries import figures as reads
from yigong.logistics.queries.consignments import consignments_data, measured
from yigong.logistics.rules import definitions
from yigong.logistics.views.common import TONES


def names() -> dict[str, str]:
    """What each figure is called."""
    return {
        "stops": _("到站"), "on_time": _("准点到站"), "late": _("晚点到站"), "skipped": _("未停靠"), "sent": _("运送件"), "received": _("已签收"),
        "differing": _("签收有差异"), "excursions": _("超温"), "unmeasured": _("有温度要求而未测温"), "damaged": _("破损"), "lost": _("丢失"),
    }  # fmt: skip


@guarded(FIGURES)
def figures(request: HttpRequest) -> HttpResponse:
    """A period's figures; each opens its rows."""
    since, until = _period(request)
    context = {
        "since": since, "until": until, "found": reads.figures(since, until, request.actor), "names": names(),
        "late": definitions.parameters().late_minutes, "query": f"since={since}&until={until}",
    }  # fmt: skip
    return render(request, "logistics/figures.html", context)


@guarded(FIGURES)
def rows(request: HttpRequest, name: str) -> HttpResponse:
    """The stops or consignments behind one figure."""
    since, until = _period(request)
    number = number_of(request.GET.get("page"))
    context: dict[str, Any] = {
        "title": names().get(name, ""), "back": reverse("logistics:figures") + f"?since={since}&until={until}", "tones": TONES,
        "since": since, "until": until, "may_open": request.actor.has(FOLLOW),
    }  # fmt: skip
    if name in reads.STOPS:
        context["stops"] = page_of(reads.stops_of(name, since, until, request.actor), page=number, limit=50)
    elif name in reads.GOODS:
        found = measured(reads.goods_of(name, since, until, request.actor))
        context["goods"] = page_of(found, page=number, limit=50, convert=consignments_data)
    else:
        raise NotFound()
    return render(request, "logistics/rows.html", context)


def _period(request: HttpRequest) -> tuple[date, date]:
    today = clock.today()
    since = day_of(request.GET.get("since")) or today.replace(day=1)
    until = day_of(request.GET.get("until")) or today
    return min(since, until), max(since, until) if max(since, until) - min(since, until) < timedelta(
        days=400
    ) else today
