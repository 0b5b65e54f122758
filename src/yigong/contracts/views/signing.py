"""Signing one person, a household, or offering a contract online."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from yigong.access.api import decide_many
from yigong.contracts import api, policies
from yigong.contracts import forms as own
from yigong.contracts.commands.signing import ADULT, proposed
from yigong.contracts.data import Offered
from yigong.contracts.queries import contracts, teams
from yigong.contracts.queries.groups import groups_of
from yigong.contracts.rules.definition import Package
from yigong.contracts.rules.packs import groups, packages, rules
from yigong.core import clock
from yigong.core.errors import DomainError, Forbidden, NotFound
from yigong.core.printing import api as printing
from yigong.core.rights import guarded
from yigong.core.ui import forms as ui_forms
from yigong.core.ui.shell import address
from yigong.residents import api as residents


def _fitting(resident_id: UUID) -> tuple[list[Package], set[str], list[str]]:
    """The packages this person may take, and the key populations by code and in words."""
    today, known = clock.today(), groups()
    mine = groups_of([resident_id], today)[resident_id]
    fitting = [p for p in packages(today).values() if p.kind != "population" or mine & set(p.groups)]
    return fitting, mine, [_(known[g].label) for g in known if g in mine]


def _page(request: HttpRequest, resident_id: UUID, *, online: bool) -> HttpResponse:
    actor = request.actor
    resident = residents.access_resident(resident_id, actor=actor, action="write", purpose=_("家庭医生签约"))
    fitting, codes, named = _fitting(resident.id)
    own_teams = [(str(t.id), t.name) for t in teams.open_teams(actor)]
    initial = {
        "starts_on": clock.today(),
        "packages": proposed(resident.id),
        "team_id": own_teams[0][0] if own_teams else None,
    }
    form = own.SignForm(request.POST or None, teams=own_teams, packages=fitting, initial=initial)
    if online:
        del form.fields["starts_on"]
    context = residents.file_context(resident, actor=actor, active="contracts", cards=False) | {
        "form": form, "online": online, "groups": named, "codes": codes, "fitting": fitting, "held": contracts.valid_of(resident.id),
        "minor": resident.age_years is not None and resident.age_years < ADULT, "teams": own_teams, "days": rules().confirm_days,
    }  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            if online:
                return _offered(
                    request, context, api.offer_contract(resident_id=resident.id, actor=actor, **form.cleaned_data)
                )
            return ui_forms.once(request, lambda: _signed(request, resident.id, form.cleaned_data))
        except DomainError as refusal:
            ui_forms.refuse(form, refusal)
    return ui_forms.page(request, "contracts/sign.html", context, form=form)


def _signed(request: HttpRequest, resident_id: UUID, cleaned: dict[str, Any]) -> str:
    key = ui_forms.idempotency_key(request)
    done = api.sign_contract(resident_id=resident_id, actor=request.actor, request_key=key, **cleaned)
    messages.success(request, _("已签约，协议编号 %(number)s。") % {"number": done.number})
    if warning := teams.team_data(done.team_id).warning:
        messages.warning(request, warning)
    return address("contracts:detail", done.id)


def _offered(request: HttpRequest, context: dict[str, Any], offered: Offered) -> HttpResponse:
    link = request.build_absolute_uri(address("contracts:confirm", offered.token))
    return render(
        request,
        "contracts/offered.html",
        context | {"contract": offered.contract, "link": link, "picture": printing.qr_code(link)},
    )


@guarded(policies.SIGN, about="resident")
def sign(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """Sign in person."""
    return _page(request, resident_id, online=False)


@guarded(policies.SIGN, about="resident")
def offer(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """Offer a contract; the page shows the link and its picture once."""
    return _page(request, resident_id, online=True)


@guarded(policies.SIGN, about="resident")
def household(request: HttpRequest, household_id: UUID) -> HttpResponse:
    """A household in one go."""
    actor = request.actor
    members = [m for m in residents.household_members(household_id) if m.status == "active"]
    if not members:
        raise NotFound(_("没有找到这一户，或这一户没有在册成员。"))
    allowed = decide_many(actor, "write", "resident", {m.resident_id for m in members})
    members = [m for m in members if allowed[m.resident_id].allowed]
    if not members:
        raise Forbidden(_("您与这一户的成员没有服务关系，不能代为签约；请先建档或由所在村卫生室办理。"))
    held = {m.resident_id: row for m in members if (row := contracts.valid_of(m.resident_id))}
    free = [m for m in members if m.resident_id not in held]
    adults = [(str(m.resident_id), m.name) for m in members if m.age_years is not None and m.age_years >= ADULT]
    own_teams = [(str(t.id), t.name) for t in teams.open_teams(actor)]
    known = packages()
    proposals = {m.resident_id: [_(known[c].title) for c in proposed(m.resident_id)] for m in free}
    form = own.HouseholdForm(
        request.POST or None, teams=own_teams, members=[(str(m.resident_id), m.name) for m in free], adults=adults,
        initial={"starts_on": clock.today(), "members": [str(m.resident_id) for m in free], "signer_id": adults[0][0] if adults else ""},
    )  # fmt: skip
    if done := ui_forms.sent(request, form, lambda: _household_signed(request, household_id, form.cleaned_data)):
        return done
    values = {
        "form": form,
        "members": members,
        "held": held,
        "free": free,
        "proposals": proposals,
        "household_id": household_id,
        "teams": own_teams,
    }
    return ui_forms.page(request, "contracts/household.html", values, form=form)


def _household_signed(request: HttpRequest, household_id: UUID, cleaned: dict[str, Any]) -> str:
    done = api.sign_household(household_id=household_id, actor=request.actor, **cleaned)
    if done.contracts:
        messages.success(request, _("已为 %(n)s 人签约。") % {"n": len(done.contracts)})
    for skipped in done.skipped:
        messages.warning(request, f"{skipped.name}：{skipped.why}")
    return (
        address("contracts:household", household_id) if done.skipped else address("residents:household", household_id)
    )
