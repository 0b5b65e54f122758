"""Pages of the risk checks."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from yigong.access.api import guarded
from yigong.core.actor import Actor
from yigong.core.errors import DomainError, NotFound
from yigong.core.paging import number_of
from yigong.core.states.api import history
from yigong.core.ui.forms import once, page, refuse
from yigong.insurance.review import api, forms, nightly, policies
from yigong.insurance.review.models import Suspicion
from yigong.insurance.review.queries import lists
from yigong.insurance.review.rules.workflow import SUSPICION
from yigong.network import api as network


def home_card(actor: Actor) -> dict[str, int] | None:
    """What waits; nothing while there are no findings."""
    found = lists.counts(actor)
    return {name: found.get(name, 0) for name in SUSPICION.states} if found else None


@guarded(policies.READ)
def index(request: HttpRequest) -> HttpResponse:
    """All findings with filters."""
    form = forms.FilterForm(request.GET or {}, lists.choices(request.actor))
    filters = form.cleaned_data if form.is_valid() else {}
    found = lists.page_of_findings(actor=request.actor, filters=filters, page=number_of(request.GET.get("page")))
    context = {
        "form": form, "page": found, "counts": lists.counts(request.actor), "run": lists.last_run(),
        "may_run": request.actor.has(policies.DECIDE),
    }  # fmt: skip
    return render(request, "review/list.html", context)


@guarded(policies.READ)
def statistics(request: HttpRequest) -> HttpResponse:
    """Findings, upheld share and amounts by rule and institution; each figure opens its rows."""
    rows = lists.statistics(request.actor)
    by_rule: dict[str, list[int]] = {}
    for row in rows:
        sums = by_rule.setdefault(f"{row.rule} {row.title}", [0, 0])
        sums[0] += row.found
        sums[1] += row.upheld
    return render(
        request,
        "review/statistics.html",
        {"rows": rows, "chart": _chart(by_rule), "by_rule_rows": [(name, *sums) for name, sums in by_rule.items()]},
    )


def _chart(by_rule: dict[str, list[int]]) -> dict[str, Any]:
    names = list(by_rule)
    return {
        "grid": {"left": 150, "right": 30, "top": 30, "bottom": 30}, "legend": {}, "tooltip": {}, "xAxis": {"type": "value"},
        "yAxis": {"type": "category", "data": names, "inverse": True},
        "series": [
            {"name": str(_("疑点")), "type": "bar", "data": [by_rule[name][0] for name in names]},
            {"name": str(_("认定违规")), "type": "bar", "data": [by_rule[name][1] for name in names]},
        ],
    }  # fmt: skip


@guarded(policies.DECIDE)
def run(request: HttpRequest) -> HttpResponse:
    """Run the rules now; the job's page shows how it goes."""
    if request.method != "POST":
        return redirect("review:list")
    return once(request, lambda: reverse("jobs:page", args=[nightly.start_run(request.actor).id]))


@guarded(policies.READ, about="suspicion")
def detail(request: HttpRequest, suspicion_id: UUID) -> HttpResponse:
    """One finding with its evidence, appeals and decision."""
    row = lists.one(suspicion_id, actor=request.actor)
    return render(request, "review/detail.html", _context(request, row))


def _context(request: HttpRequest, row: Suspicion) -> dict[str, Any]:
    steps = [(step, ACTIONS[step.action]) for step in SUSPICION.actions_for(row, request.actor)]
    return {
        "row": row, "state_label": SUSPICION.label(row.state), "steps": steps, "history": history(row.id), "label": SUSPICION.label,
        "appeals": list(row.appeals.prefetch_related("attachments")), "deductions": list(row.deductions.order_by("made_at")),
        "institution": network.institution(row.institution_id).name, "refusal": "",
    }  # fmt: skip


@dataclass(frozen=True)
class Action:
    """One step: label, what it does, its form (None for one click), its look."""

    label: Any
    run: Callable[[Suspicion, Any, Actor], object]
    form: Any = None
    kind: str = ""


def _appeal(row: Suspicion, form: Any, actor: Actor) -> object:
    files = [(one.name, one.read()) for one in form.cleaned_data["papers"]]
    return api.appeal(suspicion_id=row.id, text=form.cleaned_data["text"], files=files, actor=actor)


def _uphold(row: Suspicion, form: Any, actor: Actor) -> object:
    return api.decide(
        suspicion_id=row.id, upheld=True, reason=form.cleaned_data["reason"], deduct=form.fen(), actor=actor
    )


ACTIONS: dict[str, Action] = {
    "notify": Action(_("通知机构"), lambda row, form, actor: api.notify(suspicion_id=row.id, actor=actor), kind="primary"),
    "appeal": Action(_("申诉"), _appeal, forms.AppealForm, "primary"),
    "uphold": Action(_("认定违规"), _uphold, forms.UpholdForm, "primary"),
    "dismiss": Action(
        _("不予认定"),
        lambda row, form, actor: api.decide(suspicion_id=row.id, upheld=False, reason=form.cleaned_data["reason"], actor=actor),
        forms.ReasonForm,
    ),
    "reopen": Action(
        _("撤销认定"), lambda row, form, actor: api.reopen(suspicion_id=row.id, reason=form.cleaned_data["reason"], actor=actor), forms.ReasonForm
    ),
}  # fmt: skip


@guarded(policies.READ, about="suspicion")
def act(request: HttpRequest, suspicion_id: UUID, action: str) -> HttpResponse:
    """One step: at once, or after its form."""
    step = ACTIONS.get(action)
    if step is None:
        raise NotFound()
    row = lists.one(suspicion_id, actor=request.actor)
    initial = {"deduct": f"{row.amount / 100:.2f}"}
    form = step.form(request.POST or None, request.FILES or None, initial=initial) if step.form else None
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            return once(request, lambda: _done(step, row, form, request.actor))
        except DomainError as error:
            if form is None:
                return render(
                    request, "review/detail.html", _context(request, row) | {"refusal": str(error)}, status=409
                )
            refuse(form, error)
    if form is None:
        return redirect("review:detail", suspicion_id=row.id)
    return page(request, "review/act.html", {"form": form, "row": row, "step": step}, form=form)


def _done(step: Action, row: Suspicion, form: Any, actor: Actor) -> str:
    step.run(row, form, actor)
    return reverse("review:detail", args=[row.id])


@guarded(policies.READ, about="suspicion")
def attachment(request: HttpRequest, attachment_id: UUID) -> HttpResponse:
    """A file of an appeal, as a download."""
    row = lists.attachment(attachment_id, actor=request.actor)
    response = HttpResponse(bytes(row.content), content_type=row.kind)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(row.name)}"
    response["X-Content-Type-Options"] = "nosniff"
    return response
