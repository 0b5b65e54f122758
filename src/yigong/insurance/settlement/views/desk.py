"""Deposits, the end of the day, the difference desk and the end of the month."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from yigong.access.api import guarded
from yigong.core.asked import key_of
from yigong.core.errors import DomainError
from yigong.core.paging import number_of, page_of
from yigong.core.printing.api import About, answer, print_document
from yigong.core.rights import note_decision
from yigong.core.states.api import history
from yigong.core.ui.forms import idempotency_key, once, page, refuse
from yigong.insurance.invoices.data import KINDS
from yigong.insurance.settlement import policies
from yigong.insurance.settlement.commands import closing as closings
from yigong.insurance.settlement.commands import deposits as deposit_commands
from yigong.insurance.settlement.commands.differences import resolve
from yigong.insurance.settlement.commands.reconciling import reconcile
from yigong.insurance.settlement.commands.remote import FIGURE_WORDS
from yigong.insurance.settlement.forms import CloseForm, DepositForm, FloatForm, MonthForm, ReasonForm, ReconcileForm
from yigong.insurance.settlement.gateway import gateway_of
from yigong.insurance.settlement.models import ClosedMonth, DayClosing, Difference, Reconciliation
from yigong.insurance.settlement.money import TILL, balances, till_of
from yigong.insurance.settlement.queries import reading
from yigong.insurance.settlement.queries.closing import open_sums
from yigong.insurance.settlement.views import presenting, sheets
from yigong.network import api as network
from yigong.network.data import InstitutionData
from yigong.residents import api as residents


@guarded(policies.CHARGE, about="resident")
def deposits(request: HttpRequest) -> HttpResponse:
    """Find the person, then take or give back."""
    actor, text = request.actor, request.GET.get("text", "").strip()[:60]
    chosen = key_of(request.POST.get("resident") or request.GET.get("resident", ""))
    person = residents.access_resident(chosen, actor=actor, purpose=_("预交金")) if chosen else None
    note_decision()  # a search shows minimal identity only
    form = DepositForm(request.POST or None)
    if request.method == "POST" and person is not None and form.is_valid():
        try:
            return once(request, lambda: _deposit(request, person.id, form.cleaned_data))
        except DomainError as refusal:
            refuse(form, refusal)
    place = actor.institution_id
    context = {
        "text": text, "found": residents.search_residents(text, actor=actor, limit=20) if text and not person else None, "person": person, "form": form,
        "left": reading.deposit_of(person.id, place) if person and place else 0, "rows": reading.deposits_of(person.id, place) if person and place else [],
        **presenting.common(actor, "deposits"),
    }  # fmt: skip
    return page(request, "settlement/deposits.html", context, form=form)


def _deposit(request: HttpRequest, resident_id: UUID, given: dict[str, Any]) -> str:
    act = deposit_commands.take_deposit if given["what"] == "take" else deposit_commands.return_deposit
    row = act(
        resident_id=resident_id,
        amount=given["amount"],
        means=given["means"],
        key=idempotency_key(request),
        actor=request.actor,
        note=given["note"],
    )
    messages.success(request, _("已办理，收据号 %(number)s。") % {"number": row.number})
    return f"{reverse('settlement:deposits')}?resident={resident_id}"


@guarded(policies.CHARGE)
def closing(request: HttpRequest) -> HttpResponse:
    """What this cashier took since the last closing; count, close, hand in."""
    actor = request.actor
    assert actor.institution_id is not None
    is_float = "float" in request.POST
    form, float_form = (
        CloseForm(None if is_float else request.POST or None),
        FloatForm(request.POST if is_float else None),
    )
    bound = float_form if is_float else form
    if request.method == "POST" and bound.is_valid():
        try:
            return once(request, lambda: _closed(request, bound.cleaned_data, is_float))
        except DomainError as refusal:
            refuse(bound, refusal)
    till = till_of(actor)
    rows = DayClosing.objects.filter(institution_id=actor.institution_id, cashier_id=till).order_by("-closed_at")
    context = {
        "sums": open_sums(till), "due": balances([till], TILL).get(till, 0), "form": form, "float_form": float_form,
        "page": page_of(rows, page=number_of(request.GET.get("page")), limit=10), "means": presenting.means_words(), "funds": presenting.fund_words(), "invoice_kinds": KINDS,
        **presenting.common(actor, "closing"),
    }  # fmt: skip
    return page(request, "settlement/closing.html", context, form=bound)


def _closed(request: HttpRequest, given: dict[str, Any], is_float: bool) -> str:
    key = idempotency_key(request)
    if is_float:
        closings.draw_float(amount=given["amount"], key=key, actor=request.actor)
        messages.success(request, _("备用金已领入钱箱。"))
    else:
        row = closings.close_day(counted_cash=given["counted_cash"], key=key, actor=request.actor, note=given["note"])
        messages.success(request, _("日结完成，单号 %(number)s。") % {"number": row.number})
    return reverse("settlement:closing")


@require_GET
@guarded(policies.CHARGE)
def print_closing(request: HttpRequest, closing_id: UUID) -> HttpResponse:
    """The closing as a sheet of paper."""
    row = DayClosing.objects.filter(pk=closing_id, institution_id__in=request.actor.institution_ids).first()
    if row is None:
        raise Http404
    about = About("day_closing", row.id, "1")
    return answer(
        print_document("day_closing", "settlement/closing", sheets.closing_sheet(row), actor=request.actor, about=about)
    )


@guarded(policies.RESOLVE, about="settlement")
def differences(request: HttpRequest) -> HttpResponse:
    """What we and the platform do not agree on; hold a day against the platform."""
    actor = request.actor
    assert actor.institution_id is not None
    houses = network.institutions(policies.places(actor))
    form = ReconcileForm(request.POST or None, _choices(actor.institution_id, houses))
    if request.method == "POST" and form.is_valid():
        try:
            row = reconcile(
                institution_id=UUID(form.cleaned_data["institution"]),
                day=form.cleaned_data["day"],
                scheme=form.cleaned_data["scheme"],
                actor=actor,
            )
            (messages.success if row.equal else messages.warning)(
                request, _("对账平。") if row.equal else _("总额不一致，差异已列在下面。")
            )
        except DomainError as refusal:
            refuse(form, refusal)
    state = "resolved" if request.GET.get("state") == "resolved" else "open"
    found = reading.differences(policies.places(actor), state=state, page=number_of(request.GET.get("page")))
    rows = [row.settlement for row in found.items if row.settlement]
    reading.decided(actor, rows)
    days = Reconciliation.objects.filter(institution_id__in=houses).order_by("-day", "-done_at")[:14]
    context = {
        "page": found, "state": state, "form": form, "days": days, "words": FIGURE_WORDS, "whats": what_words(), "names": presenting.names(rows),
        "houses": houses, "platform": gateway_of(actor.institution_id) is not None, **presenting.common(actor, "differences"),
    }  # fmt: skip
    return page(request, "settlement/differences.html", context, form=form)


def _choices(own: UUID, houses: Mapping[UUID, InstitutionData]) -> list[tuple[str, str]]:
    """The own institution first, then those it acts for, by name."""
    rest = sorted((house.name, str(key)) for key, house in houses.items() if key != own)
    return [(str(own), houses[own].name)] * (own in houses) + [(key, name) for name, key in rest]


def what_words() -> dict[str, str]:
    """Kinds of differences."""
    return {
        "sums": _("金额不符"),
        "only_here": _("只有本地有"),
        "only_there": _("只有平台有"),
        "unknown": _("结果待查"),
    }


@guarded(policies.RESOLVE, about="settlement")
def difference(request: HttpRequest, difference_id: UUID) -> HttpResponse:
    """One difference: the evidence of both sides, its history, and the way to settle it."""
    row = (
        Difference.objects.select_related("settlement")
        .filter(pk=difference_id, institution_id__in=policies.places(request.actor))
        .first()
    )
    if row is None:
        raise Http404
    reading.decided(request.actor, [row.settlement] if row.settlement else [])
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return once(request, lambda: _resolved(request, row, form.cleaned_data["reason"]))
        except DomainError as refusal:
            refuse(form, refusal)
    context = {
        "row": row,
        "form": form,
        "words": FIGURE_WORDS,
        "own_funds": sum((row.ours or {}).get(name, 0) for name in _FUND_WORDS),
        "whats": what_words(),
        "history": history(row.id),
        **presenting.common(request.actor, "differences"),
    }
    return page(request, "settlement/difference.html", context, form=form)


_FUND_WORDS = ("pool", "large", "critical", "civil", "maf", "other")


def _resolved(request: HttpRequest, row: Difference, reason: str) -> str:
    resolve(row, resolution="noted", reason=reason, actor=request.actor)
    messages.success(request, _("差异已处理。"))
    return reverse("settlement:differences")


@guarded(policies.CLOSE_MONTH)
def months(request: HttpRequest) -> HttpResponse:
    """Closed months of the institution, and closing the next."""
    actor = request.actor
    assert actor.institution_id is not None
    form = MonthForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return once(request, lambda: _month_closed(request, form.cleaned_data["month"]))
        except DomainError as refusal:
            refuse(form, refusal)
    rows = ClosedMonth.objects.filter(institution_id=actor.institution_id).order_by("-month")
    context = {
        "page": page_of(rows, page=number_of(request.GET.get("page")), limit=12),
        "form": form,
        **presenting.common(actor, "months"),
    }
    return page(request, "settlement/months.html", context, form=form)


def _month_closed(request: HttpRequest, month: Any) -> str:
    closings.close_month(institution_id=request.actor.institution_id, month=month, actor=request.actor)
    messages.success(request, _("%(month)s 已关账。") % {"month": f"{month:%Y-%m}"})
    return reverse("settlement:months")
