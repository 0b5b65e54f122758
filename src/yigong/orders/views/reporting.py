"""Reading: viewer beside the report form, earlier studies, drafts."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yigong.access.api import guarded
from yigong.core.actor import Actor
from yigong.core.errors import DomainError, Forbidden, InvalidInput, NotFound
from yigong.core.forms import api as forms
from yigong.orders import queries
from yigong.orders.api import viewers_of
from yigong.orders.commands import reporting
from yigong.orders.data import OrderData, ReportTemplate, ServiceDefinition
from yigong.orders.models import Report
from yigong.orders.queries.templates import choices
from yigong.orders.rules import REPORT, service
from yigong.orders.views.shown import TONES, is_at, names_of


@guarded("signed_in", about="order")
def page(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The reading page; its form saves, submits, or lets a provisional report out."""
    actor = request.actor
    order = queries.order(order_id, actor=actor)
    definition = service(order.service)
    if not (is_at(actor, order.reporting_institution_id) and actor.has(definition.rights.report)):
        raise Forbidden(_("只有诊断中心的医师可以书写报告。"))
    if definition.report_page:
        return redirect(definition.report_page, order.id)
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            return _send(request, order, definition)
        except DomainError as error:
            errors = error.errors if isinstance(error, InvalidInput) and error.errors else {"": str(error)}
    return _render(request, order, definition, errors)


@guarded("signed_in", about="order")
@require_POST
def draft(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Autosave: answers the new draft version, or the sentence why not."""
    order = queries.order(order_id, actor=request.actor)
    try:
        version = reporting.save_draft(
            order_id=order_id, draft=_draft_of(request, order, service(order.service)), actor=request.actor,
            draft_version=int(request.POST.get("draft_version") or 0),
        )  # fmt: skip
    except (DomainError, ValueError) as refusal:
        return JsonResponse({"error": str(refusal)}, status=getattr(refusal, "status", 422))
    return JsonResponse({"draft_version": version})


def _send(request: HttpRequest, order: OrderData, definition: ServiceDefinition) -> HttpResponse:
    content, action = _draft_of(request, order, definition), request.POST.get("action")
    if action == "preliminary":
        reporting.release_preliminary(order_id=order.id, draft=content, actor=request.actor)
        word = definition.kind_word("preliminary", order.group)
        messages.success(request, _("%(kind)s已发出，请尽快提交正式报告。") % {"kind": word})
        return redirect("orders:report", order.id)
    if action == "save":
        given = int(request.POST.get("draft_version") or 0)
        reporting.save_draft(order_id=order.id, draft=content, draft_version=given, actor=request.actor)
        messages.success(request, _("草稿已保存。"))
        return redirect("orders:report", order.id)
    if action == "sign":
        reporting.submit_and_sign(order_id=order.id, draft=content, actor=request.actor)
        messages.success(request, _("报告已签发。"))
        return redirect("orders:worklist", order.service)
    reporting.submit_report(order_id=order.id, draft=content, actor=request.actor)
    messages.success(request, _("已提交审核。"))
    return redirect("orders:worklist", order.service)


def _render(
    request: HttpRequest, order: OrderData, definition: ServiceDefinition, errors: dict[str, str]
) -> HttpResponse:
    report = queries.report_of(order.id, actor=request.actor)
    if report is None:
        raise NotFound(_("这张申请单还没有可报告的资料。"))
    row = Report.objects.select_related("order").get(order_id=order.id)
    earlier = queries.earlier_orders(order.resident_id, service_code=order.service, but=order.id, limit=10)
    writing = report.state in reporting.WRITING and report.claimed_by_id == request.actor.staff_id
    shown = _draft_of(request, order, definition) if errors else report.draft
    viewers = viewers_of(order.id)
    context = {
        "order": order, "definition": definition, "report": report, "errors": errors, "writing": writing,
        "draft": {"sections": {}, "impression": "", "positive": None, "grade": "", "structured": {}, "templates": [], **shown},
        "names": names_of([order, *earlier]), "earlier": earlier, "viewers": viewers,
        "earlier_viewers": {o.id: viewers_of(o.id)[:1] for o in earlier}, "tones": TONES,
        "earlier_text": _impressions(earlier), "panel": definition.panel(order.id),
        "actions": {s.action: s for s in REPORT.actions_for(row, request.actor)},
        "templates": _fitting(definition, order, request.actor), "criticals": queries.open_criticals(request.actor, order_id=order.id),
        "embed": next((v for v in viewers if v.embed), None),
        "pictures": [v for v in viewers if v.image_url], "alone": reporting.signs_alone(row, request.actor),
        "form": reporting.structured_form(row.order), "derived": definition.tables(definition.derived(order.id)),
        "form_errors": {code.removeprefix("structured_"): told for code, told in errors.items() if code.startswith("structured_")},
        "proposals": {} if report.versions else definition.proposals(order.id),
    }  # fmt: skip
    return render(request, "orders/report.html", context, status=422 if errors else 200)


def _impressions(orders: list[OrderData]) -> dict[UUID, str]:
    rows = Report.objects.filter(order_id__in=[o.id for o in orders]).prefetch_related("versions")
    found = {row.order_id: sorted(row.versions.all(), key=lambda v: v.number) for row in rows}
    return {key: versions[-1].impression for key, versions in found.items() if versions}


def _fitting(definition: ServiceDefinition, order: OrderData, actor: Actor) -> list[ReportTemplate]:
    """Templates of this equipment and part first, those of the equipment after them."""
    parts, groups = {i.part for i in order.items}, {i.group for i in order.items}
    usable = [t for t in choices(definition.code, actor) if not t.groups or t.groups & groups]
    return sorted(usable, key=lambda t: not (not t.parts or t.parts & parts))


def _draft_of(request: HttpRequest, order: OrderData, definition: ServiceDefinition) -> dict[str, Any]:
    given, code = request.POST, definition.structured(order)
    asked = [item.code for item in forms.form(code).items] if code else []
    return {
        "sections": {s.code: given.get(f"s_{s.code}", "") for s in definition.sections if not s.columns},
        "structured": {one: given.getlist(one) for one in asked if one in given},
        "impression": given.get("impression", ""),
        "positive": {"yes": True, "no": False}.get(given.get("positive", "")),
        "grade": given.get("grade", ""),
        "templates": [one for one in given.get("templates", "").split(",") if one],
    }
