"""Pages of records: the timeline, a visit, documents with versions, results and their trend."""

import difflib
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yigong.core import clock
from yigong.core.asked import day_of, key_of
from yigong.core.errors import DomainError, InvalidInput
from yigong.core.rights import guarded
from yigong.core.ui import forms
from yigong.core.ui.shell import address
from yigong.network import api as network
from yigong.records import api, catalogue, policies, queries, rules
from yigong.records import forms as own
from yigong.records.charts import option, spark
from yigong.records.data import FREQUENCIES, ROUTES, DocumentData, ResultData
from yigong.records.forms import AllergyForm, ReasonForm, VisitForm
from yigong.residents import api as residents
from yigong.residents.data import ResidentData

_STRETCH = 30
_OPTIONS = 12  # of a picker
# What the side of the timeline draws when there are at least two values: LOINC codes.
_DRAWN = ("8480-6", "8462-4", "14749-6", "8867-4", "29463-7")


def referral_address(resident_id: UUID) -> str:
    """Where a referral of this person begins, blank while that room is not installed."""
    plain = address("referrals:new")
    return address("referrals:new", resident_id) or (f"{plain}?resident={resident_id}" if plain else "")


@guarded(policies.READ, about="resident")
def timeline(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """One page per person; the same address gives the next stretch as a fragment."""
    actor = request.actor
    chosen, filters = _filters(request)
    found = api.timeline(resident_id, actor=actor, before=request.GET.get("before", ""), limit=_STRETCH, **filters)
    if request.htmx and request.GET.get("before"):  # type: ignore[attr-defined]
        return render(request, "records/stretch.html", {"timeline": found})
    resident = residents.identity(resident_id)
    if resident.id != resident_id:
        return redirect("records:timeline", resident.id)
    values = residents.file_context(resident, actor=actor, active="timeline") | {
        "timeline": found, "chosen": chosen, "places": found.places, "trends": _trends(resident),
        "summary": queries.summary_of(resident.id, brief=True), "kind_tabs": _kind_tabs(request, chosen["kind"], found.counts),
    }  # fmt: skip
    return render(request, "records/timeline.html", values)


def _kind_tabs(request: HttpRequest, chosen: str, counts: Mapping[str, int]) -> list[tuple[str, str, bool, int | None]]:
    def at(kind: str) -> str:
        query = request.GET.copy()
        query.pop("before", None)
        query["kind"] = kind
        return "?" + query.urlencode()

    shown = [
        (_(label), at(kind), kind == chosen, counts[kind]) for kind, label in queries.KINDS.items() if counts.get(kind)
    ]
    return [(_("全部"), at(""), not chosen, None), *shown]


def _filters(request: HttpRequest) -> tuple[dict[str, str], dict[str, Any]]:
    chosen = {name: request.GET.get(name, "") for name in ("kind", "place", "since", "until")}
    if chosen["kind"] not in queries.KINDS:
        chosen["kind"] = ""
    since, until = day_of(chosen["since"]), day_of(chosen["until"])
    return chosen, {
        "kinds": [chosen["kind"]] if chosen["kind"] else None,
        "institution_id": key_of(chosen["place"]),
        "since": _midnight(since) if since else None,
        "until": _midnight(until) + timedelta(days=1) if until else None,
    }


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), clock.SHANGHAI)


def _trends(resident: ResidentData) -> list[dict[str, Any]]:
    drawn = []
    for code, values in queries.trends(resident.id, _DRAWN, 20).items():
        if len(values) > 1:
            drawn.append(
                {
                    "code": code,
                    "last": values[-1],
                    "spark": spark([float(v.value) for v in values if v.value is not None]),
                }
            )
    return drawn


@guarded(policies.ENCOUNTER, about="resident")
def visit(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """The village doctor's form: complaint, signs, diagnoses, medicines, advice on one page."""
    actor = request.actor
    resident = residents.access_resident(resident_id, actor=actor, action="write")
    form = VisitForm(request.POST or None, initial={"occurred_at": own.now_text()})
    if request.method == "POST" and form.is_valid():
        key = forms.idempotency_key(request)
        try:
            return forms.once(request, lambda: _visit(resident, form, actor, key))
        except DomainError as error:
            forms.refuse(form, error)
    summary = queries.summary_of(resident.id)
    lines = own.rows(request.POST or _repeated(request, summary), own.LINES)
    values = residents.file_context(resident, actor=actor, active="", cards=False) | {
        "form": form, "rows": lines, "summary": summary, "beside": residents.filled_panels(resident.id, actor, "visit"), "routes": ROUTES, "frequencies": FREQUENCIES, "signs": list(rules.signs()),
        "picked": [(request.POST.get(f"diagnosis_{n}", ""), request.POST.get(f"diagnosis_{n}__text", "")) for n in range(own.DIAGNOSES)],
    }  # fmt: skip
    return forms.page(request, "records/visit.html", values, form=form)


def _repeated(request: HttpRequest, summary: Any) -> dict[str, str]:
    """“续用上次处方”: the lines of the newest prescription as if they had been typed."""
    if not request.GET.get("repeat") or not summary.medicines:
        return {}
    typed: dict[str, str] = {}
    for n, line in enumerate(summary.medicines[0].lines):
        quantity = f"{line.quantity.normalize():f}" if line.quantity is not None else ""
        typed |= {
            f"medicine_{n}": line.code, f"medicine_{n}__text": line.name, f"dose_{n}": line.dose, f"route_{n}": line.route,
            f"frequency_{n}": line.frequency, f"days_{n}": str(line.days or ""), f"quantity_{n}": quantity, f"unit_{n}": line.unit,
        }  # fmt: skip
    return typed


def _visit(resident: ResidentData, form: VisitForm, actor: Any, key: UUID) -> str:
    done = api.record_visit(resident_id=resident.id, visit=form.visit(), actor=actor, request_key=key)
    return address("records:encounter", done.id)


@guarded(policies.ENCOUNTER, about="resident")
@require_POST
def judge(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """While typing: what the national rules say about the signs so far."""
    resident = residents.access_resident(resident_id, actor=request.actor, action="write")
    form = VisitForm(request.POST)
    form.is_valid()
    _results, errors = rules.vital_results(form.signs())
    wrong = {k: v for k, v in errors.items() if form.cleaned_data.get(k) is not None}
    age = residents.age_on(resident.birth_date, clock.today())
    good = {k: v for k, v in form.signs().items() if k not in wrong}
    values = {"alerts": rules.alerts(good, age, resident.sex), "errors": wrong, "refer": "", "resident": resident}
    return render(request, "records/alerts.html", values)


@guarded(policies.ENCOUNTER)
@require_POST
def line(request: HttpRequest) -> HttpResponse:
    """One more medicine line after those of the form; nothing beyond the last."""
    place = own.next_place(request.POST)
    if place is None:
        return HttpResponse()
    row = own.rows({}, 1)[0]
    values = {"n": place, "row": row, "routes": ROUTES, "frequencies": FREQUENCIES}
    return render(request, "records/line.html", values)


@guarded(policies.ENCOUNTER)
def diagnoses(request: HttpRequest) -> HttpResponse:
    """What the diagnosis picker shows."""
    found = catalogue.find_diagnoses(request.GET.get("q", "")[:40])
    items = [(d.code, d.name, d.code) for d in found[:_OPTIONS]]
    return render(request, "ui/options.html", {"items": items, "total": len(found)})


@guarded(policies.ENCOUNTER)
def medicines(request: HttpRequest) -> HttpResponse:
    """What the medicine picker shows."""
    found = catalogue.find_medicines(request.GET.get("q", "")[:40])
    items = [(m.code, m.name, " ".join((m.form, m.dose, m.frequency))) for m in found[:_OPTIONS]]
    return render(request, "ui/options.html", {"items": items, "total": len(found)})


@guarded(policies.READ, about="resident")
def encounter(request: HttpRequest, encounter_id: UUID) -> HttpResponse:
    """One contact with care: what was found and what the rules advise."""
    actor = request.actor
    found = api.encounter(encounter_id, actor=actor)
    resident = residents.identity(found.resident_id)
    contents, alerts = api.contents(found.id, actor=actor)
    values = residents.file_context(resident, actor=actor, active="timeline", cards=False) | {
        "encounter": found, "contents": contents, "alerts": alerts, "errors": {}, "refer": referral_address(resident.id),
        "place": network.institution(found.institution_id), "staff": network.staff_many([found.staff_id]) if found.staff_id else {},
    }  # fmt: skip
    return render(request, "records/encounter.html", values)


@guarded(policies.READ, about="resident")
def results(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """One group of results."""
    actor = request.actor
    group = api.results(group_id, actor=actor)
    resident = residents.identity(group.resident_id)
    values = residents.file_context(resident, actor=actor, active="timeline", cards=False)
    return render(
        request, "records/results.html", values | {"group": group, "place": network.institution(group.institution_id)}
    )


@guarded(policies.READ, about="resident")
def trend(request: HttpRequest, resident_id: UUID, code: str) -> HttpResponse:
    """One measured value over time; blood pressure shows both lines."""
    actor = request.actor
    series = [
        api.trend(resident_id, code=c, actor=actor)
        for c in (("8480-6", "8462-4") if code in {"8480-6", "8462-4"} else (code,))
    ]
    resident = residents.identity(resident_id)
    shown = [s for s in series if s]
    values = residents.file_context(resident, actor=actor, active="timeline", cards=False)
    return render(
        request,
        "records/trend.html",
        values | {"series": shown, "rows": _table(shown), "option": option(shown) if shown else None},
    )


def _table(series: list[list[ResultData]]) -> list[tuple[str, str, str]]:
    found = sorted((r for one in series for r in one), key=lambda r: r.occurred_at, reverse=True)
    return [(r.occurred_at.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M"), r.name, r.shown) for r in found]


@guarded(policies.READ, about="resident")
def document(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """One version of a document, its other versions, and on demand what differs."""
    actor = request.actor
    shown = api.document(document_id, actor=actor)
    versions = queries.document_versions(shown.series_id)
    other = next((d for d in versions if str(d.id) == request.GET.get("with")), None)
    resident = residents.identity(shown.resident_id)
    values = residents.file_context(resident, actor=actor, active="timeline", cards=False) | {
        "document": shown, "versions": versions, "other": other, "difference": _difference(other, shown) if other else [],
        "place": network.institution(shown.institution_id),
    }  # fmt: skip
    return render(request, "records/document.html", values)


def _difference(old: DocumentData, new: DocumentData) -> list[tuple[str, str]]:
    """Lines of both texts: (" " same, "-" only in the old, "+" only in the new)."""
    if old.version > new.version:
        old, new = new, old
    told = difflib.ndiff(old.text.splitlines(), new.text.splitlines())
    return [(text[0], text[2:]) for text in told if text[0] != "?"]


@guarded(policies.READ, about="resident")
def summary(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """The health summary on one sheet, for printing and for taking along."""
    actor = request.actor
    resident = residents.access_resident(resident_id, actor=actor, purpose=_("健康摘要"))
    values = residents.file_context(resident, actor=actor, active="summary", cards=False)
    return render(request, "records/summary.html", values | {"summary": queries.summary_of(resident.id)})


@guarded(policies.WRITE, about="resident")
def allergy(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """Record an allergy."""
    actor = request.actor
    resident = residents.access_resident(resident_id, actor=actor, action="write")
    form = AllergyForm(request.POST or None)
    if done := forms.sent(request, form, lambda: _allergy(resident, form, actor)):
        return done
    return forms.page(request, "records/allergy.html", {"form": form, "resident": resident}, form=form)


def _allergy(resident: ResidentData, form: AllergyForm, actor: Any) -> str:
    api.add_allergy(resident_id=resident.id, actor=actor, **form.cleaned_data)
    return address("records:timeline", resident.id)


@guarded(policies.WRITE, about="resident")
def end_allergy(request: HttpRequest, allergy_id: UUID) -> HttpResponse:
    """Take an allergy back, with the ground for it."""
    _may_write(request, queries.resident_of_allergy(allergy_id))
    return _ending(
        request,
        _("取消过敏记录"),
        lambda reason, actor: api.end_allergy(allergy_id=allergy_id, reason=reason, actor=actor),
    )


@guarded(policies.WRITE, about="resident")
def resolve_condition(request: HttpRequest, condition_id: UUID) -> HttpResponse:
    """End a condition: cured, or recorded by mistake."""
    _may_write(request, queries.resident_of_condition(condition_id))
    status = "wrong" if request.GET.get("wrong") else "resolved"
    title = _("诊断误登，予以更正") if status == "wrong" else _("诊断已愈")
    return _ending(
        request,
        title,
        lambda reason, actor: api.resolve_condition(
            condition_id=condition_id, status=status, reason=reason, actor=actor
        ),
    )


def _may_write(request: HttpRequest, resident_id: UUID) -> None:
    residents.access_resident(resident_id, actor=request.actor, action="write")


def _ending(request: HttpRequest, title: str, act: Any) -> HttpResponse:
    form = ReasonForm(request.POST or None)
    back = request.POST.get("back") or request.GET.get("back", "")
    if request.method == "POST" and form.is_valid():
        try:
            act(form.cleaned_data["reason"], request.actor)
            messages.success(request, _("已办理。"))
            key = key_of(back)
            return redirect("records:timeline", key) if key else redirect("residents:search")
        except InvalidInput as error:
            forms.refuse(form, error)
    return forms.page(request, "records/reason.html", {"form": form, "title": title, "back": back}, form=form)
