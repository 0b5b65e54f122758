"""The roster of one institution, a week at a time."""

from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yigong.core import clock
from yigong.core.rights import ROLES, guarded
from yigong.network import commands, forms, queries
from yigong.network.models import Duty
from yigong.network.policies import ROSTER, VIEW, check_may_manage, may_manage
from yigong.network.views.common import actor_of, form_page

_WEEK = timedelta(days=7)


@guarded(VIEW)
def week(request: HttpRequest) -> HttpResponse:
    """Seven days from Monday, roles down, days across."""
    actor = actor_of(request)
    place = queries.institution_or_none(request.GET.get("institution", "")) or queries.institution(actor.institution_id)  # type: ignore[arg-type]
    monday = _monday(request.GET.get("week", ""))
    begin = datetime.combine(monday, time(), clock.SHANGHAI)
    duties = queries.duties_between(place.id, begin, begin + _WEEK)
    days = [monday + timedelta(days=n) for n in range(7)]
    page = {
        "place": place,
        "days": days,
        "cells": _cells(duties, days),
        "roles": [role for role in ROLES if any(duty.role == role for duty in duties)],
        "labels": ROLES,
        "before": monday - _WEEK,
        "after": monday + _WEEK,
        "may_plan": may_manage(actor, place.id, ROSTER),
    }
    return render(request, "network/roster.html", page)


@guarded(ROSTER)
def plan(request: HttpRequest, institution_id: UUID) -> HttpResponse:
    """Put a person on duty."""
    actor, place = actor_of(request), queries.institution(institution_id)
    check_may_manage(actor, institution_id, ROSTER)
    back = f"{reverse('network:roster')}?institution={institution_id}"

    def act(values: dict) -> str:
        row = commands.plan_duty(institution_id=institution_id, actor=actor, **values)
        return f"{back}&week={row.starts_at.astimezone(clock.SHANGHAI):%Y-%m-%d}"

    title = _("%(name)s排班") % {"name": place.short_name}
    return form_page(request, forms.DutyForm(request.POST or None), title=title, crumbs=[(_("值班表"), back)], act=act)


@guarded(ROSTER)
@require_POST
def cancel(request: HttpRequest, duty_id: UUID) -> HttpResponse:
    """Take a person off a shift."""
    row = queries.get(Duty, duty_id)
    commands.cancel_duty(duty_id=duty_id, reason=request.POST.get("reason") or _("排班调整"), actor=actor_of(request))
    messages.success(request, _("已取消该班次。"))
    return redirect(f"{reverse('network:roster')}?institution={row.institution_id}&week={row.starts_at:%Y-%m-%d}")


def _monday(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = clock.today()
    day = min(max(day, date(2000, 1, 3)), date(2100, 1, 1))
    return day - timedelta(days=day.weekday())


def _cells(duties: list, days: list[date]) -> dict[tuple[str, date], list]:
    cells: dict[tuple[str, date], list] = {}
    for duty in duties:
        first = max(duty.starts_at.astimezone(clock.SHANGHAI).date(), days[0])
        cells.setdefault((duty.role, first), []).append(duty)
    return cells
