"""The dispatcher's desk: calls, vehicles, runs; stations and vehicles."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yigong.access.api import guarded
from yigong.centres.emergency import forms
from yigong.centres.emergency.commands import calling, dispatching
from yigong.centres.emergency.commands import crews as crew_commands
from yigong.centres.emergency.commands import fleet as commands
from yigong.centres.emergency.commands import resources as resource_commands
from yigong.centres.emergency.models import CrewMember, Station, Vehicle
from yigong.centres.emergency.policies import CALL, FIRST, FLEET, READ, TREAT
from yigong.centres.emergency.queries import cases, crews, fleet, positions
from yigong.centres.emergency.rules.seats import SEATS
from yigong.centres.emergency.rules.workflow import CASE, ON_THE_WAY, RUN
from yigong.centres.emergency.views.common import case_url, filled, words
from yigong.core import clock
from yigong.core.asked import key_of
from yigong.core.errors import NotFound
from yigong.core.paging import number_of, page_of
from yigong.core.ui import forms as ui
from yigong.network import api as network


@guarded(CALL)
def desk(request: HttpRequest) -> HttpResponse:
    """Waiting calls, every vehicle, what is under way."""
    return render(request, "emergency/desk.html", _desk(request))


@guarded(CALL)
def desk_board(request: HttpRequest) -> HttpResponse:
    """The same, for the page to renew itself."""
    return render(request, "emergency/_desk.html", _desk(request))


def _desk(request: HttpRequest) -> dict[str, Any]:
    rows = cases.visible(request.actor).filter(centre_id__in=request.actor.institution_ids, state__in=ON_THE_WAY)
    open_now = cases.board(rows.select_related("destination", "place").order_by("priority", "opened_at")[:100])
    vehicles = fleet.vehicles(request.actor)
    out = [(one["row"].name, one["run"]) for one in vehicles if one["run"]]
    seen = positions.of_runs(run for _name, run in out)
    return {
        "seen": seen, "map": positions.fleet_map(out, seen), "waiting": [row for row in open_now if row.case.state == "called"], "others": [row for row in open_now if row.case.state != "called"],
        "vehicles": vehicles, "label": CASE.label, "run_label": RUN.label, **words(),
    }  # fmt: skip


@guarded(CALL)
def call(request: HttpRequest) -> HttpResponse:
    """Take a call."""
    form = forms.CallForm(request.POST or None)

    def act() -> str:
        made = calling.take_call(given=form.given(), actor=request.actor, form_key=ui.idempotency_key(request))
        return reverse("emergency:dispatch", args=[made.pk])

    return filled(
        request, form, act, title=_("受理呼救"), label=_("登记并派车"), back=reverse("emergency:desk"),
        crumbs=[(_("调度台"), reverse("emergency:desk"))], lead=_("先问电话和地点，再问病情；接到呼救的时间自动记录。"),
    )  # fmt: skip


@guarded(TREAT)
def walk_in(request: HttpRequest) -> HttpResponse:
    """Somebody came by himself."""
    form = forms.WalkInForm(request.POST or None)

    def act() -> str:
        made = calling.walk_in(
            given=form.given(), at=form.cleaned_data["at"], actor=request.actor, form_key=ui.idempotency_key(request)
        )
        return reverse("emergency:triage", args=[made.pk])

    back = reverse("emergency:hospital")
    return filled(
        request, form, act, title=_("登记自行来院"), label=_("登记并分诊"), back=back, crumbs=[(_("急诊急救"), back)]
    )


@guarded(FIRST)
def first(request: HttpRequest) -> HttpResponse:
    """The first contact, in a village or township."""
    initial: dict[str, Any] = {"by_ambulance": True}
    if chosen := key_of(request.GET.get("resident")):
        initial["resident_id"] = chosen
        initial["resident_id__text"] = _("已选定的居民")
    form = forms.FirstForm(request.POST or None, initial=initial)

    def act() -> str:
        v = form.cleaned_data
        made = calling.meet_first(
            given=form.given(), at=v["at"], by_ambulance=v["by_ambulance"], reason=v["reason"], actor=request.actor,
            form_key=ui.idempotency_key(request),
        )  # fmt: skip
        return case_url(made.pk)

    back = reverse("emergency:cases")
    return filled(
        request, form, act, title=_("登记首次医疗接触"), label=_("登记"), back=back, crumbs=[(_("急救病例"), back)],
        lead=_("胸痛、卒中、严重外伤在村里或镇里先看到的，从这一刻起计时。"),
    )  # fmt: skip


@guarded(READ)
def listing(request: HttpRequest) -> HttpResponse:
    """Cases that the actor takes part in."""
    asked = {name: request.GET.get(name, "") for name in ("group", "pathway", "q")}
    context = {
        "page": page_of(cases.listed(request.actor, asked), page=number_of(request.GET.get("page"))), "asked": asked, "label": CASE.label,
        "may_first": request.actor.has(FIRST), **words(),
    }  # fmt: skip
    return render(request, "emergency/cases.html", context)


@guarded(CALL, about="emergency")
def dispatch(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Choose vehicle and crew."""
    case = cases.access_case(case_id, request.actor)
    free = [one["row"] for one in fleet.vehicles(request.actor) if one["state"] == "free"]
    choices = [(str(row.pk), f"{row} · {row.station.name} · {_(row.get_kind_display())}") for row in free]
    now = crews.crews_now(free)
    form = forms.DispatchForm(choices, request.POST or None)

    def act() -> str:
        dispatching.dispatch(
            case_id=case.pk, vehicle_id=form.vehicle_id, crew=form.crew(), crew_reason=form.cleaned_data["crew_reason"],
            destination_id=form.cleaned_data["destination_id"], actor=request.actor,
        )  # fmt: skip
        return reverse("emergency:desk")

    lead = f"{case.number} {words()['complaint'](case.complaint)} {case.place.name if case.place else ''}{case.address}"
    return filled(
        request, form, act, title=_("派车"), lead=lead, back=case_url(case.pk), crumbs=[(case.number, case_url(case.pk))],
        warning="" if choices else _("没有空闲车辆。可以等车辆返站，或请患者自行前来。"), template="emergency/dispatch.html",
        crews=[(str(row), now.get(row.pk, [])) for row in free], seat_words=dict(CrewMember.Role.choices),
    )  # fmt: skip


@guarded(CALL)
def crew_options(request: HttpRequest, role: str) -> HttpResponse:
    """Who may ride as this: those on duty first, with until when."""
    if role not in SEATS:
        raise NotFound()
    return _options(request, {role}, lambda mate: "")


@guarded(FLEET)
def mate_options(request: HttpRequest) -> HttpResponse:
    """Everybody who may ride, with as what."""
    words = {code: str(label) for code, label in CrewMember.Role.choices}
    return _options(request, set(SEATS), lambda mate: "、".join(_(words[seat]) for seat in SEATS if seat in mate.seats))


def _options(request: HttpRequest, seats: set[str], more: Callable[[crews.Mate], str]) -> HttpResponse:
    places = {*request.actor.institution_ids}
    named = {
        one.id
        for place in crews.houses(places)
        for one in network.search_staff(request.GET.get("q", ""), place, limit=200)
    }
    found = [one for one in crews.mates(places).values() if one.seats & seats and one.staff_id in named]
    found.sort(key=lambda one: (one.until is None, one.name))
    away = crews.riding()
    items = [
        (one.staff_id, one.name, " · ".join(filter(None, [more(one), _duty(one, one.staff_id in away)])))
        for one in found
    ]
    return render(request, "ui/options.html", {"items": items[:20], "total": len(items)})


def _duty(mate: crews.Mate, away: bool) -> str:
    if away:
        return _("正在任务上")
    if mate.until is None:
        return _("现在不在班")
    return _("在班到 %(at)s") % {"at": mate.until.astimezone(clock.SHANGHAI).strftime("%H:%M")}


@guarded(FLEET)
def fleet_page(request: HttpRequest) -> HttpResponse:
    """Stations, vehicles, resources."""
    actor = request.actor
    vehicles = fleet.vehicles(actor)
    rows = [one["row"] for one in vehicles]
    now = crews.crews_now(rows)
    context = {
        "seats": crews.seats_by_vehicle(row.pk for row in rows), "riding_now": {seat.pk for found in now.values() for seat in found},
        "seat_words": dict(CrewMember.Role.choices), "stations": fleet.stations(actor), "vehicles": vehicles, "resources": fleet.resources_of(actor.institution_ids),
        "run_label": RUN.label, "kinds": {one.code: one.label for one in _resource_kinds()}, **words(),
    }  # fmt: skip
    return render(request, "emergency/fleet.html", context)


def _resource_kinds() -> Any:
    from yigong.centres.emergency.rules.definitions import parameters

    return parameters().resource


@guarded(FLEET)
def new_station(request: HttpRequest) -> HttpResponse:
    """Another station."""
    form = forms.StationForm(request.POST or None)

    def act() -> str:
        commands.add_station(actor=request.actor, **form.cleaned_data)
        return reverse("emergency:fleet")

    return _on_fleet(request, form, act, _("新增站点"))


@guarded(FLEET)
def new_vehicle(request: HttpRequest, station_id: UUID) -> HttpResponse:
    """Another vehicle of a station."""
    station = Station.objects.filter(pk=station_id, centre_id__in=request.actor.institution_ids).first()
    if station is None:
        raise NotFound()
    form = forms.VehicleForm(request.POST or None)

    def act() -> str:
        commands.add_vehicle(station_id=station.pk, actor=request.actor, **form.cleaned_data)
        return reverse("emergency:fleet")

    return _on_fleet(request, form, act, _("新增车辆"), station.name)


@guarded(FLEET)
def new_resource(request: HttpRequest) -> HttpResponse:
    """Beds or rooms of the own hospital."""
    form = forms.ResourceForm(request.POST or None)

    def act() -> str:
        assert request.actor.institution_id
        resource_commands.add_resource(
            institution_id=request.actor.institution_id, actor=request.actor, **form.cleaned_data
        )
        return reverse("emergency:fleet")

    return _on_fleet(request, form, act, _("新增可预留资源"), request.actor.institution_name)


@guarded(FLEET)
def seat(request: HttpRequest, vehicle_id: UUID) -> HttpResponse:
    """Somebody for a vehicle's crew."""
    row = Vehicle.objects.filter(pk=vehicle_id, station__centre_id__in=request.actor.institution_ids).first()
    if row is None:
        raise NotFound()
    form = forms.SeatForm(request.POST or None)

    def act() -> str:
        crew_commands.seat(vehicle_id=row.pk, actor=request.actor, **form.cleaned_data)
        return reverse("emergency:fleet")

    return _on_fleet(request, form, act, _("加入班组"), str(row))


@require_POST
@guarded(FLEET)
def unseat(request: HttpRequest, seat_id: UUID) -> HttpResponse:
    """He belongs to the crew no more."""

    def act() -> str:
        crew_commands.unseat(seat_id=seat_id, actor=request.actor)
        return _("已移出班组。")

    return ui.clicked(request, act, reverse("emergency:fleet"))


@guarded(FLEET)
def stop_vehicle(request: HttpRequest, vehicle_id: UUID) -> HttpResponse:
    """Out of use."""
    row = Vehicle.objects.filter(pk=vehicle_id, station__centre_id__in=request.actor.institution_ids).first()
    if row is None:
        raise NotFound()
    form = forms.ReasonForm(request.POST or None)

    def act() -> str:
        commands.stop_vehicle(vehicle_id=row.pk, reason=form.cleaned_data["reason"], actor=request.actor)
        return reverse("emergency:fleet")

    return _on_fleet(request, form, act, _("停用车辆"), str(row))


@require_POST
@guarded(FLEET)
def resume_vehicle(request: HttpRequest, vehicle_id: UUID) -> HttpResponse:
    """Ready again."""

    def act() -> str:
        return _("%(vehicle)s 已恢复使用。") % {
            "vehicle": commands.resume_vehicle(vehicle_id=vehicle_id, actor=request.actor)
        }

    return ui.clicked(request, act, reverse("emergency:fleet"))


def _on_fleet(request: HttpRequest, form: Any, act: Any, title: str, lead: str = "") -> HttpResponse:
    back = reverse("emergency:fleet")
    return filled(request, form, act, title=title, lead=lead, back=back, crumbs=[(_("站点与车辆"), back)])
