"""Pages of the benefit plans."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from yigong.access.api import guarded
from yigong.insurance.benefits import describing, plans, policies, queries
from yigong.insurance.benefits.forms import CompareForm


@guarded(policies.READ)
def plan_list(request: HttpRequest) -> HttpResponse:
    """Plans in force and to come."""
    known = [(plan, describing.doubt_in_words(plan.certainty)) for plan in plans.known_plans()]
    return render(request, "benefits/list.html", {"plans": known})


@guarded(policies.READ)
def detail(request: HttpRequest, code: str, version: str) -> HttpResponse:
    """One plan, readable."""
    plan = plans.plan_named(code, version)
    context = {
        "plan": plan, "sections": describing.describe(plan), "doubt": describing.doubt_in_words(plan.certainty),
    }  # fmt: skip
    return render(request, "benefits/detail.html", context)


@guarded(policies.READ)
def compare(request: HttpRequest) -> HttpResponse:
    """One case under two plans, or under a plan and its change."""
    known = plans.known_plans()
    asked = "in_scope" in request.GET
    form = CompareForm(request.GET if asked else None, known, request.GET.get("one", ""))
    found = None
    if asked and form.is_valid():
        given, case = form.cleaned_data, form.case()
        one, other = (plans.plan_named(*given[name].split("/", 1)) for name in ("one", "other"))
        other = queries.changed(other, case, given["new_deductible"], given["new_ratio"])
        found = queries.compare(one, other, case, form.before())
    return render(request, "benefits/compare.html", {"form": form, "found": found})
