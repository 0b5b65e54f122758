"""The standard page of an indicator, its export, and the rows behind its figures."""

import io
from typing import Any

import xlsxwriter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from yigong.core.errors import NotFound
from yigong.core.paging import number_of, page_of_list
from yigong.core.rights import guarded
from yigong.indicators import policies
from yigong.indicators.data import Figure, PlaceFigure
from yigong.indicators.facts import facts
from yigong.indicators.queries import figures, registry
from yigong.indicators.queries.comparing import with_year_before
from yigong.indicators.queries.frozen import frozen_of
from yigong.indicators.queries.rows import rows_behind
from yigong.indicators.rules.definition import Definition, rest_of
from yigong.indicators.rules.figures import Amounts, rounded, total
from yigong.indicators.views import common
from yigong.network import api as network

GROUPINGS = ("", "level", "township", "community")
_LEVELS = {"county": "县级", "township": "乡镇级", "village": "村级", "outside": "县外"}  # texts: data


@guarded(policies.READ)
def indicator(request: HttpRequest, code: str) -> HttpResponse:
    """Definition, figure, trend, by institution, what is missing, versions."""
    definition = registry.definition(code)
    if not definition.is_counted:
        return render(request, "indicators/missing.html", _about(request, definition))
    chosen = common.Choice(request)
    monthly = figures.months_of([definition], chosen.trend, chosen.places, chosen.primary)[code]
    now = figures.figures_of([definition], chosen.span, chosen.places, chosen.primary)[code]
    beside = with_year_before({code: now}, chosen.span, chosen.places, chosen.primary)[code]
    places = figures.by_place(definition, chosen.span, chosen.places, chosen.primary)
    by = request.GET.get("by", "") if request.GET.get("by", "") in GROUPINGS else ""
    return render(
        request,
        "indicators/indicator.html",
        {
            **_about(request, definition), **chosen.for_page(), "now": now, "beside": beside,
            "chart": _chart(definition, monthly), "monthly": monthly, "by": by, "grouping_tabs": _grouping_tabs(chosen, by), "sort": request.GET.get("sort", "-value"), "left_out": sorted(figures.left_out([definition], chosen.span).get(code, ())), "is_early": bool(definition.late_months) and chosen.is_early(definition.late_months),
            "rows": _sorted(request, _places(definition, places, by, chosen)), "reconciled": _reconciled(places, now),
            "silent": figures.silent(definition, chosen.span, chosen.places, places), "fresh": figures.freshness(definition, chosen.span),
            "frozen": frozen_of(definition.code, figures.variant_of(definition, chosen.primary), chosen.span, chosen.places),
        },
    )  # fmt: skip


@guarded(policies.READ)
def rows(request: HttpRequest, code: str, side: str) -> HttpResponse:
    """The rows behind numerator or denominator: as many as the figure says, without persons."""
    definition = registry.definition(code)
    sides = {"numerator": definition.numerator, "denominator": definition.denominator, "rest": rest_of(definition)}
    part = sides.get(side)
    if part is None:
        raise NotFound(_("这个指标没有这一项明细。"))
    chosen = common.Choice(request)
    variant = figures.variant_of(definition, chosen.primary)
    only: figures.Places = {chosen.place} if chosen.place and request.GET.get("only") else chosen.places
    found = rows_behind(
        definition,
        part,
        variant,
        chosen.span,
        only,
        number_of(request.GET.get("page", 1)),
        figures.left_out([definition], chosen.span).get(code, ()),
    )
    keys = {key for row in found.page.items for key in row.places if key}
    return render(
        request,
        "indicators/rows.html",
        {
            **chosen.for_page(), "definition": definition, "side": side, "part": part, "found": found, "names": network.institutions(keys),
            "places_heads": [column for column in found.fact.columns if column.kind == "place"], "summed": found.fact.column(part.sum) if part.sum else None,
        },
    )  # fmt: skip


@guarded(policies.READ)
def export(request: HttpRequest, code: str) -> HttpResponse:
    """The institutions and the months of an indicator as a spreadsheet."""
    definition = registry.definition(code)
    if not definition.is_counted:
        raise NotFound(_("这个指标还没有数据可导出。"))
    chosen = common.Choice(request)
    monthly = figures.months_of([definition], chosen.trend, chosen.places, chosen.primary)[code]
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        _sheet(
            book,
            _("分机构"),
            [
                (row.name or _("县外或未归机构"), row.figure)
                for row in figures.by_place(definition, chosen.span, chosen.places, chosen.primary)
            ],
        )
        _sheet(book, _("分月"), [(f"{month:%Y-%m}", figure) for month, figure in monthly.items()])
        about = book.add_worksheet(_("口径"))
        for line, pair in enumerate(_words(definition)):
            about.write_row(line, 0, pair)
    answer = HttpResponse(
        out.getvalue(), content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    answer["Content-Disposition"] = f'attachment; filename="{code}-{chosen.month:%Y-%m}.xlsx"'
    return answer


def _sheet(book: Any, title: str, lines: list[tuple[str, Figure]]) -> None:
    sheet = book.add_worksheet(title)
    sheet.write_row(0, 0, [title, _("数值"), _("分子"), _("分母"), _("病例少于下限")])
    for number, (name, figure) in enumerate(lines, 1):
        amounts, value = figure.amounts, figure.value
        below = amounts.denominator if amounts and amounts.denominator is not None else ""
        cells = [
            name,
            float(rounded(value, 4)) if value is not None else "",
            amounts.numerator if amounts else "",
            below,
            _("是") if figure.is_small else "",
        ]
        sheet.write_row(number, 0, cells)
    sheet.set_column(0, 0, 30)


def _about(request: HttpRequest, definition: Definition) -> dict[str, Any]:
    fact = facts().get(definition.fact)
    return {
        "tabs": common.tabs(request, "list"), "definition": definition, "fact": fact, "words": _words(definition), "certainty": common.certainty(definition.certainty),
        "unit": common.unit(definition.unit), "versions": registry.versions_of(definition.code),
    }  # fmt: skip


def _words(definition: Definition) -> list[tuple[str, str]]:
    fact = facts().get(definition.fact)
    part = definition.numerator
    words = [
        (_("名称"), definition.name), (_("英文"), definition.name_en), (_("分子"), part.text if part else ""),
        (_("分母"), definition.denominator.text if definition.denominator else ("" if not part else _("只计数量，没有分母"))),
        (_("方向"), common.direction(definition.direction)), (_("统计窗"), common.window(definition.window)), (_("视角"), common.view_word(definition.view)),
        (_("归属"), _column(fact, definition.attribution)), (_("目标"), definition.goal), (_("依据"), definition.basis), (_("版本"), f"{definition.version}（{definition.effective_from} {_('起')}）"),
        (_("负责"), definition.owner), (_("所在目录"), "、".join(definition.sets)), (_("说明"), definition.note),
    ]  # fmt: skip
    return [(label, text) for label, text in words if text]


def _column(fact: Any, name: str) -> str:
    column = fact.column(name) if fact else None
    return column.label if column else ""


def _grouping_tabs(chosen: common.Choice, by: str) -> list[tuple[str, str, bool]]:
    words = {"": _("逐个机构"), "level": _("按层级"), "township": _("按镇域"), "community": _("按医共体")}
    return [(words[one], chosen.query(by=one), one == by) for one in GROUPINGS]


def _places(definition: Definition, places: list[PlaceFigure], by: str, chosen: common.Choice) -> list[PlaceFigure]:
    if not by:
        return [PlaceFigure(row.id, row.name or _("县外或未归机构"), row.figure, row.houses) for row in places]
    groups = figures.grouped(places, by, chosen.month)
    if by == "level":
        return [PlaceFigure(None, _LEVELS.get(row.name, _("县外或未归机构")), row.figure, row.houses) for row in groups]
    if by == "township":
        names = {key: found.name for key, found in network.institutions(row.id for row in groups if row.id).items()}
    else:
        names = {one.id: one.name for one in network.alliances()}
    return [
        PlaceFigure(
            row.id if by == "township" else None,
            names.get(row.id, _("未入组")) if row.id else _("未入组"),
            row.figure,
            row.houses,
        )
        for row in groups
    ]


def _reconciled(places: list[PlaceFigure], now: Figure) -> bool:
    """Whether the institutions, and so the groups made of them, come to the figure above."""
    amounts = total((row.figure.amounts for row in places if row.figure.amounts), now.definition.is_share)
    mine = now.amounts or Amounts(0, 0 if now.definition.is_share else None)
    return (amounts.numerator, amounts.denominator) == (mine.numerator, mine.denominator)


def _sorted(request: HttpRequest, rows: list[PlaceFigure]) -> Any:
    """Small denominators are shown but not ranked: they stand behind the others."""
    sort = request.GET.get("sort", "-value")
    keys = {
        "name": lambda row: row.name,
        "value": lambda row: row.figure.value if row.figure.value is not None else -1,
        "numerator": lambda row: row.figure.amounts.numerator,
        "denominator": lambda row: row.figure.amounts.denominator or 0,
    }
    ordered = sorted(rows, key=keys.get(sort.lstrip("-"), keys["value"]), reverse=sort.startswith("-"))
    if sort.lstrip("-") == "value":
        ordered.sort(key=lambda row: (row.id is None and not row.houses, row.figure.is_small))
    return page_of_list(ordered, page=number_of(request.GET.get("page", 1)), limit=30)


def _chart(definition: Definition, monthly: dict[Any, Figure]) -> dict[str, Any]:
    values = [float(rounded(figure.value, 2)) if figure.value is not None else None for figure in monthly.values()]
    series: dict[str, Any] = {
        "type": "line" if definition.is_share else "bar",
        "name": definition.title,
        "data": values,
    }
    if definition.target:
        series["markLine"] = {"symbol": "none", "data": [{"yAxis": float(definition.target), "name": _("目标")}]}
    return {
        "xAxis": {"type": "category", "data": [f"{month:%y-%m}" for month in monthly]},
        "yAxis": {"type": "value", "scale": definition.is_share},
        "series": [series],
    }
