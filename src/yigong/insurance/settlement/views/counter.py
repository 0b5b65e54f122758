"""The counter: find the waiting bill, see what it costs whom, take the money."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yigong.access import api as access
from yigong.access.api import guarded
from yigong.clinic import api as clinic
from yigong.core.errors import DomainError
from yigong.core.paging import number_of
from yigong.core.ui.forms import idempotency_key, once, refuse, renew_key
from yigong.insurance.benefits import api as benefits
from yigong.insurance.invoices import api as invoices
from yigong.insurance.review import api as review
from yigong.insurance.settlement import errors, policies
from yigong.insurance.settlement.commands import counter as commands
from yigong.insurance.settlement.commands.invoicing import issue_invoice
from yigong.insurance.settlement.data import Payment
from yigong.insurance.settlement.forms import PayForm, ReasonForm
from yigong.insurance.settlement.gateway import gateway_of
from yigong.insurance.settlement.models import Settlement
from yigong.insurance.settlement.queries import reading
from yigong.insurance.settlement.queries.preview import Choice, Preview, scheme_label
from yigong.insurance.settlement.views import presenting, splitting
from yigong.residents import api as residents


@require_GET
@guarded(policies.CHARGE, about="resident")
def waiting(request: HttpRequest) -> HttpResponse:
    """Bills that wait, those that wait longest first. A number that is found leads straight to its bill."""
    actor, text = request.actor, request.GET.get("text", "").strip()[:40]
    assert actor.institution_id is not None
    found = clinic.bills_waiting(actor.institution_id, text, number_of(request.GET.get("page")))
    if text and len(found.items) == 1 and found.items[0].number == text:
        return redirect("settlement:pay", found.items[0].id)
    if found.items:
        access.decide_many(actor, "read_detail", "bill", [row.id for row in found.items])
    open_rows = reading.under_way(actor)
    reading.decided(actor, open_rows)
    context = {
        "page": found,
        "text": text,
        "open": open_rows,
        "names": presenting.names(open_rows),
        **presenting.common(actor, "counter"),
    }
    return render(request, "settlement/waiting.html", context)


@guarded(policies.CHARGE, about="resident")
def pay(request: HttpRequest, bill_id: UUID) -> HttpResponse:
    """One bill: who is insured how, what it costs whom and why, and the means of payment."""
    data = clinic.access_bill(bill_id, actor=request.actor)
    done = Settlement.objects.filter(
        bill_id=bill_id,
        reverses__isnull=True,
        state__in=["settling", "unknown", "disputed", "settled", "reversing", "reverse_unknown"],
    ).first()
    if done is not None and request.method == "GET":
        return redirect("settlement:detail", done.id)
    choice, said = _choice(request), ""
    form = PayForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = _settle(bill_id, choice, form.cleaned_data, request)
        except (errors.ResultUnknown, errors.SumsDisagree) as open_matter:
            messages.warning(request, str(open_matter))
            left = Settlement.objects.filter(bill_id=bill_id, state__in=["unknown", "disputed"]).first()
            return redirect("settlement:detail", left.id) if left else redirect("settlement:counter")
        except (errors.PlatformRefused, errors.PlatformDown) as refusal:
            # The platform's word is no fault of what was typed: it has a place of its own on the page, and the next attempt its own key.
            renew_key(request)
            said = str(refusal)
        except DomainError as refusal:
            refuse(form, refusal)
        else:
            if request.POST.get("invoice"):
                _invoice(request, row)
            return redirect(f"{reverse('settlement:detail', args=[row.id])}?just=1")
    return _pay_page(request, data, choice, form, said)


def _settle(bill_id: UUID, choice: Choice, given: dict[str, Any], request: HttpRequest) -> Settlement:
    """What is not paid by card, phone or deposit is cash. Not inside ``once``: the command has its own key, and the platform may take time."""
    key = idempotency_key(request)
    if (known := Settlement.objects.filter(key=key).exclude(state="presettled").first()) is not None:
        return known
    seen = commands.presettle(bill_id=bill_id, choice=choice, actor=request.actor)
    other = given["card"] + given["online"] + given["deposit"]
    payment = Payment(
        max(0, seen.figures.cash - other), given["card"], given["online"], given["deposit"], given["tendered"]
    )
    return commands.settle(
        bill_id=bill_id, choice=choice, payment=payment, key=key, actor=request.actor, shown=given["shown"]
    )


def _invoice(request: HttpRequest, row: Settlement) -> None:
    """The invoice at once: a refusal never touches the settlement, which is paid."""
    try:
        issue_invoice(settlement_id=row.id, actor=request.actor)
    except DomainError as refusal:
        messages.warning(request, _("已结算，票据没有开出：%(why)s") % {"why": refusal})


def _pay_page(request: HttpRequest, data: Any, choice: Choice, form: PayForm, said: str) -> HttpResponse:
    seen, refusal = None, ""
    try:
        seen = commands.presettle(bill_id=data.id, choice=choice, actor=request.actor)
    except errors.TwoCoverages as two:
        refusal = str(two)
    except DomainError as why:
        refusal = str(why)
    person = residents.identity(data.resident_id)
    context = {
        "data": data, "seen": seen, "refusal": refusal, "platform_said": said, "apart": splitting.apart(seen, len(seen.bill.charges)) if seen else [], "choice": choice, "form": form, "person": person, "told": _told(seen),
        "doubts": review.check_bill(data) if seen is not None else [],
        "platform": gateway_of(data.institution_id) is not None, "scheme_label": scheme_label,
        "next_invoice": invoices.next_number("inpatient" if data.kind == "inpatient" else "outpatient", request.actor),
        "deposit": reading.deposit_of(data.resident_id, data.institution_id), **presenting.common(request.actor, "counter"),
    }  # fmt: skip
    return render(request, "settlement/pay.html", context, status=422 if said or form.errors else 200)


def _told(seen: Preview | None) -> list[benefits.Told]:
    if seen is None or seen.settled is None or seen.rules is None:
        return []
    return benefits.tell(seen.rules, seen.settled, _)


def _choice(request: HttpRequest) -> Choice:
    given = request.POST if request.method == "POST" else request.GET
    return Choice(
        kind=given.get("kind", "")[:20],
        scheme=given.get("scheme", "")[:3],
        use_account=given.get("account", "1") != "0",
    )


@require_POST
@guarded(policies.CHARGE, about="resident")
def give_back(request: HttpRequest, bill_id: UUID) -> HttpResponse:
    """Give a bill that was taken up back to where it was charged."""
    clinic.access_bill(bill_id, actor=request.actor)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("请写明退回的原因。"))
        return redirect("settlement:pay", bill_id)

    def act() -> str:
        clinic.reopen_bill(bill_id=bill_id, reason=form.cleaned_data["reason"], actor=request.actor)
        messages.success(request, _("账单已退回开单科室。"))
        return reverse("settlement:counter")

    return once(request, act)
