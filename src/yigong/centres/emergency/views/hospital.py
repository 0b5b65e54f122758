"""The hospital's side: who is coming, the department, one case with everything, its times."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yigong.access.api import guarded, role_label
from yigong.centres.emergency import forms
from yigong.centres.emergency.commands import (
    timing,
)
from yigong.centres.emergency.models import Case
from yigong.centres.emergency.policies import IDENTIFY, QUALITY, READ, RECEIVE, TREAT
from yigong.centres.emergency.queries import cases, fleet, positions
from yigong.centres.emergency.rules import definitions
from yigong.centres.emergency.rules.workflow import CASE, ON_THE_WAY, RUN, TARGET
from yigong.centres.emergency.views import drawing
from yigong.centres.emergency.views.common import case_url, filled, words
from yigong.core import clock
from yigong.core.errors import NotFound
from yigong.core.forms import api as form_api
from yigong.core.states.api import history
from yigong.core.ui import forms as ui

_FINAL = {"closed", "cancelled"}


@guarded(RECEIVE)
def board(request: HttpRequest) -> HttpResponse:
    """Who is on the way, who is here."""
    return render(request, "emergency/hospital.html", _board(request))


@guarded(RECEIVE)
def board_part(request: HttpRequest) -> HttpResponse:
    """The same, for the page to renew itself."""
    return render(request, "emergency/_hospital.html", _board(request))


def _board(request: HttpRequest) -> dict[str, Any]:
    own = request.actor.institution_ids
    coming = cases.board(cases.coming(request.actor)[:50])
    return {
        "coming": coming, "seen": positions.of_runs(row.run for row in coming if row.run), "here": cases.board(cases.department(request.actor)[:100]),
        "resources": fleet.resources_of(own), "label": CASE.label, "run_label": RUN.label, "may_treat": request.actor.has(TREAT), **words(),
    }  # fmt: skip


@guarded(READ, about="emergency")
def case(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Everything about one case."""
    row = cases.access_case(case_id, request.actor)
    run = timing.running(row)
    road, own = cases.nodes_of(row, request.actor)
    path = definitions.pathway(row.pathway, row.pathway_version)
    readings = list(row.readings.order_by("taken_at"))
    kinds = timing.kinds_of(row, run, request.actor)
    steps = {step.action for step in CASE.actions_for(row, request.actor)}
    known = timing.known_times(row)
    clocks = list(row.clocks.filter(pathway=row.pathway).exclude(state="dropped").order_by("id"))
    done = {one.code: one for one in row.prepared.all()}
    context = {
        "where": positions.of_run(run, row.destination_id) if run and row.state in ON_THE_WAY else None,
        "case": row, "run": run, "crew": list(run.crew.select_related("staff")) if run else [], "road": road, "own": own, "path": path,
        "clocks": clocks, "readings": readings, "last": readings[-1] if readings else None, "trend": cases.trend_of(readings),
        "tracings": list(row.tracings.order_by("-taken_at")), "kinds": kinds, "steps": steps, "label": CASE.label, "run_label": RUN.label,
        "target_label": TARGET.label, "history": history(row.pk), "corrected": cases.corrections_of(row), "node_words": timing.labels(row),
        "places": fleet.places_for(path.resource) if path and row.state not in _FINAL else [], "reservations": cases.reservations_of(row), "resources": fleet.resources_of([row.destination_id]) if "hospital" in kinds else [],
        "team": list(row.team.order_by("called_at", "id")), "prepare": [(one, done.get(one.code)) for one in path.prepare] if path else [],
        "sheet": getattr(row, "handover", None), "timeline": drawing.timeline(path, known, timing.labels(row)) if path else None,
        "bars": drawing.targets(clocks, clock.now()), "curves": drawing.signs(readings), "over": row.state in _FINAL,
        "on_the_way": row.state in ON_THE_WAY, "may_receive": request.actor.has(RECEIVE) and row.destination_id in request.actor.institution_ids,
        "may_identify": request.actor.has(IDENTIFY) and bool(kinds), "quality": _quality(row), "may_judge": request.actor.has(QUALITY),
        "findings": {one.code: one.label for one in definitions.parameters().ecg_finding}, "ways": dict(Case.Way.choices),
        "outcomes": {one.code: one.label for one in definitions.parameters().outcome}, "role_label": role_label,
        "minutes": lambda n: timedelta(minutes=n), **words(),
    }  # fmt: skip
    return render(request, "emergency/case.html", context)


def _quality(row: Case) -> list[tuple[str, str, str]]:
    if row.quality_response_id is None:
        return []
    for response in form_api.responses(("emergency", row.pk)):
        return form_api.sheet(form_api.form_version(response.form_code, response.form_version), response.answers)
    return []


@guarded(READ, about="emergency")
def time(request: HttpRequest, case_id: UUID, code: str) -> HttpResponse:
    """Enter one time by hand, or correct it."""
    row = cases.access_case(case_id, request.actor)
    labels = timing.labels(row)
    if code not in labels:
        raise NotFound()
    known = timing.points(row, timing.running(row)).get(code)
    form = forms.TimeForm(
        request.POST or None, initial={"at": (known.at if known else clock.now()).astimezone(clock.SHANGHAI)}
    )

    def act() -> str:
        given = {
            "case_id": row.pk,
            "code": code,
            "actor": request.actor,
            "at": form.cleaned_data["at"],
            "reason": form.cleaned_data["reason"],
        }
        if known:
            timing.correct_time(**given)
        else:
            timing.enter_time(**given, key=ui.idempotency_key(request))
        return case_url(row.pk)

    title = (_("更正：%(node)s") if known else _("登记：%(node)s")) % {"node": labels[code]}
    lead = (
        _("原为 %(at)s，由%(by)s登记；更正后原时间保留。") % {"at": timing.shown(known.at), "by": known.entered_by}
        if known
        else ""
    )
    return filled(
        request,
        form,
        act,
        title=title,
        lead=lead,
        label=_("保存"),
        back=case_url(row.pk),
        crumbs=[(row.number, case_url(row.pk))],
    )


@require_POST
@guarded(READ)
def now(request: HttpRequest, case_id: UUID, code: str) -> HttpResponse:
    """One tap: this happens now."""

    def act() -> str:
        point = timing.enter_time(case_id=case_id, code=code, actor=request.actor, key=ui.idempotency_key(request))
        return _("%(label)s %(at)s 已登记。") % {"label": timing.labels(point.case)[code], "at": timing.shown(point.at)}

    return ui.clicked(request, act, case_url(case_id))
