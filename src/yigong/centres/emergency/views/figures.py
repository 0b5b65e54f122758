"""Indicators, their rows, print and export; the sheets of one case."""

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
from yigong.centres.emergency.commands import timing
from yigong.centres.emergency.models import Case
from yigong.centres.emergency.policies import FIGURES, READ
from yigong.centres.emergency.queries import cases
from yigong.centres.emergency.queries import figures as reads
from yigong.centres.emergency.rules import definitions
from yigong.centres.emergency.rules.workflow import TARGET
from yigong.centres.emergency.views.common import TONES
from yigong.core import clock
from yigong.core.asked import day_of
from yigong.core.errors import NotFound
from yigong.core.ids import new_id
from yigong.core.paging import number_of, page_of
from yigong.core.printing.api import About, answer, print_document

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WHICH = ("asked", "timed", "met", "missed", "missing", "open")


@guarded(FIGURES)
def figures(request: HttpRequest) -> HttpResponse:
    """Every target in a period; one of them month by month."""
    since, until = _period(request)
    found = reads.targets(since, until, request.actor)
    chosen = _chosen(request)
    months = reads.months(*chosen, request.actor, until)
    label = next((one.label for one in found if (one.pathway, one.code) == chosen), "")
    context = {
        "since": since, "until": until, "found": found, "totals": reads.totals(since, until, request.actor), "chosen": chosen, "chosen_label": label,
        "months": months, "chart": _chart(months) if any(one[3] for one in months) else None, "titles": {p.code: p.title for p in definitions.pathways().values()},
        "query": f"since={since}&until={until}", "ways": dict(Case.Way.choices), "levels": {one.code: one.label for one in definitions.parameters().level},
        "outcomes": {one.code: one.label for one in definitions.parameters().outcome},
        "priorities": {one.code: one.label for one in definitions.parameters().priority}, "may_read": request.actor.has(READ),
    }  # fmt: skip
    return render(request, "emergency/figures.html", context)


@guarded(FIGURES)
def rows(request: HttpRequest, pathway: str, code: str, which: str) -> HttpResponse:
    """The cases behind one figure."""
    path = definitions.pathways().get(pathway)
    target = next((one for one in path.target if one.code == code), None) if path else None
    if path is None or target is None or which not in WHICH:
        raise NotFound()
    since, until = _period(request)
    found = reads.rows_of(pathway, code, which, since, until, request.actor)
    context = {
        "page": page_of(found, page=number_of(request.GET.get("page")), limit=50), "title": f"{path.title} · {target.label}", "which": _which()[which],
        "back": reverse("emergency:figures") + f"?since={since}&until={until}", "label": TARGET.label, "tones": TONES, "may_read": request.actor.has(READ),
        "minutes_of": reads.minutes_of,
    }  # fmt: skip
    return render(request, "emergency/rows.html", context)


@guarded(FIGURES)
def print_figures(request: HttpRequest) -> HttpResponse:
    """The table on paper."""
    since, until = _period(request)
    data = {
        "title": _("急救与五大中心质控指标"), "number": f"{since} — {until}", "facts": _facts(reads.totals(since, until, request.actor)), "heads": _heads(),
        "lines": reads.as_lines(reads.targets(since, until, request.actor)), "signs": [_("统计人"), _("审核人")], "after": [],
        "note": _("达标率 = 达标例数 ÷（有时间的例数 + 已结束而未登记的例数）；未登记的不算达标。分母为零显示“—”。"),
    }  # fmt: skip
    about = About("emergency.figures", new_id(), f"{since}")
    return answer(print_document("emergency_figures", "emergency/sheet", data, actor=request.actor, about=about))


@guarded(FIGURES)
def export(request: HttpRequest) -> HttpResponse:
    """The table and its rows as a workbook."""
    since, until = _period(request)
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet(_("指标"))
        for n, line in enumerate([_heads(), *reads.as_lines(reads.targets(since, until, request.actor))]):
            sheet.write_row(n, 0, line)
        detail = book.add_worksheet(_("明细"))
        detail.write_row(0, 0, [_("病例"), _("通道"), _("指标"), _("开始"), _("结束"), _("分钟"), _("目标"), _("结果")])
        for n, one in enumerate(
            reads.clocks_between(since, until, request.actor)
            .select_related("case")
            .order_by("case__opened_at")[:50_000],
            1,
        ):
            detail.write_row(n, 0, _line(one))
    name = f"emergency-{since}-{until}.xlsx"
    return HttpResponse(
        out.getvalue(), content_type=_XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@guarded(READ, about="emergency")
def print_log(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The rescue log: every time with who entered it, what was measured, what was decided."""
    row = cases.access_case(case_id, request.actor)
    words = timing.labels(row)
    points = sorted(timing.points(row, timing.running(row)).values(), key=lambda one: one.at)
    lines = [
        [
            words.get(one.code, one.code),
            timing.shown(one.at),
            one.entered_by,
            timing.shown(one.entered_at),
            _("补录：%(why)s") % {"why": one.reason} if one.late else "",
        ]
        for one in points
    ]
    measured = [
        [timing.shown(one.taken_at), *(_value(one, code) for code in definitions.SIGNS), "、".join(one.alerts)]
        for one in row.readings.order_by("taken_at")
    ]
    data = {
        "title": _("急救记录"), "number": row.number, "facts": _case_facts(row), "heads": [_("节点"), _("时间"), _("登记人"), _("登记时间"), _("备注")],
        "lines": lines, "signs": [_("车组"), _("接诊医师")], "note": row.outcome_note,
        "after": [{"title": _("生命体征"), "heads": [_("时间"), *(f"{name}" for name, _unit in definitions.sign_words().values()), _("提示")], "lines": measured}]
        if measured else [],
    }  # fmt: skip
    about = About("emergency.log", row.pk, str(row.version))
    return answer(
        print_document(
            "emergency_log", "emergency/sheet", data, actor=request.actor, about=about, institution=row.destination.name
        )
    )


@guarded(READ, about="emergency")
def print_handover(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The hand-over sheet with both signatures."""
    row = cases.access_case(case_id, request.actor)
    sheet = getattr(row, "handover", None)
    if sheet is None:
        raise NotFound(_("还没有填写交接单。"))
    last = row.readings.order_by("-taken_at").first()
    words = definitions.sign_words()
    lines = [
        [_("交接时病情"), sheet.condition], [_("院前用药和处置"), sheet.given or "—"], [_("随身物品"), sheet.belongings or "—"],
        [_("最近生命体征"), "；".join(f"{words[code][0]} {_value(last, code)}" for code in definitions.SIGNS if last and getattr(last, code) is not None) or "—"],
        [_("交出"), f"{sheet.giver} {timing.shown(sheet.giver_at)}"],
        [_("接收"), f"{sheet.receiver_place} {sheet.receiver} {timing.shown(sheet.receiver_at)}" if sheet.receiver_at else _("未签收")],
    ]  # fmt: skip
    data = {
        "title": _("院前院内交接单"), "number": row.number, "facts": _case_facts(row), "heads": [_("项目"), _("内容")], "lines": lines,
        "signs": [_("交出人"), _("接收人")], "after": [], "note": "",
    }  # fmt: skip
    about = About("emergency.handover", row.pk, str(sheet.receiver_at or sheet.giver_at))
    return answer(
        print_document(
            "emergency_handover",
            "emergency/sheet",
            data,
            actor=request.actor,
            about=about,
            institution=row.destination.name,
        )
    )


def _case_facts(row: Case) -> list[tuple[str, str]]:
    sex = {"1": _("男"), "2": _("女")}.get(row.patient_sex, _("未知"))
    run = timing.running(row)
    return [
        (_("姓名"), row.patient_name), (_("性别"), sex), (_("年龄"), "—" if row.patient_age is None else str(row.patient_age)),
        (_("主诉"), definitions.label("complaint", row.complaint)), (_("地点"), row.address or "—"), (_("电话"), row.phone or "—"),
        (_("车辆"), str(run.vehicle) if run else "—"), (_("送往"), row.destination.name),
        (_("转归"), definitions.label("outcome", row.outcome) or "—"),
    ]  # fmt: skip


def _value(one: Any, code: str) -> str:
    value = getattr(one, code)
    return "" if value is None else f"{value}"


def _line(one: Any) -> list[str]:
    path = definitions.pathways().get(one.pathway)
    took = f"{reads.minutes_of(one):.1f}" if one.started_at and one.stopped_at else ""
    return [
        one.case.number, path.title if path else one.pathway, one.label, timing.shown(one.started_at) if one.started_at else "",
        timing.shown(one.stopped_at) if one.stopped_at else "", took, str(one.minutes), TARGET.label(one.state),
    ]  # fmt: skip


def _facts(totals: dict[str, Any]) -> list[tuple[str, str]]:
    response, departure = totals["response"], totals["departure"]
    return [
        (_("病例"), str(totals["cases"])), (_("出车"), str(totals["runs"])), (_("取消或放空"), str(totals["empty"])),
        (_("急救反应时间中位数"), _minutes(response)), (_("派车到出车中位数"), _minutes(departure)),
        (_("补录时间点"), f"{totals['late']} / {totals['times']}"),
    ]  # fmt: skip


def _minutes(pair: tuple[float | None, int]) -> str:
    return "—" if pair[0] is None else _("%(m)s 分钟（%(n)s 例）") % {"m": f"{pair[0]:g}", "n": pair[1]}


def _heads() -> list[str]:
    return [
        _("通道"),
        _("指标"),
        _("目标（分钟）"),
        _("应计"),
        _("有时间"),
        _("未登记"),
        _("进行中"),
        _("中位数"),
        _("达标率"),
        _("要求"),
    ]


def _which() -> dict[str, str]:
    return {
        "asked": _("应计"),
        "timed": _("有时间"),
        "met": _("达标"),
        "missed": _("超时"),
        "missing": _("未登记"),
        "open": _("进行中"),
    }


def _chosen(request: HttpRequest) -> tuple[str, str]:
    pathway, _sep, code = request.GET.get("target", "").partition(".")
    return (pathway, code) if pathway and code else ("chest-pain", "fmc_ecg")


def _chart(months: list[tuple[str, float | None, float | None, int]]) -> dict[str, Any]:
    return {
        "tooltip": {"trigger": "axis"}, "legend": {"data": [_("中位数（分钟）"), _("达标率（%）")]},
        "grid": {"left": 8, "right": 8, "top": 34, "bottom": 8, "containLabel": True}, "xAxis": {"type": "category", "data": [m[0] for m in months]},
        "yAxis": [{"type": "value"}, {"type": "value", "max": 100}],
        "series": [
            {"type": "bar", "name": _("中位数（分钟）"), "data": [m[1] for m in months], "barMaxWidth": 24},
            {"type": "line", "name": _("达标率（%）"), "yAxisIndex": 1, "data": [m[2] for m in months]},
        ],
    }  # fmt: skip


def _period(request: HttpRequest) -> tuple[date, date]:
    until = day_of(request.GET.get("until")) or clock.today()
    since = day_of(request.GET.get("since")) or until.replace(day=1)
    if until - since > timedelta(days=3660):
        since = until - timedelta(days=3660)
    return min(since, until), until
