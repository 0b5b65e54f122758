"""Quality sampling: the draws, and one drawn report from score to check."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.access.api import guarded
from yigong.access.data import Subject
from yigong.core.asked import month_from, whole_number
from yigong.core.errors import DomainError, InvalidInput
from yigong.core.forms import api as core_forms
from yigong.core.paging import number_of
from yigong.core.states.api import history
from yigong.core.ui import forms
from yigong.orders.api import viewers_of
from yigong.orders.commands import quality as commands
from yigong.orders.commands.quality_tasks import label
from yigong.orders.models import QualitySample
from yigong.orders.policies import QUALITY, SCORE, visible
from yigong.orders.queries import quality as queries
from yigong.orders.queries.one import to_data, version_data
from yigong.orders.queries.quality_draw import drawn_again
from yigong.orders.rules import quality, service, services
from yigong.orders.rules.quality_states import QUALITY_SAMPLE, manages, may_score, pack_of
from yigong.orders.views.quality_figures import common, grade_of
from yigong.orders.views.shown import names_of


@guarded(SCORE)
def overview(request: HttpRequest) -> HttpResponse:
    """What is to be drawn, and the draws of every period; a manager draws here."""
    done, refused = forms.tried(request, lambda: _drawn(request))
    if done:
        return done
    code = request.GET.get("service", "")
    page = queries.rounds(request.actor, service_code=code, page=number_of(request.GET.get("page")))
    packs = {row.pk: quality.as_drawn(row.definition, row.definition_version) for row in page.items}
    context = {
        "page": page, "packs": packs, "waiting": queries.waiting_draws(request.actor), "label": label, "code": code,
        "services": [(one, services()[one].label) for one in dict.fromkeys(p.service for p in queries.hosted(request.actor).values())],
        "may_draw": request.actor.has(QUALITY), "may_count": bool(queries.readable(request.actor)), "refused": refused,
    }  # fmt: skip
    return render(request, "orders/quality.html", context, status=422 if refused else 200)


@guarded(SCORE)
def round_page(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """One draw: how it came about, and its reports."""
    row = queries.round_of(round_id, request.actor)
    done, refused = forms.tried(request, lambda: _told(request, round_id))
    if done:
        return done
    pack, state = quality.as_drawn(row.definition, row.definition_version), request.GET.get("state", "")
    page = queries.samples_of(row, request.actor, state=state, page=number_of(request.GET.get("page")))
    context = {
        **common(pack), "row": row, "page": page, "state": state, "label": label, "refused": refused,
        "next": queries.next_to_score(row, request.actor) if request.actor.role in pack.scorers else None,
        "may_manage": request.actor.has(QUALITY), "to_tell": row.samples.filter(state="scored").count(),
        "states": [("", _("全部")), *((code, QUALITY_SAMPLE.label(code)) for code in QUALITY_SAMPLE.states)],
        "checked": drawn_again(row) if request.GET.get("again") else None,
    }  # fmt: skip
    return render(request, "orders/quality_round.html", context, status=422 if refused else 200)


@guarded("signed_in", about="quality_sample")
def sample(request: HttpRequest, sample_id: UUID) -> HttpResponse:
    """One drawn report: read again, scored, fed back, put right, checked – whatever this actor may do now."""
    row = _sample(request, sample_id)
    errors: dict[str, str] = {}
    if request.method == "POST":
        act = _ACTIONS.get(request.POST.get("action", ""))
        if act is None:
            raise InvalidInput(_("没有这项操作。"))
        try:
            return forms.once(request, lambda: act(request, sample_id))
        except DomainError as refusal:
            errors = refusal.errors if isinstance(refusal, InvalidInput) and refusal.errors else {"": str(refusal)}
            forms.renew_key(request)
            row = _sample(request, sample_id)
    return render(request, "orders/quality_sample.html", _shown(request, row, errors), status=422 if errors else 200)


def _sample(request: HttpRequest, sample_id: UUID) -> QualitySample:
    access.require(request.actor, "read_detail", Subject("quality_sample", sample_id))
    found = QualitySample.objects.select_related(
        "round", "order", "report_version", "institution", "person", "scored_by", "second_by"
    )
    return found.get(pk=sample_id)


def _shown(request: HttpRequest, row: QualitySample, errors: dict[str, str]) -> dict[str, Any]:
    actor, pack = request.actor, pack_of(row)
    definition, order, version = service(row.round.service), to_data(row.order), version_data(row.report_version)
    blind = pack.blind and row.state in ("drawn", "read")
    given = request.POST if errors else {}
    scores = may_score(row, actor) and row.state in ("drawn", "read")
    return {
        **common(pack, row.form_version), "row": row, "order": order, "version": version, "definition": definition, "errors": errors,
        "blind": blind, "hidden": pack.second_reading and row.state == "drawn", "names": names_of([order]), "label": label,
        "viewers": viewers_of(row.order_id) if visible(actor).filter(pk=row.order_id).exists() else [],
        "actions": {step.action for step in QUALITY_SAMPLE.actions_for(row, actor)}, "given": given,
        "more": {step.action for step in QUALITY_SAMPLE.actions_for(row, actor)} & {"contest", "uphold", "send_back", "score_again", "drop"}, "manager": manages(row, actor),
        "sheet": quality.sheet_of(pack, row.form_version if row.scored_at else ""), "reads": scores and pack.second_reading and row.state == "drawn",
        "scores": scores and not (pack.second_reading and row.state == "drawn"),
        "values": {code: request.POST.getlist(code) for code in request.POST} if errors else {},
        "lines": core_forms.sheet(quality.sheet_of(pack, row.form_version), core_forms.answers_of([row.response_id])[row.response_id]) if row.scored_at and row.response_id else [],
        "history": [
            {"at": c.at, "title": QUALITY_SAMPLE.label(c.to_state), "text": c.reason, "by": c.actor_name if actor.has(QUALITY) else ""}
            for c in reversed(history(row.pk))
        ],
        "vetoes": [common(pack)["words"].get(code, code) for code in pack.vetoes],
        "grade": grade_of(pack, row.grade), "may_list": actor.has(SCORE) and row.round.institution_id in actor.places,
    }  # fmt: skip


def _drawn(request: HttpRequest) -> str:
    period = month_from(request.POST.get("period"))
    if period is None:
        raise InvalidInput(errors={"period": _("请选择要抽查的月份。")})
    row = commands.draw_round(definition=request.POST.get("definition", ""), period=period, actor=request.actor)
    return reverse("orders:quality_round", args=[row.pk])


def _told(request: HttpRequest, round_id: UUID) -> str:
    commands.feed_back_all(round_id=round_id, actor=request.actor)
    return reverse("orders:quality_round", args=[round_id])


Act = Callable[[HttpRequest, UUID], str]


def _then(command: Callable[..., Any], *fields: str) -> Act:
    """A button of the sample's page: calls a command with the posted fields."""

    def run(request: HttpRequest, sample_id: UUID) -> str:
        given = {name: request.POST.get(name, "") for name in fields}
        command(sample_id=sample_id, actor=request.actor, **given)
        return reverse("orders:quality_sample", args=[sample_id])

    return run


def _read(request: HttpRequest, sample_id: UUID) -> str:
    positive = {"yes": True, "no": False}.get(request.POST.get("positive", ""))
    if positive is None:
        raise InvalidInput(errors={"positive": _("请选择阳性或阴性。")})
    commands.read_again(sample_id=sample_id, positive=positive, text=request.POST.get("text", ""), actor=request.actor)
    return reverse("orders:quality_sample", args=[sample_id])


def _score(request: HttpRequest, sample_id: UUID) -> str:
    row = commands.score_sample(sample_id=sample_id, typed=request.POST, actor=request.actor)
    following = queries.next_to_score(row.round, request.actor)
    if following:
        return reverse("orders:quality_sample", args=[following])
    return reverse("orders:quality_round", args=[row.round_id])


def _answer(request: HttpRequest, sample_id: UUID) -> str:
    given = request.POST
    commands.answer_finding(
        sample_id=sample_id, cause=given.get("cause", ""), measure=given.get("measure", ""), looked_at=whole_number(given.get("looked_at")),
        actor=request.actor,
    )  # fmt: skip
    return reverse("orders:quality_sample", args=[sample_id])


_ACTIONS: dict[str, Act] = {
    "read": _read, "score": _score, "answer": _answer, "feed_back": _then(commands.feed_back), "check": _then(commands.check_finding),
    "contest": _then(commands.contest_finding, "reason"), "uphold": _then(commands.uphold_finding, "reason"),
    "send_back": _then(commands.send_back_finding, "reason"), "score_again": _then(commands.score_again, "reason"),
    "drop": _then(commands.drop_sample, "reason"),
}  # fmt: skip
