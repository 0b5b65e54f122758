"""The list of editions, a new one, one of them, its way, the comparison of two."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.core.asked import key_of, month_from
from yigong.core.errors import InvalidInput, NotFound
from yigong.core.jobs.api import JobData, job
from yigong.core.packs.api import every
from yigong.core.paging import number_of
from yigong.core.rights import guarded
from yigong.core.states.api import history
from yigong.core.ui import forms as ui_forms
from yigong.core.ui.forms import once
from yigong.indicators import api as indicators
from yigong.workreport import policies
from yigong.workreport.commands import making, moving
from yigong.workreport.data import Drawing
from yigong.workreport.forms import EditionForm, FilterForm, ReasonForm
from yigong.workreport.models import Edition
from yigong.workreport.queries import documents, editions, scopes, spans
from yigong.workreport.rules.states import EDITION
from yigong.workreport.rules.template import TEMPLATES

TONES = {"building": "info", "draft": "warn", "review": "info", "signed": "info", "issued": "good", "superseded": "muted", "dropped": "muted"}  # fmt: skip
_WITH_REASON = {step.action for step in EDITION.steps if step.reason_required}
_BY_HAND = {"submit", "return", "recall", "sign", "unsign", "issue", "drop"}


def tabs(active: str) -> list[tuple[str, str, bool]]:
    """The tabs of the room."""
    offered = [("list", _("汇报")), ("tables", _("法定监测表"))]
    return [(label, reverse(f"workreport:{name}"), name == active) for name, label in offered]


def period_of(row: Edition) -> str:
    """The edition's period in the reader's words."""
    return indicators.period_name(row.kind, row.first)


@guarded(policies.READ)
def listing(request: HttpRequest) -> HttpResponse:
    """All editions, searched and paged."""
    states = [(code, EDITION.label(code)) for code in EDITION.states]
    form = FilterForm(request.GET or None, states)
    asked = form.cleaned_data if form.is_valid() else {}
    found = editions.page_of_editions(
        actor=request.actor, text=asked.get("q", ""), state=asked.get("state", ""), page=number_of(request.GET.get("page"))
    )  # fmt: skip
    context = {
        "tabs": tabs("list"), "form": form, "page": found, "label": EDITION.label, "tones": TONES, "period_of": period_of,
        "may_write": request.actor.has(policies.WRITE),
    }  # fmt: skip
    return render(request, "workreport/list.html", context)


@guarded(policies.WRITE)
def new(request: HttpRequest) -> HttpResponse:
    """Ask for an edition."""
    offered = spans.choices()
    form = EditionForm(
        request.POST if request.method == "POST" else None,
        [(one.key, one.name if one.frozen else _("%(name)s（未冻结）") % {"name": one.name}) for one in offered],
        [(one.code, one.name) for one in scopes.scopes_for(request.actor)],
        [(one.code, f"{one.name} {one.version}") for one in every(TEMPLATES).values()],
    )

    def ask() -> str:
        kind, first = period_asked(form.cleaned_data["period"])
        row = making.ask_edition(
            template=form.cleaned_data["template"], kind=kind, first=first, scope=form.cleaned_data["scope"],
            provisional=form.cleaned_data["provisional"], actor=request.actor,
        )  # fmt: skip
        return reverse("workreport:edition", args=[row.id])

    if done := ui_forms.sent(request, form, ask):
        return done
    return ui_forms.page(request, "workreport/new.html", {"form": form}, form=form)


def period_asked(key: str) -> tuple[str, Any]:
    """Kind and first month of ``month:2026-10``; InvalidInput for anything else."""
    kind, _colon, month = key.partition(":")
    first = month_from(month)
    if first is None:
        raise InvalidInput(errors={"period": _("请选择统计期。")})
    return kind, first


@guarded(policies.READ)
def detail(request: HttpRequest, edition_id: UUID) -> HttpResponse:
    """One edition: its chapters as they will be printed, its way, its downloads; while it is built, the progress."""
    row = editions.edition(edition_id, actor=request.actor)
    context: dict[str, Any] = {
        "row": row, "label": EDITION.label, "tones": TONES, "history": history(row.id), "period": period_of(row), "with_reason": _WITH_REASON,
        "steps": [step for step in EDITION.actions_for(row, request.actor) if step.action in _BY_HAND],
        "may_write": request.actor.has(policies.WRITE), "successor": row.successors.exclude(state="dropped").first(),
    }  # fmt: skip
    if row.built_at is None:
        context["job"] = _job(row)
        return render(request, "workreport/building.html", context)
    if request.headers.get("HX-Request"):  # the progress that was shown asks on: now there is a page to show
        return HttpResponse(headers={"HX-Refresh": "true"})
    report = documents.document(row)
    context |= {
        "report": report, "chart": chart, "others": editions.comparable(row, request.actor)[:1], "written": editions.last_written(row),
        "now_frozen": row.provisional and row.state == "draft" and spans.is_frozen(row.kind, row.first),
    }  # fmt: skip
    return render(request, "workreport/edition.html", context)


def _job(row: Edition) -> JobData | None:
    """The job that builds it; None once it was tidied away."""
    try:
        return job(row.job_id) if row.job_id else None
    except NotFound:
        return None


def chart(drawing: Drawing) -> dict[str, Any]:
    """The drawing for the page's charts."""
    return {
        "grid": {"left": 170, "right": 80, "top": 8, "bottom": 8}, "xAxis": {"type": "value", "show": False},
        "yAxis": {"type": "category", "inverse": True, "data": [bar.name for bar in drawing.bars], "axisLabel": {"width": 160, "overflow": "truncate"}},
        "series": [{"type": "bar", "barMaxWidth": 16, "label": {"show": True, "position": "right"}, "data": [None if bar.number is None else round(bar.number, 2) for bar in drawing.bars]}],
    }  # fmt: skip


@guarded(policies.WRITE)
def again(request: HttpRequest, edition_id: UUID) -> HttpResponse:
    """Build once more after a failed job."""
    row = editions.edition(edition_id, actor=request.actor)
    if request.method != "POST":
        raise NotFound()
    return once(request, lambda: _address(making.build_again(edition_id=row.pk, actor=request.actor)))


@guarded(policies.READ)
def act(request: HttpRequest, edition_id: UUID, action: str) -> HttpResponse:
    """One step of its way: at once, or after its reason."""
    row = editions.edition(edition_id, actor=request.actor)
    if action not in _BY_HAND:
        raise NotFound()
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if action not in _WITH_REASON:
        form.fields["reason"].required = False
    label = _(next(step.label for step in EDITION.steps if step.action == action))
    if done := ui_forms.sent(request, form, lambda: _address(_take(row, action, form, request))):
        return done
    context = {"row": row, "form": form, "label": label, "period": period_of(row), "asks": action in _WITH_REASON}
    return ui_forms.page(request, "workreport/act.html", context, form=form)


def _take(row: Edition, action: str, form: ReasonForm, request: HttpRequest) -> Edition:
    if action == "sign":
        return moving.sign_edition(edition_id=row.pk, actor=request.actor)
    if action == "issue":
        return moving.issue_edition(edition_id=row.pk, actor=request.actor)
    return moving.move_edition(
        edition_id=row.pk, action=action, actor=request.actor, reason=form.cleaned_data.get("reason", "")
    )


@guarded(policies.WRITE)
def correct(request: HttpRequest, edition_id: UUID) -> HttpResponse:
    """A correction of an issued edition, with its reason."""
    row = editions.edition(edition_id, actor=request.actor)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if done := ui_forms.sent(
        request,
        form,
        lambda: _address(
            making.correct_edition(edition_id=row.pk, reason=form.cleaned_data["reason"], actor=request.actor)
        ),
    ):
        return done
    context = {"row": row, "form": form, "label": _("出更正版"), "period": period_of(row), "asks": True}
    return ui_forms.page(request, "workreport/act.html", context, form=form)


@guarded(policies.READ)
def compare(request: HttpRequest, edition_id: UUID) -> HttpResponse:
    """Two editions side by side: figures and texts that differ."""
    row = editions.edition(edition_id, actor=request.actor)
    others = editions.comparable(row, request.actor)
    asked = key_of(request.GET.get("with")) or row.supersedes_id or (others[0].pk if others else None)
    other = next((one for one in others if one.pk == asked), None)
    context: dict[str, Any] = {
        "row": row, "other": other, "period_of": period_of, "choices": [(str(one.pk), f"{one.number} {period_of(one)} {one.scope_name}") for one in others],
        "lines": [], "texts": [],
    }  # fmt: skip
    if row.built_at is None:
        raise NotFound(_("这份汇报还没有生成。"))
    if other is not None:
        context["lines"], context["texts"] = documents.differences(row, other)
    return render(request, "workreport/compare.html", context)


def _address(row: Edition) -> str:
    return reverse("workreport:edition", args=[row.pk])
