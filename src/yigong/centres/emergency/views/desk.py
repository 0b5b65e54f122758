"""The dispatcher's desk: calls, vehicles, runs; stations and vehicles."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yigong.access.api import guarded, role_label
from yigong.centres.emergency import forms
from yigong.centres.emergency.commands import calling, dispatching
from yigong.centres.emergency.commands import fleet as commands
from yigong.centres.emergency.commands import resources as resource_commands
from yigong.centres.emergency.models import Station, Vehicle
from yigong.centres.emergency.policies import CALL, FIRST, FLEET, READ, TREAT
from yigong.centres.emergency.queries import cases, fleet
from yigong.centres.emergency.rules.workflow import CASE, ON_THE_WAY, RUN
from yigong.centres.emergency.views.common import case_url, filled, words
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
    return {
        "waiting": [row for row in open_now if row.case.state == "called"], "others": [row for row in open_now if row.case.state != "called"],
        "vehicles": fleet.vehicles(request.actor), "label": CASE.label, "run_label": RUN.label, **words(),
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
    form = forms.DispatchForm(choices, request.POST or None)

    def act() -> str:
        dispatching.dispatch(
            case_id=case.pk, vehicle_id=form.vehicle_id, crew=form.crew(), destination_id=form.cleaned_data["destination_id"],
            actor=request.actor,
        )  # fmt: skip
        return reverse("emergency:desk")

    lead = f"{case.number} {words()['complaint'](case.complaint)} {case.place.name if case.place else ''}{case.address}"
    return filled(
        request, form, act, title=_("派车"), lead=lead, back=case_url(case.pk), crumbs=[(case.number, case_url(case.pk))],
        warning="" if choices else _("没有空闲车辆。可以等车辆返站，或请患者自行前来。"),
    )  # fmt: skip


@guarded(CALL)
def crew_options(request: HttpRequest) -> HttpResponse:
    """Staff of the centre and of its stations."""
    text = request.GET.get("q", "")
    places = {*request.actor.institution_ids, *(one.institution_id for one in fleet.stations(request.actor))}
    found = {one.id: one for place in places for one in network.search_staff(text, place, limit=20)}
    posts = network.posts_of_many(found)
    items = [
        (key, one.name, " ".join(dict.fromkeys(role_label(post.role) for post in posts.get(key, []))))
        for key, one in found.items()
    ]
    return render(request, "ui/options.html", {"items": items[:20], "total": len(items)})


@guarded(FLEET)
def fleet_page(request: HttpRequest) -> HttpResponse:
    """Stations, vehicles, resources."""
    actor = request.actor
    context = {
        "stations": fleet.stations(actor), "vehicles": fleet.vehicles(actor), "resources": fleet.resources_of(actor.institution_ids),
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
