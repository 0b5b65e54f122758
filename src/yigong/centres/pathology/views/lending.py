"""Loans: who has what until when."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.access.api import guarded
from yigong.centres.pathology import forms
from yigong.centres.pathology.commands import lending
from yigong.centres.pathology.commands.errors import NoSuchSpecimen
from yigong.centres.pathology.models import Loan
from yigong.centres.pathology.policies import ARCHIVE
from yigong.centres.pathology.queries import loans as queries
from yigong.centres.pathology.queries import reports, specimens
from yigong.centres.pathology.rules.specimens import KEPT, LOAN
from yigong.core.errors import InvalidInput
from yigong.core.paging import number_of
from yigong.core.printing.api import About, answer, bar_code, print_document
from yigong.core.states.api import history
from yigong.core.ui import forms as ui
from yigong.orders import api as orders
from yigong.residents import api as residents


@guarded(ARCHIVE)
def loans(request: HttpRequest) -> HttpResponse:
    """What is out, what is overdue; a scan of a lent piece takes it back, any other begins a loan of its case."""
    form = forms.ScanForm(request.POST or None)
    if done := ui.sent(request, form, lambda: _scanned(request, form.cleaned_data["code"])):
        return done
    view = request.GET.get("view") or "out"
    page = queries.listed(
        request.actor, view=view, text=request.GET.get("q", ""), page=number_of(request.GET.get("page"))
    )
    totals = queries.totals(request.actor)
    words = {"out": _("在借"), "overdue": _("逾期"), "closed": _("已结清")}
    context = {
        "form": form, "page": page, "view": view, "text": request.GET.get("q", ""),
        "tabs": [(label, f"?view={code}", view == code, totals[code]) for code, label in words.items()],
    }  # fmt: skip
    return ui.page(request, "pathology/loans.html", context, form=form)


@guarded(ARCHIVE, about="order")
def new(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Lend blocks and slides of one case."""
    order = orders.order(order_id, actor=request.actor)
    case = specimens.case_of(order_id)
    pieces = [s for s in case.specimens if s.kind != "container" and s.state in KEPT]
    form = forms.LoanForm(pieces, request.POST or None)
    if done := ui.sent(request, form, lambda: _lent(request, form.cleaned_data)):
        return done
    person = residents.resident_names([order.resident_id]).get(order.resident_id)
    return ui.page(
        request, "pathology/lend.html", {"order": order, "case": case, "form": form, "person": person}, form=form
    )


@guarded(ARCHIVE, about="order")
def loan(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """One loan: take back piece by piece, renew, write down a loss."""
    row = queries.one(loan_id, request.actor)
    order = orders.order(row.order_id, actor=request.actor)
    done, error = ui.tried(request, lambda: _acted(request, row))
    if done:
        return done
    context = {
        "loan": row, "order": order, "error": error, "renew": forms.RenewForm(), "tones": reports.TONES,
        "person": residents.resident_names([order.resident_id]).get(order.resident_id), "number": reports.case_number(order.id),
        "steps": {one.action for one in LOAN.actions_for(row, request.actor)}, "state": LOAN.label(row.state),
        "history": [{"title": LOAN.label(h.to_state), "text": h.reason, "at": h.at, "by": h.actor_name} for h in history(row.pk)][::-1],
    }  # fmt: skip
    return render(request, "pathology/loan.html", context, status=422 if error else 200)


@guarded(ARCHIVE, about="order")
def print_loan(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """The slip that the borrower signs."""
    row = queries.one(loan_id, request.actor)
    order = orders.order(row.order_id, actor=request.actor)
    person = residents.resident_names([order.resident_id])[order.resident_id]
    sheet = print_document(
        "pathology_loan", "pathology/loan",
        {
            "title": _("病理材料借出单"), "bar": bar_code(row.number),
            "facts": [
                (_("借出单号"), row.number), (_("病理号"), reports.case_number(order.id)), (_("患者"), f"{person.name} {person.sex_label} {person.age_text}"),
                (_("借用人"), f"{row.borrower}（{row.relation}）"), (_("电话"), row.phone), (_("会诊医院"), row.destination),
                (_("用途"), row.purpose), (_("押金"), f"{row.deposit / 100:.2f} 元"), (_("应归还"), row.due_on),
            ],
            "heads": [_("条码"), _("名称"), _("归还")],
            "rows": [(item.specimen.code, item.specimen.label, "") for item in row.items.all()],
            "promise": _("本人保证妥善保管所借材料并按期归还；遗失或损坏导致无法复核诊断的，后果由本人承担，押金按约定处理。"),
            "sign": [_("借用人签字"), _("经办人"), _("归还验收")],
        },
        actor=request.actor, about=About("pathology_loan", row.pk, str(row.due_on)), institution=row.centre.name,
    )  # fmt: skip
    return answer(sheet)


def _scanned(request: HttpRequest, code: str) -> str:
    row = specimens.find(code, request.actor)
    if row is None:
        raise NoSuchSpecimen(code=code[:40])
    if row.state != "lent":
        return reverse("pathology:lend", args=[row.order_id])
    item = lending.take_back(code=row.code, actor=request.actor)
    messages.success(request, _("%(code)s 已归还。") % {"code": row.code})
    return reverse("pathology:loan", args=[item.loan_id])


def _lent(request: HttpRequest, given: dict[str, Any]) -> str:
    deposit = int(given.pop("deposit") * 100)
    row = lending.lend(deposit=deposit, actor=request.actor, **given)
    messages.success(request, _("已借出 %(n)s，请打印借出单由借用人签字。") % {"n": row.number})
    return reverse("pathology:loan", args=[row.pk])


def _acted(request: HttpRequest, row: Loan) -> str:
    given, action, actor = request.POST, request.POST.get("action", ""), request.actor
    if action == "take_back":
        lending.take_back(
            code=given.get("code", ""), place=given.get("place", ""), remark=given.get("remark", ""), actor=actor
        )
    elif action == "lose":
        lending.report_loss(code=given.get("code", ""), reason=given.get("reason", ""), actor=actor)
    elif action == "renew":
        form = forms.RenewForm(given)
        if not form.is_valid():
            raise InvalidInput(_("请选择归还日期。"))
        lending.renew(loan_id=row.pk, actor=actor, **form.cleaned_data)
    else:
        raise InvalidInput(_("没有这项操作。"))
    messages.success(request, _("已登记。"))
    return reverse("pathology:loan", args=[row.pk])
