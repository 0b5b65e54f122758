"""The sender's page: containers of an order, their times, their labels."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.access.api import guarded
from yigong.centres.pathology import forms
from yigong.centres.pathology.commands import sending
from yigong.centres.pathology.data import SpecimenData
from yigong.centres.pathology.policies import FOLLOW, SEND
from yigong.centres.pathology.queries import reports, specimens
from yigong.centres.pathology.rules import catalogue
from yigong.core.errors import Forbidden, InvalidInput
from yigong.core.printing.api import About, answer, bar_code, print_document
from yigong.core.ui import forms as ui
from yigong.logistics import api as logistics
from yigong.orders import api as orders
from yigong.orders.data import OrderData
from yigong.residents import api as residents


@guarded("signed_in", about="order")
def containers(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Add containers, write down when they were removed and fixed, answer a rejection."""
    actor = request.actor
    order = orders.order(order_id, actor=actor)
    if order.performing_institution_id not in actor.places or not actor.has(SEND):
        raise Forbidden(_("标本由取材机构的医护人员登记。"))
    given, action = request.POST, request.POST.get("action", "")
    adding = forms.ContainerForm(given if action == "add" else None)
    times = forms.AnswerForm(given if action in {"register", "cancel"} else None)
    if action == "add" and (done := ui.sent(request, adding, lambda: _added(request, order, adding.cleaned_data))):
        return done
    if action == "register" and (done := ui.sent(request, times, lambda: _registered(request, times.cleaned_data))):
        return done
    if action == "cancel" and (done := ui.sent(request, times, lambda: _cancelled(request))):
        return done
    packed, error = ui.tried(request, lambda: _packed(request, order)) if action == "pack" else (None, "")
    if packed:
        return packed
    case = specimens.case_of(order_id)
    loose = [one for one in case.of("container") if one.state == "ready" and one.consignment_id is None]
    context = {
        "loose": loose if order.reporting_institution_id != order.performing_institution_id else [], "error": error,
        "order": order, "case": case, "adding": adding, "times": times, "at": given.get("code", ""), "tones": reports.TONES,
        "person": residents.resident_names([order.resident_id]).get(order.resident_id),
        "item": catalogue.item_of(order), "closed": order.state not in sending.OPEN,
    }  # fmt: skip
    return ui.page(request, "pathology/containers.html", context, form=adding if action == "add" else times)


@guarded("signed_in", about="order")
def labels(request: HttpRequest, order_id: UUID, kind: str) -> HttpResponse:
    """The labels of an order's containers, blocks or slides, one to a page of the label printer; copies are counted."""
    order = orders.order(order_id, actor=request.actor)
    over = {"cancelled", "lost", "returned", "disposed"}
    rows = [row for row in specimens.case_of(order_id).of(kind) if row.state not in over]
    if not rows:
        raise InvalidInput(_("这张申请单没有可打印的标签。"))
    person = residents.resident_names([order.resident_id])[order.resident_id]
    who = f"{person.name} {person.sex_label} {person.age_text}"
    sheet = print_document(
        f"pathology_{kind}", "printing/labels",
        {"title": _("病理标签"), "labels": [_label(row, who, order) for row in rows]},
        actor=request.actor, about=About("order", order.id, f"{kind}{len(rows)}"),
    )  # fmt: skip
    return answer(sheet)


def _label(row: SpecimenData, who: str, order: OrderData) -> dict[str, Any]:
    second = f"{row.letter} {row.label} {row.site}" if row.kind == "container" else f"{row.kind_label} {row.label}"
    third = _("离体______ 固定______") if row.kind == "container" else row.case_number
    return {
        "bar": bar_code(row.code), "number": row.code, "who": who, "urgent": _("急") if order.priority == "urgent" else "",
        "lines": [second, third],
    }  # fmt: skip


def _added(request: HttpRequest, order: OrderData, given: dict[str, Any]) -> str:
    row = sending.add_container(
        order_id=order.id, label=given["label"], site=given["site"], pieces=given["pieces"], actor=request.actor
    )
    if given["fixative"]:
        sending.register_container(
            code=row.code, fixative=given["fixative"], removed_at=given["removed_at"], fixed_at=given["fixed_at"],
            unknown=given["unknown"], actor=request.actor,
        )  # fmt: skip
    messages.success(request, _("已登记 %(letter)s 瓶，请打印标签并贴在瓶身。") % {"letter": row.letter})
    return reverse("pathology:specimens", args=[order.id])


def _packed(request: HttpRequest, order: OrderData) -> str:
    box = sending.pack_containers(order_id=order.id, actor=request.actor)
    messages.success(request, _("已放入 %(box)s，等下一班物流来取。") % {"box": box.number})
    return reverse("pathology:specimens", args=[order.id])


@guarded(FOLLOW)
def box(request: HttpRequest, box_id: UUID) -> HttpResponse:
    """What a box of containers holds, for sender and centre."""
    found = logistics.access_consignment(box_id, actor=request.actor)
    rows = specimens.in_box(found.id)
    names = residents.resident_names({row.resident_id for row in rows})
    context = {"box": found, "rows": rows, "names": names, "tones": reports.TONES}
    return ui.page(request, "pathology/box.html", context)


def _registered(request: HttpRequest, given: dict[str, Any]) -> str:
    row = sending.register_container(code=request.POST.get("code", ""), actor=request.actor, **given)
    messages.success(request, _("%(letter)s 瓶的时间已登记。") % {"letter": row.letter})
    return reverse("pathology:specimens", args=[row.order_id])


def _cancelled(request: HttpRequest) -> str:
    row = sending.cancel_container(
        code=request.POST.get("code", ""), reason=request.POST.get("reason", ""), actor=request.actor
    )
    return reverse("pathology:specimens", args=[row.order_id])
