"""Lists: one's own orders, the performing workbench, the reading list, statistics."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yigong.access.api import guarded
from yigong.core import clock
from yigong.core.asked import day_of, key_of
from yigong.core.errors import Forbidden
from yigong.core.paging import number_of
from yigong.network import api as network
from yigong.orders import queries
from yigong.orders.commands import reporting
from yigong.orders.data import ServiceDefinition, WorklistFilters
from yigong.orders.rules import service, services
from yigong.orders.views.shown import TONES, names_of


@guarded("signed_in")
def own(request: HttpRequest) -> HttpResponse:
    """Orders that one's institution asked for."""
    view, text = request.GET.get("view", "open"), request.GET.get("q", "")
    mine = {code: s for code, s in services().items() if request.actor.has(s.rights.request)}
    if not mine:
        raise Forbidden(_("您的岗位不开具检查检验申请。"))
    code = request.GET.get("service", "")
    page = queries.order_list(
        request.actor, service_code=code if code in mine else "", view=view, text=text,
        page=number_of(request.GET.get("page")),
    )  # fmt: skip
    context = {"page": page, "names": names_of(page.items), "view": view, "text": text, "tones": TONES, "mine": mine}
    return render(request, "orders/own.html", context)


@guarded("signed_in")
def workbench(request: HttpRequest, service_code: str) -> HttpResponse:
    """What one's institution has to perform."""
    definition = service(service_code)
    _need(request, definition.rights.perform)
    view, text = request.GET.get("view", "to_do"), request.GET.get("q", "")
    page = queries.performing_list(
        service_code, request.actor, view=view, text=text, page=number_of(request.GET.get("page"))
    )
    context = {
        "definition": definition, "page": page, "names": names_of(page.items), "view": view, "text": text,
        "totals": queries.performing_totals(service_code, request.actor), "tones": TONES,
    }  # fmt: skip
    return render(request, "orders/workbench.html", context)


@guarded("signed_in")
def reading_list(request: HttpRequest, service_code: str) -> HttpResponse:
    """What one's centre has to report."""
    definition = service(service_code)
    _need(request, definition.rights.report)
    filters = _filters(request)
    page = queries.worklist(service_code, request.actor, filters, page=number_of(request.GET.get("page")))
    context = {
        "definition": definition, "page": page, "names": names_of(page.items), "filters": filters, "tones": TONES,
        "totals": queries.worklist_totals(service_code, request.actor),
        "groups": sorted({item.group for item in definition.catalogue()}),
        "criticals": len(queries.open_criticals(request.actor, service_code=service_code)),
    }  # fmt: skip
    return render(request, "orders/worklist.html", context)


@guarded("signed_in")
@require_POST
def take_next(request: HttpRequest, service_code: str) -> HttpResponse:
    """Claim the most urgent, longest waiting report and open it."""
    _need(request, service(service_code).rights.report)
    report = reporting.claim_next(service_code=service_code, actor=request.actor, filters=_filters(request))
    if report is None:
        messages.info(request, _("没有待认领的检查。"))
        return redirect("orders:worklist", service_code)
    return redirect("orders:report", report.order_id)


@guarded("signed_in")
def statistics(request: HttpRequest, service_code: str) -> HttpResponse:
    """Volume, turnaround, rejections and critical values of a period."""
    today = clock.today()
    since = day_of(request.GET.get("since")) or today - timedelta(days=29)
    until = min(day_of(request.GET.get("until")) or today, today)
    figures = queries.statistics(service_code, request.actor, since=min(since, until), until=until)
    institutions = network.institutions({key for key, _n in figures.by_institution})
    reads = request.actor.has(service(service_code).rights.report)
    context = {
        "definition": service(service_code), "figures": figures, "since": since, "until": until,
        "institutions": [(institutions[k].short_name, n) for k, n in figures.by_institution if k in institutions],
        "by_day": _bars([(d.strftime("%m-%d"), n) for d, n in figures.by_day]),
        "by_group": _pie(_grouped(service(service_code), figures.by_group)),
        "groups": _grouped(service(service_code), figures.by_group),
        "others": [
            (one.label, reverse("orders:statistics", args=[code]), code == service_code)
            for code, one in services().items()
            if request.actor.has(one.rights.statistics)
        ],
        "back": reverse("orders:worklist", args=[service_code]) if reads else "",
    }  # fmt: skip
    return render(request, "orders/statistics.html", context)


def _need(request: HttpRequest, permission: str) -> None:
    if not request.actor.has(permission):
        raise Forbidden(_("您的岗位没有这项权限。如工作需要，请联系本机构系统管理员。"))


def _filters(request: HttpRequest) -> WorklistFilters:
    given = request.GET if request.method == "GET" else request.POST
    return WorklistFilters(
        view=given.get("view", "waiting"), group=given.get("group", ""), priority=given.get("priority", ""),
        requesting_institution_id=key_of(given.get("from")), text=given.get("q", ""), since=day_of(given.get("since")),
        until=day_of(given.get("until")),
    )  # fmt: skip


def _bars(rows: list[tuple[str, int]]) -> dict[str, Any]:
    return {
        "grid": {"left": 40, "right": 12, "top": 16, "bottom": 28},
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "category", "data": [name for name, _n in rows]},
        "yAxis": {"type": "value", "minInterval": 1},
        "series": [{"type": "bar", "data": [n for _name, n in rows], "barMaxWidth": 24}],
    }


def _grouped(definition: ServiceDefinition, rows: tuple[tuple[str, int], ...]) -> tuple[tuple[str, int], ...]:
    """The groups under the service's own words."""
    return tuple((definition.word(f"group_{code}", code), n) for code, n in rows)


def _pie(rows: tuple[tuple[str, int], ...]) -> dict[str, Any]:
    return {
        "tooltip": {},
        "series": [{"type": "pie", "radius": ["45%", "70%"], "data": [{"name": k, "value": n} for k, n in rows]}],
    }
