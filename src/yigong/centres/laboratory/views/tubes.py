"""Tubes: collecting, labels, where they are, receiving, rejecting, keeping, destroying."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.access.api import guarded
from yigong.centres.laboratory import forms
from yigong.centres.laboratory.commands import collecting, quality, receiving
from yigong.centres.laboratory.commands.errors import NoSuchTube
from yigong.centres.laboratory.models import Tube
from yigong.centres.laboratory.policies import COLLECT, FOLLOW, LABORATORY
from yigong.centres.laboratory.queries import tubes as queries
from yigong.centres.laboratory.rules import catalogue
from yigong.centres.laboratory.rules.tubes import TUBE
from yigong.core import clock
from yigong.core.errors import DomainError, InvalidInput
from yigong.core.paging import number_of
from yigong.core.printing.api import About, answer, bar_code, print_document
from yigong.core.states.api import history
from yigong.core.ui import forms as ui
from yigong.orders import api as orders
from yigong.residents import api as residents

TONES = {
    "to_collect": "warn", "labelled": "warn", "collected": "info", "packed": "info", "in_transit": "info", "arrived": "info",
    "accepted": "good", "conditional": "warn", "sent_out": "info", "stored": "muted", "rejected": "bad", "lost": "bad",
    "cancelled": "muted", "disposed": "muted",
}  # fmt: skip


def views() -> dict[str, str]:
    """The tabs of the list."""
    return {
        "to_collect": _("待采集"), "collected": _("待送出"), "under_way": _("运送中"), "at_laboratory": _("在中心"), "stored": _("保存中"),
        "ended": _("已结束"),
    }  # fmt: skip


def benches() -> dict[str, str]:
    """The centre's benches by code."""
    words = orders.service("laboratory").words
    return {name.removeprefix("group_"): label for name, label in words.items() if name.startswith("group_")}


@guarded(FOLLOW)
def tube_list(request: HttpRequest) -> HttpResponse:
    """Where every tube of one's institutions is, on one line; a scan collects it (collector) or opens it."""
    actor = request.actor
    form = forms.CollectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return ui.once(request, lambda: _collected(request, form.cleaned_data))
        except DomainError as refusal:
            ui.refuse(form, refusal)
    view = request.GET.get("view") or ("to_collect" if actor.has(COLLECT) else "at_laboratory")
    text, bench = request.GET.get("q", ""), request.GET.get("bench", "")
    page = queries.tube_list(actor, view=view, text=text, bench=bench, page=number_of(request.GET.get("page")))
    totals = queries.tube_totals(actor)
    context = {
        "page": page, "names": residents.resident_names({row.resident_id for row in page.items}), "view": view, "text": text,
        "bench": bench, "benches": benches(), "tones": TONES, "form": form, "items": catalogue.items(),
        "tabs": [(label, f"?view={code}", view == code, totals[code]) for code, label in views().items()],
    }  # fmt: skip
    return ui.page(request, "laboratory/tubes.html", context, form=form)


@guarded("signed_in", about="order")
def labels(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The labels of an order's unfilled tubes, one to a page of the label printer; printing again is counted."""
    order = orders.order(order_id, actor=request.actor)
    rows = [row for row in queries.of_order(order_id) if row.state in {"to_collect", "labelled"}]
    if not rows:
        raise InvalidInput(_("这张申请单没有待采集的标本。"))
    collecting.label_tubes(tube_ids=[row.id for row in rows], actor=request.actor)
    person = residents.resident_names([order.resident_id])[order.resident_id]
    names = catalogue.items()
    sheet = print_document(
        "tube_labels", "printing/labels",
        {
            "title": _("标本条码"),
            "labels": [
                {
                    "bar": bar_code(row.number), "number": row.number, "who": f"{person.name} {person.sex_label} {person.age_text}",
                    "urgent": _("急") if order.priority == "urgent" else "", "lines": [
                        f"{benches().get(row.bench, '')} · {row.specimen} · {row.tube_name}",
                        "、".join(names[code].name for code in row.items if code in names), _("采集者______ 时间______"),
                    ],
                }
                for row in rows
            ],
        },
        actor=request.actor, about=About("order", order.id, ",".join(row.number[-4:] for row in rows)[:40]),
    )  # fmt: skip
    return answer(sheet)


@guarded(LABORATORY)
def receive(request: HttpRequest) -> HttpResponse:
    """Scan tubes in at the centre, one after the other; what was scanned last stands beneath."""
    form = forms.ScanForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return ui.once(request, lambda: _received(request, form.cleaned_data["number"]))
        except DomainError as refusal:
            ui.refuse(form, refusal)
    rows = queries.received_today(request.actor)
    context = {
        "form": form, "rows": rows, "names": residents.resident_names({row.resident_id for row in rows}), "tones": TONES,
        "waiting": queries.tube_totals(request.actor)["under_way"], "items": catalogue.items(),
    }  # fmt: skip
    return ui.page(request, "laboratory/receive.html", context, form=form)


@guarded(FOLLOW, about="order")
def tube(request: HttpRequest, tube_id: UUID) -> HttpResponse:
    """One tube: where it was, and what may be done with it."""
    row, shown = queries.one(tube_id, request.actor)
    order = orders.order(row.order_id, actor=request.actor)
    done, error = ui.tried(request, lambda: _done(request, row))
    if done:
        return done
    steps = {one.action for one in TUBE.actions_for(row, request.actor)}
    context = {
        "tube": shown, "order": order, "person": residents.resident_names([order.resident_id]).get(order.resident_id), "tones": TONES,
        "steps": steps, "error": error, "history": [
            {"title": _(TUBE.states[h.to_state].label), "text": h.reason, "at": h.at, "who": h.actor_name} for h in history(row.pk)
        ][::-1], "instead_of": row.instead_of, "reject": forms.RejectForm(), "loss": forms.LossForm(), "store": forms.StoreForm(), "out": forms.SendOutForm(), "items": catalogue.items(),
    }  # fmt: skip
    return render(request, "laboratory/tube.html", context, status=422 if error else 200)


@guarded(FOLLOW)
def find(request: HttpRequest) -> HttpResponse:
    """A scanned bar code opens its tube."""
    number = request.GET.get("number", "")
    row = queries.find(number, request.actor)
    if row is None:
        raise NoSuchTube(number=number[:40] or "—")
    return redirect("laboratory:tube", row.pk)


@guarded(LABORATORY)
def storage(request: HttpRequest) -> HttpResponse:
    """What is kept, until when; what is over is destroyed before a witness."""
    form = forms.WitnessForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return ui.once(request, lambda: _destroyed(request, form.cleaned_data["witness"]))
        except DomainError as refusal:
            ui.refuse(form, refusal)
    page = queries.tube_list(request.actor, view="stored", page=number_of(request.GET.get("page")))
    keep = dict(Tube.objects.filter(pk__in=[row.id for row in page.items]).values_list("pk", "keep_until"))
    context = {
        "page": page, "keep": keep, "form": form, "over": queries.to_destroy(request.actor, clock.today()), "benches": benches(),
        "days": catalogue.rules().keep_days,
    }  # fmt: skip
    return ui.page(request, "laboratory/storage.html", context, form=form)


@guarded(LABORATORY)
def outside(request: HttpRequest) -> HttpResponse:
    """Laboratories outside the community that take tubes."""
    form = forms.OutsideForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return ui.once(request, lambda: _outside(request, form.cleaned_data))
        except DomainError as refusal:
            ui.refuse(form, refusal)
    return ui.page(request, "laboratory/outside.html", {"form": form, "rows": queries.outside()}, form=form)


def _collected(request: HttpRequest, given: dict[str, Any]) -> str:
    done = collecting.collect_tube(
        number=given["number"], identity_checked=given["identity_checked"], actor=request.actor
    )
    messages.success(request, _("已采集 %(n)s。") % {"n": done.number})
    return reverse("laboratory:tubes")


def _received(request: HttpRequest, number: str) -> str:
    done = receiving.receive_tube(number=number, actor=request.actor)
    messages.success(request, _("已签收 %(n)s。") % {"n": done.number})
    return reverse("laboratory:receive")


def _done(request: HttpRequest, row: Tube) -> str:
    given, actor, number = request.POST, request.actor, row.number
    reason = given.get("reason", "")
    action = given.get("action", "")
    if action == "accept":
        receiving.receive_tube(number=number, actor=actor)
    elif action == "conditional":
        if not reason.strip():
            raise InvalidInput(_("请写明让步接收的原因和申请医生的意见。"))
        receiving.receive_tube(number=number, condition=reason, actor=actor)
    elif action == "reject":
        receiving.reject_tube(number=number, reason_code=given.get("reason_code", ""), reason=reason, actor=actor)
    elif action == "lose":
        return _lost(request, number, reason)
    elif action == "store":
        receiving.store_tube(number=number, rack=given.get("rack", ""), actor=actor)
    elif action == "send_out":
        form = forms.SendOutForm(given)
        if not form.is_valid():
            raise InvalidInput(_("请选择外送机构。"))
        receiving.send_out(number=number, outside_id=form.cleaned_data["outside"].pk, actor=actor)
    elif action == "unpack":
        collecting.unpack_tube(number=number, actor=actor)
    else:
        raise InvalidInput(_("没有这项操作。"))
    return reverse("laboratory:tube", args=[row.pk])


def _lost(request: HttpRequest, number: str, reason: str) -> str:
    """The tube in the place of the lost one is the next thing to look at: its label is printed there."""
    gone = receiving.lose_tube(
        number=number, reason=reason, reason_code=request.POST.get("reason_code", ""), actor=request.actor
    )
    fresh = Tube.objects.filter(instead_of=gone).first()
    if fresh is None:
        messages.success(request, _("标本 %(n)s 已登记丢失或破损。") % {"n": gone.number})
        return reverse("laboratory:tube", args=[gone.pk])
    told = _("标本 %(old)s 已登记丢失或破损；新条码 %(new)s，请打印并重新采集。")
    messages.success(request, told % {"old": gone.number, "new": fresh.number})
    return reverse("laboratory:tube", args=[fresh.pk])


def _destroyed(request: HttpRequest, witness: str) -> str:
    done = receiving.dispose_tubes(until=clock.today(), witness=witness, actor=request.actor)
    messages.success(request, _("已销毁 %(n)s 支到期标本。") % {"n": done})
    return reverse("laboratory:storage")


def _outside(request: HttpRequest, given: dict[str, str]) -> str:
    quality.add_outside(**given, actor=request.actor)
    return reverse("laboratory:outside")
