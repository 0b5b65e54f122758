"""Bundles under way and revoking them; visits that wait, with both versions side by side."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yigong.access.api import decide_many
from yigong.core.errors import DomainError, NotFound
from yigong.core.forms import api as forms
from yigong.core.paging import number_of, page_of
from yigong.core.rights import guarded, note_decision
from yigong.core.states.api import history
from yigong.core.ui import forms as ui_forms
from yigong.network import api as network
from yigong.programmes import api as programmes
from yigong.residents import api as residents
from yigong.villageday import commands, policies
from yigong.villageday import forms as own
from yigong.villageday.commands.entries import may_decide
from yigong.villageday.models import Bundle, Entry
from yigong.villageday.queries.packing import beside, side
from yigong.villageday.rules import ENTRY


@guarded(policies.MANAGE)
def bundles(request: HttpRequest) -> HttpResponse:
    """Who took how much along, whether it came back, whose clock is wrong; each can be revoked."""
    below = network.descendants_of(request.actor.institution_ids)
    rows = Bundle.objects.filter(institution_id__in=below).select_related("institution").order_by("-taken_at", "-id")
    page = page_of(rows, page=number_of(request.GET.get("page")), convert=list)
    staff = network.staff_many({r.staff_id for r in page.items})
    return render(request, "villageday/bundles.html", {"page": page, "staff": staff})


@guarded(policies.MANAGE)
@require_POST
def revoke(request: HttpRequest, bundle_id: UUID) -> HttpResponse:
    """Revoke one."""
    commands.revoke_bundle(bundle_id=bundle_id, reason=request.POST.get("reason", ""), actor=request.actor)
    messages.success(request, _("已收回；手机下次联网时清除。"))
    return redirect("villageday:bundles")


@guarded(policies.USE, about="resident")
def reviews(request: HttpRequest) -> HttpResponse:
    """What waits for a decision, and what was decided."""
    state = request.GET.get("state", "review")
    state = state if state in ENTRY.states else "review"
    below = network.descendants_of(request.actor.institution_ids)
    here = Q(bundle__institution_id__in=below) | Q(moved_to__in=below)
    rows = Entry.objects.filter(here, state=state).order_by("-sent_at", "-id")
    page = page_of(rows, page=number_of(request.GET.get("page")), convert=list)
    names = residents.resident_names({r.resident_id for r in page.items})
    if page.items:
        decide_many(request.actor, "read_detail", "resident", set(names))
    else:
        note_decision()
    tabs = [(ENTRY.label(code), f"?state={code}", code == state) for code in ("review", "accepted", "dropped")]
    return render(request, "villageday/reviews.html", {"page": page, "names": names, "tabs": tabs, "state": state})


def _entry(request: HttpRequest, entry_id: UUID) -> Entry:
    row = Entry.objects.filter(pk=entry_id).select_related("bundle").first()
    if row is None:
        raise NotFound(_("没有找到这条离线随访。"))
    residents.access_resident(row.resident_id, actor=request.actor, purpose=_("核对离线随访"))
    return row


@guarded(policies.USE, about="resident")
def review(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """One visit: what the phone wrote beside what the platform has."""
    return _page(request, _entry(request, entry_id), None)


def _page(request: HttpRequest, row: Entry, form: Any) -> HttpResponse:
    actor = request.actor
    managed = programmes.enrolment(row.enrolment_id, actor=actor)
    programme = programmes.programmes()[managed.programme]
    stage = programme.stage(row.stage)
    newest = programmes.newest_visit(row.enrolment_id, actor=actor)
    phone: dict[str, str] = {}
    platform: dict[str, str] = {}
    if stage is not None:
        sheet = forms.form(stage.form, programme.effective_from)
        who = residents.identity(row.resident_id)
        person = programmes.person_facts(who.birth_date, who.sex, row.on, row.stage)
        phone = side(sheet, forms.read(sheet, row.answers, person).answers)
        held = forms.answers_of([newest.response_id]) if newest else {}
        platform = side(sheet, held[newest.response_id]) if newest and newest.response_id in held else {}
    uses = programmes.medicine_uses()
    mine = {u["name"]: uses.label(u["taken"]) for u in row.medicines}
    theirs = {u.name: uses.label(u.taken) for u in programmes.medicines_of_visit(newest.id)} if newest else {}
    values = residents.file_context(residents.identity(row.resident_id), actor=actor, active="programmes", cards=False) | {
        "entry": row, "managed": managed, "stage": stage, "newest": newest, "sides": list(beside(phone, platform)), "uses": list(beside(mine, theirs)), "label": ENTRY.label(row.state),
        "form": form or own.DecideForm(initial={"on": row.on}), "history": history(row.id), "may": row.state == "review" and may_decide(row, actor),
    }  # fmt: skip
    return ui_forms.page(request, "villageday/review.html", values, form=form)


@guarded(policies.USE, about="resident")
@require_POST
def decide(request: HttpRequest, entry_id: UUID, action: str) -> HttpResponse:
    """Take it or not."""
    row = _entry(request, entry_id)
    form = own.DecideForm(request.POST)
    if not form.is_valid():
        return _page(request, row, form)
    given = {"entry_id": entry_id, "reason": form.cleaned_data["reason"], "actor": request.actor}
    try:
        if action == "accept":
            commands.accept_entry(**given, on=form.cleaned_data["on"])
        elif action == "drop":
            commands.drop_entry(**given)
        else:
            raise NotFound()
    except NotFound:
        raise
    except DomainError as refusal:
        ui_forms.refuse(form, refusal)
        return _page(request, row, form)
    messages.success(request, _("已处理。"))
    return redirect("villageday:reviews")
