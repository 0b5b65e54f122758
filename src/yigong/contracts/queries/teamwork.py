"""The rates of the programmes by team: of the people who have a valid contract with it. Who counts is the programmes' word (``standings``)."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet

from yigong.contracts.models import Contract, Team
from yigong.contracts.queries import figures
from yigong.core import clock
from yigong.programmes import api as programmes


@dataclass(frozen=True, slots=True)
class TeamRates:
    """One team: for each rate (counted, of)."""

    team: Team
    rates: dict[str, tuple[int, int]]


def shown() -> dict[str, programmes.Programme]:
    """The programmes that have rates of enrolled people and are not kept from others."""
    found = programmes.programmes().items()
    return {code: p for code, p in found if not p.restricted and any(r.base == "enrolled" for r in p.rates)}


def rates_of(programme: programmes.Programme) -> list[Any]:
    """Its rates whose denominator are enrolled people."""
    return [r for r in programme.rates if r.base == "enrolled"]


def people_of(programme: str, rate: str, year: int, side: str = "all") -> QuerySet[Contract]:
    """The valid contracts of a rate's people: counted, missing, or all of the denominator."""
    rows = programmes.standings(programme, rate, year)
    contracts = figures.holding(figures.day_of(year)).filter(resident_id__in=rows.values("person"))
    counted = rows.filter(counts=True).values("person")
    if side == "counted":
        return contracts.filter(resident_id__in=counted)
    return contracts.exclude(resident_id__in=counted) if side == "missing" else contracts


def by_team(teams: list[Team], programme: programmes.Programme, year: int = 0) -> list[TeamRates]:
    """The rates of these teams, two statements a rate for any number of them."""
    found: dict[UUID, dict[str, tuple[int, int]]] = {t.id: {} for t in teams}
    for rate in rates_of(programme):
        of, counted = (
            _by_team(people_of(programme.code, rate.code, year or clock.today().year, side), found)
            for side in ("all", "counted")
        )
        for key, rates in found.items():
            rates[rate.code] = (counted.get(key, 0), of.get(key, 0))
    return [TeamRates(t, found[t.id]) for t in teams]


def _by_team(rows: QuerySet[Contract], teams: dict[UUID, Any]) -> dict[UUID, int]:
    counted = rows.filter(team_id__in=list(teams)).order_by().values_list("team_id").annotate(n=Count("id"))
    return dict(counted)
