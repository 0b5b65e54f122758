"""Institutions: list, export, detail, and the forms that keep them."""

import io
from uuid import UUID

import xlsxwriter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.paging import page_of
from yigong.core.rights import ROLES, guarded
from yigong.network import commands, forms, queries, rules
from yigong.network.models import Centre, Institution
from yigong.network.policies import MANAGE, VIEW, check_may_manage, may_manage
from yigong.network.queries import accreditations
from yigong.network.queries.locations import locations_of
from yigong.network.views.common import Crumbs, actor_of, form_page, page_number


@guarded(VIEW)
def listing(request: HttpRequest) -> HttpResponse:
    """All institutions by name, initials or code, by level and by definition of primary care."""
    text, level, primary = _wanted(request)
    rows = queries.listed_institutions(text, level, primary)
    found = page_of(rows, page=page_number(request.GET.get("page")), limit=30)
    page = {
        "page": found,
        "q": text,
        "level": level,
        "primary": primary,
        "levels": Institution.Level.choices,
        "categories": category_words(),
        "may_add": may_manage(actor_of(request), actor_of(request).institution_id),
    }
    return render(request, "network/institutions.html", page)


@guarded(VIEW)
def export(request: HttpRequest) -> HttpResponse:
    """The rows of the list as a sheet."""
    categories, out = category_words(), io.BytesIO()
    levels = dict(Institution.Level.choices)
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet(_("机构"))
        heads = [
            _("名称"),
            _("机构代码"),
            _("统一社会信用代码"),
            _("级别"),
            _("类别"),
            _("上级管理机构"),
            _("电话"),
            _("地址"),
        ]
        sheet.write_row(0, 0, heads, book.add_format({"bold": True}))
        sheet.set_column(0, 7, 22)
        for n, row in enumerate(queries.listed_institutions(*_wanted(request))[:20_000], start=1):
            above = row.parent.name if row.parent else ""
            kind = [str(levels[row.level]), str(categories.get(row.category, row.category))]
            sheet.write_row(n, 0, [row.name, row.code, row.credit_code or "", *kind, above, row.phone, row.address])
    content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    name = f"institutions-{clock.today():%Y%m%d}.xlsx"
    return HttpResponse(
        out.getvalue(), content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@guarded(VIEW)
def options(request: HttpRequest) -> HttpResponse:
    """Institutions for pickers."""
    text = request.GET.get("q", "")[:60]
    found = [(row.id, row.name, row.code) for row in queries.search_institutions(text)]
    return render(request, "ui/options.html", {"items": found, "total": queries.matching_institutions(text).count()})


@guarded(VIEW)
def place_options(request: HttpRequest) -> HttpResponse:
    """Places for pickers."""
    found = [(row.id, row.name, row.code) for row in queries.search_places(request.GET.get("q", "")[:60])]
    return render(request, "ui/options.html", {"items": found, "total": None})


@guarded(VIEW)
def detail(request: HttpRequest, institution_id: UUID) -> HttpResponse:
    """One institution: where it stands, what it has, what serves it, who works there."""
    row = queries.get(Institution, institution_id)
    page = {
        "row": row,
        "path": queries.path(institution_id),
        "below": queries.managed_by(institution_id),
        "departments": queries.departments(institution_id),
        "memberships": queries.memberships_with_alliance(institution_id),
        "services": queries.services_of(institution_id),
        "hosted": queries.centres_hosted(institution_id),
        "posts": queries.posts_at(institution_id),
        "guests": queries.seconded_to(institution_id),
        "countings": row.countings.order_by("-starts_on"),
        "standards": rules.standards_of(row.category),
        "verdicts": accreditations.verdicts_of(institution_id)[:20],
        "may_accredit": may_manage(actor_of(request), row.parent_id),
        "primary": [code for code in ("P1", "P2") if rules.is_primary_care(row.category, code)],
        "category": category_words().get(row.category, row.category),
        "grade": f"{dict(forms.GRADES).get(row.grade, '')}{dict(forms.GRADE_CLASSES).get(row.grade_class, '')}".replace(
            "—", ""
        ),
        "kinds": dict(Centre.Kind.choices),
        "location": locations_of([institution_id]).get(institution_id),
        "roles": ROLES,
        "may_manage": may_manage(actor_of(request), institution_id),
    }
    return render(request, "network/institution.html", page)


@guarded(MANAGE)
def new(request: HttpRequest) -> HttpResponse:
    """A new institution."""
    actor = actor_of(request)
    above = queries.institution(actor.institution_id) if actor.institution_id else None
    initial = (
        {"parent_id": above.id, "parent_id__text": above.name, "level": "village", "category": "D600"} if above else {}
    )

    def act(values: dict) -> str:
        row = commands.create_institution(**values, actor=actor)
        return reverse("network:institution", args=[row.id])

    crumbs = [(_("机构"), reverse("network:institutions"))]
    form = forms.InstitutionForm(request.POST or None, initial=initial)
    return form_page(request, form, title=_("新增机构"), crumbs=crumbs, act=act)


@guarded(MANAGE)
def change(request: HttpRequest, institution_id: UUID) -> HttpResponse:
    """Change facts of an institution, with a reason."""
    row, actor = queries.get(Institution, institution_id), actor_of(request)
    check_may_manage(actor, institution_id)
    fields = [name for name in forms.ChangeInstitutionForm.base_fields if name != "reason"]
    initial = {name: getattr(row, name) for name in fields}
    initial |= {
        "parent_id__text": row.parent.name if row.parent else "",
        "place_id__text": row.place.name if row.place else "",
    }

    def act(values: dict) -> str:
        facts = forms.without_reason(values)
        commands.change_institution(institution_id=institution_id, reason=values["reason"], actor=actor, **facts)
        return reverse("network:institution", args=[institution_id])

    form = forms.ChangeInstitutionForm(request.POST or None, initial=initial)
    return form_page(request, form, title=_("变更机构信息"), crumbs=crumbs_of(row), act=act)


@guarded(MANAGE)
def locate(request: HttpRequest, institution_id: UUID) -> HttpResponse:
    """Where it lies."""
    row, actor = queries.get(Institution, institution_id), actor_of(request)
    check_may_manage(actor, institution_id)
    known = locations_of([institution_id]).get(institution_id)
    initial = {name: getattr(known, name) for name in ("latitude", "longitude", "source")} if known else {}

    def act(values: dict) -> str:
        commands.locate(institution_id=institution_id, actor=actor, **values)
        return reverse("network:institution", args=[institution_id])

    lead = _("车辆位置、距离和预计到达按这里的坐标推算（WGS-84，手机定位给出的就是）。")
    return form_page(
        request, forms.LocationForm(request.POST or None, initial=initial), title=_("机构坐标"), crumbs=crumbs_of(row), act=act, lead=lead
    )  # fmt: skip


@guarded(MANAGE)
def close(request: HttpRequest, institution_id: UUID) -> HttpResponse:
    """Close an institution from a day on."""
    row, actor = queries.get(Institution, institution_id), actor_of(request)
    check_may_manage(actor, institution_id)

    def act(values: dict) -> str:
        facts = {"closed_on": values["ends_on"], "reason": values["reason"]}
        commands.close_institution(institution_id=institution_id, actor=actor, **facts)
        return reverse("network:institution", args=[institution_id])

    lead = _("停业后不再出现在选择列表中，历史记录保留可查。")
    form = forms.CloseForm(request.POST or None, initial={"ends_on": clock.today()})
    return form_page(request, form, title=_("机构停业"), crumbs=crumbs_of(row), act=act, lead=lead)


@guarded(MANAGE)
def count(request: HttpRequest, institution_id: UUID) -> HttpResponse:
    """Decide whether figures count it as within the county."""
    row, actor = queries.get(Institution, institution_id), actor_of(request)
    check_may_manage(actor, None)

    def act(values: dict) -> str:
        commands.count_in_county(institution_id=institution_id, actor=actor, **values)
        return reverse("network:institution", args=[institution_id])

    form = forms.CountingForm(request.POST or None, initial={"starts_on": clock.today()})
    return form_page(request, form, title=_("是否计入县域"), crumbs=crumbs_of(row), act=act)


@guarded(MANAGE)
def add_department(request: HttpRequest, institution_id: UUID) -> HttpResponse:
    """A new department."""
    row, actor = queries.get(Institution, institution_id), actor_of(request)
    check_may_manage(actor, institution_id)

    def act(values: dict) -> str:
        commands.create_department(institution_id=institution_id, actor=actor, **values)
        return reverse("network:institution", args=[institution_id])

    return form_page(
        request, forms.DepartmentForm(request.POST or None), title=_("新增科室"), crumbs=crumbs_of(row), act=act
    )


@guarded(MANAGE)
def add_centre(request: HttpRequest, institution_id: UUID) -> HttpResponse:
    """A shared centre hosted here."""
    row, actor = queries.get(Institution, institution_id), actor_of(request)
    check_may_manage(actor, institution_id)

    def act(values: dict) -> str:
        centre = commands.create_centre(institution_id=institution_id, actor=actor, **values)
        return reverse("network:centre", args=[centre.id])

    return form_page(
        request, forms.CentreForm(request.POST or None), title=_("新设共享中心"), crumbs=crumbs_of(row), act=act
    )


def crumbs_of(row: Institution) -> Crumbs:
    """The way to an institution's page."""
    return [(_("机构"), reverse("network:institutions")), (row.name, reverse("network:institution", args=[row.id]))]


def category_words() -> dict[str, str]:
    """Labels of the categories."""
    return {code: str(label) for _group, items in forms.CATEGORIES for code, label in items}


def _wanted(request: HttpRequest) -> tuple[str, str, str]:
    level, primary = request.GET.get("level", ""), request.GET.get("primary", "")
    known = level if level in Institution.Level.values else ""
    return request.GET.get("q", "").strip()[:60], known, primary if primary in {"P1", "P2"} else ""
