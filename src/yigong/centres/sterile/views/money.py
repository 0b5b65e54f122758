"""What packs cost the institutions, month by month; figures of the centre with the rows behind them."""

import io
from datetime import date, timedelta
from typing import Any

import xlsxwriter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.access.api import guarded
from yigong.centres.sterile.policies import COSTS, FIGURES
from yigong.centres.sterile.queries import figures as reads
from yigong.centres.sterile.rules.workflow import LOAD, PACK
from yigong.centres.sterile.views.common import TONES
from yigong.core import clock
from yigong.core.asked import day_of, key_of
from yigong.core.errors import NotFound
from yigong.core.ids import new_id
from yigong.core.months import add_months, first_of
from yigong.core.paging import number_of, page_of
from yigong.core.printing.api import About, answer, print_document
from yigong.network import api as network

MOST_ROWS = 20_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _month(request: HttpRequest) -> date:
    asked = request.GET.get("month", "")
    return first_of(day_of(f"{asked}-01") or clock.today())


@guarded(COSTS)
def costs(request: HttpRequest) -> HttpResponse:
    """A month's statement: by institution, then pack by pack."""
    month, place = _month(request), key_of(request.GET.get("place"))
    found = reads.costs(month, request.actor, place)
    page = page_of(reads.charged(month, request.actor, place), page=number_of(request.GET.get("page")), limit=50)
    context = {
        "month": month, "place": place, "found": found, "page": page, "names": network.institutions([c.institution_id for c in found]),
        "total": sum(one.total for one in found), "packs": sum(one.packs for one in found), "unpriced": sum(one.unpriced for one in found),
        "before": add_months(month, -1), "after": add_months(month, 1), "now_month": first_of(clock.today()),
    }  # fmt: skip
    return render(request, "sterile/costs.html", context)


@guarded(COSTS)
def export_costs(request: HttpRequest) -> HttpResponse:
    """The rows of the statement as a sheet."""
    month, place = _month(request), key_of(request.GET.get("place"))
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet(f"{month:%Y-%m}")
        sheet.write_row(0, 0, _heads(), book.add_format({"bold": True}))
        sheet.set_column(0, 6, 18)
        for n, row in enumerate(reads.charged(month, request.actor, place)[:MOST_ROWS], start=1):
            sheet.write_row(n, 0, _row(row))
    name = f"sterile-{month:%Y%m}.xlsx"
    return HttpResponse(
        out.getvalue(), content_type=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@guarded(COSTS)
def print_costs(request: HttpRequest) -> HttpResponse:
    """One institution's statement on paper."""
    month, place = _month(request), key_of(request.GET.get("place"))
    found = reads.costs(month, request.actor, place)
    if not found or place is None:
        raise NotFound(_("这个月没有签收的无菌包。"))
    one = found[0]
    rows = list(reads.charged(month, request.actor, place)[:MOST_ROWS])
    data = {
        "title": _("消毒供应费用结算单"), "number": f"{month:%Y-%m}",
        "facts": [
            (_("机构"), network.institution(place).name), (_("月份"), f"{month:%Y-%m}"), (_("签收"), _("%(n)s 包") % {"n": one.packs}),
            (_("包费（元）"), _yuan(one.amount)), (_("短少赔付（元）"), _yuan(one.shortages)), (_("合计（元）"), _yuan(one.total)),
        ],
        "heads": _heads(), "lines": [[str(cell) for cell in _row(row)] for row in rows],
        "signs": [_("消毒供应中心"), _("机构负责人"), _("财务")],
    }  # fmt: skip
    about = About("sterile.costs", new_id(), f"{month:%Y-%m}")
    return answer(print_document("sterile_costs", "sterile/list", data, actor=request.actor, about=about))


@guarded(FIGURES)
def figures(request: HttpRequest) -> HttpResponse:
    """Workload, turnaround, rejection, expiry."""
    since, until = _period(request)
    found = reads.figures(since, until, request.actor)
    query = f"?since={since}&until={until}"
    context = {
        "since": since, "until": until, "found": found, "query": query, "words": _words(),
        "chart": {
            "tooltip": {}, "xAxis": {"type": "category", "data": [day.isoformat() for day, _n in found.days]}, "yAxis": {"type": "value"},
            "series": [{"type": "bar", "data": [n for _day, n in found.days]}],
        },
    }  # fmt: skip
    return render(request, "sterile/figures.html", context)


@guarded(FIGURES)
def rows(request: HttpRequest, kind: str) -> HttpResponse:
    """The rows behind one number: a step, slow rounds, judged loads."""
    since, until = _period(request)
    words = _words() | {"slow": _("周转超时"), "loads": _("灭菌锅次")}
    if kind not in words:
        raise NotFound()
    number = number_of(request.GET.get("page"))
    context: dict[str, Any] = {"kind": kind, "title": words[kind], "since": since, "until": until, "tones": TONES}
    if kind == "slow":
        context["page"] = page_of(reads.slow_rounds(since, until, request.actor), page=number, limit=50)
    elif kind == "loads":
        context |= {
            "page": page_of(reads.ended_loads(since, until, request.actor), page=number, limit=50),
            "label": LOAD.label,
        }
    else:
        context["page"] = page_of(reads.scans(since, until, request.actor, kind), page=number, limit=50)
    context["back"] = reverse("sterile:figures") + f"?since={since}&until={until}"
    return render(request, "sterile/rows.html", context)


def _period(request: HttpRequest) -> tuple[date, date]:
    until = day_of(request.GET.get("until")) or clock.today()
    since = day_of(request.GET.get("since")) or until - timedelta(days=29)
    return min(since, until), until


def _words() -> dict[str, str]:
    return {step.action: _(step.label) for step in PACK.steps if not step.action.startswith("back_to_")}


def _heads() -> list[str]:
    return [_("编码"), _("器械包"), _("机构"), _("发放日期"), _("签收时间"), _("使用日期"), _("金额（元）"), _("备注")]


def _row(row: Any) -> list[str]:
    note = _("召回未用，不计费") if row.credited else _("未定价") if row.price is None else ""
    return [
        row.label, row.pack.set_name, row.destination.name, row.issued_on.isoformat() if row.issued_on else "",
        f"{row.received_at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}", row.used_on.isoformat() if row.used_on else "",
        "" if row.price is None or row.credited else _yuan(row.price), note,
    ]  # fmt: skip


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"
