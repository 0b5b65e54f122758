"""A person's coverage, and changing it."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from yigong.access.api import guarded
from yigong.core import clock
from yigong.core.errors import NotFound
from yigong.core.paging import number_of
from yigong.core.ui import forms as ui
from yigong.insurance.coverage import forms, policies
from yigong.insurance.coverage.commands import exemptions, periods
from yigong.insurance.coverage.data import NewEnrolment
from yigong.insurance.coverage.models import Entitlement, Exemption
from yigong.insurance.coverage.queries import person as read
from yigong.insurance.coverage.queries.applications import of_person
from yigong.insurance.coverage.workflow import APPLICATION
from yigong.residents import api as residents

_DAY = timedelta(days=1)
_WHOSE: dict[str, Callable[..., None]] = {
    "enrolment": periods.end_enrolment,
    "category": periods.end_category,
    "entitlement": periods.end_entitlement,
}
KINDS = (
    Entitlement.Kind.CHRONIC,
    Entitlement.Kind.TWO_DISEASES,
    Entitlement.Kind.INSTITUTION,
    Entitlement.Kind.ELSEWHERE,
    Entitlement.Kind.DRUG,
)


@require_GET
@guarded(policies.KEEP)
def search(request: HttpRequest) -> HttpResponse:
    """Find somebody by name, initials or number; masked, as in the search of residents."""
    text, number = request.GET.get("q", "").strip()[:60], number_of(request.GET.get("page"))
    found = residents.search_residents(text, actor=request.actor, limit=20, offset=(number - 1) * 20) if text else None
    return render(request, "coverage/search.html", {"page": found, "q": text})


@require_GET
@guarded(policies.READ, about="resident")
def detail(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """Insurance, categories, registrations and reasons of one person, today's first, with what was before."""
    actor: Any = request.actor
    who = read.access_person(resident_id, actor)
    context = {
        "person": who, "held": read.held(who.id), "kinds": [(kind.value, kind.label) for kind in KINDS],
        "can_keep": actor.has(policies.KEEP), "can_apply": actor.has(policies.APPLY), "applications": of_person(who.id), "table": APPLICATION, "can_roll": actor.has(policies.ROLL), "year": clock.today().year, **_frame(request, who),
    }  # fmt: skip
    return render(request, "coverage/person.html", context)


def _frame(request: HttpRequest, who: Any) -> dict[str, Any]:
    """The frame of the person's file for whoever may open it; the insurance office has a plain one of its own."""
    actor: Any = request.actor
    if actor.has("access.read_detail"):
        return {
            "frame": "residents/file.html",
            **residents.file_context(who, actor=actor, active="coverage", cards=False),
        }
    return {"frame": "coverage/frame.html"}


@guarded(policies.KEEP, about="resident")
def add(request: HttpRequest, resident_id: UUID, what: str) -> HttpResponse:
    """Record insurance, a category, a registration, or why somebody need not be enrolled."""
    who = read.access_person(resident_id, request.actor)
    today = clock.today()
    form, title, act = _adding(request, who.id, what, today)

    def carried_out() -> str:
        act(form.cleaned_data)
        messages.success(request, _("已登记。"))
        return reverse("coverage:person", args=[who.id])

    if done := ui.sent(request, form, carried_out):
        return done
    context = {"person": who, "form": form, "title": title, "row": None, "action": "add"}
    return ui.page(request, "coverage/act.html", context, form=form)


def _adding(
    request: HttpRequest, key: UUID, what: str, today: date
) -> tuple[Any, str, Callable[[dict[str, Any]], object]]:
    actor, posted = request.actor, request.POST or None
    form: Any
    new_year = date(today.year, 1, 1)
    if what == "enrolment":
        start = {"starts_on": today, "last_on": date(today.year, 12, 31), "paid_on": today}
        form = forms.EnrolForm(posted, on=today, initial=start)
        return form, _("登记参保"), lambda given: periods.enrol(resident_id=key, given=_enrolment(given), actor=actor)
    if what == "category":
        form = forms.CategoryForm(posted, on=today, initial={"starts_on": today})
        return (
            form,
            _("登记救助身份"),
            lambda given: periods.grant_category(resident_id=key, code=given["code"], actor=actor, **_period(given)),
        )
    if what == "exemption":
        form = forms.ExemptForm(posted, on=today, initial={"year": today.year})
        return form, _("登记不参保的理由"), lambda given: exemptions.exempt(resident_id=key, actor=actor, **given)
    if what not in Entitlement.Kind.values:
        raise NotFound()
    start = {"starts_on": new_year if what == "institution" else today}
    form = (
        forms.InstitutionForm(posted, initial=start)
        if what == "institution"
        else forms.CodeForm(posted, on=today, kind=what, initial=start)
    )
    title = _("登记%(what)s") % {"what": _(str(Entitlement.Kind(what).label))}
    return form, title, lambda given: periods.register_entitlement(
        resident_id=key, kind=what, code=given.get("code", ""), institution_id=given.get("institution_id"), actor=actor, **_period(given)
    )  # fmt: skip


def _period(given: dict[str, Any]) -> dict[str, Any]:
    last = given["last_on"]
    return {"starts_on": given["starts_on"], "ends_on": last + _DAY if last else None, "source": given["source"]}


def _enrolment(given: dict[str, Any]) -> NewEnrolment:
    names = ("insurance", "region", "person_type", "paid_on", "missed_years", "repaired_years")
    return NewEnrolment(**{name: given[name] for name in names}, **_period(given))


@guarded(policies.KEEP, about="resident")
def change(request: HttpRequest, resident_id: UUID, what: str, row_id: UUID, action: str) -> HttpResponse:
    """End a period, call off what was recorded by mistake, or undo either; withdraw a reason. Each with its own reason."""
    who, actor = read.access_person(resident_id, request.actor), request.actor
    row = _row(who.id, what, row_id)
    form = (
        forms.EndForm(request.POST or None, initial={"last_on": clock.today()})
        if action == "end"
        else forms.ReasonForm(request.POST or None)
    )
    words = {"end": _("终止"), "call_off": _("登记有误，撤销"), "undo": _("恢复"), "withdraw": _("撤销理由")}
    if action not in words or (what == "exemption") != (action == "withdraw"):
        raise NotFound()

    def carried_out() -> str:
        reason = form.cleaned_data["reason"]
        if action == "end":
            key = {f"{what}_id": row_id}
            _WHOSE[what](**key, ends_on=form.cleaned_data["last_on"] + _DAY, reason=reason, actor=actor)
        elif action == "call_off":
            periods.call_off(what=what, row_id=row_id, reason=reason, actor=actor)
        elif action == "undo":
            periods.undo_end(what=what, row_id=row_id, reason=reason, actor=actor)
        else:
            exemptions.withdraw_exemption(exemption_id=row_id, reason=reason, actor=actor)
        messages.success(request, _("已办理。"))
        return reverse("coverage:person", args=[who.id])

    if done := ui.sent(request, form, carried_out):
        return done
    context = {"person": who, "form": form, "title": words[action], "row": row, "action": action}
    return ui.page(request, "coverage/act.html", context, form=form)


def _row(resident_id: UUID, what: str, row_id: UUID) -> Any:
    """The row as the page shows it; NotFound when it is not this person's."""
    held = read.held(resident_id)
    rows: dict[str, list[Any]] = {
        "enrolment": held.enrolments, "category": held.categories, "entitlement": held.entitlements,
        "exemption": [one for one, _title in held.exemptions],
    }  # fmt: skip
    found = next((one for one in rows.get(what, []) if one.id == row_id), None)
    if found is None:
        raise NotFound()
    assert isinstance(found, Exemption | read.PeriodRow)
    return found
