"""The registry: all indicators with this month's figure, the criteria of 2020, the facts they stand on."""

import io

import xlsxwriter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yigong.core.paging import number_of, page_of_list
from yigong.core.rights import guarded
from yigong.indicators import policies, worker
from yigong.indicators.data import Figure
from yigong.indicators.engines import ENGINES
from yigong.indicators.facts import facts
from yigong.indicators.queries import counting, figures, registry
from yigong.indicators.queries.comparing import with_year_before
from yigong.indicators.rules.definition import Definition
from yigong.indicators.rules.figures import rounded
from yigong.indicators.views import common

SETS = {
    "2024": "2024 版监测指标",
    "2020": "2020 试行监测指标",
    "2025": "2025 年度目标",
    "V": "工作汇报常用",
    "C": "共享中心质量",
}  # texts: data


@guarded(policies.READ)
def listing(request: HttpRequest) -> HttpResponse:
    """Search and filter; each with its figure or with what is missing."""
    chosen = common.Choice(request)
    found = _found(request)
    page = page_of_list(found, page=number_of(request.GET.get("page", 1)), limit=30)
    shown = [d for d in page.items if d.is_counted]
    now = figures.figures_of(shown, chosen.span, chosen.places, chosen.primary)
    beside = with_year_before(now, chosen.span, chosen.places, chosen.primary)
    rows = page.map(lambda d: (d, now.get(d.code), beside.get(d.code)))
    every = registry.registry().values()
    return render(
        request,
        "indicators/list.html",
        {
            **chosen.for_page(), "tabs": common.tabs(request, "list"), "rows": rows, "sets": _sets(), "set": request.GET.get("set", ""), "q": request.GET.get("q", ""),
            "having": request.GET.get("having", ""), "counted": sum(1 for d in every if d.is_counted), "all": len(every), "certainty": common.certainty,
            "unit": common.unit, "may_count": request.actor.has(policies.COUNT),
        },
    )  # fmt: skip


@guarded(policies.READ)
def export(request: HttpRequest) -> HttpResponse:
    """The list as a spreadsheet: figure, numerator, denominator, definition."""
    chosen = common.Choice(request)
    found = _found(request)
    now = figures.figures_of([d for d in found if d.is_counted], chosen.span, chosen.places, chosen.primary)
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet(_("指标"))
        heads = [
            _("指标"),
            _("数值"),
            _("单位"),
            _("分子"),
            _("分母"),
            _("分子口径"),
            _("分母口径"),
            _("缺少的来源"),
            _("名称确度"),
            _("版本"),
            _("依据"),
        ]
        sheet.write_row(0, 0, heads)
        for line, d in enumerate(found, 1):
            sheet.write_row(line, 0, _line(d, now.get(d.code)))
        sheet.set_column(0, 0, 40)
        sheet.set_column(5, 7, 40)
    answer = HttpResponse(
        out.getvalue(), content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    answer["Content-Disposition"] = f'attachment; filename="indicators-{chosen.month:%Y-%m}.xlsx"'
    return answer


def _line(d: Definition, figure: Figure | None) -> list[object]:
    amounts, value = (figure.amounts, figure.value) if figure else (None, None)
    return [
        d.name, float(rounded(value, 4)) if value is not None else "", {"percent": "%", "permille": "‰"}.get(d.unit, common.unit(d.unit)),
        amounts.numerator if amounts else "", amounts.denominator if amounts and amounts.denominator is not None else "",
        d.numerator.text if d.numerator else "", d.denominator.text if d.denominator else "", d.missing, common.certainty(d.certainty), d.version, d.basis,
    ]  # fmt: skip


@guarded(policies.READ)
def criteria(request: HttpRequest) -> HttpResponse:
    """The eleven criteria of 2020, each with the figures that are evidence."""
    chosen = common.Choice(request)
    known = registry.registry()
    rows = [(c, [known[code] for code in c.indicators.split() if code in known]) for c in registry.criteria()]
    needed = {d.code: d for _c, ds in rows for d in ds if d.is_counted}
    now = figures.figures_of(needed.values(), chosen.span, chosen.places, chosen.primary)
    return render(
        request,
        "indicators/criteria.html",
        {**chosen.for_page(), "tabs": common.tabs(request, "criteria"), "rows": rows, "now": now, "certainty": common.certainty, "unit": common.unit},
    )  # fmt: skip


@guarded(policies.READ)
def fact_views(request: HttpRequest) -> HttpResponse:
    """The views with their columns: what every definition is written over."""
    kinds = {"int": _("数"), "bool": _("是否"), "string": _("文字"), "place": _("机构"), "key": _("分组")}
    return render(
        request,
        "indicators/facts.html",
        {
            "tabs": common.tabs(request, "facts"),
            "facts": facts().values(),
            "kinds": kinds,
            "view_word": common.view_word,
        },
    )


@guarded(policies.READ)
def counts(request: HttpRequest) -> HttpResponse:
    """Which engine counted what and when: the months of each fact as they stand, and every count of everything."""
    return render(
        request,
        "indicators/counts.html",
        {
            "tabs": common.tabs(request, "counts"), "rows": counting.standing(), "engines": ENGINES, "may_count": request.actor.has(policies.COUNT),
            "page": counting.computations(number_of(request.GET.get("page", 1))),
        },
    )  # fmt: skip


@require_POST
@guarded(policies.COUNT)
def count(request: HttpRequest) -> HttpResponse:
    """Count everything again, as a job."""
    return redirect("jobs:page", job_id=worker.start_count(request.actor).id)


def _sets() -> list[tuple[str, str]]:
    return [("", _("全部")), *SETS.items()]


def _found(request: HttpRequest) -> list[Definition]:
    text, chosen, having = (
        request.GET.get("q", "").strip()[:60].lower(),
        request.GET.get("set", ""),
        request.GET.get("having", ""),
    )
    every = [d for d in registry.registry().values() if not chosen or any(s.startswith(chosen) for s in d.sets)]
    if having:
        every = [d for d in every if bool(d.missing) is (having == "missing")]
    words = text.split()
    every = [
        d
        for d in every
        if all(w in f"{d.name} {d.name_en} {d.group} {d.owner} {' '.join(d.sets)}".lower() for w in words)
    ]
    return sorted(every, key=lambda d: (min((s for s in d.sets if s.startswith(chosen)), default="~"), d.code))
