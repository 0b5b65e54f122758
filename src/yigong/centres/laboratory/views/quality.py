"""Control charts, points, holds and lots."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.access.api import guarded
from yigong.centres.laboratory import forms
from yigong.centres.laboratory.commands import quality
from yigong.centres.laboratory.models import ControlTarget, QualityHold
from yigong.centres.laboratory.policies import QUALITY, REVIEW
from yigong.centres.laboratory.queries import quality as queries
from yigong.centres.laboratory.queries import results
from yigong.centres.laboratory.rules import catalogue
from yigong.core.errors import DomainError, InvalidInput
from yigong.core.paging import number_of
from yigong.core.ui import forms as ui

TONES = {"ok": "good", "warn": "warn", "reject": "bad"}


def verdicts() -> dict[str, str]:
    """What a point means, in words."""
    return {"ok": _("在控"), "warn": _("警告"), "reject": _("失控")}


@guarded(QUALITY)
def overview(request: HttpRequest) -> HttpResponse:
    """What is under control, what is held back, the analysers."""
    form = forms.InstrumentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return ui.once(request, lambda: _instrument(request, form.cleaned_data))
        except DomainError as refusal:
            ui.refuse(form, refusal)
    context = {
        "page": queries.targets(request.actor, page=number_of(request.GET.get("page"))), "holds": queries.open_holds(request.actor),
        "analytes": catalogue.analytes(), "tones": TONES, "verdicts": verdicts(), "form": form,
        "instruments": results.instruments(request.actor),
    }  # fmt: skip
    return ui.page(request, "laboratory/quality.html", context, form=form)


@guarded(QUALITY)
def control(request: HttpRequest, target_id: UUID) -> HttpResponse:
    """The Levey-Jennings chart of one analyte and level; a new point; the release of a hold."""
    target = queries.target(target_id, request.actor)
    point, release = forms.PointForm(), forms.ReleaseForm()
    form = None
    if request.method == "POST":
        kind = request.POST.get("action")
        form = forms.ReleaseForm(request.POST) if kind == "release" else forms.PointForm(request.POST)
        point, release = (point, form) if kind == "release" else (form, release)  # type: ignore[assignment]
        if form.is_valid():
            try:
                return ui.once(request, lambda: _act(request, target, form.cleaned_data))
            except DomainError as refusal:
                ui.refuse(form, refusal)
    shown = queries.points(target)
    hold = next(
        (
            h
            for h in queries.open_holds(request.actor)
            if (h.instrument_id, h.analyte) == (target.lot.instrument_id, target.analyte)
        ),
        None,
    )
    context = {
        "target": target, "analyte": catalogue.analytes()[target.analyte], "points": shown[::-1], "chart": queries.chart(target, shown),
        "point": point, "release": release, "hold": hold, "may_release": request.actor.has(REVIEW), "tones": TONES, "verdicts": verdicts(),
    }  # fmt: skip
    return ui.page(request, "laboratory/control.html", context, form=form)


@guarded(QUALITY)
def lot(request: HttpRequest) -> HttpResponse:
    """A new control lot with the target of an analyte."""
    form = forms.LotForm(request.POST or None, instruments=results.instruments(request.actor))
    if request.method == "POST" and form.is_valid():
        try:
            return ui.once(request, lambda: _lot(request, form.cleaned_data))
        except DomainError as refusal:
            ui.refuse(form, refusal)
    return ui.page(request, "laboratory/lot.html", {"form": form}, form=form)


def _instrument(request: HttpRequest, given: dict) -> str:
    assert request.actor.institution_id
    quality.add_instrument(**given, institution_id=request.actor.institution_id, actor=request.actor)
    return reverse("laboratory:quality")


def _act(request: HttpRequest, target: ControlTarget, given: dict) -> str:
    if request.POST.get("action") == "release":
        hold = QualityHold.objects.filter(
            instrument_id=target.lot.instrument_id, analyte=target.analyte, released_at__isnull=True
        ).first()
        if hold is None:
            raise InvalidInput(_("没有暂扣，可能已由他人解除。"))
        quality.release_hold(hold_id=hold.pk, reason=given["reason"], actor=request.actor)
    else:
        point = quality.add_point(target_id=target.pk, value=given["value"], actor=request.actor)
        if point.verdict == "reject":
            messages.warning(
                request, _("违反 %(rules)s，本仪器该项目的结果从现在起暂扣。") % {"rules": "、".join(point.rules)}
            )
    return reverse("laboratory:control", args=[target.pk])


def _lot(request: HttpRequest, given: dict) -> str:
    made = quality.add_lot(
        instrument_id=given["instrument"].pk, material=given["material"], level=int(given["level"]), number=given["number"],
        expires_on=given["expires_on"], targets={given["analyte"]: (given["mean"], given["sd"])}, actor=request.actor,
    )  # fmt: skip
    return reverse("laboratory:control", args=[made.targets.get().pk])
