"""The asking side: the request with its file, more records later, the evaluation."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.access.api import guarded
from yigong.access.data import Subject
from yigong.centres.consultation import forms, policies
from yigong.centres.consultation.commands import closing, requesting
from yigong.centres.consultation.data import NewConsultation
from yigong.centres.consultation.queries import files
from yigong.centres.consultation.rules.definitions import items, parameters
from yigong.core.asked import key_of
from yigong.core.ui import forms as ui
from yigong.orders import api as orders
from yigong.orders.data import Clinical
from yigong.records import api as records
from yigong.records.data import TimelineItem
from yigong.residents import api as residents


@guarded(policies.REQUEST, about="resident")
def new(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """The request form for one resident, with the entries of the record to tick."""
    actor = request.actor
    person = residents.access_resident(resident_id, actor=actor, action="write")
    first = request.method != "POST"
    form = forms.RequestForm(request.POST or None, initial=_prefilled(request, resident_id) if first else None)
    if done := ui.sent(request, form, lambda: _asked(request, resident_id, form)):
        return done
    offered = files.offered(resident_id, actor=actor)
    ticked = _ticked(request) if not first else []
    context = {
        "person": person, "form": form, "offered": _offers(offered), "ticked": {f"{k}:{i}" for k, i in ticked},
        "pieces": {piece.code: piece.label for piece in parameters().pieces}, "items": items(),
        "errors": form.errors.get("records", []), "definition": orders.service("consultation"), "taken": request.POST.get("templates", ""),
        "offers": orders.request_templates("consultation", resident_id, actor),
    }  # fmt: skip
    return ui.page(request, "consultation/new.html", context, form=form)


@guarded(policies.REQUEST, about="consultation")
def add(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """More entries of the record for a request that was sent."""
    access.require(request.actor, "read_detail", Subject("consultation", order_id))
    row = policies.access_consultation(order_id, actor=request.actor)
    form = Form(request.POST or None)
    if done := ui.sent(request, form, lambda: _added(request, order_id)):
        return done
    named = {(kind, key) for kind, key in row.records.values_list("kind", "entry_id")}
    offered = [i for i in files.offered(row.order.resident_id, actor=request.actor) if (i.kind, i.id) not in named]
    labels = {piece.code: piece.label for piece in parameters().pieces}
    context = {
        "row": row, "offered": _offers(offered), "ticked": set(), "pieces": labels, "form": form,
        "missing": [labels.get(code, code) for code in row.missing],
    }  # fmt: skip
    return ui.page(request, "consultation/records.html", context, form=form)


@guarded(policies.REQUEST, about="consultation")
def evaluate(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Marks for promptness and usefulness, and how far the conclusion was adopted; before there is a conclusion the page says so."""
    access.require(request.actor, "read_detail", Subject("consultation", order_id))
    row = policies.access_consultation(order_id, actor=request.actor)
    form = forms.EvaluationForm(request.POST or None)
    if done := ui.sent(request, form, lambda: _evaluated(request, order_id, form)):
        return done
    context = {"row": row, "form": form, "not_yet": closing.not_yet(row), "done": getattr(row, "evaluation", None)}
    return ui.page(request, "consultation/evaluate.html", context, form=form)


def _asked(request: HttpRequest, resident_id: UUID, form: forms.RequestForm) -> str:
    given = form.cleaned_data
    order = requesting.request_consultation(
        given=NewConsultation(
            resident_id=resident_id, item_code=given["item_code"], purpose_code=given["purpose_code"], form=given["form"],
            priority=given["priority"], wanted_at=given["wanted_at"], consent=given["consent"], gap=given["gap"],
            records=_ticked(request), clinical=Clinical(given["symptoms"], given["history"], given["purpose"], given["diagnosis"]),
        ),
        actor=request.actor, idempotency_key=str(ui.idempotency_key(request)),
        templates=orders.templates_taken(request.POST.get("templates", "")),
    )  # fmt: skip
    messages.success(request, _("会诊申请已送达会诊中心。"))
    return reverse("consultation:detail", args=[order.id])


def _added(request: HttpRequest, order_id: UUID) -> str:
    requesting.add_records(order_id=order_id, records=_ticked(request), actor=request.actor)
    messages.success(request, _("资料已补充。"))
    return reverse("consultation:detail", args=[order_id])


def _evaluated(request: HttpRequest, order_id: UUID, form: forms.EvaluationForm) -> str:
    closing.evaluate(order_id=order_id, actor=request.actor, **form.cleaned_data)
    messages.success(request, _("评价已提交，会诊结束。"))
    return reverse("consultation:detail", args=[order_id])


def _ticked(request: HttpRequest) -> list[tuple[str, UUID]]:
    pairs = (text.partition(":") for text in request.POST.getlist("records"))
    return [(kind, key) for kind, _mark, text in pairs if (key := key_of(text))]


def _offers(found: list[TimelineItem]) -> list[tuple[TimelineItem, list[str]]]:
    return [(item, files.answers(item)) for item in found]


def _prefilled(request: HttpRequest, resident_id: UUID) -> dict[str, Any]:
    """What the record already knows."""
    known = records.summary(resident_id, actor=request.actor)
    lines = [(_("诊断"), known.conditions_text), (_("过敏"), known.allergies_text), (_("用药"), known.medicines_text)]
    return {
        "diagnosis": known.conditions[0].text[:200] if known.conditions else "",
        "history": "\n".join(f"{label}：{text}" for label, text in lines if text)[:4000],
    }
