"""The enrolment roll by village and year, its people, spreadsheet and print."""

import io
from typing import Any

import xlsxwriter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from yigong.access.api import guarded
from yigong.core import clock
from yigong.core.ids import new_id
from yigong.core.paging import number_of, page_of_list
from yigong.core.printing.api import About, answer, print_document
from yigong.insurance.coverage import policies
from yigong.insurance.coverage.parameters import EnrolmentRules, enrolment_rules
from yigong.insurance.coverage.queries import roll as read
from yigong.insurance.coverage.rules import INSURANCES
from yigong.residents import api as residents

_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _year(request: HttpRequest) -> int:
    today = clock.today()
    text = request.GET.get("year", "")
    if text.isdecimal() and text.isascii() and today.year - 5 <= int(text) <= today.year + 1:
        return int(text)
    return today.year + (1 if today.month >= enrolment_rules(today).season_from else 0)


def words(rules: EnrolmentRules) -> dict[str, str]:
    """Why somebody is outside the denominator, and the schemes, in words."""
    gone = {"deceased": _("死亡"), "moved": _("迁出"), "cancelled": _("注销"), "merged": _("并档")}
    schemes = {code: str(label) for code, label in INSURANCES.items()}
    return gone | schemes | {one.code: one.title for one in rules.reasons}


def states() -> dict[str, str]:
    """The four states of the roll in words."""
    return {
        read.ENROLLED: _("已参保"),
        read.MISSING: _("未参保"),
        read.EXEMPT: _("不计入应参"),
        read.GONE: _("年内死亡或迁出"),
    }


@require_GET
@guarded(policies.ROLL)
def villages(request: HttpRequest) -> HttpResponse:
    """Each village's rate, what is lacking to the target, and who is outside the denominator and why."""
    actor: Any = request.actor
    year, rules = _year(request), enrolment_rules(clock.today())
    lines, whole = read.roll(actor, year)
    below = request.GET.get("below") == "1"
    target = float(rules.target)
    shown = [line for line in lines if line.lacking(target)] if below else lines
    today = clock.today()
    context = {
        "page": page_of_list(shown, page=number_of(request.GET.get("page")), limit=25), "whole": whole, "year": year, "rules": rules,
        "target": target, "words": words(rules), "below": below, "reached": sum(1 for line in lines if not line.lacking(target)),
        "villages": len(lines), "years": [(str(one), str(one)) for one in range(today.year + 1, today.year - 5, -1)],
        "chart": _chart(lines, target), "can_keep": actor.has(policies.KEEP),
    }  # fmt: skip
    return render(request, "coverage/roll.html", context)


def _chart(lines: list[read.Line], target: float) -> dict[str, Any] | None:
    low = sorted((one for one in lines if one.rate is not None), key=lambda one: one.rate or 0)[:15][::-1]
    if len(low) < 2:
        return None
    return {
        "grid": {"left": 110, "right": 40, "top": 10, "bottom": 30},
        "xAxis": {"type": "value", "max": 100, "min": max(0, int((low[0].rate or 0) * 100) - 15), "axisLabel": {"formatter": "{value}%"}},
        "yAxis": {"type": "category", "data": [one.name for one in low]},
        "series": [{
            "type": "bar", "data": [round((one.rate or 0) * 100, 1) for one in low], "label": {"show": True, "position": "right", "formatter": "{c}%"},
            "markLine": {"symbol": "none", "data": [{"xAxis": target * 100}], "label": {"formatter": "{c}%"}},
        }],
    }  # fmt: skip


@require_GET
@guarded(policies.ROLL, about="resident")
def people(request: HttpRequest) -> HttpResponse:
    """The people behind a figure: as many rows as the figure says; names for whoever may read about them."""
    actor: Any = request.actor
    year, rules = _year(request), enrolment_rules(clock.today())
    state, village, reason = _asked(request)
    found = read.rows(actor, year, state=state, village=village, reason=reason, page=number_of(request.GET.get("page")))
    names = residents.resident_names([row.id for row in found.items if row.readable])
    context = {
        "page": found, "names": names, "year": year, "state": state, "states": states(), "village": village or "", "reason": reason,
        "where": read.village_name(village) if village else _("全部村居"), "words": words(rules), "can_open": actor.has(policies.READ),
        "can_keep": actor.has(policies.KEEP),
    }  # fmt: skip
    return render(request, "coverage/people.html", context)


def _asked(request: HttpRequest) -> tuple[str, str | None, str]:
    state = request.GET.get("state", "")
    village = request.GET.get("village", "")[:12]
    return state if state in read.STATES else read.MISSING, village or None, request.GET.get("reason", "")[:30]


@require_GET
@guarded(policies.ROLL, about="resident")
def export(request: HttpRequest) -> HttpResponse:
    """The villages, and for whom the actor may read about the people of one state, as a spreadsheet."""
    actor: Any = request.actor
    year, rules = _year(request), enrolment_rules(clock.today())
    lines, _whole = read.roll(actor, year)
    state, village, _reason = _asked(request)
    known = words(rules)
    listed = read.export_rows(actor, year, state=state, village=village)
    names = residents.resident_names([row.id for row in listed])
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet(_("各村参保"))
        heads = [
            _("村居"), _("应参保"), _("已参保"), _("未参保"), _("参保率"), _("不计入应参"), _("年内死亡或迁出"), _("不计入的理由"), _("户籍口径参保率"),
        ]  # fmt: skip
        sheet.write_row(0, 0, heads)
        for number, line in enumerate(lines, 1):
            sheet.write_row(number, 0, _cells(line, known))
        sheet.set_column(0, 0, 24)
        sheet.set_column(7, 7, 40)
        detail = book.add_worksheet(states()[state])
        detail.write_row(0, 0, [_("村居"), _("姓名"), _("性别"), _("年龄"), _("证件号"), _("说明")])
        for number, row in enumerate(listed, 1):
            who = names[row.id]
            detail.write_row(
                number, 0, [f"{row.township}{row.village}", who.name, who.sex_label, who.age_text, who.masked_number, known.get(row.why, row.why)]
            )  # fmt: skip
    found = HttpResponse(out.getvalue(), content_type=_SHEET)
    found["Content-Disposition"] = f'attachment; filename="enrolment-{year}.xlsx"'
    return found


def _cells(line: read.Line, known: dict[str, str]) -> list[Any]:
    reasons = "、".join(f"{known.get(code, code)} {number}" for code, number in sorted(line.reasons.items()))
    return [
        line.name, line.due, line.counts[read.ENROLLED], line.counts[read.MISSING], percent(line.rate), line.counts[read.EXEMPT],
        line.counts[read.GONE], reasons, percent(line.register_rate),
    ]  # fmt: skip


def percent(share: float | None) -> str:
    """A rate with one decimal; a dash where there is nobody."""
    return "—" if share is None else f"{share * 100:.1f}%"


@require_GET
@guarded(policies.ROLL)
def print_roll(request: HttpRequest) -> HttpResponse:
    """The villages on paper."""
    actor: Any = request.actor
    year, rules = _year(request), enrolment_rules(clock.today())
    lines, whole = read.roll(actor, year)
    whole.name = _("合计")
    known = words(rules)
    data = {
        "title": _("%(year)s 年度参保名册汇总") % {"year": year},
        "subtitle": _("统计日期 %(on)s，参保率目标 %(target)s") % {"on": clock.today(), "target": percent(float(rules.target))},
        "heads": [_("村居"), _("应参保"), _("已参保"), _("未参保"), _("参保率"), _("不计入应参"), _("死亡迁出"), _("不计入的理由"), _("户籍口径")],
        "lines": [[str(cell) for cell in _cells(line, known)] for line in (*lines, whole)],
        "signs": [_("制表"), _("审核")],
    }  # fmt: skip
    about = About("coverage.roll", new_id(), str(year))
    return answer(
        print_document("coverage_roll", "coverage/roll", data, actor=actor, about=about, title=str(data["title"]))
    )
