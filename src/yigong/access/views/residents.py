"""Who looked at a resident, consent, emergency access and its review."""

from datetime import datetime, time, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yigong.access import commands, decisions, queries
from yigong.access.data import Subject
from yigong.access.forms import ConsentForm, EmergencyForm, ReviewForm
from yigong.access.policies import EMERGENCY, REVIEW, WRITE
from yigong.core import clock
from yigong.core.errors import DomainError
from yigong.core.paging import page_of
from yigong.core.rights import ROLES, guarded
from yigong.core.ui import forms
from yigong.core.ui.shell import address
from yigong.network import api as network


@guarded("signed_in", about="resident")
def reads(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """谁查阅过: who looked, when, why, on what basis; for those related and those who review."""
    decisions.require(request.actor, "read_log", Subject("resident", resident_id))
    found = page_of(queries.read_rows(resident_id), page=queries.page_number(request.GET.get("page")), limit=50)
    page = {
        "page": found,
        "name": queries.resident_name(resident_id),
        "resident_url": address("residents:detail", resident_id),
        "relationships": queries.open_relationships(resident_id),
        "places": queries.places_of([*found.items, *queries.open_relationships(resident_id)]),
        "words": queries.words(),
    }
    return render(request, "access/reads.html", page)


@guarded(WRITE)
def consent(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """Record the resident's consent; shows only what one's own institutions recorded."""
    actor = request.actor
    initial = {"ends_on": (clock.today() + timedelta(days=90)).isoformat()}
    form = ConsentForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        facts = dict(form.cleaned_data)
        last = datetime.combine(facts.pop("ends_on"), time(23, 59, 59), clock.SHANGHAI)

        def act() -> str:
            commands.record_consent(resident_id=resident_id, ends_at=last, actor=actor, **facts)
            return address("residents:detail", resident_id) or request.path

        try:
            return forms.once(request, act)
        except DomainError as refusal:
            forms.refuse(form, refusal)
    page = {"form": form, "name": queries.resident_name(resident_id), "given": queries.consents_of(resident_id, actor)}
    return forms.page(request, "access/consent.html", page, form=form)


@guarded(WRITE)
@require_POST
def withdraw(request: HttpRequest, consent_id: UUID) -> HttpResponse:
    """Take a consent back at the resident's wish."""
    reason = request.POST.get("reason", "") or _("居民要求撤回")
    commands.withdraw_consent(consent_id=consent_id, reason=reason, actor=request.actor)
    messages.success(request, _("授权已撤回，即时生效。"))
    return redirect(request.META.get("HTTP_REFERER") or "/")


@guarded(EMERGENCY)
def emergency(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """Open a record in an emergency with a reason."""
    form = EmergencyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            reason = form.cleaned_data["reason"]
            commands.open_emergency_access(resident_id=resident_id, reason=reason, actor=request.actor)
            return address("residents:detail", resident_id) or "/"

        try:
            return forms.once(request, act)
        except DomainError as refusal:
            forms.refuse(form, refusal)
    hours = int(commands.EMERGENCY_LASTS.total_seconds() // 3600)
    page = {"form": form, "hours": hours, "name": queries.resident_name(resident_id)}
    return forms.page(request, "access/emergency.html", page, form=form)


@guarded(REVIEW)
def emergencies(request: HttpRequest) -> HttpResponse:
    """Emergency accesses to review, and those reviewed."""
    actor = request.actor
    reviewed = request.GET.get("reviewed") == "1"
    below = network.descendants(actor.institution_id)
    rows = queries.emergencies(below, reviewed=reviewed)
    found = page_of(rows, page=queries.page_number(request.GET.get("page")), limit=30)
    page = {
        "page": found,
        "reviewed": reviewed,
        "waiting": rows.count() if not reviewed else queries.emergencies(below, reviewed=False).count(),
        "places": queries.places_of(found.items),
        "people": queries.names_of(found.items),
        "roles": ROLES,
    }
    return render(request, "access/emergencies.html", page)


@guarded(REVIEW)
def review(request: HttpRequest, emergency_id: UUID) -> HttpResponse:
    """Judge one emergency access, beside what was then looked at."""
    row = queries.emergency(emergency_id)
    commands.check_may_review(row, request.actor)
    form = ReviewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            commands.review_emergency_access(emergency_id=emergency_id, actor=request.actor, **form.cleaned_data)
            messages.success(request, _("评审结论已保存。"))
            return redirect("access:emergencies")
        except DomainError as refusal:
            forms.refuse(form, refusal)
    page = {
        "form": form,
        "row": row,
        "name": queries.resident_name(row.resident_id),
        "reads": queries.reads_during(row),
        "place": network.institution(row.institution_id),
        "words": queries.words(),
        "roles": ROLES,
    }
    return forms.page(request, "access/review.html", page, form=form)
