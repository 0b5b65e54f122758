"""The centre's coordinators: experts and their time, replacements, the beginning of the session."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.access.api import guarded
from yigong.access.data import Subject
from yigong.centres.consultation import forms, policies
from yigong.centres.consultation.commands import inviting, meeting
from yigong.centres.consultation.data import Calendar, Invitee
from yigong.centres.consultation.models import Consultation
from yigong.centres.consultation.queries import slots
from yigong.centres.consultation.rules.definitions import items, parameters
from yigong.centres.consultation.views.pages import TONES
from yigong.core import clock
from yigong.core.asked import day_of, key_of
from yigong.core.errors import DomainError, InvalidInput
from yigong.core.paging import number_of
from yigong.core.rights import ROLES
from yigong.core.ui import forms as ui
from yigong.network import api as network
from yigong.orders import api as orders
from yigong.residents import api as residents


@guarded(policies.COORDINATE)
def desk(request: HttpRequest) -> HttpResponse:
    """What the centre has to accept, to arrange and to conclude."""
    view, text = request.GET.get("view", "incoming"), request.GET.get("q", "")
    page = orders.performing_list(
        "consultation", request.actor, view=view, text=text, page=number_of(request.GET.get("page"))
    )
    context = {
        "page": page, "view": view, "text": text, "totals": orders.performing_totals("consultation", request.actor), "tones": TONES,
        "names": residents.resident_names({row.resident_id for row in page.items}),
        "places": network.institutions({row.requesting_institution_id for row in page.items}),
    }  # fmt: skip
    return render(request, "consultation/desk.html", context)


@guarded(policies.COORDINATE, about="consultation")
def invite(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Pick experts and one slot; with ``again=1`` only another time for those who are invited."""
    row = _row(request, order_id)
    again = bool(request.GET.get("again")) and row.order.state in {"scheduled", "no_show"}
    error: dict[str, str] = {}
    if request.method == "POST":
        try:
            return ui.once(request, lambda: _moved(request, row) if again else _invited(request, row))
        except DomainError as refusal:
            error = refusal.errors if isinstance(refusal, InvalidInput) and refusal.errors else {"": str(refusal)}
    today = clock.today()
    day = day_of(request.GET.get("day")) or _first_day(row, today)
    found = slots.calendars([row.order.reporting_institution_id], max(day, today))
    begins = sorted({begin for one in found for begin, _end in (*one.free, *one.held)})
    context = {
        "row": row, "order": orders.order_facts(order_id), "again": again, "errors": error, "day": max(day, today), "calendars": found,
        "begins": begins, "cells": {one.staff_id: _cells(one) for one in found}, "roles": ROLES, "kind": items()[row.order.items.get().code],
        "days": [today + timedelta(days=n) for n in range(parameters().days_ahead)], "posted": request.POST,
        "leads": [("", _("第一位本院专家")), *{str(one.staff_id): one.name for one in found}.items()],
        "picked": request.POST.getlist("experts"), "slot_minutes": parameters().slot_minutes,
    }  # fmt: skip
    return render(request, "consultation/invite.html", context, status=422 if error else 200)


@guarded(policies.COORDINATE, about="consultation")
def replace(request: HttpRequest, order_id: UUID, invitation_id: UUID) -> HttpResponse:
    """Another expert in the place of one who declined or cannot come."""
    row = _row(request, order_id)
    old = row.invitations.select_related("expert").filter(pk=invitation_id).first()
    if old is None:
        raise InvalidInput(_("这份邀请不属于本次会诊。"))
    form = forms.ReplaceForm(request.POST or None)
    if done := ui.sent(request, form, lambda: _replaced(request, order_id, invitation_id, form)):
        return done
    return ui.page(request, "consultation/replace.html", {"row": row, "old": old, "form": form}, form=form)


@guarded("signed_in", about="consultation")
def begin(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Who is here; the session begins: for the centre, and for the host when he need not wait for anybody."""
    access.require(request.actor, "read_detail", Subject("consultation", order_id))
    row = policies.access_consultation(order_id, actor=request.actor)
    policies.must_lead_session(row, request.actor)
    experts = [(str(i.pk), i.expert.name) for i in row.invitations.filter(state="accepted").select_related("expert")]
    asker = row.order.requesting_staff.name if row.order.requesting_staff else ""
    first = {"present": [key for key, _name in experts], "asking": asker}
    form = forms.BeginForm(request.POST or None, experts=experts, initial=first)
    if done := ui.sent(request, form, lambda: _begun(request, order_id, form)):
        return done
    return ui.page(request, "consultation/begin.html", {"row": row, "form": form}, form=form)


@guarded(policies.COORDINATE)
def experts(request: HttpRequest) -> HttpResponse:
    """Options of the expert picker: people of the house and of other institutions, by name, initials or code."""
    text = request.GET.get("q", "").strip()[:40]
    found = network.search_staff(text, limit=40) if text else []
    posts = network.posts_of_many([one.id for one in found]) if found else {}
    allowed = parameters().expert_roles
    options = []
    for one in found:
        fitting = [post for post in posts.get(one.id, []) if post.role in allowed]
        if fitting:
            options.append((str(one.id), one.name, f"{fitting[0].institution_name} · {ROLES[fitting[0].role]}"))
    return render(request, "ui/options.html", {"items": options[:12], "total": len(options)})


def _row(request: HttpRequest, order_id: UUID) -> Consultation:
    access.require(request.actor, "read_detail", Subject("consultation", order_id))
    row = policies.access_consultation(order_id, actor=request.actor)
    policies.must_coordinate(row, request.actor)
    return row


def _first_day(row: Consultation, today: date) -> date:
    return row.wanted_at.astimezone(clock.SHANGHAI).date() if row.wanted_at else today


def _cells(one: Calendar) -> dict[datetime, str]:
    """What stands in an expert's column by the beginning of the slot."""
    return {**{begin: "free" for begin, _end in one.free}, **{begin: "held" for begin, _end in one.held}}


def _starts_at(request: HttpRequest) -> datetime:
    """The ticked slot, or a time of one's own; an urgent one may begin at once."""
    if request.POST.get("starts_at") == "now":
        return clock.now()
    text = request.POST.get("starts_at") or request.POST.get("own_time", "")
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput(errors={"starts_at": _("请选择会诊时段。")}) from None
    return at if at.tzinfo else at.replace(tzinfo=clock.SHANGHAI)


def _invited(request: HttpRequest, row: Consultation) -> str:
    given, lead = request.POST, key_of(request.POST.get("lead"))
    note = given.get("off_roster", "")
    keys = [key for text in [*given.getlist("experts"), given.get("other", "")] if (key := key_of(text))]
    asked: list[Any] = [Invitee(key, key == lead, note) for key in dict.fromkeys(keys)]
    inviting.invite(
        order_id=row.order_id,
        experts=asked,
        starts_at=_starts_at(request),
        meeting_url=given.get("meeting_url", ""),
        actor=request.actor,
    )
    messages.success(request, _("邀请已发出，时段已占用。"))
    return reverse("consultation:detail", args=[row.order_id])


def _moved(request: HttpRequest, row: Consultation) -> str:
    inviting.reschedule(
        order_id=row.order_id, starts_at=_starts_at(request), reason=request.POST.get("reason", ""), actor=request.actor
    )
    messages.success(request, _("已改期，已请各位专家重新应答。"))
    return reverse("consultation:detail", args=[row.order_id])


def _replaced(request: HttpRequest, order_id: UUID, invitation_id: UUID, form: forms.ReplaceForm) -> str:
    given = form.cleaned_data
    inviting.replace(
        invitation_id=invitation_id, by=Invitee(given["staff_id"], False, given["off_roster"]), actor=request.actor
    )
    messages.success(request, _("已改请他人。"))
    return reverse("consultation:detail", args=[order_id])


def _begun(request: HttpRequest, order_id: UUID, form: forms.BeginForm) -> str:
    given = form.cleaned_data
    meeting.begin(
        order_id=order_id,
        present=[UUID(key) for key in given["present"]],
        asking=given["asking"].splitlines(),
        actor=request.actor,
    )
    messages.success(request, _("会诊开始。"))
    return reverse("consultation:detail", args=[order_id])
