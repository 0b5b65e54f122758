"""Reads of the maintained figures. Every page reads a few hundred cells, however many facts stand behind them."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from yigong.console.data import Month, PlaceRow
from yigong.console.models import FigureCell
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.figures import month_of
from yigong.core.months import add_months
from yigong.network import api as network
from yigong.tasks import api as tasks


@dataclass(slots=True)
class _Sum:
    amount: int = 0
    of: int = 0
    minutes: list[int] = field(default_factory=list)

    def add(self, cell: FigureCell) -> None:
        self.amount, self.of = self.amount + cell.amount, self.of + cell.of
        self.minutes += cell.minutes


def places_of(actor: Actor) -> set[UUID]:
    """Whose figures the actor may read: the own institutions and all they manage; the lead hospital's director and the county's
    health bureau the whole community."""
    if actor.institution_id is None:
        return set()
    mine = set(network.descendants(actor.institution_id)) | set(actor.institution_ids)
    community = network.community_of(actor.institution_id)
    if community is None:
        return mine
    members = network.alliance_members(community.id)
    leads = any(m.institution_id == actor.institution_id and m.role == "lead" for m in members)
    if actor.role != "bureau" and not leads:
        return mine
    return mine | network.descendants_of([m.institution_id for m in members])


def months(places: Collection[UUID], last: date, definition: str, count: int = 12) -> list[Month]:
    """The months up to ``last``, oldest first, for all these institutions together."""
    first = add_months(last, 1 - count)
    primary = network.primary_care_ids(definition)
    sums: dict[tuple[date, str], _Sum] = defaultdict(_Sum)
    for cell in _cells(places, first, last):
        sums[cell.month, cell.figure].add(cell)
        if cell.figure == "visits" and cell.institution_id in primary:
            sums[cell.month, "primary"].add(cell)
    return [
        _month(add_months(first, n), {f: s for (m, f), s in sums.items() if m == add_months(first, n)})
        for n in range(count)
    ]


def by_place(places: Collection[UUID], month: date, definition: str) -> list[PlaceRow]:
    """One month by institution, most visits first; an institution that counted nothing is listed too, at the end."""
    primary = network.primary_care_ids(definition)
    sums: dict[UUID, dict[str, _Sum]] = defaultdict(lambda: defaultdict(_Sum))
    for cell in _cells(places, month, month):
        sums[cell.institution_id][cell.figure].add(cell)
        if cell.figure == "visits" and cell.institution_id in primary:
            sums[cell.institution_id]["primary"].add(cell)
    names = network.institutions(places)
    rows = [PlaceRow(key, found.name, key in primary, _month(month, sums.get(key, {}))) for key, found in names.items()]
    return sorted(rows, key=lambda row: (-row.figures.visits, row.name))


def figures_card(actor: Actor) -> dict[str, Any]:
    """The last two months for the home page: this month so far, and the one before."""
    month = month_of(clock.now())
    places = places_of(actor)
    before, now = months(places, month, "P1", 2)
    return {"now": now, "before": before, "overdue": tasks.overdue_count(list(places))}


def _cells(places: Collection[UUID], first: date, last: date) -> Iterable[FigureCell]:
    rows = FigureCell.objects.filter(month__gte=first, month__lte=last, institution_id__in=places)
    return rows.only("figure", "institution_id", "month", "amount", "of", "minutes")


def _month(month: date, sums: dict[str, _Sum]) -> Month:
    nothing = _Sum()
    reports, referrals = sums.get("reports", nothing), sums.get("referrals", nothing)
    return Month(
        month=month,
        visits=sums.get("visits", nothing).amount,
        primary_visits=sums.get("primary", nothing).amount,
        referrals=referrals.amount,
        referrals_of=referrals.of,
        reports=reports.amount,
        median_minutes=_median(reports.minutes),
    )


def _median(minutes: list[int]) -> int | None:
    if not minutes:
        return None
    ordered, middle = sorted(minutes), len(minutes) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) // 2
