"""The plan of an institution's year on a page, and how far the institutions have come."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yigong.core import clock
from yigong.core.asked import key_of
from yigong.core.errors import Forbidden, InvalidInput, NotFound
from yigong.core.paging import number_of, page_of_list
from yigong.core.rights import guarded
from yigong.core.ui import forms as ui_forms
from yigong.core.ui.shell import address
from yigong.network import api as network
from yigong.programmes import forms as own
from yigong.programmes import policies
from yigong.programmes.commands import plans as commands
from yigong.programmes.models import PlannedActivity
from yigong.programmes.queries import plans as queries
from yigong.programmes.queries import sites
from yigong.programmes.rules import sites as rules
from yigong.programmes.views import common


def _definition(code: str) -> rules.Outreach:
    found = rules.definitions().get(code)
    if found is None or not found.is_planned:
        raise NotFound(_("这个方案不编制年度计划。"))
    return found


def _year(request: HttpRequest) -> int:
    """The year asked for, this one or the next or one of the two before; else this one."""
    now, text = clock.today().year, request.GET.get("year", "")
    return int(text) if text.isdigit() and now - 2 <= int(text) <= now + 1 else now


def _place(request: HttpRequest) -> UUID | None:
    place = key_of(request.GET.get("place", "")) or request.actor.institution_id
    if place and not policies.manages(request.actor, place):
        raise Forbidden(_("这个机构的计划由它自己和上级机构查看。"))
    return place


@guarded(policies.SITES_READ)
def plan(request: HttpRequest, code: str) -> HttpResponse:
    """One institution's year: what is planned, done, behind; and the others below it."""
    p, year, place, today = _definition(code), _year(request), _place(request), clock.today()
    rows = list(queries.of_year(code, place, year)) if place else []
    level = network.institution(place).level if place else ""
    others = queries.progress(code, policies.places(request.actor), year, today)
    counted = [r for r in rows if r.state != "dropped"]
    form = own.PlanForm(request.POST or None, kinds=[(a.code, _(a.title)) for a in p.activities if a.at == "self"])
    if request.method == "POST" and form.is_valid():
        done = ui_forms.sent(request, form, lambda: _added(request, code, place, form.cleaned_data))
        if done is not None:
            return done
    values = {
        "p": p, "year": year, "place": network.institution(place) if place else None, "rows": rows, "today": today, "form": form,
        "titles": {a.code: _(a.title) for a in p.activities}, "may": request.actor.has(policies.SITES),
        "planned": len(counted), "done": sum(r.state == "done" for r in counted),
        "behind": sum(r.state == "planned" and r.on < today for r in counted),
        "norms": sites.norms(p, {place}, year) if place else [], "has_norms": any(n.level == level for n in p.norms),
        "years": [(str(y), str(y)) for y in (today.year + 1, today.year, today.year - 1)],
        "others": page_of_list(others, page=number_of(request.GET.get("page"))) if len(others) > 1 else None,
        "places": common.names_of(o.institution_id for o in others),
    }  # fmt: skip
    return ui_forms.page(request, "programmes/plan.html", values, form=form)


def _added(request: HttpRequest, code: str, place: UUID | None, given: dict[str, Any]) -> str:
    row = commands.plan_activity(programme=code, institution_id=place, actor=request.actor, **given)
    messages.success(request, _("已加入计划。"))
    return _at(code, row.institution_id, row.year)


def _at(code: str, place: UUID, year: int) -> str:
    return f"{address('programmes:plan', code)}?place={place}&year={year}"


@guarded(policies.SITES)
@require_POST
def draft(request: HttpRequest, code: str) -> HttpResponse:
    """Make the plan of a year from the definition."""
    place, year = key_of(request.POST.get("place", "")) or request.actor.institution_id, request.POST.get("year", "")
    if place is None or not year.isdigit():
        raise InvalidInput(_("请选择机构和年份。"))
    made = commands.draft_plan(programme=code, year=int(year), institution_id=place, actor=request.actor)
    messages.success(request, _("已按方案编好 %(n)s 项，请核对日期和主题。") % {"n": made})
    return redirect(_at(code, place, int(year)))


@guarded(policies.SITES)
@require_POST
def act(request: HttpRequest, plan_id: UUID, action: str) -> HttpResponse:
    """Move, drop or restore one thing of the plan."""
    row = PlannedActivity.objects.filter(pk=plan_id).first()
    if row is None:
        raise NotFound()
    reason, actor = request.POST.get("reason", ""), request.actor
    if action == "move":
        form = own.BookForm(request.POST)
        if not form.is_valid():
            raise InvalidInput(_("请选择改到哪一天。"))
        commands.move_planned(plan_id=plan_id, on=form.cleaned_data["on"], reason=reason, actor=actor)
    elif action == "drop":
        commands.drop_planned(plan_id=plan_id, reason=reason, actor=actor)
    elif action == "restore":
        commands.restore_planned(plan_id=plan_id, actor=actor)
    else:
        raise NotFound()
    messages.success(request, _("计划已更新。"))
    return redirect(_at(row.programme, row.institution_id, row.year))
