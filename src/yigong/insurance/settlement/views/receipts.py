"""One settlement: receipt, bill, taking back, returning part; lists of settlements and a person's own."""

from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yigong.access.api import guarded
from yigong.clinic import api as clinic
from yigong.core.asked import day_of
from yigong.core.errors import DomainError, InvalidInput
from yigong.core.paging import number_of
from yigong.core.printing.api import About, answer, print_document
from yigong.core.states.api import history
from yigong.core.ui.forms import clicked, idempotency_key, page, refuse, renew_key
from yigong.insurance.invoices import api as invoices
from yigong.insurance.settlement import errors, policies
from yigong.insurance.settlement.commands import counter as commands
from yigong.insurance.settlement.commands import resolving
from yigong.insurance.settlement.commands.invoicing import issue_invoice
from yigong.insurance.settlement.commands.remote import differing
from yigong.insurance.settlement.errors import NothingSettled
from yigong.insurance.settlement.forms import ReasonForm
from yigong.insurance.settlement.models import ACTIVE, Settlement
from yigong.insurance.settlement.queries import reading
from yigong.insurance.settlement.queries.preview import scheme_label
from yigong.insurance.settlement.views import presenting, sheets
from yigong.residents import api as residents


@require_GET
@guarded(policies.READ, about="settlement")
def settlements(request: HttpRequest) -> HttpResponse:
    """Settlements of the institution, found by receipt, bill or name."""
    actor, text, day = request.actor, request.GET.get("text", "").strip()[:40], request.GET.get("day", "")
    found = reading.settlements(actor, text=text, day=day_of(day), page=number_of(request.GET.get("page")))
    reading.decided(actor, found.items)
    context = {
        "page": found,
        "text": text,
        "day": day,
        "names": presenting.names(found.items),
        **presenting.common(actor, "settlements"),
    }
    return render(request, "settlement/list.html", context)


@require_GET
@guarded(policies.READ, about="settlement")
def detail(request: HttpRequest, settlement_id: UUID) -> HttpResponse:
    """The receipt with every figure in words, and what can be done with it."""
    return _detail(request, settlement_id, ReasonForm())


def _detail(request: HttpRequest, settlement_id: UUID, form: ReasonForm, platform_said: str = "") -> HttpResponse:
    row = reading.access_settlement(settlement_id, actor=request.actor)
    context = {
        "platform_said": platform_said, "row": row, "person": residents.identity(row.resident_id), "told": reading.told(row, _), "form": form, "history": history(row.id),
        "invoices": invoices.of_source(row.id), "just": request.GET.get("just") == "1", "differing": differing(row) if row.state == "disputed" else "", "scheme_label": scheme_label,
        "change": max(0, row.tendered - row.paid_cash) if row.tendered else 0, "rights": _rights(request.actor, row),
        **presenting.common(request.actor, "settlements"),
    }  # fmt: skip
    return render(request, "settlement/detail.html", context, status=422 if platform_said or form.errors else 200)


def _rights(actor: Any, row: Settlement) -> dict[str, bool]:
    counts = row.state == "settled" and row.reverses_id is None and row.place == "inside"
    return {
        "invoice": counts and actor.has("invoices.issue"), "reverse": counts and actor.has(policies.CHARGE), "ask": row.state in resolving.OPEN and actor.has(policies.CHARGE),
        "resolve": row.state == "disputed" and actor.has(policies.RESOLVE),
        "again": row.state in ("dropped", "reversed") and actor.has(policies.CHARGE) and _waits(row),
    }  # fmt: skip


def _waits(row: Settlement) -> bool:
    """Whether the bill can be settled again: nothing was settled since, and something is left of it."""
    if row.bill_id is None or Settlement.objects.filter(bill_id=row.bill_id, reverses=None, state__in=ACTIVE).exists():
        return False
    return clinic.bill(row.bill_id).state in ("open", "presented", "partly_returned")


@require_POST
@guarded(policies.CHARGE, about="settlement")
def act(request: HttpRequest, settlement_id: UUID, action: str) -> HttpResponse:
    """Take back, ask the platform, accept its sums or take them back there."""
    reading.access_settlement(settlement_id, actor=request.actor, action="write")
    form, actor = ReasonForm(request.POST), request.actor
    if action == "ask":
        return _asked(request, settlement_id)
    if action == "invoice":
        return clicked(
            request, lambda: _invoiced(request, settlement_id), reverse("settlement:detail", args=[settlement_id])
        )
    if not form.is_valid():
        return _detail(request, settlement_id, form)
    reason = form.cleaned_data["reason"]
    try:
        if action == "reverse":
            row = commands.reverse(
                settlement_id=settlement_id, reason=reason, key=idempotency_key(request), actor=actor
            )
            messages.success(request, _("已冲正，应退现金 %(cash)s 元。") % {"cash": f"{-row.paid_cash / 100:.2f}"})
        elif action == "accept":
            row = resolving.accept_platform(settlement_id=settlement_id, reason=reason, actor=actor)
            messages.success(request, _("已按平台金额入账，请按新的应收收款。"))
        elif action == "withdraw":
            row = resolving.withdraw_disputed(settlement_id=settlement_id, reason=reason, actor=actor)
            messages.success(request, _("平台上的结算已撤销，账单可以重新结算。"))
        else:
            raise InvalidInput()
    except (errors.PlatformRefused, errors.PlatformDown) as refusal:
        renew_key(request)
        return _detail(request, settlement_id, form, str(refusal))
    except DomainError as refusal:
        refuse(form, refusal)
        return _detail(request, settlement_id, form)
    return redirect("settlement:detail", row.id)


def _invoiced(request: HttpRequest, settlement_id: UUID) -> str:
    return _("票据 %(number)s 已开具。") % {
        "number": issue_invoice(settlement_id=settlement_id, actor=request.actor).number
    }


def _asked(request: HttpRequest, settlement_id: UUID) -> HttpResponse:
    try:
        row = resolving.ask_platform(settlement_id=settlement_id, actor=request.actor)
        messages.info(request, _("查询结果：%(state)s。") % {"state": presenting.label(row.state)})
        return redirect("settlement:detail", row.id)
    except DomainError as refusal:
        messages.warning(request, str(refusal))
    return redirect("settlement:detail", settlement_id)


@guarded(policies.CHARGE, about="settlement")
def return_part(request: HttpRequest, settlement_id: UUID) -> HttpResponse:
    """Choose lines and quantities to give back; the rest is settled again."""
    row = reading.access_settlement(settlement_id, actor=request.actor, action="write")
    form = ReasonForm(request.POST or None)
    lines = [line for line in clinic.bill(row.bill_id).lines if line.net_quantity > 0] if row.bill_id else []
    if request.method == "POST" and form.is_valid():
        try:
            wanted = _quantities(request, lines)
            fresh = commands.return_part(
                settlement_id=settlement_id,
                quantities=wanted,
                reason=form.cleaned_data["reason"],
                key=idempotency_key(request),
                actor=request.actor,
            )
            back = row.paid_cash - fresh.paid_cash if fresh.reverses_id is None else row.paid_cash
            messages.success(request, _("退费已办理，应退现金 %(cash)s 元。") % {"cash": f"{back / 100:.2f}"})
            return redirect("settlement:detail", fresh.id)
        except DomainError as refusal:
            refuse(form, refusal)
    context = {
        "row": row,
        "lines": lines,
        "form": form,
        "person": residents.identity(row.resident_id),
        **presenting.common(request.actor, "settlements"),
    }
    return page(request, "settlement/return.html", context, form=form)


def _quantities(request: HttpRequest, lines: list[Any]) -> dict[UUID, Decimal]:
    wanted = {}
    for line in lines:
        text = request.POST.get(f"quantity_{line.id}", "").strip()
        if not text:
            continue
        try:
            wanted[line.id] = Decimal(text)
        except InvalidOperation:
            raise InvalidInput(_("“%(item)s”的退费数量不是数字。") % {"item": line.item_name}) from None
    return wanted


@require_GET
@guarded(policies.READ, about="settlement")
def print_bill(request: HttpRequest, settlement_id: UUID) -> HttpResponse:
    """The bill as a sheet of paper with the reasons; copies are counted and marked. What is not settled is no bill (NothingSettled)."""
    row = reading.access_settlement(settlement_id, actor=request.actor)
    if row.settled_on is None:
        raise NothingSettled()
    sheet = print_document(
        "settlement_bill", "settlement/bill", sheets.bill_sheet(row), actor=request.actor, about=About("settlement", row.id, row.state),
        institution=row.institution_name,
    )  # fmt: skip
    return answer(sheet)


@require_GET
@guarded(policies.READ, about="resident")
def of_resident(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """A person's bills and what the funds paid in each year."""
    person = residents.access_resident(resident_id, actor=request.actor, purpose=_("查看费用结算"))
    found = reading.of_resident(person.id, number_of(request.GET.get("page")))
    context = {
        "person": person, "page": found, "years": reading.years_of_resident(person.id), "scheme_label": scheme_label,
        "past": clinic.past_bills(residents.identities(person.id), number_of(request.GET.get("past"))),
        **presenting.common(request.actor, ""), **residents.file_context(person, actor=request.actor, active="settlement"),
    }  # fmt: skip
    return render(request, "settlement/resident.html", context)
