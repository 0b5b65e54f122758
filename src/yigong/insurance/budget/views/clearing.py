"""Pages of the appraisal and the year's clearing."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.core.errors import DomainError, Forbidden, InvalidInput
from yigong.core.paging import number_of, page_of, page_of_list
from yigong.core.printing.api import About, answer, print_document
from yigong.core.rights import guarded
from yigong.core.states.api import history
from yigong.core.ui.forms import idempotency_key, refuse
from yigong.insurance.budget import forms, policies
from yigong.insurance.budget.commands import clearing as commands
from yigong.insurance.budget.commands.common import found
from yigong.insurance.budget.models import Appraisal, Clearing
from yigong.insurance.budget.queries.clearing import clearings_of, community_members, reckoning
from yigong.insurance.budget.queries.use import institution_names, package_of
from yigong.insurance.budget.rules.money import yuan
from yigong.insurance.budget.rules.states import APPRAISAL, CLEARING
from yigong.insurance.budget.views.common import actor_of, chosen_scheme, chosen_year, refused, show
from yigong.network import api as network


@guarded(policies.READ)
def appraisals(request: HttpRequest) -> HttpResponse:
    """All editions, and the form of a new one."""
    form = forms.AppraisalForm(request.POST or None, initial={"year": chosen_year(request)})
    if request.method == "POST":
        if not actor_of(request).has(policies.APPRAISE):
            raise Forbidden()
        if form.is_valid():
            given = form.cleaned_data
            try:
                key = commands.new_appraisal(
                    scheme=chosen_scheme(request), year=given["year"], community_score=given["community_score"], note=given["note"],
                    members=community_members(), actor=actor_of(request),
                )  # fmt: skip
                return redirect("budget:appraisal", appraisal_id=key)
            except DomainError as refusal:
                refuse(form, refusal)
    page = page_of(Appraisal.objects.order_by("-year", "-edition"), page=number_of(request.GET.get("page")))
    context = {"page": page, "form": form, "table": APPRAISAL}
    return show(request, "appraisals.html", context, tab="appraisals", status=422 if form.errors else 200)


@guarded(policies.READ)
def appraisal(request: HttpRequest, appraisal_id: UUID) -> HttpResponse:
    """One edition: scores by file, checked, signed by another, frozen."""
    row, actor = found(Appraisal, appraisal_id), actor_of(request)
    form, moved = forms.ScoresForm(None), forms.ReasonForm(None)
    faults: list[tuple[int, str]] = []
    if request.method == "POST":
        action = request.POST.get("action", "")
        try:
            if action == "scores":
                form = forms.ScoresForm(request.POST, request.FILES)
                if form.is_valid():
                    told, faults = commands.read_scores(form.cleaned_data["file"].read(2_000_000), _member_names(row))
                    if faults or not told:
                        raise InvalidInput(_("有 %(n)s 行有误，没有录入。") % {"n": len(faults)})
                    commands.score_members(appraisal_id=row.id, scores=told, actor=actor)
                    return redirect("budget:appraisal", appraisal_id=row.id)
            else:
                commands.move_appraisal(
                    appraisal_id=row.id, action=action, actor=actor, reason=request.POST.get("reason", "")
                )
                return redirect("budget:appraisal", appraisal_id=row.id)
        except DomainError as refusal:
            if action == "scores":
                refuse(form, refusal)
            else:
                moved = refused(refusal)
    page = page_of(row.scores.order_by("-base", "-score", "id"), page=number_of(request.GET.get("page")), limit=30)
    context = {
        "row": row, "page": page, "names": institution_names([one.institution_id for one in page.items]), "table": APPRAISAL,
        "actions": [one for one in APPRAISAL.actions_for(row, actor) if one.action != "replace"], "form": form, "moved": moved,
        "faults": faults, "missing": row.scores.filter(source="").count(), "history": history(row.id),
    }  # fmt: skip
    return show(
        request, "appraisal.html", context, tab="appraisals", status=422 if form.errors or moved.errors else 200
    )


def _member_names(row: Appraisal) -> dict[str, UUID]:
    found_: dict[str, UUID] = {}
    for key, house in network.institutions(list(row.scores.values_list("institution_id", flat=True))).items():
        found_ |= {house.name: key, house.code: key}
    return found_


@guarded(policies.READ)
def clearing(request: HttpRequest) -> HttpResponse:
    """A year's clearing as it would be now, what was set apart as unreasonable, and what was posted."""
    scheme, year, actor = chosen_scheme(request), chosen_year(request), actor_of(request)
    package, form = package_of(scheme, year), forms.UnreasonableForm(None)
    moved = forms.ReasonForm(None)
    if request.method == "POST" and package:
        action = request.POST.get("action", "")
        try:
            if action == "clear":
                key = commands.clear_year(package_id=package.id, actor=actor)
                return redirect("budget:cleared", clearing_id=key)
            form = forms.UnreasonableForm(request.POST)
            if form.is_valid():
                given = form.cleaned_data
                commands.set_apart(package_id=package.id, key=idempotency_key(request), actor=actor, **given)
                return redirect(reverse("budget:clearing") + f"?year={year}&scheme={scheme}")
        except DomainError as refusal:
            if action == "clear":
                moved = refused(refusal)
            else:
                refuse(form, refusal)
    made = reckoning(package) if package else None
    context = {
        "package": package, "made": made, "form": form, "moved": moved, "done": clearings_of(package) if package else [],
        "apart": list(package.unreasonable.order_by("at")) if package else [], "table": CLEARING,
    }  # fmt: skip
    return show(request, "clearing.html", context, tab="clearing", status=422 if form.errors or moved.errors else 200)


@guarded(policies.READ)
def cleared(request: HttpRequest, clearing_id: UUID) -> HttpResponse:
    """One posted clearing: step by step, and every member's share; reverse it."""
    row, actor, form = found(Clearing, clearing_id), actor_of(request), forms.ReasonForm(None)
    if request.method == "POST":
        try:
            commands.reverse_clearing(clearing_id=row.id, reason=request.POST.get("reason", ""), actor=actor)
            return redirect("budget:cleared", clearing_id=row.id)
        except DomainError as refusal:
            form = refused(refusal)
    page = page_of(row.shares.order_by("-amount", "id"), page=number_of(request.GET.get("page")), limit=30)
    context = {
        "row": row, "page": page, "names": institution_names([one.institution_id for one in page.items]), "table": CLEARING,
        "history": history(row.id), "form": form, "can_reverse": bool(CLEARING.actions_for(row, actor)), "year": row.package.year,
    }  # fmt: skip
    return show(request, "cleared.html", context, tab="clearing", status=422 if form.errors else 200)


@guarded(policies.READ)
def print_clearing(request: HttpRequest, clearing_id: UUID) -> HttpResponse:
    """The clearing as a sheet: the calculation step by step and all shares."""
    row = found(Clearing, clearing_id)
    shares = list(row.shares.order_by("-amount", "id"))
    names = institution_names([one.institution_id for one in shares])
    lines = [
        [str(place), names.get(one.institution_id, ""), str(one.base), str(one.score), str(one.factor), yuan(one.amount) + ("*" if one.favoured else "")]
        for place, one in enumerate(shares, 1)
    ]  # fmt: skip
    data = {
        "title": _("%(year)s 年度医保基金清算单") % {"year": row.package.year}, "subtitle": row.number,
        "facts": [[_("状态"), CLEARING.label(row.state)], [_("清算人"), row.by],
                  [_("考核"), _("第 %(n)s 版，%(who)s 签署") % {"n": row.appraisal.edition, "who": row.appraisal.signed_by}]],
        "steps_title": _("计算过程"), "heads": [_("项目"), _("算法"), _("金额（元）")], "lines": row.steps, "shares_title": _("成员分配"),
        "share_heads": [_("序号"), _("机构"), _("基础权重"), _("得分"), _("系数"), _("金额（元）")], "shares": lines,
        "note": _("* 尾差按最大余数给出一分。合计 %(sum)s 元。") % {"sum": yuan(sum(one.amount for one in shares))},
        "signs": [_("医保经办"), _("医共体负责人"), _("医保部门")],
    }  # fmt: skip
    about = About("budget.clearing", row.id, str(row.version))
    return answer(
        print_document(
            "budget_clearing", "budget/clearing", data, actor=actor_of(request), about=about, title=data["title"]
        )
    )


@guarded(policies.READ)
def what_would_be(request: HttpRequest) -> HttpResponse:
    """The shares of a clearing that is not posted yet, as a list."""
    scheme, year = chosen_scheme(request), chosen_year(request)
    package = package_of(scheme, year)
    made = reckoning(package) if package else None
    shares = sorted(made.cleared.shares if made and made.cleared else (), key=lambda one: -one[2])
    page = page_of_list(shares, page=number_of(request.GET.get("page")), limit=30)
    names = institution_names([one[0].institution_id for one in page.items])
    return show(request, "preview.html", {"page": page, "names": names, "made": made}, tab="clearing")
