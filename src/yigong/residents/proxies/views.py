"""Pages of proxies, within the resident's file."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.rights import guarded
from yigong.core.ui import forms
from yigong.core.ui.shell import address
from yigong.residents import api as residents
from yigong.residents.proxies import api, policies, queries
from yigong.residents.proxies.forms import GrantForm, WithdrawForm
from yigong.residents.proxies.suggesting import suggestions


@guarded("signed_in", about="resident")
def of(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """Who acts for this person, for whom this person acts, and who might be asked."""
    person = residents.access_resident(resident_id, actor=request.actor)
    acting, acted_for = queries.of_principal(person.id), queries.of_agent(person.id)
    known = {p.agent_id for p in acting if p.holds}
    values = {
        "acting": acting,
        "acted_for": acted_for,
        "suggested": [s for s in suggestions(person) if s.resident_id not in known],
        "may_keep": request.actor.has(policies.KEEP) and person.status == "active",
    }
    frame = residents.file_context(person, actor=request.actor, active="proxies", cards=False)
    return forms.page(request, "proxies/of.html", frame | values)


@guarded(policies.KEEP, about="resident")
def grant(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """A new proxy for this person."""
    person = residents.access_resident(resident_id, actor=request.actor, action="write")
    form = GrantForm(request.POST or None, initial=_asked_for(request, person))
    if done := forms.sent(request, form, lambda: _grant(request, person.id, form)):
        return done
    return forms.page(request, "proxies/grant.html", {"form": form, "resident": person}, form=form)


def _asked_for(request: HttpRequest, person: residents.ResidentData) -> dict[str, object]:
    """A suggestion opens the form filled in."""
    age = residents.age_on(person.birth_date, clock.today())
    first: dict[str, object] = {
        "starts_on": clock.today(),
        "basis": "guardian" if age is not None and age < 18 else "consent",
    }
    found = next((s for s in suggestions(person) if str(s.resident_id) == request.GET.get("agent")), None)
    if found:
        first |= {"agent_id": found.resident_id, "agent_id__text": found.name, "relation": found.relation}
    return first


def _grant(request: HttpRequest, resident_id: UUID, form: GrantForm) -> str:
    done = api.grant_proxy(resident_id=resident_id, given=form.given(), actor=request.actor)
    messages.success(
        request, _("已登记：%(agent)s可为%(name)s代办。") % {"agent": done.agent_name, "name": done.principal_name}
    )
    return address("proxies:of", resident_id)


@guarded(policies.KEEP, about="resident")
def withdraw(request: HttpRequest, proxy_id: UUID) -> HttpResponse:
    """End a proxy, with a reason."""
    proxy = queries.proxy(proxy_id)
    person = residents.access_resident(proxy.principal_id, actor=request.actor, action="write")
    form = WithdrawForm(request.POST or None, initial={"version": proxy.version})
    if done := forms.sent(request, form, lambda: _withdraw(request, proxy_id, form)):
        return done
    return forms.page(request, "proxies/withdraw.html", {"form": form, "proxy": proxy, "resident": person}, form=form)


def _withdraw(request: HttpRequest, proxy_id: UUID, form: WithdrawForm) -> str:
    typed = form.cleaned_data
    done = api.withdraw_proxy(
        proxy_id=proxy_id, reason=typed["reason"], expected_version=typed["version"], actor=request.actor
    )
    messages.success(request, _("已撤销%(agent)s的代办。") % {"agent": done.agent_name})
    return address("proxies:of", done.principal_id)
