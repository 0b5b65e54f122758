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
from yigong.network import commands, forms, queries, roster_reads
from yigong.network.models import Duty, DutyNeed
from yigong.network.policies import ROSTER, VIEW, check_may_manage, may_manage
from yigong.network.rosters import Gap
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
    gaps = roster_reads.roster_gaps(place.id, monday, 7)
    days = [monday + timedelta(days=n) for n in range(7)]
    named = {duty.role for duty in duties} | {gap.role for gap in gaps}
    page = {
        "place": place,
        "days": days,
        "cells": _cells(duties, days),
        "roles": [role for role in ROLES if role in named],
        "labels": ROLES,
        "weekdays": forms.WEEKDAYS,
        "before": monday - _WEEK,
        "after": monday + _WEEK,
        "may_plan": (keeper := may_manage(actor, place.id, ROSTER)),
        "gaps": _by_cell(gaps),
        "lacking": sum(gap.ends_at > clock.now() for gap in gaps),
        "swaps": roster_reads.open_swaps(place.id, actor, keeper),
        "me": actor.staff_id,
        "now": clock.now(),
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


@guarded(ROSTER)
def copy(request: HttpRequest, institution_id: UUID) -> HttpResponse:
    """Plan a week like another one."""
    actor, place = actor_of(request), queries.institution(institution_id)
    check_may_manage(actor, institution_id, ROSTER)
    back = f"{reverse('network:roster')}?institution={institution_id}"

    def act(values: dict) -> str:
        done = commands.copy_week(institution_id=institution_id, actor=actor, **values)
        messages.success(request, _("已排 %(n)s 个班次。") % {"n": done.planned})
        for sentence in done.left_out[:10]:
            messages.warning(request, sentence)
        return f"{back}&week={values['target']:%Y-%m-%d}"

    monday = _monday(request.GET.get("week", ""))
    form = forms.CopyWeekForm(request.POST or None, initial={"source": monday - _WEEK, "target": monday})
    title = _("%(name)s：照另一周排班") % {"name": place.short_name}
    return form_page(request, form, title=title, crumbs=[(_("值班表"), back)], act=act, label=_("排班"))


@guarded(ROSTER)
def needs(request: HttpRequest, institution_id: UUID) -> HttpResponse:
    """Which shifts must be staffed at an institution."""
    place = queries.institution(institution_id)
    check_may_manage(actor_of(request), institution_id, ROSTER)
    today = clock.today()
    rows = roster_reads.needs_of(institution_id, today, today + timedelta(days=365))
    return render(
        request, "network/needs.html", {"place": place, "needs": rows, "labels": ROLES, "weekdays": forms.WEEKDAYS}
    )


@guarded(ROSTER)
def add_need(request: HttpRequest, institution_id: UUID) -> HttpResponse:
    """A shift that must be staffed from today on."""
    actor, place = actor_of(request), queries.institution(institution_id)
    check_may_manage(actor, institution_id, ROSTER)
    back = reverse("network:duty_needs", args=[institution_id])

    def act(values: dict) -> str:
        commands.set_duty_need(institution_id=institution_id, actor=actor, **values)
        return back

    title = _("%(name)s：新增值班要求") % {"name": place.short_name}
    return form_page(
        request, forms.NeedForm(request.POST or None), title=title, crumbs=[(_("值班要求"), back)], act=act
    )


@guarded(ROSTER)
@require_POST
def end_need(request: HttpRequest, need_id: UUID) -> HttpResponse:
    """The shift need not be staffed any more."""
    row = queries.get(DutyNeed, need_id)
    commands.end_duty_need(need_id=need_id, reason=request.POST.get("reason") or _("不再需要"), actor=actor_of(request))
    messages.success(request, _("已停用这条值班要求。"))
    return redirect("network:duty_needs", row.institution_id)


def _by_cell(gaps: list[Gap]) -> dict[tuple[str, date], list[Gap]]:
    cells: dict[tuple[str, date], list[Gap]] = {}
    for gap in gaps:
        cells.setdefault((gap.role, gap.starts_at.date()), []).append(gap)
    return cells


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
