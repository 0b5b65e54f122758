"""Staff: list, detail with posts and secondments over time, and the forms that move people."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.paging import page_of
from yigong.core.rights import ROLES, guarded
from yigong.network import commands, forms, queries, rules
from yigong.network.models import Post, Qualification, Secondment, Staff
from yigong.network.policies import MANAGE, VIEW, check_may_manage, may_manage
from yigong.network.views.common import Crumbs, actor_of, form_page, page_number


@guarded(VIEW)
def listing(request: HttpRequest) -> HttpResponse:
    """Staff by name, initials or code, by role and institution."""
    text, role = request.GET.get("q", "").strip()[:60], request.GET.get("role", "")
    place = queries.institution_or_none(request.GET.get("institution", ""))
    rows = queries.listed_staff(text, role if role in ROLES else "", place.id if place else None)
    found = page_of(rows, page=page_number(request.GET.get("page")), limit=30)
    page = {
        "page": found,
        "q": text,
        "role": role,
        "place": place,
        "roles": ROLES,
        "titles": rules.TITLES,
        "posts": queries.posts_of_many([row.id for row in found.items]),
        "may_add": actor_of(request).has(MANAGE),
    }
    return render(request, "network/staff.html", page)


@guarded(VIEW)
def options(request: HttpRequest) -> HttpResponse:
    """Staff for pickers."""
    found = queries.search_staff(request.GET.get("q", "")[:60])
    posts = queries.posts_of_many([row.id for row in found])
    items = [
        (row.id, row.name, "、".join(p.institution_name for p in posts.get(row.id, [])) or row.code) for row in found
    ]
    return render(request, "ui/options.html", {"items": items, "total": None})


@guarded(VIEW)
def detail(request: HttpRequest, staff_id: UUID) -> HttpResponse:
    """One person: posts, secondments and licences over time."""
    row = queries.get(Staff, staff_id)
    page = {
        "row": row,
        "title": rules.TITLES.get(row.title, ""),
        "posts": Post.objects.filter(staff=row).select_related("institution").order_by("-starts_on"),
        "secondments": Secondment.objects.filter(staff=row).select_related("institution").order_by("-starts_on"),
        "qualifications": Qualification.objects.filter(staff=row).order_by("kind"),
        "roles": ROLES,
        "may_manage": may_manage(actor_of(request), _home(staff_id)),
    }
    return render(request, "network/person.html", page)


@guarded(MANAGE)
def new(request: HttpRequest) -> HttpResponse:
    """A new person at one's own institution."""
    actor = actor_of(request)

    def act(values: dict) -> str:
        row = commands.create_staff(**values, institution_id=actor.institution_id, actor=actor)
        return reverse("network:add_post", args=[row.id])

    lead = _("登记后接着填写岗位；权限随岗位而来。")
    crumbs = [(_("人员"), reverse("network:staff"))]
    form = forms.StaffForm(request.POST or None)
    return form_page(request, form, title=_("登记人员"), crumbs=crumbs, act=act, lead=lead, label=_("下一步"))


@guarded(MANAGE)
def add_post(request: HttpRequest, staff_id: UUID) -> HttpResponse:
    """Give the person a post."""
    row, actor = queries.get(Staff, staff_id), actor_of(request)
    initial: dict = {"starts_on": clock.today(), "institution_id": actor.institution_id}
    initial |= {"institution_id__text": actor.institution_name}

    def act(values: dict) -> str:
        commands.assign_post(staff_id=staff_id, actor=actor, **values)
        return reverse("network:person", args=[staff_id])

    form = forms.PostForm(request.POST or None, initial=initial)
    return form_page(request, form, title=_("任职"), crumbs=_crumbs(row), act=act)


@guarded(MANAGE)
def end_post(request: HttpRequest, post_id: UUID) -> HttpResponse:
    """Take a post away."""
    row, actor = queries.get(Post, post_id), actor_of(request)
    check_may_manage(actor, row.institution_id)

    def act(values: dict) -> str:
        commands.end_post(post_id=post_id, actor=actor, **values)
        return reverse("network:person", args=[row.staff_id])

    lead = _("岗位终止后权限随即收回，名下未办完的事项会提示移交。")
    form = forms.CloseForm(request.POST or None, initial={"ends_on": clock.today()})
    return form_page(request, form, title=_("终止岗位"), crumbs=_crumbs(row.staff), act=act, lead=lead)


@guarded(MANAGE)
def second(request: HttpRequest, staff_id: UUID) -> HttpResponse:
    """Let the person also work elsewhere."""
    row, actor = queries.get(Staff, staff_id), actor_of(request)
    check_may_manage(actor, _home(staff_id))

    def act(values: dict) -> str:
        commands.second_staff(staff_id=staff_id, actor=actor, **values)
        return reverse("network:person", args=[staff_id])

    form = forms.SecondmentForm(request.POST or None, initial={"starts_on": clock.today()})
    return form_page(request, form, title=_("派驻"), crumbs=_crumbs(row), act=act)


@guarded(MANAGE)
def end_secondment(request: HttpRequest, secondment_id: UUID) -> HttpResponse:
    """The person works there no longer."""
    row, actor = queries.get(Secondment, secondment_id), actor_of(request)
    check_may_manage(actor, _home(row.staff_id))

    def act(values: dict) -> str:
        commands.end_secondment(secondment_id=secondment_id, actor=actor, **values)
        return reverse("network:person", args=[row.staff_id])

    form = forms.CloseForm(request.POST or None, initial={"ends_on": clock.today()})
    return form_page(request, form, title=_("结束派驻"), crumbs=_crumbs(row.staff), act=act)


@guarded(MANAGE)
def add_qualification(request: HttpRequest, staff_id: UUID) -> HttpResponse:
    """Record a licence."""
    row, actor = queries.get(Staff, staff_id), actor_of(request)
    check_may_manage(actor, _home(staff_id))

    def act(values: dict) -> str:
        commands.add_qualification(staff_id=staff_id, actor=actor, **values)
        return reverse("network:person", args=[staff_id])

    return form_page(
        request, forms.QualificationForm(request.POST or None), title=_("登记证书"), crumbs=_crumbs(row), act=act
    )


def _crumbs(row: Staff) -> Crumbs:
    return [(_("人员"), reverse("network:staff")), (row.name, reverse("network:person", args=[row.id]))]


def _home(staff_id: UUID) -> UUID | None:
    posts = queries.posts_of(staff_id)
    return posts[0].institution_id if posts else None
