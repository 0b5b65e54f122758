"""The dispatcher's day: runs on a line of time, what waits, what is too warm, what is held up; routes and vans; one run."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yigong.access.api import guarded
from yigong.core import clock
from yigong.core.asked import day_of
from yigong.core.errors import NotFound
from yigong.core.paging import page_of
from yigong.core.printing.api import About, answer, print_document
from yigong.core.ui import forms as ui
from yigong.logistics import forms
from yigong.logistics.commands import runs as commands
from yigong.logistics.models import Route
from yigong.logistics.policies import DISPATCH, FOLLOW
from yigong.logistics.queries import consignments, positions, runs, taps
from yigong.logistics.rules import definitions
from yigong.logistics.rules.workflow import RUN
from yigong.logistics.views.common import TONES
from yigong.logistics.views.drawing import line_of_time


@guarded(DISPATCH)
def board(request: HttpRequest) -> HttpResponse:
    """The runs of a day."""
    actor = request.actor
    day = day_of(request.GET.get("on")) or clock.today()
    found = runs.runs_of_day(day, actor)
    waiting = consignments.listed(actor, view="to_send").items
    planned = {one.id for run in found for stop in run.stops for one in stop.load}
    aboard = consignments.listed(actor, view="aboard")
    seen = positions.of_runs(found)
    context = {
        "day": day, "before": day - timedelta(days=1), "after": day + timedelta(days=1), "runs": found, "line": line_of_time(found),
        "stray": [one for one in waiting if one.state == "waiting" and one.id not in planned], "aboard": aboard,
        "hot": [one for one in aboard.items if one.excursions], "troubles": runs.troubles_of_day(day, actor), "tones": TONES,
        "words": definitions.troubles(), "goods": definitions.goods(), "told": taps.waiting(actor).count(), "seen": seen, "map": positions.board(found, seen),
    }  # fmt: skip
    return render(request, "logistics/board.html", context)


@require_POST
@guarded(DISPATCH)
def make(request: HttpRequest) -> HttpResponse:
    """The runs of a day from the routes."""
    day = day_of(request.POST.get("on")) or clock.today()

    def act() -> str:
        n = commands.make_runs(on=day, actor=request.actor)
        return _("已生成 %(n)s 个班次。") % {"n": n} if n else _("这一天的班次都已生成。")

    return ui.clicked(request, act, reverse("logistics:board") + f"?on={day}")


@guarded(FOLLOW)
def run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """One run: its stops, what it carries, what held it up."""
    row, shown = runs.run(run_id, request.actor)
    context = {
        "run": shown, "row": row, "carried": runs.on_run(row.pk), "troubles": runs.troubles_of(row.pk), "tones": TONES,
        "words": definitions.troubles(), "steps": {s.action for s in RUN.actions_for(row, request.actor)}, "goods": definitions.goods(),
        "late": taps.late_of_run(row.pk), "waiting": taps.waiting_of_run(row.pk), "where": positions.of_run(shown),
    }  # fmt: skip
    return render(request, "logistics/run.html", context)


@guarded(DISPATCH)
def assign(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Van and driver."""
    row, _shown = runs.run(run_id, request.actor)
    actor = request.actor
    form = forms.CrewForm(
        runs.vans(actor, active=True), runs.drivers(actor), request.POST or None,
        initial={"van_id": row.van_id, "driver_id": row.driver_id},
    )  # fmt: skip
    here = reverse("logistics:run", args=[row.pk])

    def act() -> str:
        commands.assign(run_id=row.pk, actor=actor, **form.cleaned_data)
        return here

    return ui.filled(request, form, act, title=_("安排车辆和司机"), back=here, crumbs=_crumbs(row), lead=row.name)


@guarded(DISPATCH)
def cancel(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Not driven."""
    row, _shown = runs.run(run_id, request.actor)
    form = forms.ReasonForm(request.POST or None)
    here = reverse("logistics:run", args=[row.pk])

    def act() -> str:
        commands.cancel_run(run_id=row.pk, actor=request.actor, reason=form.cleaned_data["reason"])
        return here

    return ui.filled(
        request, form, act, title=_("取消班次"), back=here, crumbs=_crumbs(row), lead=row.name, danger=True
    )


@guarded(DISPATCH)
def send(request: HttpRequest) -> HttpResponse:
    """A run outside every route."""
    actor = request.actor
    form = forms.SendRunForm(runs.vans(actor, active=True), runs.drivers(actor), request.POST or None)
    stops, typed = form.stops(request.POST)

    def act() -> str:
        made = commands.send_run(stops=stops, actor=actor, **form.cleaned_data)
        return reverse("logistics:run", args=[made.pk])

    return _with_stops(request, form, act, typed, title=_("临时派车"), back=reverse("logistics:board"))


@guarded(DISPATCH)
def routes(request: HttpRequest) -> HttpResponse:
    """Routes and vans."""
    form = forms.VanForm(request.POST or None)

    def act() -> str:
        commands.add_van(actor=request.actor, **form.cleaned_data)
        return reverse("logistics:routes")

    if done := ui.sent(request, form, act):
        return done
    days = dict(forms.weekdays())
    context = {
        "page": page_of(runs.routes(request.actor), page=1, limit=100), "vans": runs.vans(request.actor), "form": form,
        "days": days, "drivers": runs.drivers(request.actor),
    }  # fmt: skip
    return ui.page(request, "logistics/routes.html", context, form=form)


@require_POST
@guarded(DISPATCH)
def rest(request: HttpRequest, kind: str, key: UUID) -> HttpResponse:
    """A route or a van is taken out of use, or into use again."""
    active = request.POST.get("active") == "yes"

    def act() -> str:
        if kind == "van":
            commands.use_van(van_id=key, is_active=active, actor=request.actor)
        else:
            commands.use_route(route_id=key, is_active=active, actor=request.actor)
        return _("已启用。") if active else _("已停用。")

    return ui.clicked(request, act, reverse("logistics:routes"))


@guarded(DISPATCH)
def route(request: HttpRequest, route_id: UUID | None = None) -> HttpResponse:
    """A new route, or one to change."""
    actor = request.actor
    row = runs.routes(actor).filter(pk=route_id).first() if route_id else None
    if route_id and row is None:
        raise NotFound()
    form = forms.RouteForm(
        runs.vans(actor, active=True), runs.drivers(actor), request.POST or None, initial=_initial(row) if row else {"weekdays": list("12345")}
    )  # fmt: skip
    stops, typed = form.stops(request.POST)
    if row and request.method != "POST":
        typed = [(str(s.institution_id), s.institution.short_name, f"{s.at:%H:%M}") for s in row.stops.all()]

    def act() -> str:
        given = form.cleaned_data
        commands.save_route(
            route_id=route_id, name=given["name"], weekdays=[int(day) for day in given["weekdays"]], stops=stops,
            van_id=given["van_id"] or None, driver_id=given["driver_id"] or None, actor=actor,
        )  # fmt: skip
        messages.success(request, _("线路已保存；已经生成的班次不变。"))
        return reverse("logistics:routes")

    return _with_stops(
        request, form, act, typed, title=row.name if row else _("新建线路"), back=reverse("logistics:routes")
    )


@guarded(FOLLOW)
def print_run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """The sheet that goes with the driver: stops, and everything with a line to sign."""
    row, shown = runs.run(run_id, request.actor)
    carried = runs.on_run(row.pk)
    ahead = [one for stop in shown.stops for one in stop.load]
    data = {
        "title": _("物流班次单"), "number": shown.number,
        "facts": [
            (_("线路"), shown.name), (_("日期"), f"{shown.on:%Y-%m-%d}"), (_("车辆"), shown.van or "—"), (_("司机"), shown.driver or "—"),
            (_("状态"), shown.state_label), (_("原因"), shown.why or "—"),
        ],
        "heads": [_("序"), _("站点"), _("计划"), _("到达"), _("离开"), _("备注")],
        "lines": [
            (str(n), s.name, _at(s.planned_at), _at(s.arrived_at), _at(s.left_at), s.skipped) for n, s in enumerate(shown.stops, 1)
        ],
        "goods_heads": [_("编号"), _("物品"), _("自"), _("至"), _("件数"), _("温度"), _("签收人")],
        "goods": [
            (one.number, one.kind_label, one.sender, one.receiver, str(one.pieces_out), one.band_label, one.received_by)
            for one in {o.id: o for o in [*carried, *ahead]}.values()
        ],
        "goods_title": _("装运物品"), "signs": [_("司机"), _("调度")],
    }  # fmt: skip
    about = About("logistics.run", row.pk, row.state)
    return answer(print_document("logistics_run", "logistics/run", data, actor=request.actor, about=about))


def _at(moment: Any) -> str:
    return moment.astimezone(clock.SHANGHAI).strftime("%H:%M") if moment else ""


def _initial(row: Route) -> dict[str, Any]:
    days = [str(day) for day in row.weekdays]
    return {"name": row.name, "weekdays": days, "van_id": row.van_id, "driver_id": row.driver_id}


def _crumbs(row: Any) -> list[tuple[str, str]]:
    return [(_("物流调度"), reverse("logistics:board")), (row.number, reverse("logistics:run", args=[row.pk]))]


def _with_stops(
    request: HttpRequest, form: Any, act: Any, typed: list[tuple[str, str, str]], *, title: str, back: str
) -> HttpResponse:
    if done := ui.sent(request, form, act):
        return done
    rows = [*typed, *[("", "", "")] * max(2, 6 - len(typed))][: forms.MOST_STOPS]
    context = {"form": form, "title": title, "back": back, "rows": rows}
    return ui.page(request, "logistics/route.html", context, form=form)
