"""The crew's pages, made for a telephone: one button a time, sent again until it arrived."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yigong.access.api import guarded
from yigong.centres.ecg import api as ecg
from yigong.centres.emergency import forms
from yigong.centres.emergency.commands import dispatching, handing, measuring, timing
from yigong.centres.emergency.models import Case, Run
from yigong.centres.emergency.policies import CREW, READ, TRACE
from yigong.centres.emergency.queries import cases, positions
from yigong.centres.emergency.rules import definitions
from yigong.centres.emergency.rules.workflow import JOURNEY, RUN
from yigong.centres.emergency.views.common import case_url, filled, words
from yigong.core import clock
from yigong.core.errors import DomainError, NotFound, sentence
from yigong.core.ids import new_id
from yigong.core.ui import forms as ui
from yigong.whereabouts import api as whereabouts

ETAS = (5, 10, 15, 20, 30, 45)
_MOST_WAIT_MS = 12 * 3600 * 1000


@guarded(CREW)
def mine(request: HttpRequest) -> HttpResponse:
    """The run that I am on, and my last ones."""
    context = {
        "run": cases.my_run(request.actor),
        "last": cases.my_last_runs(request.actor),
        "label": RUN.label,
        **words(),
    }
    return render(request, "emergency/mine.html", context)


@guarded(CREW, about="emergency")
def run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Big buttons, one a time; what was sent ahead below."""
    row = _run(run_id)
    case = cases.access_case(row.case_id, request.actor)
    points = timing.points(case, row)
    nodes = [node for node in definitions.run_nodes().values() if node.who == "crew"]
    place = JOURNEY.index(row.state) if row.state in JOURNEY else len(JOURNEY)
    ahead = [node.code for node in nodes if node.code not in points and JOURNEY.index(node.code) > place]
    readings = list(case.readings.order_by("-taken_at")[:3])
    context = {
        "run": row, "case": case, "points": points, "nodes": nodes, "next": ahead[0] if ahead else "", "keys": {n.code: new_id() for n in nodes},
        "ahead": ahead, "etas": ETAS, "readings": readings, "label": RUN.label, "may_cancel": row.state in {"dispatched", "departed"},
        "may_leave": row.state in {"at_scene", "at_patient"}, "tracings": list(case.tracings.order_by("-taken_at")[:3]), "findings": _findings(),
        "sheet": getattr(case, "handover", None), "path": definitions.pathway(case.pathway, case.pathway_version), **words(),
        "reporting": whereabouts.reporting(positions.KIND, row.pk, request.actor.staff_id), "position": whereabouts.limits(),
        "may_report": positions.is_under_way(row.pk) and positions.is_aboard(row.pk, request.actor) and request.actor.has("whereabouts.report"),
    }  # fmt: skip
    return render(request, "emergency/run.html", context)


@require_POST
@guarded(CREW)
def tap(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """One time. The script sends ``waited`` (ms since the finger was on the button) and reads JSON; without it the form comes back here."""
    script = request.headers.get("X-Tap") == "1"
    back = reverse("emergency:run", args=[run_id])
    try:
        waited = min(max(int(request.POST.get("waited", "0") or 0), 0), _MOST_WAIT_MS + 1)
    except ValueError:
        waited = 0
    # A breath of the line is not worth a mark.
    tapped_at = clock.now() - timedelta(milliseconds=waited) if waited > 30_000 else None

    def act() -> Any:
        return dispatching.tap(
            run_id=run_id,
            code=request.POST.get("code", ""),
            key=ui.idempotency_key(request),
            actor=request.actor,
            tapped_at=tapped_at,
        )

    if not script:
        return ui.clicked(request, lambda: _said(act()), back)
    try:
        point = act()
    except DomainError as refusal:
        return JsonResponse({"ok": False, "sentence": sentence(refusal)}, status=409)
    return JsonResponse(
        {"ok": True, "at": point.at.astimezone(clock.SHANGHAI).strftime("%H:%M"), "sentence": _said(point)}
    )


def _findings() -> dict[str, str]:
    return {one.code: one.label for one in definitions.parameters().ecg_finding}


def _said(point: Any) -> str:
    words = timing.labels(point.case)
    return _("%(label)s %(at)s 已登记。") % {"label": words[point.code], "at": timing.shown(point.at)}


@require_POST
@guarded(CREW)
def eta(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """In so many minutes."""
    row = _run(run_id)
    try:
        minutes = int(request.POST.get("minutes", ""))
    except ValueError:
        minutes = -1

    def act() -> str:
        dispatching.note_eta(case_id=row.case_id, minutes=minutes, actor=request.actor)
        return _("已告知医院：预计 %(n)s 分钟到达。") % {"n": minutes}

    return ui.clicked(request, act, reverse("emergency:run", args=[run_id]))


@guarded(CREW, about="emergency")
def end_run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Called off on the way, or nobody to carry."""
    row = _run(run_id)
    case = cases.access_case(row.case_id, request.actor)
    form = forms.ReasonForm(request.POST or None)

    def act() -> str:
        dispatching.end_run(run_id=row.pk, reason=form.cleaned_data["reason"], actor=request.actor)
        return case_url(case.pk)

    title = _("途中取消") if row.state in {"dispatched", "departed"} else _("放空返回")
    back = reverse("emergency:run", args=[row.pk])
    return filled(
        request,
        form,
        act,
        title=title,
        back=back,
        crumbs=[(case.number, case_url(case.pk))],
        danger=True,
        lead=str(row.vehicle),
    )


@guarded(READ, about="emergency")
def signs(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Vital signs, sent ahead or taken in the department."""
    case = cases.access_case(case_id, request.actor)
    form = forms.SignsForm(request.POST or None)

    def act() -> str:
        measuring.send_signs(
            case_id=case.pk,
            values=form.values(),
            note=form.cleaned_data["note"],
            actor=request.actor,
            key=ui.idempotency_key(request),
        )
        return _back(request, case)

    return filled(
        request, form, act, title=_("生命体征"), label=_("发送"), back=_back(request, case), crumbs=[(case.number, case_url(case.pk))],
        lead=_("测到几项填几项；测不到血压、脉搏填 0。"), compact=True,
    )  # fmt: skip


@guarded(READ, about="emergency")
def tracing(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """An ECG sent ahead."""
    case = cases.access_case(case_id, request.actor)
    form = forms.TracingForm(request.POST or None, request.FILES or None)

    def act() -> str:
        measuring.send_tracing(case_id=case.pk, actor=request.actor, key=ui.idempotency_key(request), **form.values())
        return _back(request, case)

    return filled(
        request,
        form,
        act,
        title=_("传心电图"),
        label=_("发送"),
        back=_back(request, case),
        crumbs=[(case.number, case_url(case.pk))],
        files=True,
    )


@guarded(READ, about="emergency")
def picture(request: HttpRequest, case_id: UUID, tracing_id: UUID) -> HttpResponse:
    """The photograph of an ECG."""
    case = cases.access_case(case_id, request.actor)
    found = case.tracings.filter(pk=tracing_id, picture__isnull=False).first()
    if found is None:
        raise NotFound()
    return HttpResponse(
        bytes(found.picture or b""), content_type=found.picture_type, headers={"Cache-Control": "private, no-store"}
    )


@guarded(READ, about="emergency")
def trace(request: HttpRequest, case_id: UUID, tracing_id: UUID) -> HttpResponse:
    """An ECG recorded on the way, true to scale, with its reading; a reader writes it here."""
    case = cases.access_case(case_id, request.actor)
    found = case.tracings.filter(pk=tracing_id, recording__isnull=False).first()
    if found is None:
        raise NotFound()
    form = forms.ReadTracingForm(request.POST or None)

    def act() -> str:
        measuring.read_tracing(tracing_id=found.pk, actor=request.actor, **form.cleaned_data)
        return reverse("emergency:trace", args=[case.pk, found.pk])

    if done := ui.sent(request, form, act):
        return done
    one = next((kept for kept in ecg.recordings_of_case(case.pk) if kept.id == found.recording), None)
    context = {
        "case": case, "tracing": found, "one": one, "form": form, "findings": _findings(), **words(),
        "may_read": request.actor.has(TRACE) and bool({found.reader_id, case.destination_id} & request.actor.places),
    }  # fmt: skip
    return ui.page(request, "emergency/trace.html", context, form=form)


@guarded(READ, about="emergency")
def trace_picture(request: HttpRequest, case_id: UUID, tracing_id: UUID) -> HttpResponse:
    """The recording as SVG in true millimetres."""
    case = cases.access_case(case_id, request.actor)
    found = case.tracings.filter(pk=tracing_id, recording__isnull=False).first()
    if found is None or found.recording is None:
        raise NotFound()
    svg = ecg.drawn_recording(found.recording)
    return HttpResponse(svg, content_type="image/svg+xml", headers={"Cache-Control": "private, no-store"})


@guarded(READ, about="emergency")
def handover(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The crew's part of the sheet."""
    case = cases.access_case(case_id, request.actor)
    sheet = getattr(case, "handover", None)
    initial = {"condition": sheet.condition, "given": sheet.given, "belongings": sheet.belongings} if sheet else {}
    form = forms.HandoverForm(request.POST or None, initial=initial)

    def act() -> str:
        handing.give(case_id=case.pk, actor=request.actor, **form.cleaned_data)
        return _back(request, case)

    return filled(
        request,
        form,
        act,
        title=_("院前院内交接单"),
        label=_("签字交出"),
        back=_back(request, case),
        crumbs=[(case.number, case_url(case.pk))],
    )


@guarded(CREW, about="emergency")
def other_hospital(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Handed to a hospital outside the platform."""
    case = cases.access_case(case_id, request.actor)
    form = forms.OtherHospitalForm(request.POST or None)

    def act() -> str:
        handing.hand_to_other(case_id=case.pk, actor=request.actor, **form.cleaned_data)
        return case_url(case.pk)

    return filled(
        request, form, act, title=_("交给其他医院"), back=_back(request, case), crumbs=[(case.number, case_url(case.pk))],
        lead=_("接收医院不在本平台时使用；在本平台的医院请用“改送医院”。"),
    )  # fmt: skip


@guarded(READ, about="emergency")
def redirect_to(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """To another hospital of the platform."""
    case = cases.access_case(case_id, request.actor)
    form = forms.RedirectForm(request.POST or None)

    def act() -> str:
        dispatching.redirect_to(case_id=case.pk, actor=request.actor, **form.cleaned_data)
        return _back(request, case)

    return filled(
        request, form, act, title=_("改送医院"), back=_back(request, case), crumbs=[(case.number, case_url(case.pk))]
    )


def _back(request: HttpRequest, case: Case) -> str:
    """The crew goes back to its buttons, everybody else to the case."""
    run = timing.running(case)
    if request.GET.get("from") == "run" and run is not None:
        return reverse("emergency:run", args=[run.pk])
    return case_url(case.pk)


def _run(run_id: UUID) -> Run:
    found = Run.objects.select_related("vehicle").filter(pk=run_id).first()
    if found is None:
        raise NotFound()
    return found
