"""Teams, their members, area, load and fee."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yigong.contracts import api, policies
from yigong.contracts import forms as own
from yigong.contracts.commands import common
from yigong.contracts.models import Area, FeeShare, Member
from yigong.contracts.queries import fees, lists, teams
from yigong.contracts.rules.packs import rules
from yigong.core import clock
from yigong.core.errors import DomainError, Forbidden, NotFound
from yigong.core.paging import number_of
from yigong.core.rights import guarded
from yigong.core.ui import forms as ui_forms
from yigong.core.ui.shell import address
from yigong.network import api as network


@guarded(policies.READ)
def listing(request: HttpRequest) -> HttpResponse:
    """The teams with how many people each has, and how many of them nothing was done for."""
    text = request.GET.get("text", "")[:40]
    page = teams.teams(request.actor, text=text, page=number_of(request.GET.get("page")))
    return render(request, "contracts/teams.html", {"page": page, "text": text, "county": rules()})


@guarded(policies.MANAGE)
def new(request: HttpRequest) -> HttpResponse:
    """A new team."""
    form = own.TeamForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return ui_forms.once(
                request, lambda: address("contracts:team", api.create_team(actor=request.actor, **form.cleaned_data))
            )
        except DomainError as refusal:
            ui_forms.refuse(form, refusal)
    return ui_forms.page(request, "contracts/team_new.html", {"form": form}, form=form)


@guarded(policies.READ)
def detail(request: HttpRequest, team_id: UUID) -> HttpResponse:
    """One team: seats, area, load, what waits."""
    return _page(request, team_id)


def _page(request: HttpRequest, team_id: UUID, member: Any = None, area: Any = None) -> HttpResponse:
    if not teams.mine(request.actor).filter(pk=team_id).exists():
        raise NotFound(_("没有找到这支团队。"))
    county = rules()
    roles = [(r.code, f"{_(r.title)}{' *' if r.least else ''}") for r in county.roles]
    values = {
        "team": teams.team_data(team_id), "counts": lists.counts(request.actor, str(team_id)), "county": county,
        "areas": [(a.institution_id, a.institution.short_name or a.institution.name) for a in Area.objects.filter(team=team_id).select_related("institution")],
        "member_form": member or own.MemberForm(roles=roles), "area_form": area or own.AreaForm(),
        "missing": [_(r.title) for r in county.roles if Member.objects.filter(team=team_id, role=r.code, ends_on__isnull=True).count() < r.least],
    }  # fmt: skip
    return ui_forms.page(request, "contracts/team.html", values, form=member or area)


@guarded(policies.MANAGE)
@require_POST
def act(request: HttpRequest, team_id: UUID, action: str) -> HttpResponse:
    """Members, area, closing; a refused form comes back with its sentence."""
    actor, posted = request.actor, request.POST
    if action == "member":
        form: Any = own.MemberForm(posted, roles=[(r.code, _(r.title)) for r in rules().roles])
        return _done(
            request,
            team_id,
            form,
            lambda: api.add_member(team_id=team_id, actor=actor, **form.cleaned_data),
            member=form,
        )
    if action == "area":
        form = own.AreaForm(posted)
        return _done(
            request, team_id, form, lambda: api.add_area(team_id=team_id, actor=actor, **form.cleaned_data), area=form
        )
    keys = {"member_out": "member_id", "area_out": "institution_id"}
    if action in keys:
        field = own.forms.UUIDField()
        key = field.clean(posted.get("key"))
        if action == "member_out":
            api.remove_member(member_id=key, actor=actor)
        else:
            api.remove_area(team_id=team_id, institution_id=key, actor=actor)
    elif action == "close":
        api.close_team(team_id=team_id, reason=posted.get("reason", ""), actor=actor)
    else:
        raise NotFound()
    messages.success(request, _("已保存。"))
    return redirect("contracts:team", team_id)


def _done(request: HttpRequest, team_id: UUID, form: Any, act: Any, **forms: Any) -> HttpResponse:
    if form.is_valid():
        try:
            act()
        except Forbidden:
            raise
        except DomainError as refusal:
            ui_forms.refuse(form, refusal)
        else:
            messages.success(request, _("已保存。"))
            return redirect("contracts:team", team_id)
    return _page(request, team_id, **forms)


@guarded(policies.MANAGE)
def fee(request: HttpRequest, team_id: UUID) -> HttpResponse:
    """The sharing of a year's fee: the preview, the posting, what was posted before."""
    team = common.team_of(team_id, request.actor, permission=policies.MANAGE)
    today = clock.today()
    year = int(request.POST.get("year") or request.GET.get("year") or today.year) if _is_year(request) else today.year
    form = own.ShareForm(request.POST or None, initial={"year": year, "until": today})
    if done := ui_forms.sent(request, form, lambda: _shared(request, team_id, form.cleaned_data)):
        return done
    values = {
        "team": teams.team_data(team_id), "form": form, "year": year, "preview": fees.preview(team, year, today), "shares": fees.shares_of(team),
        "rule": rules(), "years": [(str(y), str(y)) for y in range(today.year, today.year - 3, -1)],
    }  # fmt: skip
    return ui_forms.page(request, "contracts/fee.html", values, form=form)


def _is_year(request: HttpRequest) -> bool:
    text = request.POST.get("year") or request.GET.get("year") or ""
    return text.isascii() and text.isdigit() and 2020 <= int(text[:5]) <= 2100


def _shared(request: HttpRequest, team_id: UUID, cleaned: dict[str, Any]) -> str:
    done = api.share_fee(team_id=team_id, actor=request.actor, **cleaned)
    messages.success(request, _("已分配 %(n).2f 元并记账。") % {"n": done.paid_fen / 100})
    return address("contracts:fee", team_id)


@guarded(policies.MANAGE)
@require_POST
def undo_share(request: HttpRequest, share_id: UUID) -> HttpResponse:
    """A sharing is taken back."""
    row = FeeShare.objects.filter(pk=share_id).first()
    if row is None:
        raise NotFound()
    api.reverse_share(share_id=share_id, reason=request.POST.get("reason", ""), actor=request.actor)
    messages.success(request, _("已撤销分配，款项退回团队。"))
    return redirect("contracts:fee", row.team_id)


@guarded(policies.SIGN)
@require_GET
def options(request: HttpRequest) -> HttpResponse:
    """What a picker of teams shows: teams of the whole county, since people move between townships."""
    found = teams.matching(request.GET.get("q", "")[:40])
    return render(request, "ui/options.html", {"items": [(t.id, t.name, t.place) for t in found], "total": len(found)})


@guarded(policies.MANAGE)
@require_GET
def staff_options(request: HttpRequest) -> HttpResponse:
    """Staff with the place where they work."""
    found = network.search_staff(request.GET.get("q", "")[:40])
    posts = network.posts_of_many([s.id for s in found])
    items = [(s.id, s.name, "、".join(p.institution_name for p in posts.get(s.id, []))) for s in found]
    return render(request, "ui/options.html", {"items": items, "total": len(items)})


@guarded(policies.MANAGE)
@require_GET
def places(request: HttpRequest) -> HttpResponse:
    """Institutions of the county."""
    found = [
        i
        for i in network.search_institutions(request.GET.get("q", "")[:40])
        if i.level in {"village", "township", "county"}
    ]
    return render(request, "ui/options.html", {"items": [(i.id, i.name, i.code) for i in found], "total": len(found)})
