"""Rates with their rows, key populations, the packages as they are defined."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from yigong.contracts import policies
from yigong.contracts.queries import figures, teams, teamwork
from yigong.contracts.rules.packs import packages as packages_on
from yigong.contracts.rules.packs import rules
from yigong.core import clock
from yigong.core.asked import key_of
from yigong.core.errors import NotFound
from yigong.core.paging import number_of, page_of
from yigong.core.rights import guarded
from yigong.network import api as network


def _year(request: HttpRequest) -> int:
    text, today = request.GET.get("year", ""), clock.today()
    return int(text) if text in {str(y) for y in range(today.year - 4, today.year + 1)} else today.year


@guarded(policies.FIGURES)
def rates(request: HttpRequest) -> HttpResponse:
    """All rates of the own places; with ``code`` one of them by institution."""
    year, code = _year(request), request.GET.get("code", "")
    if code and code not in figures.titles():
        code = ""
    today = clock.today()
    found = figures.rates(request.actor, year, code)
    values = {
        "rates": found, "year": year, "code": code, "title": figures.titles().get(code, ("", "", ""))[0], "groups": figures.by_group(request.actor),
        "years": [(str(y), str(y)) for y in range(today.year, today.year - 3, -1)], "day": figures.day_of(year), "county": rules(),
        "chart": _chart(found) if code else None,
    }  # fmt: skip
    return render(request, "contracts/rates.html", values)


def _chart(found: list[figures.Rate]) -> dict[str, object]:
    shown = [r for r in found if r.share is not None][:20]
    return {
        "grid": {"left": 110, "right": 30, "top": 10, "bottom": 30},
        "xAxis": {"type": "value", "max": 100, "axisLabel": {"formatter": "{value}%"}},
        "yAxis": {"type": "category", "inverse": True, "data": [r.place for r in shown]},
        "series": [{"type": "bar", "data": [round((r.share or 0) * 100, 1) for r in shown]}],
    }


@guarded(policies.FIGURES, about="resident")
def rate_rows(request: HttpRequest, code: str) -> HttpResponse:
    """The people behind one side of a rate."""
    if code not in figures.titles():
        raise NotFound(_("没有这个指标。"))
    year, side, place = _year(request), request.GET.get("side", "all"), key_of(request.GET.get("place"))
    page = figures.rows(request.actor, code, year, side=side, place=place, page=number_of(request.GET.get("page")))
    names = {k: (i.short_name or i.name) for k, i in network.institutions({p for _who, p in page.items if p}).items()}
    labels = {"counted": _("计入分子"), "missing": _("未计入"), "all": _("分母全部")}
    values = {
        "page": page, "title": figures.titles()[code], "year": year, "side": side, "place": place, "places": names, "code": code,
        "tabs": [(label, f"?side={s}&year={year}" + (f"&place={place}" if place else ""), s == side) for s, label in labels.items()],
    }  # fmt: skip
    return render(request, "contracts/rate_rows.html", values)


@guarded(policies.FIGURES)
def team_rates(request: HttpRequest) -> HttpResponse:
    """The rates of one programme by team; each figure opens its people."""
    known, year = teamwork.shown(), _year(request)
    programme = known.get(request.GET.get("programme", "")) or next(iter(known.values()))
    rows = teams.busy_first(request.actor)
    page = page_of(
        rows,
        page=number_of(request.GET.get("page")),
        convert=lambda found: teamwork.by_team(list(found), programme, year),
    )
    today = clock.today()
    values = {
        "page": page, "p": programme, "rates": teamwork.rates_of(programme), "year": year, "choices": [(c, _(p.short)) for c, p in known.items()],
        "years": [(str(y), str(y)) for y in range(today.year, today.year - 3, -1)],
        "places": {k: (i.short_name or i.name) for k, i in network.institutions({r.team.institution_id for r in page.items}).items()},
    }  # fmt: skip
    return render(request, "contracts/team_rates.html", values)


@guarded(policies.FIGURES, about="resident")
def team_rows(request: HttpRequest, team_id: UUID, programme: str, rate: str) -> HttpResponse:
    """A team's people behind one side of a rate."""
    team, found = teams.mine(request.actor).filter(pk=team_id).first(), teamwork.shown().get(programme)
    one = next((r for r in teamwork.rates_of(found) if r.code == rate), None) if found else None
    if team is None or found is None or one is None:
        raise NotFound(_("没有这个指标。"))
    year, side = _year(request), request.GET.get("side", "all")
    rows = teamwork.people_of(programme, rate, year, side).filter(team_id=team.id).order_by("resident__pinyin", "id")
    keys = page_of(rows.values_list("resident_id", flat=True), page=number_of(request.GET.get("page")), convert=list)
    labels = {"counted": _("计入分子"), "missing": _("未计入"), "all": _("分母全部")}
    values = {
        "page": keys, "people": figures.named(request.actor, list(keys.items)), "team": team, "p": found, "rate": one,
        "tabs": [(label, f"?side={s}&year={year}", s == side) for s, label in labels.items()],
    }  # fmt: skip
    return render(request, "contracts/team_rows.html", values)


@guarded(policies.READ)
def packages(request: HttpRequest) -> HttpResponse:
    """The packages in force: items, how often, by which records, price and payers."""
    return render(request, "contracts/packages.html", {"packages": list(packages_on().values()), "county": rules()})
