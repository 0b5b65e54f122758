"""How institutions stand in the assessments, and the form that adds a verdict."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.paging import page_of
from yigong.core.rights import guarded
from yigong.network import commands, forms, queries, rules
from yigong.network.models import Accreditation, Institution
from yigong.network.policies import MANAGE, VIEW, check_may_manage
from yigong.network.queries import accreditations
from yigong.network.views.common import actor_of, form_page, page_number
from yigong.network.views.institutions import crumbs_of


@guarded(VIEW)
def listing(request: HttpRequest) -> HttpResponse:
    """Every institution that an assessment asks for, with its verdict of today."""
    kind = request.GET.get("kind", "")
    kind = kind if kind in rules.LEVELS else "service"
    words = dict(Accreditation.Level.choices)
    levels = [(code, words[code]) for code in rules.LEVELS[kind]]
    level = request.GET.get("level", "")
    rows = accreditations.standing(kind, level if level in (*rules.LEVELS[kind], "unknown") else "", clock.today())
    page = {
        "page": page_of(rows, page=page_number(request.GET.get("page")), limit=30),
        "kind": kind,
        "level": level,
        "kinds": Accreditation.Kind.choices,
        "levels": levels,
        "words": words,
    }
    return render(request, "network/accreditations.html", page)


@guarded(MANAGE)
def add(request: HttpRequest, institution_id: UUID) -> HttpResponse:
    """A verdict on this institution."""
    row, actor = queries.get(Institution, institution_id), actor_of(request)
    check_may_manage(actor, row.parent_id)

    def act(values: dict) -> str:
        commands.record_accreditation(institution_id=institution_id, actor=actor, **values)
        return reverse("network:institution", args=[institution_id])

    lead = _(
        "登记后不能修改。结果变了，再登记一条，以起始日期最晚的为准；起始日期相同的，以后登记的为准。登错了的，在机构页面撤回后重新登记。"
    )
    form = forms.AccreditationForm(request.POST or None, standards=rules.standards_of(row.category))
    return form_page(request, form, title=_("登记评审结果"), crumbs=crumbs_of(row), act=act, lead=lead)


@guarded(MANAGE)
def withdraw(request: HttpRequest, accreditation_id: UUID) -> HttpResponse:
    """Take back one that was entered by mistake."""
    row, actor = accreditations.verdict(accreditation_id), actor_of(request)
    check_may_manage(actor, row.institution.parent_id)

    def act(values: dict) -> str:
        commands.withdraw_accreditation(accreditation_id=accreditation_id, actor=actor, **values)
        return reverse("network:institution", args=[row.institution_id])

    lead = _("%(what)s：%(level)s，%(day)s起，%(paper)s。撤回后不再计入达标率，这一行和撤回的原因留在机构页面。") % {
        "what": row.get_kind_display(), "level": row.get_level_display(), "day": row.starts_on, "paper": row.document,
    }  # fmt: skip
    form = forms.WithdrawForm(request.POST or None)
    title = _("撤回评审结果")
    return form_page(request, form, title=title, crumbs=crumbs_of(row.institution), act=act, lead=lead, label=_("撤回"))
