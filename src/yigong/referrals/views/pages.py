"""Pages of referrals: parse, call one command or query, render."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yigong.access.api import decide_many, guarded
from yigong.core import clock
from yigong.core.asked import day_of, key_of
from yigong.core.errors import DomainError
from yigong.core.rights import note_decision
from yigong.core.ui.forms import idempotency_key, once, page, refuse
from yigong.network import api as network
from yigong.referrals import api, forms, policies
from yigong.referrals.commands.requests import as_given
from yigong.referrals.data import NewReferral
from yigong.referrals.queries import figures, picking, reading
from yigong.referrals.views import actions, presenting
from yigong.residents import api as residents

# ---- lists


@guarded(policies.READ, about="resident")
def inbox(request: HttpRequest) -> HttpResponse:
    """Received and sent referrals, by group, with filters."""
    actor, filters = request.actor, presenting.filters_of(request.GET)
    found = reading.inbox(actor, filters, page=presenting.number(request.GET.get("page")))
    _seen(actor, found.items)
    context = {"page": found, "filters": filters, "tabs": presenting.tabs(actor, filters), "words": presenting.words()}
    return render(request, "referrals/inbox.html", {**context, "places": presenting.places(found.items)})


def _seen(actor: Any, rows: Any) -> None:
    """Each shown row is decided and logged; an empty list shows nobody."""
    if rows:
        decide_many(actor, "read_detail", "referral", [row.id for row in rows])
    else:
        note_decision()


# ---- request


@guarded(policies.REQUEST, about="resident")
def new(request: HttpRequest) -> HttpResponse:
    """The request form: for a resident, or for an emergency without one. Without either, the search comes first."""
    known = request.POST.get("resident_id") or request.GET.get("resident")
    emergency = (request.POST.get("urgency") or request.GET.get("urgency")) == "emergency"
    if not known and not emergency:
        return _search(request)
    return _request_page(request, known, lambda given, draft: api.request_referral(
        given=given, actor=request.actor, form_key=idempotency_key(request), draft=draft
    ))  # fmt: skip


@guarded(policies.REQUEST, about="resident")
def edit(request: HttpRequest, referral_id: UUID) -> HttpResponse:
    """Change a draft, a returned referral, or complete an emergency one; then send it."""
    row = reading.access_referral(referral_id, request.actor)

    def save(given: NewReferral, draft: bool) -> api.ReferralData:
        actor = request.actor
        saved = api.change_draft(referral_id=referral_id, given=given, actor=actor)
        if draft or saved.state not in {"draft", "returned"}:
            return saved
        return api.submit(referral_id=referral_id, actor=actor, sheet_id=given.sheet_id, confirmed=given.confirmed)

    known = request.POST.get("resident_id") or (str(row.resident_id) if row.resident_id else None)
    return _request_page(request, known, save, initial=presenting.initial_of(as_given(row)), row=row)


@guarded(policies.REQUEST, about="resident")
def refer_down(request: HttpRequest, referral_id: UUID) -> HttpResponse:
    """The way back, filled in advance from the referral that brought the patient."""
    row = reading.access_referral(referral_id, request.actor)
    initial = presenting.initial_down(row)
    return _request_page(request, str(row.resident_id or ""), lambda given, draft: api.refer_down(
        referral_id=referral_id, given=given, actor=request.actor, form_key=idempotency_key(request)
    ), initial=initial)  # fmt: skip


def _request_page(
    request: HttpRequest,
    resident: str | None,
    act: Callable[[NewReferral, bool], api.ReferralData],
    initial: dict[str, Any] | None = None,
    row: Any = None,
) -> HttpResponse:
    actor: Any = request.actor
    resident_id = key_of(resident)
    person = residents.access_resident(resident_id, actor=actor, purpose=_("转诊")) if resident_id else None
    start = {**presenting.prefilled(person, actor), **(initial or {})}
    if person is None:
        note_decision()  # An emergency without a known person reads about nobody.
    parts = presenting.parts(actor, request.POST or start)
    form = forms.RequestForm(request.POST or None, initial=start, direction=parts["direction"])
    if request.method == "POST" and form.is_valid():
        try:
            given = presenting.given_of(form.cleaned_data, parts["direction"], row)
            return once(request, lambda: _done(request, act(given, "draft" in request.POST)))
        except DomainError as refusal:
            refuse(form, refusal)
    context = {"form": form, "person": person, "row": row, **parts, "vitals": forms.VITALS}
    return page(request, "referrals/request.html", context, form=form)


def _done(request: HttpRequest, saved: api.ReferralData) -> str:
    words = {
        "draft": _("草稿已保存。"),
        "submitted": _("已提交本机构审核。"),
        "pending_receive": _("已提交，等待接收方应答。"),
    }
    messages.success(request, words.get(saved.state, _("已保存。")))
    return reverse("referrals:detail", args=[saved.id])


def _search(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()[:60]
    found = residents.search_residents(text, actor=request.actor, limit=20) if text else None
    # A hit shows minimal identity only, as in every search; the file is opened with the form.
    note_decision()
    return render(request, "referrals/search.html", {"found": found, "text": text})


@require_GET
@guarded(policies.REQUEST)
def new_parts(request: HttpRequest) -> HttpResponse:
    """The part of the form that follows from the chosen institution, department and diagnosis."""
    return render(request, "referrals/parts.html", presenting.parts(request.actor, request.GET))


@require_GET
@guarded(policies.READ)
def institutions(request: HttpRequest) -> HttpResponse:
    """The picker of receivers."""
    found = picking.receivers(request.GET.get("q", "")[:60], request.actor.institution_id)
    items = [(place.id, place.name, presenting.LEVELS.get(place.level, "")) for place in found]
    return render(request, "ui/options.html", {"items": items, "total": len(items)})


# ---- one referral


@guarded(policies.READ, about="resident")
def detail(request: HttpRequest, referral_id: UUID) -> HttpResponse:
    """Everything about one referral, its steps, and what the actor may do now."""
    return _detail(request, referral_id)


def _detail(request: HttpRequest, referral_id: UUID, bad: tuple[str, Any] | None = None) -> HttpResponse:
    row = reading.access_referral(referral_id, request.actor)
    context = presenting.detail(row, request.actor, bad)
    return render(request, "referrals/detail.html", context, status=422 if bad else 200)


@require_POST
@guarded(policies.READ, about="resident")
def act(request: HttpRequest, referral_id: UUID, action: str) -> HttpResponse:
    """One step of the workflow; a refusal comes back on the same page with everything typed."""
    known = actions.ACTIONS.get(action)
    if known is None:
        raise Http404
    row = reading.access_referral(referral_id, request.actor)
    form = actions.form_of(action, row, request.POST)
    if form.is_valid():
        try:
            return once(request, lambda: _acted(request, known, row, form))
        except DomainError as refusal:
            refuse(form, refusal)
    return _detail(request, referral_id, (action, form))


def _acted(request: HttpRequest, known: actions.Action, row: Any, form: Any) -> str:
    saved = known.run(row, form.cleaned_data, request.actor, presenting.number(request.POST.get("version"), 0))
    messages.success(request, _("%(what)s：已办理。") % {"what": known.label})
    return reverse("referrals:detail", args=[saved.id])


@guarded(policies.READ, about="resident")
def print_form(request: HttpRequest, referral_id: UUID) -> HttpResponse:
    """The two-way referral sheet with its stub."""
    row = reading.access_referral(referral_id, request.actor)
    return render(request, "referrals/print.html", presenting.detail(row, request.actor, None))


# ---- desk, slots, statistics


@guarded(policies.ARRIVE, about="resident")
def desk(request: HttpRequest) -> HttpResponse:
    """The fast lane: scan or type the number or the name, check two identifiers, done."""
    actor, text = request.actor, request.GET.get("text", "").strip()[:60]
    filters = {"side": "received", "group": "coming", "text": text}
    found = reading.inbox(actor, filters, page=presenting.number(request.GET.get("page")), limit=15)
    chosen, form = presenting.chosen_at_desk(request, found.items), None
    _seen(actor, found.items)
    if chosen is not None:
        form = forms.ArriveForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                return once(request, lambda: _arrived(request, chosen, form))
            except DomainError as refusal:
                refuse(form, refusal)
    context = {"page": found, "text": text, "chosen": chosen, "form": form, "places": presenting.places(found.items)}
    return page(request, "referrals/desk.html", {**context, "words": presenting.words()}, form=form)


def _arrived(request: HttpRequest, row: Any, form: forms.ArriveForm) -> str:
    api.arrive(referral_id=row.id, actor=request.actor, **form.cleaned_data)
    messages.success(request, _("%(name)s 已登记到诊，请走转诊优先通道。") % {"name": row.patient_name})
    return reverse("referrals:desk")


@guarded(policies.SLOTS)
def slot_page(request: HttpRequest) -> HttpResponse:
    """What the own departments offer, and publishing more."""
    actor: Any = request.actor
    own = [(str(d.id), d.name) for d in network.departments(actor.institution_id)] if actor.institution_id else []
    form = forms.SlotForm(request.POST or None, departments=own)
    if request.method == "POST" and form.is_valid():
        try:
            values = {**form.cleaned_data, "department_id": UUID(form.cleaned_data["department_id"])}
            return once(request, lambda: _published(request, values))
        except DomainError as refusal:
            refuse(form, refusal)
    sheets = api.slots_of(actor.institution_id, days=60) if actor.institution_id else []
    return page(request, "referrals/slots.html", {"form": form, "sheets": sheets}, form=form)


def _published(request: HttpRequest, values: dict[str, Any]) -> str:
    slot = api.publish_slots(actor=request.actor, **values)
    messages.success(request, _("已发布：%(slot)s") % {"slot": slot.label})
    return reverse("referrals:slots")


@require_POST
@guarded(policies.SLOTS)
def stop_slot(request: HttpRequest, sheet_id: UUID) -> HttpResponse:
    """Stop a sheet; whoever had a place there must be told."""
    left = api.stop_slots(sheet_id=sheet_id, reason=request.POST.get("reason", ""), actor=request.actor)
    text = _("已停用。有 %(n)s 张转诊单需要改约。") % {"n": len(left)} if left else _("已停用。")
    messages.success(request, text)
    return redirect("referrals:slots")


@guarded(policies.STATISTICS)
def statistics(request: HttpRequest) -> HttpResponse:
    """Counts and rates of a span; every number opens its rows."""
    today = clock.today()
    from_day = day_of(request.GET.get("from_day")) or today.replace(day=1)
    to_day = day_of(request.GET.get("to_day")) or today
    found = figures.figures(request.actor, min(from_day, to_day), to_day)
    return render(
        request,
        "referrals/statistics.html",
        {
            "found": found,
            "from_day": from_day,
            "to_day": to_day,
            "words_direction": presenting.words()["direction"],
        },
    )
