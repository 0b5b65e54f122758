"""Statutory tables: page, spreadsheet, print."""

from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from yigong.core.errors import NotFound
from yigong.core.printing.api import About, answer
from yigong.core.rights import guarded
from yigong.workreport import policies
from yigong.workreport.forms import TableForm
from yigong.workreport.output import sheet, spreadsheet
from yigong.workreport.queries import documents, scopes, spans, statutory
from yigong.workreport.queries.statutory import FilledTable
from yigong.workreport.views.editions import tabs
from yigong.workreport.views.files import SHEET, download


@guarded(policies.READ)
def index(request: HttpRequest) -> HttpResponse:
    """The newest set first."""
    return redirect("workreport:table", code=statutory.tables()[0].code)


@guarded(policies.READ)
def table(request: HttpRequest, code: str) -> HttpResponse:
    """One table of the period and scope chosen."""
    filled, form, query = _filled(request, code)
    context = {
        "tabs": tabs("tables"), "filled": filled, "form": form, "query": query, "mark": _mark(filled),
        "sets": [(one.code, one.items) for one in statutory.tables()],
    }  # fmt: skip
    return render(request, "workreport/table.html", context)


@guarded(policies.READ)
def export(request: HttpRequest, code: str) -> HttpResponse:
    """The table as a spreadsheet."""
    filled, _form, _query = _filled(request, code)
    name = f"{filled.table.title} {filled.scope} {filled.period}.xlsx"
    return download(spreadsheet.write_table(filled, _mark(filled)), SHEET, name)


@guarded(policies.READ)
def printed(request: HttpRequest, code: str) -> HttpResponse:
    """The table as PDF."""
    filled, _form, query = _filled(request, code)
    about = About("workreport_table", uuid5(NAMESPACE_URL, f"workreport/{code}{query}"), filled.table.version)
    return answer(sheet.print_table(filled, _mark(filled), about, request.actor))


def _mark(filled: FilledTable) -> str:
    return documents.MARK if filled.is_provisional else ""


def _filled(request: HttpRequest, code: str) -> tuple[FilledTable, TableForm, str]:
    offered, allowed = spans.choices(), scopes.scopes_for(request.actor)
    if not allowed:
        raise NotFound(_("您的管理范围内没有可填报的全县或医共体数据。"))
    form = TableForm(
        request.GET or None,
        [(one.key, one.name if one.frozen else _("%(name)s（未冻结）") % {"name": one.name}) for one in offered],
        [(one.code, one.name) for one in allowed],
    )
    asked: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    period = next((one for one in offered if one.key == asked.get("period")), offered[0])
    scope = next((one for one in allowed if one.code == asked.get("scope")), allowed[0])
    provisional = bool(asked.get("provisional"))
    query = f"?period={period.key}&scope={scope.code}" + ("&provisional=on" if provisional else "")
    return statutory.fill(code, period, scope, provisional), form, query
