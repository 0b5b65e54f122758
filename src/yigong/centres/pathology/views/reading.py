"""The case as its reader sees it: stains, results, pictures, frozen against paraffin."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.access.api import guarded
from yigong.centres.pathology import forms
from yigong.centres.pathology.commands import reading
from yigong.centres.pathology.models import Picture
from yigong.centres.pathology.policies import REPORT
from yigong.centres.pathology.queries import reports
from yigong.centres.pathology.queries import specimens as queries
from yigong.centres.pathology.rules import catalogue
from yigong.core.errors import InvalidInput, NotFound
from yigong.core.pictures import api as pictures
from yigong.core.ui import forms as ui
from yigong.orders import api as orders
from yigong.residents import api as residents

_OUT = {"cancelled", "lost", "lent", "cut", "decalcifying", "processing"}


@guarded("signed_in", about="order")
def case(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Everything of a case on one page; the reader orders stains, writes results, adds pictures, compares."""
    order = orders.order(order_id, actor=request.actor)
    found, given, action = queries.case_of(order_id), request.POST, request.POST.get("action", "")
    blocks = [b for b in found.of("block") if b.state not in _OUT]
    acts: dict[str, tuple[Any, Any]] = {
        "stains": (forms.StainsForm(blocks, given if action == "stains" else None), _stained),
        "picture": (forms.PictureForm(given if action == "picture" else None, request.FILES if action == "picture" else None), _pictured),
        "compare": (forms.CompareForm(given if action == "compare" else None), _compared),
        "result": (forms.ScanForm(given if action == "result" else None), _noted),
        "withdraw": (forms.WithdrawForm(given if action == "withdraw" else None), _withdrawn),
    }  # fmt: skip
    form, act = acts.get(action, (None, None))
    if request.method == "POST" and form is None:
        raise InvalidInput(_("没有这项操作。"))
    if form is not None and (done := ui.sent(request, form, lambda: act(request, order_id, form.cleaned_data))):
        return done
    frozen = order.group == catalogue.FROZEN
    context = {
        "order": order, "case": found, "tones": reports.TONES, "pictures": reports.pictures(order_id),
        "person": residents.resident_names([order.resident_id]).get(order.resident_id), "is_frozen": frozen,
        "frozen": reports.frozen_version(order_id) if frozen else None, "acts": {name: pair[0] for name, pair in acts.items()},
        "reads": request.actor.has(REPORT) and order.reporting_institution_id in request.actor.places, "blocks": blocks,
        "at_centre": order.reporting_institution_id in request.actor.places, "failed": action,
    }  # fmt: skip
    return ui.page(request, "pathology/case.html", context, form=form)


@guarded("signed_in", about="order")
def picture(request: HttpRequest, picture_id: UUID) -> HttpResponse:
    """One picture, for whoever may read its order."""
    row = Picture.objects.filter(pk=picture_id).first()
    if row is None:
        raise NotFound()
    orders.order(row.order_id, actor=request.actor)
    return pictures.answer(row.kept_id)


def _here(order_id: UUID) -> str:
    return reverse("pathology:case", args=[order_id])


def _stained(request: HttpRequest, order_id: UUID, given: dict[str, Any]) -> str:
    made = reading.order_stains(code=given["code"], stains=given["stains"], actor=request.actor)
    messages.success(request, _("已加做 %(codes)s，技师已收到。") % {"codes": "、".join(s.code for s in made)})
    return _here(order_id)


def _pictured(request: HttpRequest, order_id: UUID, given: dict[str, Any]) -> str:
    reading.add_picture(
        order_id=order_id,
        content=given["picture"].read(),
        caption=given["caption"],
        code=given["code"],
        actor=request.actor,
    )
    messages.success(request, _("图片已加入报告。"))
    return _here(order_id)


def _compared(request: HttpRequest, order_id: UUID, given: dict[str, Any]) -> str:
    reading.compare_frozen(order_id=order_id, actor=request.actor, **given)
    messages.success(request, _("冰冻与石蜡对照已登记。"))
    return _here(order_id)


def _noted(request: HttpRequest, order_id: UUID, given: dict[str, Any]) -> str:
    reading.note_result(code=given["code"], result=request.POST.get("result", ""), actor=request.actor)
    return _here(order_id)


def _withdrawn(request: HttpRequest, order_id: UUID, given: dict[str, Any]) -> str:
    reading.withdraw_picture(picture_id=given["picture_id"], reason=given["reason"], actor=request.actor)
    messages.success(request, _("图片已撤下；已签发的版本不变。"))
    return _here(order_id)
