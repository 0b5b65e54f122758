"""Figures of quality sampling with their rows, export, and the sheet of one draw."""

from datetime import date, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import xlsxwriter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.access.api import guarded
from yigong.core import clock
from yigong.core.asked import key_of, month_from
from yigong.core.paging import number_of
from yigong.core.printing.api import About, answer, print_document
from yigong.network import api as network
from yigong.orders.commands.quality_tasks import label
from yigong.orders.models import QualitySample
from yigong.orders.policies import SCORE
from yigong.orders.queries import quality as queries
from yigong.orders.rules import quality, service
from yigong.orders.rules.quality_figures import QualityFigures, QualityFilters
from yigong.orders.rules.quality_states import QUALITY_SAMPLE
from yigong.orders.views.shown import moment

TONES = {
    "drawn": "info", "read": "info", "scored": "warn", "feedback": "bad", "answered": "warn", "contested": "warn", "closed": "good",
    "dropped": "muted",
}  # fmt: skip
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 20_000


@guarded("signed_in")
def figures(request: HttpRequest) -> HttpResponse:
    """The figures of one definition; each number opens its rows."""
    pack = queries.require_readable(request.actor, request.GET.get("definition", ""))
    filters = _filters(request, pack.code)
    found = queries.figures(filters, request.actor)
    people = network.staff_many({c.key for c in found.by_person})
    places = network.institutions({c.key for c in found.by_institution})
    words = common(pack)["words"]
    defects = [(code, words.get(code, code), n) for code, n in found.defects]
    context = {
        **common(pack), "found": found, "filters": filters, "label": label, "defects": defects, "pareto": _pareto(defects),
        "by_institution": [(c, places[c.key].short_name) for c in found.by_institution if c.key in places],
        "by_person": [(c, people[c.key].name) for c in found.by_person if c.key in people],
        "course": _course(found), "definitions": [(code, one.title) for code, one in queries.readable(request.actor).items()],
        "link": lambda **more: _link("orders:quality_rows", filters, **more), "export": _link("orders:quality_export", filters),
    }  # fmt: skip
    return render(request, "orders/quality_figures.html", context)


@guarded("signed_in")
def rows(request: HttpRequest) -> HttpResponse:
    """The drawn reports behind a figure, without the person."""
    pack = queries.require_readable(request.actor, request.GET.get("definition", ""))
    filters = _filters(request, pack.code)
    page = queries.rows(filters, request.actor, page=number_of(request.GET.get("page")))
    context = {
        **common(pack),
        "page": page,
        "filters": filters,
        "label": label,
        "back": _link("orders:quality_figures", filters),
    }
    return render(request, "orders/quality_rows.html", context)


@guarded("signed_in")
def export(request: HttpRequest) -> HttpResponse:
    """The figures and their rows as a workbook, without the person."""
    pack = queries.require_readable(request.actor, request.GET.get("definition", ""))
    filters = _filters(request, pack.code)
    found = queries.figures(filters, request.actor)
    people, places = (
        network.staff_many({c.key for c in found.by_person}),
        network.institutions({c.key for c in found.by_institution}),
    )
    words, out = common(pack)["words"], BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet(_("汇总"))
        named = [
            (_("合计"), found.total), *((places[c.key].name, c) for c in found.by_institution if c.key in places),
            *((people[c.key].name, c) for c in found.by_person if c.key in people),
        ]  # fmt: skip
        lines: list[list[Any]] = [[pack.title, _("抽取"), _("已评分"), _("合格")]]
        lines += [[name, c.drawn, c.scored, c.passed] for name, c in named]
        lines += [[], [_("缺陷"), _("例数")], *([words.get(code, code), n] for code, n in found.defects)]
        for n, line in enumerate(lines):
            sheet.write_row(n, 0, line)
        detail = book.add_worksheet(_("明细"))
        detail.write_row(
            0,
            0,
            [
                _("期次"),
                _("序号"),
                _("申请单号"),
                _("机构"),
                _("人员"),
                _("得分"),
                _("等级"),
                _("结论"),
                _("缺陷"),
                _("状态"),
            ],
        )
        every = queries.found_by(filters, request.actor).select_related("round", "institution", "person", "order")
        for n, one in enumerate(every.order_by("-round__period", "number")[:MOST_ROWS], 1):
            detail.write_row(n, 0, _line(one, pack, words))
    name = f"quality-{pack.code}-{filters.since:%Y%m}-{filters.until:%Y%m}.xlsx"
    return HttpResponse(
        out.getvalue(), content_type=_XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@guarded(SCORE)
def print_round(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """The sheet of one draw: figures, defects and findings, without the persons examined."""
    row = queries.round_of(round_id, request.actor)
    pack = quality.as_drawn(row.definition, row.definition_version)
    filters = QualityFilters(pack.code, row.period, row.period)
    found, words = queries.figures(filters, request.actor), common(pack)["words"]
    places = network.institutions({c.key for c in found.by_institution})
    samples = (
        queries.found_by(filters, request.actor)
        .select_related("round", "institution", "person", "order")
        .order_by("number")
    )
    total, scored = found.total, [one for one in samples if one.defects or one.agrees is False]
    data = {
        "title": _("%(title)s质控报告") % {"title": pack.title}, "subtitle": label(row.period),
        "facts": [
            (_("可抽查"), str(row.eligible)), (_("抽取"), str(total.drawn)), (_("已评分"), str(total.scored)), (_("合格"), str(total.passed)),
            (_("合格率"), _percent(total.rate)), (_("已剔除"), str(found.dropped)), (_("抽取人"), row.drawn_by_name),
            (_("抽取时间"), moment(row.drawn_at)),
            (_("复读一致率"), _percent(found.agreement)),
        ],
        "parts": [
            (_("各机构"), [_("机构"), _("抽取"), _("已评分"), _("合格"), _("合格率")],
             [[places[c.key].name, str(c.drawn), str(c.scored), str(c.passed), _percent(c.rate)] for c in found.by_institution if c.key in places]),
            (_("缺陷"), [_("缺陷"), _("例数")], [[words.get(code, code), str(n)] for code, n in found.defects]),
            (_("需整改"), [_("序号"), _("申请单号"), _("机构"), _("等级"), _("缺陷"), _("状态")],
             [[str(one.number), one.order.number, one.institution.short_name, grade_of(pack, one.grade), _defects(one, words), QUALITY_SAMPLE.label(one.state)] for one in scored]),
        ],
        "note": _("由系统按随机种子抽取，每期只抽一次；种子 %(seed)s，可复核。") % {"seed": row.seed}, "signs": [_("质控员"), _("中心负责人")],
    }  # fmt: skip
    return answer(
        print_document(
            "order_quality", "orders/quality", data, actor=request.actor, about=About("quality_round", row.pk, "1")
        )
    )


def common(pack: quality.QualityPack, version: str = "") -> dict[str, Any]:
    """What every page of a definition shows."""
    sheet = quality.sheet_of(pack, version)
    return {
        "pack": pack, "definition": service(pack.service), "words": {o.code: o.label for item in sheet.items for o in item.options},
        "tones": TONES, "state_label": QUALITY_SAMPLE.label, "grade_label": lambda code: grade_of(pack, code),
    }  # fmt: skip


def grade_of(pack: quality.QualityPack, code: str) -> str:
    """The grade in words; empty before it is scored."""
    return next((g.label for g in pack.grades if g.code == code), "")


def _defects(row: QualitySample, words: dict[str, str]) -> str:
    found = [words.get(code, code) for code in row.defects]
    return "、".join([*found, _("复读不一致")] if row.agrees is False else found)


def _line(row: QualitySample, pack: quality.QualityPack, words: dict[str, str]) -> list[Any]:
    verdict = "" if row.passed is None else _("合格") if row.passed else _("不合格")
    return [
        row.round.period.strftime("%Y-%m"), row.number, row.order.number, row.institution.name, row.person.name if row.person else "",
        "" if row.points is None else row.points, grade_of(pack, row.grade), verdict, _defects(row, words), QUALITY_SAMPLE.label(row.state),
    ]  # fmt: skip


def _percent(value: float | None) -> str:
    return "—" if value is None else f"{value:.1%}"


def _filters(request: HttpRequest, definition: str) -> QualityFilters:
    given, today = request.GET, clock.today()
    until = month_from(given.get("until")) or today.replace(day=1)
    since = month_from(given.get("since")) or (until - timedelta(days=150)).replace(day=1)
    return QualityFilters(
        definition, min(since, until), max(since, until), institution_id=key_of(given.get("at")), person_id=key_of(given.get("who")),
        period=month_from(given.get("period")), defect=given.get("defect", "")[:24], outcome=given.get("outcome", ""),
    )  # fmt: skip


def _link(name: str, filters: QualityFilters, **more: Any) -> str:
    asked = {
        "definition": filters.definition,
        "since": f"{filters.since:%Y-%m}",
        "until": f"{filters.until:%Y-%m}",
        **more,
    }
    return (
        reverse(name)
        + "?"
        + "&".join(
            f"{key}={value:%Y-%m}" if isinstance(value, date) else f"{key}={value}" for key, value in asked.items()
        )
    )


def _pareto(defects: list[tuple[str, str, int]]) -> dict[str, Any]:
    total, sums, running = sum(n for _c, _l, n in defects), [], 0
    for _code, _label, n in defects:
        running += n
        sums.append(round(100 * running / total, 1))
    return {
        "grid": {"left": 40, "right": 44, "top": 16, "bottom": 64}, "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "category", "data": [name for _c, name, _n in defects], "axisLabel": {"interval": 0, "rotate": 30}},
        "yAxis": [{"type": "value", "minInterval": 1}, {"type": "value", "max": 100, "axisLabel": {"formatter": "{value}%"}}],
        "series": [
            {"type": "bar", "name": _("例数"), "data": [n for _c, _l, n in defects], "barMaxWidth": 28},
            {"type": "line", "name": _("累计占比"), "yAxisIndex": 1, "data": sums},
        ],
    }  # fmt: skip


def _course(found: QualityFigures) -> dict[str, Any]:
    counted = [(c.key, c.rate) for c in found.by_period if c.rate is not None]
    return {
        "grid": {"left": 44, "right": 16, "top": 16, "bottom": 28}, "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "category", "data": [f"{period:%Y-%m}" for period, _rate in counted]},
        "yAxis": {"type": "value", "max": 100, "axisLabel": {"formatter": "{value}%"}},
        "series": [{"type": "line", "name": _("合格率"), "data": [round(100 * rate, 1) for _period, rate in counted]}],
    }  # fmt: skip
