"""Pages of paying institutions."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yigong.core.asked import key_of
from yigong.core.errors import DomainError, Forbidden
from yigong.core.paging import number_of, page_of, page_of_list
from yigong.core.printing.api import About, answer, print_document
from yigong.core.rights import guarded
from yigong.core.states.api import history
from yigong.core.ui.forms import once, refuse
from yigong.insurance.budget import forms, policies
from yigong.insurance.budget.commands import paying, weights
from yigong.insurance.budget.commands.calculating import calculate_month
from yigong.insurance.budget.commands.common import found
from yigong.insurance.budget.models import Appraisal, FundCase, SpecialRequest, Statement, WeightSet
from yigong.insurance.budget.queries import paying as read
from yigong.insurance.budget.queries.terms import terms_for
from yigong.insurance.budget.queries.use import institution_names
from yigong.insurance.budget.queries.year_end import closing_of
from yigong.insurance.budget.rules.money import yuan
from yigong.insurance.budget.rules.states import SPECIAL, STATEMENT, WEIGHTS
from yigong.insurance.budget.rules.words import LEVEL_WORDS, METHOD_WORDS
from yigong.insurance.budget.views.common import actor_of, chosen_month, chosen_scheme, chosen_year, refused, show
from yigong.network import api as network

CASE_KINDS = {
    "normal": "正常", "high": "高倍率", "low": "低倍率", "special": "特例单议", "bed_day": "按床日", "ungrouped": "未入组按实际",
}  # fmt: skip
RISKS = {"none": "无死亡", "low": "低风险", "mid_low": "中低风险", "mid_high": "中高风险", "high": "高风险"}


@guarded(policies.READ)
def weight_sets(request: HttpRequest) -> HttpResponse:
    """All weight sets, and the form of a new one."""
    year, scheme = chosen_year(request), chosen_scheme(request)
    form = forms.WeighForm(request.POST or None, list(range(year, year - 4, -1)), year)
    if request.method == "POST":
        if not actor_of(request).has(policies.KEEP):
            raise Forbidden()
        if form.is_valid():
            given = form.cleaned_data
            try:
                key = weights.weigh_history(
                    scheme=scheme, year=given["year"], history=[int(one) for one in given["history"]], predicted=given["predicted"],
                    method=given["method"], actor=actor_of(request),
                )  # fmt: skip
                return redirect("budget:weight_set", set_id=key)
            except DomainError as refusal:
                refuse(form, refusal)
    page = page_of(WeightSet.objects.order_by("-year", "-made_at"), page=number_of(request.GET.get("page")))
    context = {"page": page, "form": form, "table": WEIGHTS, "methods": METHOD_WORDS}
    return show(request, "weights.html", context, tab="weights", status=422 if form.errors else 200)


@guarded(policies.READ)
def weight_set(request: HttpRequest, set_id: UUID) -> HttpResponse:
    """One weight set with its groups."""
    row, actor, form = found(WeightSet, set_id), actor_of(request), forms.ReasonForm(None)
    terms = terms_for(chosen_scheme(request), row.year) if row.method == "dip" else None
    if request.method == "POST":
        try:
            weights.move_weights(
                set_id=row.id, action=request.POST.get("action", ""), actor=actor, reason=request.POST.get("reason", "")
            )
            return redirect("budget:weight_set", set_id=row.id)
        except DomainError as refusal:
            form = refused(refusal)
    text = request.GET.get("q", "").strip()
    groups = row.groups.order_by("-cases", "code")
    if text:
        groups = groups.filter(name__icontains=text) | groups.filter(code__istartswith=text)
    context = {
        "row": row, "page": page_of(groups, page=number_of(request.GET.get("page")), limit=30), "q": text, "table": WEIGHTS,
        "actions": WEIGHTS.actions_for(row, actor), "risks": RISKS, "form": form, "methods": METHOD_WORDS,
        "basic": _names_of(row, terms.dip.basic) if terms else [],
        "terms": terms, "levels": "、".join(f"{LEVEL_WORDS.get(one.level, one.level)} {one.coefficient}" for one in terms.paying.levels) if terms else "",
    }  # fmt: skip
    return show(request, "weight_set.html", context, tab="weights", status=422 if form.errors else 200)


def _names_of(row: WeightSet, codes: Sequence[str]) -> list[str]:
    """Diseases by name; by code where this edition has none of them."""
    names = dict(row.groups.filter(code__in=codes).values_list("code", "name"))
    return [names.get(code, code) for code in codes]


@guarded(policies.OWN)
def statements(request: HttpRequest) -> HttpResponse:
    """Statements of a month or the year, within what the actor sees."""
    seen, year, month = policies.seen_institutions(actor_of(request)), chosen_year(request), chosen_month(request)
    rows = read.statements_of(seen, year, month).select_related("weight_set").order_by("-month", "-by_cases", "number")
    page = page_of(rows, page=number_of(request.GET.get("page")), limit=30)
    context = {
        "page": page, "names": institution_names([row.institution_id for row in page.items]), "table": STATEMENT,
        "month": request.GET.get("month", ""), "adopted": read.adopted_methods(year), "methods": METHOD_WORDS,
        "paid_by": read.method_of_month(month) if month else "", "closed": closing_of(year),
    }  # fmt: skip
    return show(request, "statements.html", context, tab="statements")


@guarded(policies.KEEP)
@require_POST
def calculate(request: HttpRequest) -> HttpResponse:
    """Calculate a month by the chosen method."""
    scheme, month, method = chosen_scheme(request), chosen_month(request), request.POST.get("method") or "drg"

    def act() -> str:
        if month:
            calculate_month(scheme=scheme, month=month, method=method, actor=actor_of(request))
        where = f"?year={month.year}&month={month:%Y-%m}&scheme={scheme}" if month else ""
        return reverse("budget:statements") + where

    return once(request, act)


def _seen_statement(request: HttpRequest, statement_id: UUID) -> Statement:
    row = found(Statement, statement_id)
    if not policies.may_see(actor_of(request), row.institution_id):
        raise Forbidden(_("这是其他机构的结算单。您可以查看本机构及所管机构的结算单。"))
    return row


@guarded(policies.OWN)
def statement(request: HttpRequest, statement_id: UUID) -> HttpResponse:
    """One institution's month: how it is made; pay, release the deposit."""
    row, actor, form = _seen_statement(request, statement_id), actor_of(request), forms.ReasonForm(None)
    scheme = chosen_scheme(request)
    frozen = Appraisal.objects.filter(year=row.month.year, state="frozen").first()
    score = frozen.scores.filter(institution_id=row.institution_id).first() if frozen else None
    if request.method == "POST":
        action = request.POST.get("action")
        try:
            if action == "pay":
                paying.pay_statement(statement_id=row.id, scheme=scheme, actor=actor)
            elif action == "release" and score:
                paying.release_deposit(statement_id=row.id, scheme=scheme, score=score.score, actor=actor)
            return redirect("budget:statement", statement_id=row.id)
        except DomainError as refusal:
            form = refused(refusal)
    house = network.institution(row.institution_id)
    taken_back = read.taken_back_since(row)
    context = {
        "taken_back": taken_back, "taken_back_sum": sum(one.fund for one in taken_back), "row": row, "name": house.name if house else "", "table": STATEMENT, "actions": STATEMENT.actions_for(row, actor), "score": score,
        "history": history(row.id), "form": form, "year": row.month.year, "method": METHOD_WORDS[row.weight_set.method] if row.weight_set else "",
    }  # fmt: skip
    return show(request, "statement.html", context, tab="statements", status=422 if form.errors else 200)


@guarded(policies.OWN)
def print_statement(request: HttpRequest, statement_id: UUID) -> HttpResponse:
    """The statement as a sheet."""
    row = _seen_statement(request, statement_id)
    house = network.institution(row.institution_id)
    whole = row.prepaid + row.withheld
    data = {
        "title": _("医保月度结算单"), "subtitle": f"{row.number} {row.month:%Y-%m}",
        "facts": [[_("机构"), house.name if house else ""], [_("月份"), f"{row.month:%Y-%m}"], [_("状态"), STATEMENT.label(row.state)],
                  [_("住院支付方式"), str(METHOD_WORDS[row.weight_set.method]) if row.weight_set else "—"], [_("住院例数"), str(row.cases)], [_("按项目已记账基金（元）"), yuan(row.by_item)], [_("本月应付（元）"), yuan(whole)]],
        "heads": [_("项目"), _("算法"), _("金额（元）")], "lines": row.steps,
        "last": [[_("预付（元）"), yuan(row.prepaid)], [_("质量保证金（元）"), yuan(row.withheld)], [_("保证金已返还（元）"), yuan(row.released)]],
        "signs": [_("医保经办"), _("机构负责人")],
    }  # fmt: skip
    about = About("budget.statement", row.id, str(row.version))
    return answer(
        print_document(
            "budget_statement", "budget/statement", data, actor=actor_of(request), about=about, title=data["title"]
        )
    )


@guarded(policies.OWN)
def drg(request: HttpRequest) -> HttpResponse:
    """DRG indicators by hospital, department or doctor group; each opens its cases."""
    actor, year, month = actor_of(request), chosen_year(request), chosen_month(request)
    by = request.GET.get("by", "institution_id")
    by = by if by in {"institution_id", "department_id", "doctor_id"} else "institution_id"
    institution = key_of(request.GET.get("institution"))
    rows = read.cases_in(year, policies.seen_institutions(actor), month, institution_id=institution)
    adopted = read.adopted_set(year) or read.adopted_set(year + 1)
    figures = read.drg_figures(rows, by, adopted)
    page = page_of_list(figures, page=number_of(request.GET.get("page")), limit=30)
    keys = [one.key for one in page.items if one.key]
    context = {
        "page": page, "by": by, "names": _names(by, keys), "adopted": adopted, "month": request.GET.get("month", ""),
        "institution": request.GET.get("institution", ""),
        "houses": sorted(institution_names(set(read.cases_in(year, policies.seen_institutions(actor)).values_list("institution_id", flat=True).distinct())).items(), key=lambda pair: pair[1]),
    }  # fmt: skip
    return show(request, "drg.html", context, tab="indicators")


def _names(by: str, keys: list[UUID]) -> dict[UUID, str]:
    if by == "institution_id":
        return institution_names(keys)
    if by == "department_id":
        return {key: one.name for key, one in network.departments_many(keys).items()}
    return {key: one.name for key, one in network.staff_many(keys).items()}


@guarded(policies.OWN)
def cases(request: HttpRequest) -> HttpResponse:
    """The cases behind a figure: no name of a person, paged, within the actor's institutions."""
    actor, get = actor_of(request), request.GET
    where = {f"{name}_id": key_of(get.get(name)) for name in ("institution", "department", "doctor")}
    rows = read.cases_in(
        chosen_year(request),
        policies.seen_institutions(actor),
        chosen_month(request),
        group=get.get("group", "")[:12],
        **where,
    )
    if get.get("only") == "died":
        rows = rows.filter(died=True)
    if get.get("only") == "ungrouped":
        rows = rows.filter(group="")
    page = page_of(rows.order_by("-discharged_on", "id"), page=number_of(get.get("page")), limit=30)
    context = {
        "page": page, "paid": read.payments_of([row.id for row in page.items]), "kinds": CASE_KINDS,
        "names": institution_names({row.institution_id for row in page.items}),
        "departments": _names("department_id", [row.department_id for row in page.items if row.department_id]),
        "asked": set(SpecialRequest.objects.filter(case__in=[row.id for row in page.items], state__in=["asked", "granted"]).values_list("case_id", flat=True)),
    }  # fmt: skip
    return show(request, "cases.html", context, tab="indicators")


@guarded(policies.OWN)
def case(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """One case: what it is worth by each method it was calculated by, and how it came to that."""
    row, actor = found(FundCase, case_id), actor_of(request)
    if not policies.may_see(actor, row.institution_id):
        raise Forbidden(_("这是其他机构的病例。您可以查看本机构及所管机构的病例。"))
    context = {
        "case": row, "paid": read.payments_of([row.id]).get(row.id), "kinds": CASE_KINDS, "methods": METHOD_WORDS,
        "payments": read.ways_of(row.id), "year": row.month.year, "name": institution_names([row.institution_id]).get(row.institution_id, ""),
        "requests": list(row.requests.order_by("-id")), "table": SPECIAL,
    }  # fmt: skip
    return show(request, "case.html", context, tab="indicators")


@guarded(policies.READ)
def methods(request: HttpRequest) -> HttpResponse:
    """The cases of one month by item, by group, by points and by disease score, side by side; each institution opens its cases."""
    scheme, month = chosen_scheme(request), chosen_month(request)
    year = month.year if month else chosen_year(request)
    adopted = read.adopted_set(year) or read.adopted_set(year + 1)
    found_: dict[UUID, Any] = {}
    value, score, scores = Decimal(0), None, read.adopted_set(year, "dip") or read.adopted_set(year + 1, "dip")
    if month and adopted:
        rows = list(read.cases_in(month.year, None, month)[:20_000])
        found_, value, score = read.by_methods(rows, adopted, scores, terms_for(scheme, month.year))
    listed = sorted(found_.items(), key=lambda pair: -pair[1].item)
    context = {
        "rows": listed, "names": institution_names(list(found_)), "value": value, "score": score, "month": request.GET.get("month", ""),
        "adopted": adopted, "scores": scores,
    }  # fmt: skip
    return show(request, "methods.html", context, tab="weights")


@guarded(policies.OWN)
def specials(request: HttpRequest) -> HttpResponse:
    """Special requests within what the actor sees; those that wait first."""
    seen = policies.seen_institutions(actor_of(request))
    rows = SpecialRequest.objects.select_related("case").order_by("-id")
    rows = rows if seen is None else rows.filter(institution_id__in=seen)
    state = request.GET.get("state", "")
    rows = rows.filter(state=state) if state in SPECIAL.states else rows
    page = page_of(rows, page=number_of(request.GET.get("page")), limit=30)
    context = {
        "page": page, "table": SPECIAL, "state": state, "names": institution_names([row.institution_id for row in page.items]),
    }  # fmt: skip
    return show(request, "specials.html", context, tab="specials")


@guarded(policies.OWN)
def special(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """One request with its evidence; decide, recall."""
    row, actor = found(SpecialRequest, request_id), actor_of(request)
    if not policies.may_see(actor, row.institution_id):
        raise Forbidden(_("这是其他机构的申请。"))
    form = forms.DecideForm(request.POST or None)
    if request.method == "POST":
        try:
            if request.POST.get("action") == "recall":
                paying.recall_special(request_id=row.id, actor=actor)
                return redirect("budget:special", request_id=row.id)
            if form.is_valid():
                given = form.cleaned_data
                paying.decide_special(request_id=row.id, granted=given["granted"], reason=given["reason"], actor=actor)
                return redirect("budget:special", request_id=row.id)
        except DomainError as refusal:
            if form.is_bound and request.POST.get("action") != "recall":
                refuse(form, refusal)
            else:
                raise
    paid = read.payments_of([row.case_id]).get(row.case_id)
    context = {
        "row": row, "case": row.case, "paid": paid, "form": form, "table": SPECIAL, "kinds": CASE_KINDS, "history": history(row.id),
        "name": institution_names([row.institution_id]).get(row.institution_id, ""), "actions": {step.action for step in SPECIAL.actions_for(row, actor)},
    }  # fmt: skip
    return show(request, "special.html", context, tab="specials", status=422 if form.errors else 200)


@guarded(policies.ASK)
def ask_special(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Ask to have one case paid apart."""
    case, actor = found(FundCase, case_id), actor_of(request)
    if not policies.may_see(actor, case.institution_id):
        raise Forbidden(_("这是其他机构的病例，由该机构申请。"))
    form = forms.SpecialForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            return once(
                request,
                lambda: reverse(
                    "budget:special",
                    args=[
                        paying.ask_special(
                            case_id=case.id, asked=given["asked"], evidence=given["evidence"], actor=actor
                        )
                    ],
                ),
            )
        except DomainError as refusal:
            refuse(form, refusal)
    context = {"case": case, "form": form, "paid": read.payments_of([case.id]).get(case.id), "kinds": CASE_KINDS}
    return show(request, "ask_special.html", context, tab="specials", status=422 if form.errors else 200)
