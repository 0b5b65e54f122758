"""Pages of households and places."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.access.data import Subject
from yigong.core.actor import Actor
from yigong.core.errors import NotFound
from yigong.core.paging import number_of
from yigong.core.rights import guarded
from yigong.core.ui import forms
from yigong.network import api as network
from yigong.residents import commands, policies, queries
from yigong.residents.data import HouseholdData
from yigong.residents.file import filled_panels
from yigong.residents.household_forms import (
    AddressForm,
    FoundForm,
    HeadForm,
    HouseholdForm,
    MergeForm,
    MoveInForm,
    MoveOutForm,
    RelationForm,
    SplitForm,
)

_LIMIT = 20


@guarded(policies.SEARCH)
def households(request: HttpRequest) -> HttpResponse:
    """Search by head, member, address or village; the least about each. Without a question, what stands around the own institution."""
    text = request.GET.get("q", "").strip()[:60]
    within = request.GET.get("place", "" if text else _home(request.actor))[:12]
    if not within.isdigit():
        within = ""
    found = queries.search_households(
        text, actor=request.actor, within=within, page=number_of(request.GET.get("page", 1)), limit=_LIMIT
    )
    place = network.place_by_code(within) if within else None
    return render(request, "residents/households.html", {"page": found, "q": text, "within": within, "place": place})


@guarded(policies.SEARCH)
def household_options(request: HttpRequest) -> HttpResponse:
    """What a picker of households shows: head, number of people, place."""
    found = queries.search_households(request.GET.get("q", ""), actor=request.actor, limit=8)
    items = [
        (
            h.id,
            h.head_name or h.number,
            " · ".join(filter(None, (_("%(n)s 人") % {"n": h.members}, h.place, h.address))),
        )
        for h in found.items
    ]
    return render(request, "ui/options.html", {"items": items, "total": found.total})


@guarded(policies.SEARCH)
def place_options(request: HttpRequest) -> HttpResponse:
    """Villages for a picker, by code."""
    found = [p for p in network.search_places(request.GET.get("q", "")[:60], limit=60) if p.level == "village"][:12]
    names = queries.place_names([p.code for p in found])
    return render(request, "ui/options.html", {"items": [(p.code, names[p.code], "") for p in found], "total": None})


@guarded(policies.SEARCH)
def places(request: HttpRequest) -> HttpResponse:
    """From the county down to the village: how many households and people live where."""
    code = request.GET.get("code", "")[:12]
    code = code if code.isdigit() else _home(request.actor)
    here = network.place_by_code(code) if code else None
    above = [network.place_by_code(code[:n]) for n in (6, 9) if len(code) > n]
    rows = queries.place_counts(code) if code else []
    values = {"here": here, "above": [p for p in above if p], "rows": rows, "code": code}
    return render(request, "residents/places.html", values)


def _home(actor: Actor) -> str:
    """The area in which the actor's institution stands; of a clinic the township, of others the county."""
    house = network.institution(actor.institution_id) if actor.institution_id else None
    place = network.place(house.place_id) if house and house.place_id else None
    if place:
        return place.code[:9] if place.level == "village" else place.code
    county = network.places_below("", level="county")
    return county[0].code if county else ""


@guarded("signed_in", about="resident")
def household(request: HttpRequest, household_id: UUID) -> HttpResponse:
    """Who lives there, what changed, what may be done."""
    found = queries.household(household_id)
    if found.id != household_id:
        return redirect("residents:household", found.id)
    allowed = _allowed(request.actor, found)
    values = {
        "household": found,
        "allowed": allowed,
        "moves": queries.household_moves(found.id),
        "may_change": request.actor.has(policies.CHANGE) and bool(allowed),
        "panels": filled_panels(found.id, request.actor, "household"),
    }
    return render(request, "residents/household.html", values)


def _allowed(actor: Actor, found: HouseholdData) -> set[UUID]:
    """Members whose particulars may be read; the household of strangers is refused like a stranger's file."""
    keys = [m.resident_id for m in found.members]
    if not keys:
        if not actor.has(policies.SEARCH):
            raise policies.refusal(policies.SEARCH)
        return {
            k for k in (found.head_id,) if k and access.decide(actor, "read_detail", Subject("resident", k)).allowed
        }
    decisions = access.decide_many(actor, "read_detail", "resident", keys, _("查看家庭户"))
    allowed = {key for key, decision in decisions.items() if decision.allowed}
    if not allowed:
        access.require(actor, "read_detail", Subject("resident", found.head_id or keys[0]))
    return allowed


_ACTIONS: dict[str, type[HouseholdForm]] = {
    "move_in": MoveInForm, "split": SplitForm, "merge": MergeForm, "head": HeadForm, "address": AddressForm,
}  # fmt: skip


def _titles() -> dict[str, str]:
    return {
        "move_in": _("迁入成员"), "split": _("分户"), "merge": _("并户"), "head": _("变更户主"), "address": _("修改住址"),
    }  # fmt: skip


@guarded(policies.CHANGE, about="resident")
def change(request: HttpRequest, household_id: UUID, action: str) -> HttpResponse:
    """One change of a household: its form, then the command."""
    if action not in _ACTIONS:
        raise NotFound()
    found = queries.household(household_id)
    _allowed(request.actor, found)
    form = _ACTIONS[action](request.POST or None, household=found)
    if done := forms.sent(request, form, lambda: _run(request, found, action, form)):
        return done
    values = {"form": form, "household": found, "title": _titles()[action], "action": action}
    return forms.page(request, "residents/household_change.html", values, form=form)


def _run(request: HttpRequest, found: HouseholdData, action: str, form: Any) -> str:
    typed = form.given()
    run: dict[str, Callable[..., Any]] = {
        "move_in": commands.move_in, "split": commands.split_household, "merge": commands.merge_households, "head": commands.change_head,
        "address": commands.change_household,
    }  # fmt: skip
    new = run[action](household_id=found.id, actor=request.actor, **typed)
    messages.success(request, _("已办理：%(what)s。") % {"what": _titles()[action]})
    return reverse("residents:household", args=[new or found.id])


@guarded(policies.CHANGE, about="resident")
def member(request: HttpRequest, resident_id: UUID, action: str) -> HttpResponse:
    """One change of one member: moving out, correcting the relation, a household of one's own."""
    kinds = {"out": MoveOutForm, "relation": RelationForm, "found": FoundForm}
    if action not in kinds:
        raise NotFound()
    access.require(request.actor, "write", Subject("resident", resident_id))
    person = queries.resident_data(resident_id)
    form = kinds[action](request.POST or None, person=person)
    if done := forms.sent(request, form, lambda: _run_member(request, person.id, person.household_id, action, form)):
        return done
    titles = {"out": _("迁出"), "relation": _("更正与户主关系"), "found": _("单独立户")}
    values = {"form": form, "resident": person, "title": titles[action], "action": action}
    return forms.page(request, "residents/household_member.html", values, form=form)


def _run_member(request: HttpRequest, resident_id: UUID, household_id: UUID | None, action: str, form: Any) -> str:
    typed = form.given()
    if action == "found":
        household_id = commands.found_household(head_id=resident_id, actor=request.actor, **typed)
    elif action == "out":
        commands.move_out(resident_id=resident_id, actor=request.actor, **typed)
    else:
        commands.change_relation(resident_id=resident_id, actor=request.actor, **typed)
    messages.success(request, _("已办理。"))
    page = ("residents:household", household_id) if household_id else ("residents:detail", resident_id)
    return reverse(page[0], args=[page[1]])
