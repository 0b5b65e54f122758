"""Pages of the what-if."""

from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.core.errors import DomainError, InvalidInput, NotFound
from yigong.core.jobs.api import job, result_file
from yigong.core.paging import number_of, page_of, page_of_list
from yigong.core.rights import guarded
from yigong.core.ui.forms import once
from yigong.insurance.benefits.api import plan_documents
from yigong.insurance.budget import policies
from yigong.insurance.budget.commands import whatif as commands
from yigong.insurance.budget.commands.common import found
from yigong.insurance.budget.models import WhatIf
from yigong.insurance.budget.queries.use import institution_names
from yigong.insurance.budget.queries.whatif import said
from yigong.insurance.budget.views.common import actor_of, chosen_scheme, chosen_year, show


@guarded(policies.WHAT_IF)
def what_ifs(request: HttpRequest) -> HttpResponse:
    """Earlier what-ifs, and the form of a new one with a row for each deductible and ratio of the plan."""
    scheme, year, refused = chosen_scheme(request), chosen_year(request), ""
    plans = plan_documents(scheme)
    wanted = request.POST.get("plan") or request.GET.get("plan", "")
    plan = next((one for one in plans if f"{one['code']}/{one['version']}" == wanted), plans[0] if plans else None)
    if request.method == "POST" and plan:
        try:
            return once(request, lambda: reverse("budget:what_if", args=[_ask(request, plan, scheme, year)]))
        except DomainError as error:
            refused = str(error)
    page = page_of(WhatIf.objects.order_by("-made_at"), page=number_of(request.GET.get("page")))
    context = {
        "page": page, "plans": [(f"{one['code']}/{one['version']}", one["title"]) for one in plans], "refused": refused,
        "plan": f"{plan['code']}/{plan['version']}" if plan else "", "rows": _rows(plan) if plan else [], "given": request.POST,
    }  # fmt: skip
    return show(request, "what_ifs.html", context, tab="what_ifs", status=422 if refused else 200)


def _rows(plan: dict[str, Any]) -> list[dict[str, Any]]:
    titles = {one["level"]: one["title"] for one in plan["inpatient"]["levels"]}
    rows = [_row(_("住院"), "inpatient", one, titles) for one in plan["inpatient"]["levels"]]
    for benefit in plan["outpatient"]:
        rows += [_row(benefit["title"], benefit["code"], one, titles) for one in benefit.get("levels") or []]
    return rows


def _row(title: str, kind: str, one: dict[str, Any], titles: dict[str, str]) -> dict[str, Any]:
    ratio = one.get("ratio")
    return {
        "title": title, "kind": kind, "level": one["level"], "level_title": _("各级") if one["level"] == "*" else titles.get(one["level"], one["level"]),
        "deductible": one.get("deductible"), "ratio": (Decimal(str(ratio)) * 100).normalize() if ratio is not None else None,
        "name": f"{kind}.{one['level']}",
    }  # fmt: skip


def _ask(request: HttpRequest, plan: dict[str, Any], scheme: str, year: int) -> UUID:
    post, changes = request.POST, []
    for row in _rows(plan):
        deductible = _number(post.get(f"deductible.{row['name']}", ""), 0, 1_000_000, _("起付线"))
        ratio = _number(post.get(f"ratio.{row['name']}", ""), 0, 100, _("支付比例"))
        if deductible is not None or ratio is not None:
            changes.append({
                "kind": row["kind"], "level": row["level"], "title": row["title"], "level_title": row["level_title"],
                "deductible": "" if deductible is None else str(deductible), "ratio": "" if ratio is None else str(ratio / 100),
            })  # fmt: skip
    sharing: dict[str, str] = {}
    rate, kept = _number(post.get("rate", ""), 50, 150, _("费率")), _number(post.get("kept", ""), 0, 100, _("留用比例"))
    if rate is not None:
        sharing["rate"] = str(rate / 100)
    if kept is not None:
        sharing["kept"] = str(kept / 100)
    asked = int(post["asked_year"]) if post.get("asked_year", "").isdecimal() else year
    return commands.ask_what_if(
        title=post.get("title", "").strip(), scheme=scheme, year=asked, plan=f"{plan['code']}/{plan['version']}", changes=changes,
        sharing=sharing, actor=actor_of(request),
    )  # fmt: skip


def _number(text: str, low: int, high: int, what: str) -> Decimal | None:
    if not text.strip():
        return None
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or not low <= number <= high:
        raise InvalidInput(
            _("%(what)s“%(text)s”应为 %(low)s–%(high)s 的数。")
            % {"what": what, "text": text[:20], "low": low, "high": high}
        )
    return number


@guarded(policies.WHAT_IF)
def what_if(request: HttpRequest, what_if_id: UUID) -> HttpResponse:
    """One what-if: its job while it runs, then before and after."""
    row = found(WhatIf, what_if_id)
    result = row.result
    houses = page_of_list(result["houses"] if result else [], page=number_of(request.GET.get("page")), limit=30)
    names = institution_names([UUID(one["institution"]) for one in houses.items if one["institution"]])
    shares = (result or {}).get("clearing")
    share_names = institution_names([UUID(one[0]) for one in shares["shares"][:10]]) if shares else {}
    context = {
        "row": row, "result": result, "page": houses, "names": {str(key): name for key, name in names.items()}, "said": said(row),
        "job": job(row.job_id) if row.job_id else None, "chart": _chart(result) if result else None,
        "share_names": {str(key): name for key, name in share_names.items()}, "mine": row.account_id == actor_of(request).account_id,
    }  # fmt: skip
    return show(request, "what_if.html", context, tab="what_ifs")


def _chart(result: dict[str, Any]) -> dict[str, Any]:
    return {
        "xAxis": {"type": "category", "data": [one[0] for one in result["spread"]], "axisLabel": {"interval": 0, "rotate": 30}},
        "yAxis": {"type": "value", "name": _("人")},
        "series": [{"name": _("居民"), "type": "bar", "data": [one[1] for one in result["spread"]]}],
    }  # fmt: skip


@guarded(policies.WHAT_IF)
def what_if_sheet(request: HttpRequest, what_if_id: UUID) -> HttpResponseBase:
    """The result as a workbook."""
    row = found(WhatIf, what_if_id)
    if row.job_id is None or row.result is None:
        raise NotFound()
    return FileResponse(result_file(row.job_id).open("rb"), as_attachment=True, filename=f"what-if-{row.year}.xlsx")
