"""Periods: list, checks, signature, freezing, corrections."""

import io
from uuid import UUID

import xlsxwriter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.core.asked import month_from
from yigong.core.errors import DomainError, NotFound
from yigong.core.paging import number_of, page_of_list
from yigong.core.rights import guarded
from yigong.core.states.api import history
from yigong.core.ui.forms import once, refuse
from yigong.indicators import policies
from yigong.indicators.commands import freezing
from yigong.indicators.forms import PeriodForm, ReasonForm
from yigong.indicators.models import Period
from yigong.indicators.queries import frozen, registry
from yigong.indicators.rules.figures import rounded
from yigong.indicators.rules.states import PERIOD
from yigong.indicators.rules.words import period_name
from yigong.indicators.views import common

_WITH_REASON = {"sign", "return", "withdraw", "drop"}


@guarded(policies.READ)
def periods(request: HttpRequest) -> HttpResponse:
    """All periods, and a form that opens one."""
    chosen = common.Choice(request)
    form = PeriodForm(request.POST if request.method == "POST" else None, chosen.this_month)
    if request.method == "POST" and form.is_valid():
        try:
            return once(request, lambda: _address(_open(request, form)))
        except DomainError as refusal:
            refuse(form, refusal)
    rows = page_of_list(frozen.periods(), page=number_of(request.GET.get("page", 1)))
    may_open = request.actor.has(policies.SIGN)
    context = {
        "tabs": common.tabs(request, "periods"),
        "rows": rows,
        "form": form,
        "label": PERIOD.label,
        "name_of": name_of,
        "may_open": may_open,
    }
    return render(request, "indicators/periods.html", context, status=422 if form.errors else 200)


@guarded(policies.READ)
def period(request: HttpRequest, period_id: UUID) -> HttpResponse:
    """One period: what the checks found, its figures, what has changed since, who did what."""
    row = frozen.period(period_id)
    return render(
        request,
        "indicators/period.html",
        {
            "tabs": common.tabs(request, "periods"), "row": row, "name": name_of(row), "label": PERIOD.label, "steps": PERIOD.actions_for(row, request.actor),
            "with_reason": _WITH_REASON, "figures": frozen.differences(row), "history": history(row.id), "corrections": row.corrections.order_by("made_at"),
            "may_correct": row.state == "frozen" and request.actor.has(policies.CORRECT), "names": {d.code: d.name for d in registry.registry().values()},
            "unit": common.unit, "bad": sum(1 for one in row.findings if one["level"] == "bad"),
        },
    )  # fmt: skip


@guarded(policies.READ)
def act(request: HttpRequest, period_id: UUID, action: str) -> HttpResponse:
    """One step: at once, or after its reason."""
    row = frozen.period(period_id)
    step = PERIOD.step(row.state, action)
    if step is None and action not in {one.action for one in PERIOD.steps}:
        raise NotFound()
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            return once(request, lambda: _address(_take(request, row, action, form.cleaned_data["reason"])))
        except DomainError as refusal:
            refuse(form, refusal)
    label = _(next(one.label for one in PERIOD.steps if one.action == action))
    context = {
        "row": row,
        "name": name_of(row),
        "form": form,
        "label": label,
        "bad": [one for one in row.findings if one["level"] == "bad"],
    }
    return render(request, "indicators/act.html", context, status=422 if form.errors else 200)


@guarded(policies.CORRECT)
def correct(request: HttpRequest, period_id: UUID, code: str) -> HttpResponse:
    """Correct one indicator of a frozen period."""
    row, definition = frozen.period(period_id), registry.definition(code)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    form.fields["reason"].required = True
    if request.method == "POST" and form.is_valid():
        try:
            return once(request, lambda: _corrected(request, row, code, form.cleaned_data["reason"]))
        except DomainError as refusal:
            refuse(form, refusal)
    changed = [one for one in frozen.differences(row) if one.definition.code == code]
    context = {"row": row, "name": name_of(row), "form": form, "definition": definition, "changed": changed}
    return render(request, "indicators/correct.html", context, status=422 if form.errors else 200)


@guarded(policies.READ)
def export(request: HttpRequest, period_id: UUID) -> HttpResponse:
    """The period as a spreadsheet: frozen, corrected, counted today."""
    row = frozen.period(period_id)
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet(name_of(row))
        heads = [
            _("指标"),
            _("口径"),
            _("冻结值"),
            _("更正后"),
            _("现在计算"),
            _("分子（更正后）"),
            _("分母（更正后）"),
        ]
        sheet.write_row(0, 0, heads)
        for number, one in enumerate(frozen.differences(row), 1):
            values = [
                float(rounded(f.value, 4)) if f.value is not None else "" for f in (one.original, one.frozen, one.today)
            ]
            amounts = one.frozen.amounts
            sheet.write_row(
                number,
                0,
                [
                    one.definition.name,
                    one.variant,
                    *values,
                    amounts.numerator if amounts else "",
                    amounts.denominator if amounts and amounts.denominator is not None else "",
                ],
            )
        sheet.set_column(0, 0, 40)
    answer = HttpResponse(
        out.getvalue(), content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    answer["Content-Disposition"] = f'attachment; filename="period-{row.first:%Y-%m}-{row.kind}.xlsx"'
    return answer


def name_of(row: Period) -> str:
    """The period in words."""
    return period_name(row.kind, row.first)


def _open(request: HttpRequest, form: PeriodForm) -> UUID:
    first = month_from(form.cleaned_data["first"])
    assert first is not None
    return freezing.open_period(kind=form.cleaned_data["kind"], first=first, actor=request.actor)


def _take(request: HttpRequest, row: Period, action: str, reason: str) -> UUID:
    if action == "check":
        freezing.check_period(period_id=row.id, actor=request.actor)
    elif action == "sign":
        freezing.sign_period(period_id=row.id, actor=request.actor, reason=reason)
    elif action == "freeze":
        freezing.freeze_period(period_id=row.id, actor=request.actor)
    else:
        freezing.move_period(period_id=row.id, action=action, actor=request.actor, reason=reason)
    return row.id


def _corrected(request: HttpRequest, row: Period, code: str, reason: str) -> str:
    freezing.correct_figure(period_id=row.id, code=code, reason=reason, actor=request.actor)
    return _address(row.id)


def _address(period_id: UUID) -> str:
    return reverse("indicators:period", args=[period_id])
