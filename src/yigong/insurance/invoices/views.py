"""The register, one invoice with its print, the blocks of numbers, spoiled sheets."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yigong.clinic.data import CATEGORIES
from yigong.core.asked import day_of, key_of
from yigong.core.paging import number_of
from yigong.core.printing.api import About, answer, bar_code, print_document
from yigong.core.rights import guarded
from yigong.core.states.api import history
from yigong.core.ui.forms import clicked, page, sent
from yigong.insurance.benefits.api import yuan
from yigong.insurance.invoices import commands, policies, queries
from yigong.insurance.invoices.data import KINDS
from yigong.insurance.invoices.forms import BlockForm, ReasonForm, SpoilForm
from yigong.insurance.invoices.models import Invoice
from yigong.insurance.invoices.rules import INVOICE, in_words
from yigong.network import api as network

TONES = {
    "issued": "good", "voided": "muted", "awaiting": "warn", "reversed": "muted", "red": "bad", "spoiled": "muted",
}  # fmt: skip


def _common(request: HttpRequest, active: str) -> dict[str, Any]:
    every = [
        ("list", _("登记簿"), policies.READ),
        ("spoil", _("废票"), policies.ISSUE),
        ("blocks", _("号段"), policies.KEEP),
    ]
    return {
        "tabs": [
            (words, reverse(f"invoices:{name}"), name == active, None) for name, words, right in every if request.actor.has(right)
        ],
        "table": INVOICE, "tones": TONES, "kinds": KINDS, "yuan": yuan,
    }  # fmt: skip


@require_GET
@guarded(policies.READ, about="resident")
def register(request: HttpRequest) -> HttpResponse:
    """Every number that was used, the latest first."""
    asked = request.GET
    text, day, state, block = (
        asked.get("text", "").strip()[:40],
        asked.get("day", ""),
        asked.get("state", ""),
        key_of(asked.get("block", "")),
    )
    found = queries.register(
        request.actor, text=text, day=day_of(day), state=state, block=block, page=number_of(asked.get("page"))
    )
    states = [("", _("全部")), *((code, INVOICE.label(code)) for code in INVOICE.states)]
    return page(
        request,
        "invoices/list.html",
        {"page": found, "text": text, "day": day, "state": state, "states": states, **_common(request, "list")},
    )


@guarded(policies.READ, about="resident")
def detail(request: HttpRequest, invoice_id: UUID) -> HttpResponse:
    """One invoice; void it or take it back."""
    write = request.method == "POST"
    row = queries.access_invoice(invoice_id, actor=request.actor, action="write" if write else "read_detail")
    form = ReasonForm(request.POST or None)
    if row.state == "awaiting":
        form.fields["reason"].required = False

    def act() -> str:
        done = commands.cancel(invoice_id=row.id, reason=form.cleaned_data["reason"], actor=request.actor)
        messages.success(
            request, _("票据 %(number)s：%(state)s。") % {"number": done.number, "state": done.state_label}
        )
        return reverse("invoices:detail", args=[row.id])

    if done := sent(request, form, act):
        return done
    context = {
        "row": row, "form": form, "history": history(row.id), "groups": groups_of(row), "words": in_words(row.amount),
        "may": request.actor.has(policies.ISSUE) and row.state in ("issued", "awaiting"), **_common(request, "list"),
    }  # fmt: skip
    return page(request, "invoices/detail.html", context, form=form)


def groups_of(row: Invoice) -> list[tuple[str, int]]:
    """Sums by fee type in words."""
    names = dict(CATEGORIES.values())
    return [(str(names.get(code, code)), amount) for code, amount in sorted(row.groups.items())]


@require_GET
@guarded(policies.READ, about="resident")
def print_invoice(request: HttpRequest, invoice_id: UUID) -> HttpResponse:
    """The invoice on paper; a second print carries the mark of a copy."""
    row = queries.access_invoice(invoice_id, actor=request.actor)
    heading = f"{KINDS[row.kind]}（{INVOICE.label(row.state)}）" if row.state != "issued" else str(KINDS[row.kind])
    data = {
        "title": heading, "subtitle": _("票据代码 %(code)s  票据号码 %(number)s") % {"code": row.code or "—", "number": row.number},
        "bar": bar_code(row.code + row.number),
        "facts": [
            (_("交款人"), row.payer or "—"), (_("开票日期"), row.issued_at.astimezone().strftime("%Y-%m-%d")),
            (_("业务流水号"), row.source_number or "—"), (_("冲红原票"), row.reverses.number if row.reverses else "—"),
        ],
        "heads": [_("收费项目"), _("金额（元）")], "lines": [[name, yuan(amount)] for name, amount in groups_of(row)],
        "total_label": _("合计（大写）"), "words": in_words(row.amount), "total": yuan(row.amount),
        "payers": [
            (_("医保统筹基金支付"), yuan(row.pool)), (_("其他支付"), yuan(row.other)), (_("个人账户支付"), yuan(row.account)),
            (_("个人现金支付"), yuan(row.cash)), (_("个人自付"), yuan(row.self_pay)), (_("个人自费"), yuan(row.own)),
        ],
        "unit_label": _("收款单位（章）"), "unit": row.institution_name, "cashier_label": _("收款人"), "cashier": row.cashier_name,
    }  # fmt: skip
    sheet = print_document(
        "invoice", "invoices/invoice", data, actor=request.actor, about=About("invoice", row.id, row.state), institution=row.institution_name
    )  # fmt: skip
    return answer(sheet)


@guarded(policies.ISSUE)
def spoil(request: HttpRequest) -> HttpResponse:
    """Write down a damaged sheet, so that the next number is the one in the printer."""
    form = SpoilForm(request.POST or None)

    def act() -> str:
        given = form.cleaned_data
        row = commands.spoil(kind=given["kind"], number=given["number"], reason=given["reason"], actor=request.actor)
        messages.success(request, _("废票 %(number)s 已登记。") % {"number": row.number})
        return reverse("invoices:spoil")

    if done := sent(request, form, act):
        return done
    coming = [(words, queries.next_number(kind, request.actor)) for kind, words in KINDS.items()]
    return page(
        request, "invoices/spoil.html", {"form": form, "coming": coming, **_common(request, "spoil")}, form=form
    )


@guarded(policies.KEEP)
def blocks(request: HttpRequest) -> HttpResponse:
    """Blocks of numbers, what became of them, and a new one."""
    actor = request.actor
    places = network.institutions(queries.keeps_for(actor))
    ordered = sorted(places.values(), key=lambda one: (one.id != actor.institution_id, one.name))
    form = BlockForm(request.POST or None, [(str(one.id), one.name) for one in ordered])

    def act() -> str:
        given = form.cleaned_data
        holder = network.staff(given["holder"]) if given["holder"] else None
        commands.open_numbers(
            institution_id=UUID(given["institution"]), kind=given["kind"], code=given["code"], first=given["first"], last=given["last"],
            source=given["source"], holder_id=holder.id if holder else None, holder_name=holder.name if holder else "", actor=actor,
        )  # fmt: skip
        messages.success(request, _("号段已登记，可以开票了。"))
        return reverse("invoices:blocks")

    if done := sent(request, form, act):
        return done
    found = queries.accounts(places, page=number_of(request.GET.get("page")))
    names = {str(key): one.name for key, one in places.items()}
    return page(
        request, "invoices/blocks.html", {"page": found, "form": form, "names": names, **_common(request, "blocks")}, form=form
    )  # fmt: skip


@require_POST
@guarded(policies.KEEP)
def close_block(request: HttpRequest, block_id: UUID) -> HttpResponse:
    """Stop using a block."""

    def act() -> str:
        place = key_of(request.POST.get("institution", ""))
        reason = request.POST.get("reason", "")[:200]
        if place is not None:
            commands.close_numbers(block_id=block_id, institution_id=place, reason=reason, actor=request.actor)
        return _("号段已停用。")

    return clicked(request, act, reverse("invoices:blocks"))
