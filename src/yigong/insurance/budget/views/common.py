"""What the pages share."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import DomainError
from yigong.core.ui.forms import refuse
from yigong.insurance.budget import policies
from yigong.insurance.budget.forms import ReasonForm
from yigong.insurance.budget.queries.terms import SCHEME_WORDS, schemes
from yigong.insurance.budget.rules.clearing import percent
from yigong.insurance.budget.rules.money import wan, yuan


def actor_of(request: HttpRequest) -> Actor:
    """Who asks; the guard has seen to it that there is somebody."""
    return request.actor


def chosen_year(request: HttpRequest) -> int:
    """The year of the page, by default this one."""
    text = request.GET.get("year", "")
    return int(text) if text.isdecimal() and 2000 <= int(text) <= 2100 else clock.today().year


def chosen_scheme(request: HttpRequest) -> str:
    """The scheme of the page, by default the first with terms."""
    known = [code for code, _word in schemes()]
    asked = request.GET.get("scheme", "")
    return asked if asked in known else (known[0] if known else "390")


def chosen_month(request: HttpRequest) -> date | None:
    """A month asked for as ``2026-03``; None for the whole year."""
    try:
        return date.fromisoformat(request.GET.get("month", "") + "-01")
    except ValueError:
        return None


def show(
    request: HttpRequest, template: str, context: dict[str, Any], *, tab: str = "", status: int = 200
) -> HttpResponse:
    """Render a page of the room with its tabs and the words for money."""
    actor, year, scheme = actor_of(request), chosen_year(request), chosen_scheme(request)
    base = {
        "yuan": yuan, "wan": wan, "percent_of": percent, "year": context.get("year", year), "scheme": scheme,
        "schemes": schemes(), "scheme_names": dict(schemes()), "scheme_word": _(SCHEME_WORDS.get(scheme, scheme)), "tabs": _tabs(actor, tab, year, scheme), "rights": policies,
        "can": {name: actor.has(getattr(policies, name)) for name in _RIGHTS}, "years_of": [(one, str(one)) for one in range(clock.today().year, clock.today().year - 4, -1)],
    }  # fmt: skip
    return render(request, f"budget/{template}", base | context, status=status)


def refused(error: DomainError) -> ReasonForm:
    """A form that says why something was refused, for actions that have no form of their own."""
    form = ReasonForm({"reason": "—"})
    form.full_clean()
    refuse(form, error)
    return form


_RIGHTS = ("READ", "OWN", "KEEP", "PUBLISH", "ASK", "DECIDE", "APPRAISE", "SIGN", "CLEAR", "WHAT_IF")


def _tabs(actor: Actor, tab: str, year: int, scheme: str) -> list[tuple[str, str, bool]]:
    offered = [
        ("overview", _("总览"), policies.READ), ("packages", _("打包总额"), policies.READ), ("filed", _("导入的结算"), policies.READ),
        ("statements", _("机构支付"), policies.OWN), ("weights", _("权重费率"), policies.READ), ("indicators", _("病组指标"), policies.OWN),
        ("specials", _("特例单议"), policies.OWN), ("appraisals", _("考核"), policies.READ), ("year_ends", _("年度结算"), policies.READ), ("clearing", _("年度清算"), policies.READ),
        ("what_ifs", _("政策试算"), policies.WHAT_IF),
    ]  # fmt: skip
    query = f"?year={year}&scheme={scheme}"
    return [
        (label, reverse(f"budget:{name}") + query, name == tab) for name, label, right in offered if actor.has(right)
    ]
