"""Alliances as a picture, memberships over time, shared centres and whom they serve."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.rights import guarded
from yigong.network import commands, forms, picture, queries
from yigong.network.models import Alliance, Centre, CentreService, Membership
from yigong.network.policies import MANAGE, VIEW, check_may_manage, may_manage
from yigong.network.views.common import actor_of, form_page


@guarded(VIEW)
def listing(request: HttpRequest) -> HttpResponse:
    """All alliances with their leads and numbers of members."""
    page = {
        "rows": queries.alliances_with_members(),
        "kinds": dict(Alliance.Kind.choices),
        "may_add": may_manage(actor_of(request), None),
    }
    return render(request, "network/alliances.html", page)


@guarded(VIEW)
def detail(request: HttpRequest, alliance_id: UUID) -> HttpResponse:
    """One alliance as a picture, with its charter and its memberships over time."""
    row = queries.get(Alliance, alliance_id)
    members = queries.alliance_members(alliance_id)
    page = {
        "row": row,
        "kind": dict(Alliance.Kind.choices)[row.kind],
        "picture": picture.of_alliance(row.name, members, queries.managed_counts([m.institution_id for m in members])),
        "memberships": queries.membership_rows(alliance_id),
        "roles": dict(Membership.Role.choices),
        "manners": dict(Membership.Manner.choices),
        "may_manage": may_manage(actor_of(request), None),
    }
    return render(request, "network/alliance.html", page)


@guarded(MANAGE)
def new(request: HttpRequest) -> HttpResponse:
    """A new alliance."""
    actor = actor_of(request)
    check_may_manage(actor, None)

    def act(values: dict) -> str:
        return reverse("network:alliance", args=[commands.create_alliance(**values, actor=actor).id])

    form = forms.AllianceForm(request.POST or None, initial={"starts_on": clock.today()})
    return form_page(
        request, form, title=_("新建联合体"), crumbs=[(_("联合体"), reverse("network:alliances"))], act=act
    )


@guarded(MANAGE)
def join(request: HttpRequest, alliance_id: UUID) -> HttpResponse:
    """An institution joins."""
    row, actor = queries.get(Alliance, alliance_id), actor_of(request)
    check_may_manage(actor, None)

    def act(values: dict) -> str:
        commands.join_alliance(alliance_id=alliance_id, actor=actor, **values)
        return reverse("network:alliance", args=[alliance_id])

    crumbs = [(_("联合体"), reverse("network:alliances")), (row.name, reverse("network:alliance", args=[row.id]))]
    form = forms.MembershipForm(request.POST or None, initial={"starts_on": clock.today()})
    return form_page(request, form, title=_("加入成员"), crumbs=crumbs, act=act)


@guarded(MANAGE)
def leave(request: HttpRequest, membership_id: UUID) -> HttpResponse:
    """A membership ends."""
    row, actor = queries.get(Membership, membership_id), actor_of(request)
    check_may_manage(actor, None)
    back = reverse("network:alliance", args=[row.alliance_id])

    def act(values: dict) -> str:
        commands.leave_alliance(membership_id=membership_id, actor=actor, **values)
        return back

    title = _("%(name)s退出") % {"name": row.institution.name}
    form = forms.CloseForm(request.POST or None, initial={"ends_on": clock.today()})
    return form_page(request, form, title=title, crumbs=[(row.alliance.name, back)], act=act)


@guarded(VIEW)
def centre(request: HttpRequest, centre_id: UUID) -> HttpResponse:
    """One shared centre and the institutions it serves."""
    row = queries.get(Centre, centre_id)
    page = {
        "row": row,
        "kind": dict(Centre.Kind.choices)[row.kind],
        "services": queries.service_rows(centre_id),
        "may_manage": may_manage(actor_of(request), row.institution_id),
    }
    return render(request, "network/centre.html", page)


@guarded(MANAGE)
def serve(request: HttpRequest, centre_id: UUID) -> HttpResponse:
    """The centre begins to serve an institution."""
    row, actor = queries.get(Centre, centre_id), actor_of(request)
    check_may_manage(actor, row.institution_id)
    back = reverse("network:centre", args=[centre_id])

    def act(values: dict) -> str:
        commands.serve(centre_id=centre_id, actor=actor, **values)
        return back

    form = forms.ServeForm(request.POST or None, initial={"starts_on": clock.today()})
    return form_page(request, form, title=_("新增服务机构"), crumbs=[(row.name, back)], act=act)


@guarded(MANAGE)
def end_service(request: HttpRequest, service_id: UUID) -> HttpResponse:
    """The centre no longer serves an institution."""
    row, actor = queries.get(CentreService, service_id), actor_of(request)
    check_may_manage(actor, row.centre.institution_id)
    back = reverse("network:centre", args=[row.centre_id])

    def act(values: dict) -> str:
        commands.end_service(service_id=service_id, actor=actor, **values)
        return back

    title = _("停止服务%(name)s") % {"name": row.institution.name}
    form = forms.CloseForm(request.POST or None, initial={"ends_on": clock.today()})
    return form_page(request, form, title=title, crumbs=[(row.centre.name, back)], act=act)
