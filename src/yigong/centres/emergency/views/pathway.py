"""The pathway of a case: treatment, team, checklist, what is held, quality form."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yigong.access.api import guarded
from yigong.centres.emergency import forms
from yigong.centres.emergency.commands import (
    pathways,
    resources,
)
from yigong.centres.emergency.models import Case, Reservation
from yigong.centres.emergency.policies import QUALITY, READ, RECEIVE, TREAT
from yigong.centres.emergency.queries import cases
from yigong.centres.emergency.rules import definitions
from yigong.centres.emergency.views.common import case_url, on_case
from yigong.core.errors import DomainError, NotFound
from yigong.core.forms import api as form_api
from yigong.core.ui import forms as ui


@guarded(READ, about="emergency")
def pathway(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Enter, change or leave a pathway."""
    row = cases.access_case(case_id, request.actor)
    form = forms.PathwayForm(request.POST or None, initial={"code": row.pathway or "none"})

    def act() -> str:
        pathways.choose_pathway(
            case_id=row.pk, code=form.chosen, reason=form.cleaned_data["reason"], actor=request.actor
        )
        return case_url(row.pk)

    return on_case(request, row, form, act, _("救治通道"), label=_("保存"))


@guarded(TREAT, about="emergency")
def treatment(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """What will be done."""
    row = cases.access_case(case_id, request.actor)
    path = definitions.pathway(row.pathway, row.pathway_version)
    form = forms.TreatmentForm(path, request.POST or None, initial={"treatment": row.treatment})

    def act() -> str:
        pathways.decide_treatment(case_id=row.pk, treatment=form.cleaned_data["treatment"], actor=request.actor)
        return case_url(row.pk)

    warning = "" if path else _("请先选择救治通道。")
    return on_case(
        request,
        row,
        form,
        act,
        _("决定治疗方案"),
        label=_("保存"),
        warning=warning,
        lead=_("方案决定哪些时间目标要算。"),
    )


@require_POST
@guarded(RECEIVE)
def call_team(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """By the roster."""

    def act() -> str:
        return _("已呼叫 %(n)s 个岗位。") % {"n": len(pathways.call_team(case_id=case_id, actor=request.actor))}

    return ui.clicked(request, act, case_url(case_id))


@require_POST
@guarded(READ)
def answer_call(request: HttpRequest, case_id: UUID, call_id: UUID) -> HttpResponse:
    """I am coming."""

    def act() -> str:
        pathways.answer_call(call_id=call_id, actor=request.actor)
        return _("已应答。")

    return ui.clicked(request, act, case_url(case_id))


@require_POST
@guarded(RECEIVE)
def tick(request: HttpRequest, case_id: UUID, code: str) -> HttpResponse:
    """One line of the checklist."""

    def act() -> str:
        pathways.tick(case_id=case_id, code=code, done=request.POST.get("done") != "no", actor=request.actor)
        return ""

    return ui.clicked(request, act, case_url(case_id))


@require_POST
@guarded(RECEIVE)
def hold(request: HttpRequest, case_id: UUID, resource_id: UUID) -> HttpResponse:
    """Set one unit aside."""

    def act() -> str:
        held = resources.hold_resource(case_id=case_id, resource_id=resource_id, actor=request.actor)
        return _("已预留 %(what)s。") % {"what": held.resource.name}

    return ui.clicked(request, act, case_url(case_id))


@require_POST
@guarded(RECEIVE)
def use(request: HttpRequest, reservation_id: UUID) -> HttpResponse:
    """The patient is in it."""
    held = _held(reservation_id)

    def act() -> str:
        resources.use_resource(reservation_id=held.pk, actor=request.actor)
        return _("%(what)s 已使用。") % {"what": held.resource.name}

    return ui.clicked(request, act, case_url(held.case_id))


@guarded(RECEIVE, about="emergency")
def release(request: HttpRequest, reservation_id: UUID) -> HttpResponse:
    """Free again."""
    held = _held(reservation_id)
    row = cases.access_case(held.case_id, request.actor)
    form = forms.ReasonForm(request.POST or None)

    def act() -> str:
        resources.release_resource(reservation_id=held.pk, reason=form.cleaned_data["reason"], actor=request.actor)
        return case_url(row.pk)

    return on_case(request, row, form, act, _("释放资源"), lead=held.resource.name)


@guarded(QUALITY, about="emergency")
def quality(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The pathway's quality form."""
    row = cases.access_case(case_id, request.actor)
    path = definitions.pathway(row.pathway, row.pathway_version)
    if path is None:
        raise NotFound(_("这个病例没有进入救治通道，没有质控表。"))
    definition = form_api.form(path.form)
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            return ui.once(
                request,
                lambda: case_url(pathways.judge_quality(case_id=row.pk, typed=request.POST, actor=request.actor).pk),
            )
        except DomainError as refusal:
            errors = {code: str(text) for code, text in getattr(refusal, "errors", {}).items()} or {"": str(refusal)}
    values = {key: request.POST.getlist(key) for key in request.POST} if request.method == "POST" else _answered(row)
    context = {"case": row, "form": definition, "values": values, "errors": errors, "here": case_url(row.pk)}
    return render(request, "emergency/quality.html", context, status=422 if errors else 200)


def _answered(row: Case) -> dict[str, list[str]]:
    for response in form_api.responses(("emergency", row.pk)):
        return {
            code: [str(one) for one in value] if isinstance(value, list) else [str(value)]
            for code, value in response.answers.items()
        }
    return {}


def _held(reservation_id: UUID) -> Reservation:
    found = Reservation.objects.select_related("resource").filter(pk=reservation_id).first()
    if found is None:
        raise NotFound()
    return found
