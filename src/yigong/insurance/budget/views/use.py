"""Pages of the package and its use."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yigong.core.errors import DomainError
from yigong.core.paging import number_of, page_of, page_of_list
from yigong.core.rights import guarded
from yigong.core.states.api import history
from yigong.core.ui.forms import idempotency_key, once, refuse
from yigong.insurance.budget import forms, policies
from yigong.insurance.budget.commands import months, packages
from yigong.insurance.budget.commands.common import found
from yigong.insurance.budget.models import FiledSettlement, FundCase, Package
from yigong.insurance.budget.models.facts import NOBODY
from yigong.insurance.budget.queries import use
from yigong.insurance.budget.queries.terms import schemes, terms_for
from yigong.insurance.budget.rules.states import PACKAGE
from yigong.insurance.budget.rules.words import KIND_WORDS, OTHER_FUNDS, PLACE_WORDS
from yigong.insurance.budget.views.common import actor_of, chosen_month, chosen_scheme, chosen_year, refused, show


@guarded(policies.READ)
def overview(request: HttpRequest) -> HttpResponse:
    """One page: package, used, left, months, provisional part, the year's end."""
    scheme, year = chosen_scheme(request), chosen_year(request)
    seen = use.overview(scheme, year)
    context = {
        "seen": seen,
        "chart": _chart(seen, year),
        "open_months": use.open_months(scheme, year),
        "state": PACKAGE,
    }
    return show(request, "overview.html", context, tab="overview")


def _chart(seen: use.Overview, year: int) -> dict[str, Any]:
    """Bars by month: inside, outside and (hatched) provisional, in ten thousands of yuan."""

    def bars(name: str, values: list[int], **more: Any) -> dict[str, Any]:
        return {"name": name, "type": "bar", "stack": "use", "data": [value // 10_000 / 100 for value in values]} | more

    hatched = {"decal": {"symbol": "rect", "dashArrayX": [1, 0], "dashArrayY": [3, 4], "rotation": -0.8}}
    return {
        "legend": {}, "xAxis": {"type": "category", "data": [_("%(n)s月") % {"n": n} for n in range(1, 13)]},
        "yAxis": {"type": "value", "name": _("万元")},
        "series": [
            bars(_("县内"), [one.inside for one in seen.months]),
            bars(_("县外已定案"), [one.outside - one.provisional for one in seen.months]),
            bars(_("县外未定案"), [one.provisional for one in seen.months], itemStyle=hatched),
        ],
    }  # fmt: skip


@guarded(policies.READ)
def breakdown(request: HttpRequest) -> HttpResponse:
    """Use by institution, home township or kind, for the year or a month."""
    by = request.GET.get("by", "institution")
    by = by if by in {"institution", "home", "kind"} else "institution"
    rows = use.breakdown(chosen_scheme(request), chosen_year(request), by, chosen_month(request))
    page = page_of_list(rows, page=number_of(request.GET.get("page")), limit=30)
    names: dict[Any, str] = {code: str(word) for code, word in KIND_WORDS.items()}
    if by != "kind":
        names = dict(use.institution_names([row["key"] for row in page.items]))
        names[UUID(NOBODY)] = _("县外机构") if by == "institution" else _("未对应到乡镇")
    whole = sum(row["pool"] for row in rows)
    return show(
        request, "breakdown.html", {"page": page, "by": by, "names": names, "whole": whole, "month": request.GET.get("month", "")},
        tab="overview",
    )  # fmt: skip


@guarded(policies.KEEP)
@require_POST
def close_month(request: HttpRequest) -> HttpResponse:
    """Close the next open month."""
    scheme, year = chosen_scheme(request), chosen_year(request)

    def act() -> str:
        waiting = use.open_months(scheme, year)
        if waiting:
            region = terms_for(scheme, year).region
            months.close_month(region=region, scheme=scheme, month=waiting[0], actor=actor_of(request))
        return reverse("budget:overview") + f"?year={year}&scheme={scheme}"

    return once(request, act)


@guarded(policies.READ)
def package_list(request: HttpRequest) -> HttpResponse:
    """All packages, and the form of a new one."""
    form = forms.PackageForm(request.POST or None, schemes(), chosen_year(request))
    if request.method == "POST":
        if not actor_of(request).has(policies.KEEP):
            from yigong.core.errors import Forbidden

            raise Forbidden()
        if form.is_valid():
            try:
                return once(
                    request,
                    lambda: reverse(
                        "budget:package",
                        args=[packages.make_package(**_package(form), actor=actor_of(request))],
                    ),
                )
            except DomainError as refusal:
                refuse(form, refusal)
    page = page_of(Package.objects.order_by("-year", "scheme", "state"), page=number_of(request.GET.get("page")))
    context = {"page": page, "form": form, "table": PACKAGE}
    return show(request, "packages.html", context, tab="packages", status=422 if form.errors else 200)


def _package(form: forms.PackageForm) -> dict[str, Any]:
    given = form.cleaned_data
    return {"scheme": given["scheme"], "year": given["year"], "insured": given["insured"]}


@guarded(policies.READ)
def package(request: HttpRequest, package_id: UUID) -> HttpResponse:
    """One package: how it is made, what changed it, its steps."""
    row, actor = found(Package, package_id), actor_of(request)
    action, change, moved = request.POST.get("action", ""), forms.ChangeForm(None), forms.ReasonForm(None)
    if action == "change":
        change = forms.ChangeForm(request.POST)
    if request.method == "POST" and (action != "change" or change.is_valid()):
        try:
            if action == "change":
                given = change.cleaned_data
                packages.change_package(
                    package_id=row.id,
                    key=idempotency_key(request),
                    amount=given["amount"],
                    reason=given["reason"],
                    actor=actor,
                )
            else:
                packages.move_package(
                    package_id=row.id, action=action, actor=actor, reason=request.POST.get("reason", "")
                )
            return redirect("budget:package", package_id=row.id)
        except DomainError as refusal:
            if action == "change":
                refuse(change, refusal)
            else:
                moved = refused(refusal)
    actions = [
        step for step in PACKAGE.actions_for(row, actor) if step.action in {"publish", "begin", "withdraw", "discard"}
    ]
    context = {
        "row": row, "table": PACKAGE, "actions": actions, "changes": list(row.changes.order_by("at")), "amount": use.amount_of(row),
        "history": history(row.id), "change": change, "moved": moved, "year": row.year,
    }  # fmt: skip
    return show(request, "package.html", context, tab="packages", status=422 if change.errors or moved.errors else 200)


@guarded(policies.READ)
def filed(request: HttpRequest) -> HttpResponse:
    """Settlements that came by file, newest first, or one by its number; the way to the file's own pages."""
    ref, only = request.GET.get("ref", "").strip(), request.GET.get("only", "")
    page = use.filed(ref, only, number_of(request.GET.get("page")))
    context = {
        "page": page, "ref": ref, "only": only, "kinds": KIND_WORDS, "places": PLACE_WORDS, "funds": OTHER_FUNDS,
        "cases": set(FundCase.objects.filter(pk__in=[row.id for row in page.items]).values_list("id", flat=True)),
        "houses": {str(key): name for key, name in use.institution_names(_houses(page.items)).items()},
    }  # fmt: skip
    return show(request, "filed.html", context, tab="filed")


def _houses(rows: Sequence[FiledSettlement]) -> set[UUID]:
    return {UUID(key) for row in rows if (key := row.figures.get("institution_id"))}
