"""Whom to ring: number, purpose, attempts so far, and the result in one tap. Whom to tell by a message: lists to be sent, each visit once."""

import io
from typing import Any
from uuid import UUID

import xlsxwriter
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yigong.core import clock
from yigong.core.errors import Forbidden, InvalidInput, NotFound
from yigong.core.paging import number_of, page_of
from yigong.core.rights import guarded, note_decision
from yigong.core.ui import forms as ui_forms
from yigong.core.ui.shell import address
from yigong.programmes import api, policies
from yigong.programmes import forms as own
from yigong.programmes.models import Due, Enrolment
from yigong.programmes.queries import lists, people
from yigong.programmes.rules.packs import version_of, visit_messages
from yigong.programmes.views import common
from yigong.residents import api as residents


@guarded(policies.WORK, about="resident")
def listed(request: HttpRequest) -> HttpResponse:
    """The people to ring now, the most pressing first."""
    actor, tried, code = request.actor, request.GET.get("tried", ""), request.GET.get("programme", "")
    known = common.known(actor)
    found = lists.calls(actor, tried=bool(tried), programme=code if code in known else "")
    page: Any = page_of(
        found,
        page=number_of(request.GET.get("page")),
        convert=lambda rows: [people.due_data(d, clock.today()) for d in rows],
    )
    ids = {d.resident_id for d in page.items}
    enrolments = {d.enrolment_id for d in page.items}
    values = {
        "page": page, "tried": tried, "code": code, "choices": common.choices(actor), "phones": residents.phones_to_ring(ids, actor=actor),
        "names": residents.resident_names(ids), "last": lists.last_tries(enrolments),
        "rows": {e.id: (e.attempts, _most(e)) for e in Enrolment.objects.filter(pk__in=enrolments)},
        "tabs": [(_("待拨打"), "?", not tried), (_("今天未接通"), "?tried=1", bool(tried))],
        "failed": [("no_answer", _("无人接听")), ("wrong", _("空号停机"))],
    }  # fmt: skip
    return render(request, "programmes/calls.html", values)


def _most(row: Enrolment) -> int:
    """How many failed attempts in a row the definition bears before somebody above is told or the management ends as lost."""
    programme = version_of(row.programme, row.definition)
    return next((e.attempts for e in programme.endings if e.attempts), programme.report_after_attempts)


@guarded(policies.WORK, about="resident")
@require_POST
def note(request: HttpRequest, due_id: UUID, result: str) -> HttpResponse:
    """The result of one call."""
    due = Due.objects.select_related("enrolment").filter(pk=due_id).first()
    if due is None:
        raise NotFound()
    people.access_enrolment(due.enrolment_id, actor=request.actor)
    failed = {"no_answer": _("电话无人接听"), "wrong": _("电话空号或停机")}
    if result not in {*failed, "booked", "declined"}:
        raise NotFound()

    def noted() -> str:
        if result in failed:
            n = api.note_attempt(enrolment_id=due.enrolment_id, note=failed[result], actor=request.actor)
            return _("已记录，连续 %(n)s 次未访到。") % {"n": n}
        if result == "declined":
            api.refuse_due(due_id=due_id, reason=_("电话中本人不愿意"), actor=request.actor)
            return _("已记录拒绝的原因。")
        form = own.BookForm(request.POST)
        if not form.is_valid():
            raise InvalidInput(_("请选择预约日期。"))
        api.book(due_id=due_id, on=form.cleaned_data["on"], actor=request.actor)
        return _("已预约。")

    return ui_forms.clicked(request, noted, address("programmes:calls"))


@guarded(policies.WORK, about="resident")
def messages_page(request: HttpRequest) -> HttpResponse:
    """Who should be told of a visit, what the message says, and the lists made before."""
    actor, late, code = request.actor, request.GET.get("late", ""), request.GET.get("programme", "")
    code = code if code in common.known(actor) else ""
    page = page_of(
        lists.to_tell(actor, programme=code, late=bool(late)), page=number_of(request.GET.get("page")),
        convert=lambda rows: _lines(request, rows),
    )  # fmt: skip
    if not page.items:
        note_decision()
    rule = visit_messages()
    values = {
        "page": page, "late": late, "code": code, "choices": common.choices(actor), "rule": rule, "made": lists.told_lists(actor),
        "text": (rule.late if late else rule.text).format(name=_("〔姓名〕"), day=_("〔日期〕"), place=_("〔机构〕")),
        "tabs": [(_("%(n)s天内到期") % {"n": rule.before_days}, "?", not late), (_("已逾期"), "?late=1", bool(late))],
    }  # fmt: skip
    return render(request, "programmes/messages.html", values)


def _lines(request: HttpRequest, rows: list[Due]) -> list[dict[str, Any]]:
    """People with number and text, each decided and logged; who may not be read stays without."""
    ids = {d.enrolment.resident_id for d in rows}
    names, today, rule = residents.resident_names(ids), clock.today(), visit_messages()
    phones = residents.phones_to_ring(ids, actor=request.actor) if ids else {}
    places = common.names_of(d.enrolment.institution_id for d in rows)
    return [
        {
            "id": d.enrolment.resident_id, "who": names[d.enrolment.resident_id], "phone": phones.get(d.enrolment.resident_id, ""),
            "closes_on": d.closes_on, "what": people.due_data(d, today),
            "text": (rule.late if d.closes_on < today else rule.text).format(
                name=names[d.enrolment.resident_id].name, day=f"{d.closes_on.month}月{d.closes_on.day}日", place=places.get(d.enrolment.institution_id, ""),
            ),
        }
        for d in rows
    ]  # fmt: skip


@guarded(policies.WORK)
@require_POST
def make_list(request: HttpRequest) -> HttpResponse:
    """The people shown go onto a list."""
    code, late = request.POST.get("programme", ""), bool(request.POST.get("late"))

    def made() -> str:
        known = code if code in common.known(request.actor) else ""
        return address("programmes:message_list", api.make_list(actor=request.actor, programme=known, late=late))

    answer, refused = ui_forms.tried(request, made)
    if answer is None:
        messages.error(request, refused)
        return redirect("programmes:messages")
    return answer


@guarded(policies.WORK, about="resident")
def message_list(request: HttpRequest, batch: UUID) -> HttpResponse:
    """One list; ``?file=1`` is the sheet for whoever sends the messages."""
    found = lists.told(request.actor, batch)
    if not found.exists():
        raise NotFound(_("没有找到这份名单。"))
    if request.GET.get("file"):
        return _sheet([line for line in _lines(request, [n.due for n in found]) if line["phone"]])
    page = page_of(
        found, page=number_of(request.GET.get("page")), convert=lambda rows: _lines(request, [n.due for n in rows])
    )
    values = {"page": page, "batch": batch, "first": found.first()}
    return render(request, "programmes/message_list.html", values)


def _sheet(lines: list[dict[str, Any]]) -> HttpResponse:
    if any("*" in line["phone"] for line in lines):
        raise Forbidden(_("导出短信名单需要“查看完整证件号与电话”的权限，请联系本机构管理员。"))
    out = io.BytesIO()
    with xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False}
    ) as book:
        sheet = book.add_worksheet(_("短信名单"))
        for column, head in enumerate((_("姓名"), _("电话"), _("短信内容"))):
            sheet.write_string(0, column, head)
        for row, line in enumerate(lines, 1):
            for column, text in enumerate((line["who"].name, line["phone"], line["text"])):
                sheet.write_string(row, column, text)
        sheet.set_column(0, 1, 14)
        sheet.set_column(2, 2, 90)
    answer = HttpResponse(
        out.getvalue(), content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    answer["Content-Disposition"] = f'attachment; filename="messages-{clock.today():%Y%m%d}.xlsx"'
    return answer
