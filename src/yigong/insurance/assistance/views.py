"""Pages of assistance."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from yigong.core.errors import DomainError, Forbidden, NotFound
from yigong.core.ledger import api as ledger
from yigong.core.paging import number_of, page_of
from yigong.core.rights import guarded
from yigong.core.ui.forms import idempotency_key, once, refuse
from yigong.insurance.assistance import commands, forms, policies
from yigong.insurance.assistance.accounts import account
from yigong.insurance.assistance.counter import owed
from yigong.insurance.assistance.models import Payment, Roll
from yigong.insurance.assistance.rules import CATEGORIES, PAYMENT
from yigong.insurance.budget.api import yuan
from yigong.residents import api as residents


def _show(request: HttpRequest, template: str, context: dict[str, Any], bad: bool) -> HttpResponse:
    actor: Any = request.actor
    base = {
        "yuan": yuan, "categories": CATEGORIES, "table": PAYMENT,
        "can": {name: actor.has(getattr(policies, name)) for name in ("PAY", "FUND", "RECONCILE")},
    }  # fmt: skip
    return render(request, f"assistance/{template}", base | context, status=422 if bad else 200)


def _fen(value: Any) -> int:
    return int(value * 100)


@guarded(policies.READ)
def payments(request: HttpRequest) -> HttpResponse:
    """Both funds with their balance, and what was paid to whom; people by name and masked number."""
    page = page_of(Payment.objects.order_by("-at"), page=number_of(request.GET.get("page")), limit=30)
    balances = [(word, account(code).balance, owed(code)) for code, word in forms.FUNDS]
    statement = ledger.statement(account("aid").id, 1, 8)
    form = forms.FundForm(None)
    return _show(
        request,
        "list.html",
        {
            "page": page,
            "balances": balances,
            "statement": statement,
            "form": form,
            "funds": dict(forms.FUNDS),
            "names": residents.resident_names([row.resident_id for row in page.items]),
        },
        False,
    )


@guarded(policies.FUND)
def fund_in(request: HttpRequest) -> HttpResponse:
    """Money for a fund."""
    form = forms.FundForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            commands.fund_in(
                fund=given["fund"],
                amount=_fen(given["amount"]),
                reason=given["reason"],
                key=idempotency_key(request),
                actor=request.actor,
            )
            return redirect("assistance:list")
        except DomainError as refusal:
            refuse(form, refusal)
    return _show(request, "fund.html", {"form": form}, bool(form.errors))


@guarded(policies.PAY)
def pay(request: HttpRequest) -> HttpResponse:
    """A payment to somebody picked by name or number."""
    form = forms.PayForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given, key = form.cleaned_data, idempotency_key(request)
        try:
            return once(
                request,
                lambda: reverse("assistance:payment", args=[commands.pay(
                    fund=given["fund"], resident_id=UUID(str(given["resident"])), category=given["category"], right_on=given["right_on"],
                    amount=_fen(given["amount"]), why=given["why"], key=key, actor=request.actor,
                )]),
            )  # fmt: skip
        except DomainError as refusal:
            refuse(form, refusal)
    return _show(request, "pay.html", {"form": form}, bool(form.errors))


@guarded(policies.READ)
def payment(request: HttpRequest, payment_id: UUID) -> HttpResponse:
    """One payment; take it back."""
    row = Payment.objects.filter(pk=payment_id).first()
    if row is None:
        raise NotFound()
    refused = ""
    if request.method == "POST":
        try:
            commands.withdraw(payment_id=row.id, reason=request.POST.get("reason", ""), actor=request.actor)
            return redirect("assistance:payment", payment_id=row.id)
        except DomainError as refusal:
            refused = str(refusal)
    context = {
        "row": row,
        "refused": refused,
        "funds": dict(forms.FUNDS),
        "actions": PAYMENT.actions_for(row, request.actor),
        "who": residents.resident_names([row.resident_id]).get(row.resident_id),
    }
    return _show(request, "payment.html", context, bool(refused))


@guarded(policies.READ)
def rolls(request: HttpRequest) -> HttpResponse:
    """Rolls, and the form of a new one."""
    form = forms.RollForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        if not request.actor.has(policies.RECONCILE):
            raise Forbidden()
        if form.is_valid():
            given = form.cleaned_data
            try:
                key = commands.check_roll(
                    name=given["file"].name,
                    content=given["file"].read(5_000_000),
                    as_of=given["as_of"],
                    actor=request.actor,
                )
                return redirect("assistance:roll", roll_id=key)
            except DomainError as refusal:
                refuse(form, refusal)
    page = page_of(Roll.objects.order_by("-made_at"), page=number_of(request.GET.get("page")))
    return _show(request, "rolls.html", {"page": page, "form": form}, bool(form.errors))


@guarded(policies.READ)
def roll(request: HttpRequest, roll_id: UUID) -> HttpResponse:
    """One roll's differences, undecided first; people by the index's masked names."""
    row = Roll.objects.filter(pk=roll_id).first()
    if row is None:
        raise NotFound()
    differences = row.differences.order_by("decision", "what", "line", "id")
    page = page_of(differences, page=number_of(request.GET.get("page")), limit=30)
    names = residents.resident_names([one.resident_id for one in page.items if one.resident_id])
    context = {"row": row, "page": page, "names": names, "open": row.differences.filter(decision="").count()}
    return _show(request, "roll.html", context, False)


@guarded(policies.RECONCILE)
@require_POST
def decide(request: HttpRequest, roll_id: UUID) -> HttpResponse:
    """Decide one difference."""
    try:
        key = UUID(request.POST.get("difference", ""))
    except ValueError:
        raise NotFound() from None
    commands.decide(
        difference_id=key,
        decision=request.POST.get("decision", ""),
        reason=request.POST.get("reason", ""),
        actor=request.actor,
    )
    return redirect("assistance:roll", roll_id=roll_id)
