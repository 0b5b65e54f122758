"""Identity, triage, care, signature and outcome of a case."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yigong.access.api import guarded
from yigong.centres.emergency import forms
from yigong.centres.emergency.commands import (
    calling,
    department,
    dispatching,
    handing,
    identity,
    timing,
)
from yigong.centres.emergency.models import Case
from yigong.centres.emergency.policies import IDENTIFY, READ, TREAT
from yigong.centres.emergency.queries import cases
from yigong.centres.emergency.rules import definitions
from yigong.centres.emergency.rules.workflow import CASE, ON_THE_WAY
from yigong.centres.emergency.views.common import case_url, on_case
from yigong.core import clock
from yigong.core.ui import forms as ui
from yigong.records import api as records


@guarded(IDENTIFY, about="emergency")
def link(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Who it is."""
    row = cases.access_case(case_id, request.actor)
    form = forms.IdentityForm(request.POST or None)

    def act() -> str:
        identity.link_resident(case_id=row.pk, actor=request.actor, **form.cleaned_data)
        return case_url(row.pk)

    return on_case(
        request,
        row,
        form,
        act,
        _("核实身份"),
        label=_("关联"),
        lead=_("只写入关联，已登记的时间、体征和记录都不改动；没有档案的先建档。"),
    )


@guarded(IDENTIFY, about="emergency")
def unlink(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """It was somebody else."""
    row = cases.access_case(case_id, request.actor)
    form = forms.ReasonForm(request.POST or None)

    def act() -> str:
        identity.unlink_resident(case_id=row.pk, reason=form.cleaned_data["reason"], actor=request.actor)
        return case_url(row.pk)

    return on_case(request, row, form, act, _("取消身份关联"), danger=True)


@guarded(TREAT, about="emergency")
def triage(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Values and level."""
    row = cases.access_case(case_id, request.actor)
    form = forms.TriageForm(request.POST or None, initial={"level": row.level})

    def act() -> str:
        department.triage(
            case_id=row.pk,
            level=form.cleaned_data["level"],
            values=form.values(),
            reason=form.cleaned_data["reason"],
            actor=request.actor,
        )
        return case_url(row.pk)

    proposal, why = None, []
    if last := row.readings.order_by("-taken_at").first():
        proposal, why = last.level, last.alerts
    lead = (
        _("按最近一次测量值建议：%(level)s（%(why)s）")
        % {"level": definitions.label("level", proposal), "why": "、".join(why)}
        if proposal
        else ""
    )
    return on_case(request, row, form, act, _("预检分诊"), label=_("确定"), lead=lead, compact=True)


@require_POST
@guarded(TREAT)
def move(request: HttpRequest, case_id: UUID, action: str) -> HttpResponse:
    """Seen, into the room, under observation."""

    def act() -> str:
        return CASE.label(department.move(case_id=case_id, action=action, actor=request.actor).state)

    return ui.clicked(request, act, case_url(case_id))


@require_POST
@guarded(READ)
def arrive(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """At the door, without a vehicle of ours."""

    def act() -> str:
        dispatching.arrive_without_vehicle(case_id=case_id, actor=request.actor)
        return _("已登记到院。")

    return ui.clicked(request, act, case_url(case_id))


@guarded(READ, about="emergency")
def outcome(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """How it ended."""
    row = cases.access_case(case_id, request.actor)
    form = forms.OutcomeForm(request.POST or None)

    def act() -> str:
        v = form.cleaned_data
        typed = request.POST.get("diagnosis_code__text", "").strip()
        known = records.diagnosis_name(v["diagnosis_code"]) if v["diagnosis_code"] else ""
        department.end_case(
            case_id=row.pk, outcome=v["outcome"], diagnosis_code=v["diagnosis_code"] if known else "", diagnosis=known or typed, note=v["note"],
            place=v["place"], actor=request.actor,
        )  # fmt: skip
        return case_url(row.pk)

    lead = _("患者还没有到院：可登记未转运、死亡或转其他医院。") if row.state in ON_THE_WAY else ""
    return on_case(request, row, form, act, _("登记转归"), lead=lead)


@guarded(TREAT, about="emergency")
def reopen(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The outcome was wrong."""
    row = cases.access_case(case_id, request.actor)
    return _with_reason(
        request, row, _("撤销转归"), lambda why: department.reopen(case_id=row.pk, reason=why, actor=request.actor)
    )


@guarded(READ, about="emergency")
def cancel(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """A false alarm."""
    row = cases.access_case(case_id, request.actor)
    return _with_reason(
        request,
        row,
        _("取消病例"),
        lambda why: calling.cancel_case(case_id=row.pk, reason=why, actor=request.actor),
        danger=True,
    )


@guarded(READ, about="emergency")
def alone(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """No vehicle."""
    row = cases.access_case(case_id, request.actor)
    return _with_reason(
        request, row, _("改为自行前来"), lambda why: calling.come_alone(case_id=row.pk, reason=why, actor=request.actor)
    )


@require_POST
@guarded(TREAT)
def receive(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The hospital signs the sheet."""

    def act() -> str:
        sheet = handing.receive(case_id=case_id, actor=request.actor)
        return _("已签收，交接时间 %(at)s。") % {"at": timing.shown(sheet.receiver_at or clock.now())}

    return ui.clicked(request, act, case_url(case_id))


def _with_reason(request: HttpRequest, row: Case, title: str, act: Any, *, danger: bool = False) -> HttpResponse:
    form = forms.ReasonForm(request.POST or None)

    def do() -> str:
        act(form.cleaned_data["reason"])
        return case_url(row.pk)

    return on_case(request, row, form, do, title, danger=danger)
