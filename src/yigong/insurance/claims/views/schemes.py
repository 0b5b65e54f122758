"""Grouping schemes: what there is, from when it holds, import, comparison."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from yigong.access.api import guarded
from yigong.core import clock
from yigong.core.errors import DomainError, NotFound
from yigong.core.jobs.api import job
from yigong.core.paging import number_of, page_of
from yigong.core.ui.forms import once, page, refuse
from yigong.insurance.claims import api, forms, groupers, jobs, policies
from yigong.insurance.claims.models import Comparison, SchemeInForce, SchemeVersion
from yigong.insurance.grouping.api import SchemeInvalid


@guarded(policies.COMPARE)
def index(request: HttpRequest) -> HttpResponse:
    """Imported schemes, those of the packs, and what is in force."""
    rows = SchemeVersion.objects.defer("content").order_by("code", "-imported_at")
    lines = SchemeInForce.objects.select_related("scheme").defer("scheme__content").order_by("-valid_from", "region")
    context = {
        "page": page_of(rows, page=number_of(request.GET.get("page"))), "lines": lines[:50], "packs": groupers.pack_schemes().in_force,
        "titles": {name: groupers.title(groupers.PACK + name) for name in groupers.pack_schemes().names}, "end_form": forms.EndForm(),
        "may_import": request.actor.has(policies.SCHEMES), "comparisons": _comparisons(request)[:10],
    }  # fmt: skip
    return render(request, "claims/schemes.html", context)


def _comparisons(request: HttpRequest) -> Any:
    rows = Comparison.objects.filter(institution_id=request.actor.institution_id)
    return rows.order_by("-made_at")


@guarded(policies.SCHEMES)
def upload(request: HttpRequest) -> HttpResponse:
    """Import a scheme; every fault is listed with file and line."""
    form = forms.SchemeForm(request.POST or None, request.FILES or None)
    faults: tuple[Any, ...] = ()
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        uploads = [(one.name, one.read()) for one in given["package"]]
        try:
            return once(
                request,
                lambda: reverse(
                    "claims:scheme",
                    args=[
                        api.import_scheme(
                            uploads=uploads, release=given["release"], source=given["source"], actor=request.actor
                        ).id
                    ],
                ),
            )
        except SchemeInvalid as error:
            faults = error.problems
            form.add_error("package", f"方案有 {len(faults)} 处错误，没有导入。")
        except DomainError as error:
            refuse(form, error)
    return page(request, "claims/import.html", {"form": form, "faults": faults}, form=form)


@guarded(policies.COMPARE)
def detail(request: HttpRequest, scheme_id: UUID) -> HttpResponse:
    """One imported scheme and the days on which it holds."""
    row = SchemeVersion.objects.defer("content").filter(pk=scheme_id).first()
    if row is None:
        raise NotFound()
    form = forms.InForceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return once(request, lambda: _in_force(form, row, request))
        except DomainError as error:
            refuse(form, error)
    context = {
        "row": row,
        "form": form,
        "lines": list(row.in_force.order_by("-valid_from")),
        "may": request.actor.has(policies.SCHEMES),
    }
    return page(request, "claims/scheme.html", context, form=form)


def _in_force(form: forms.InForceForm, row: SchemeVersion, request: HttpRequest) -> str:
    api.put_in_force(scheme_id=row.id, actor=request.actor, **form.cleaned_data)
    return reverse("claims:scheme", args=[row.id])


@guarded(policies.SCHEMES)
def end(request: HttpRequest, line_id: UUID) -> HttpResponse:
    """Give a scheme its last day."""
    form = forms.EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return once(request, lambda: _ended(form, line_id, request))
        except DomainError as error:
            refuse(form, error)
    return page(request, "claims/end_scheme.html", {"form": form}, form=form)


def _ended(form: forms.EndForm, line_id: UUID, request: HttpRequest) -> str:
    line = api.end_scheme(line_id=line_id, valid_to=form.cleaned_data["valid_to"], actor=request.actor)
    return reverse("claims:scheme", args=[line.scheme_id])


@guarded(policies.COMPARE)
def compare(request: HttpRequest) -> HttpResponse:
    """Which of a year's cases change group."""
    form = forms.CompareForm(request.POST or None, initial={"year": clock.today().year - 1})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        return once(
            request,
            lambda: reverse(
                "claims:comparison",
                args=[jobs.start_comparison(given["year"], given["one"], given["other"], request.actor).id],
            ),
        )
    return page(request, "claims/compare.html", {"form": form}, form=form)


def _mine(request: HttpRequest, comparison_id: UUID) -> Comparison:
    row = _comparisons(request).filter(pk=comparison_id).first()
    if row is None:
        raise NotFound()
    return row


@guarded(policies.COMPARE)
def comparison(request: HttpRequest, comparison_id: UUID) -> HttpResponse:
    """The changed cases."""
    row = _mine(request, comparison_id)
    found = page_of(row.rows.select_related("list").order_by("id"), page=number_of(request.GET.get("page")))
    context = {
        "row": row, "page": found, "one": groupers.title(row.one), "other": groupers.title(row.other),
        "job": job(row.job_id) if row.job_id and not row.done_at else None,
    }  # fmt: skip
    return render(request, "claims/comparison.html", context)


@guarded(policies.COMPARE)
def comparison_file(request: HttpRequest, comparison_id: UUID) -> HttpResponse:
    """The changed cases as a file."""
    row = _mine(request, comparison_id)
    response = HttpResponse(jobs.comparison_csv(row), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="comparison-{row.year}.csv"'
    return response
