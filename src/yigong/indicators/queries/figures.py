"""Figures from the roll-ups: a page reads some hundred sums, however many facts stand behind them."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Sum

from yigong.core.months import add_months
from yigong.indicators.data import Figure, Freshness, PlaceFigure, Span
from yigong.indicators.facts import facts
from yigong.indicators.models import NOWHERE, Cell, Change, Roll
from yigong.indicators.rules.definition import Definition
from yigong.indicators.rules.figures import Amounts, total
from yigong.network import api as network

Places = Collection[UUID] | None  # None is the whole county, with what belongs to no institution


def variant_of(definition: Definition, primary: str) -> str:
    """P1 or P2 where the indicator asks for primary care, else nothing."""
    return primary if primary in definition.variants else definition.variants[0]


def figures_of(definitions: Iterable[Definition], span: Span, places: Places, primary: str = "P1") -> dict[str, Figure]:
    """Several indicators of some institutions together, in one question."""
    monthly = months_of(definitions, span, places, primary)
    return {code: _together(figures, span) for code, figures in monthly.items()}


def months_of(
    definitions: Iterable[Definition], span: Span, places: Places, primary: str = "P1"
) -> dict[str, dict[date, Figure]]:
    """Several indicators month by month; a month that was not counted has no amounts."""
    wanted = {d.code: d for d in definitions}
    keys = {(d.code, variant_of(d, primary)) for d in wanted.values()}
    rows = Cell.objects.filter(code__in=wanted, month__gte=span.first, month__lte=span.last)
    if places is not None:
        rows = rows.filter(institution_id__in=places)
    sums = (
        rows.values("code", "variant", "month")
        .order_by()
        .annotate(above=Sum("numerator"), below=Sum("denominator"), early=Sum("provisional"))
    )
    known = {(r["code"], r["month"]): _amounts(r) for r in sums if (r["code"], r["variant"]) in keys}
    rolled = set(Roll.objects.filter(month__gte=span.first, month__lte=span.last).values_list("fact", "month"))
    unknown = left_out(wanted.values(), span)

    def found(d: Definition, month: date) -> Amounts | None:
        if month in unknown.get(d.code, ()):
            return None
        return _found(d, known.get((d.code, month)), (d.fact, month) in rolled)

    return {code: {month: Figure(d, found(d, month)) for month in _months(span)} for code, d in wanted.items()}


def left_out(definitions: Iterable[Definition], span: Span) -> dict[str, set[date]]:
    """Months without a figure by indicator: it needs care outside the county, of which nothing is known yet."""
    wanted = [d.code for d in definitions if d.needs_outside]
    if not wanted:
        return {}
    rows = Cell.objects.filter(code__in=wanted, month__gte=span.first, month__lte=span.last)
    found: dict[str, set[date]] = defaultdict(set)
    for row in rows.values("code", "month").order_by().annotate(above=Sum("numerator"), below=Sum("denominator")):
        if row["above"] == row["below"]:
            found[row["code"]].add(row["month"])
    return found


def by_place(definition: Definition, span: Span, places: Places, primary: str = "P1") -> list[PlaceFigure]:
    """Each institution's figure, those without any business included at the end by the page; what belongs to none comes as None."""
    start = span.last if definition.is_lasting else span.first
    rows = Cell.objects.filter(
        code=definition.code, variant=variant_of(definition, primary), month__gte=start, month__lte=span.last
    )
    if unknown := left_out([definition], span).get(definition.code):
        rows = rows.exclude(month__in=unknown)
    if places is not None:
        rows = rows.filter(institution_id__in=places)
    sums = (
        rows.values("institution_id")
        .order_by()
        .annotate(above=Sum("numerator"), below=Sum("denominator"), early=Sum("provisional"))
    )
    found = {row["institution_id"]: _amounts(row) for row in sums}
    names = network.institutions(key for key in found if key != NOWHERE)
    return [
        PlaceFigure(
            key if key != NOWHERE else None,
            names[key].name if key in names else "",
            Figure(definition, amounts),
            (key,),
        )
        for key, amounts in found.items()
    ]


def grouped(rows: Iterable[PlaceFigure], by: str, month: date) -> list[PlaceFigure]:
    """The institutions' figures added up by level, township or community; what is in no group stands as None, so that the groups make the county."""
    groups = groups_of(by, month)
    houses: dict[UUID | str | None, list[PlaceFigure]] = defaultdict(list)
    for row in rows:
        houses[groups.get(row.id) if row.id else None].append(row)
    return [_group(key, members) for key, members in houses.items()]


def groups_of(by: str, month: date) -> dict[UUID | None, UUID | str | None]:
    """The group of each institution in that month: its level, its township, its community."""
    column = {"level": "level", "township": "township_id", "community": "community_id"}[by]
    with connection.cursor() as cursor:
        cursor.execute(f"select institution_id, {column} from fact_institution where month = %s", [month])
        return dict(cursor.fetchall())


def _group(key: UUID | str | None, members: list[PlaceFigure]) -> PlaceFigure:
    definition = members[0].figure.definition
    amounts = total((m.figure.amounts for m in members if m.figure.amounts), definition.is_share)
    houses = tuple(house for m in members for house in m.houses)
    return PlaceFigure(key if isinstance(key, UUID) else None, str(key or ""), Figure(definition, amounts), houses)


def freshness(definition: Definition, span: Span) -> Freshness:
    """When the months of this indicator were counted."""
    return freshness_of([definition], span)[definition.code]


def freshness_of(definitions: Iterable[Definition], span: Span) -> dict[str, Freshness]:
    """The same of several indicators in two questions."""
    wanted = {d.code: d.fact for d in definitions}
    rolled: dict[str, dict[date, datetime]] = defaultdict(dict)
    rolls = Roll.objects.filter(fact__in=set(wanted.values()), month__gte=span.first, month__lte=span.last)
    for fact, month, at in rolls.values_list("fact", "month", "computed_at"):
        rolled[fact][month] = at
    changes = Change.objects.filter(fact__in=set(wanted.values()), month__gte=span.first, month__lte=span.last)
    stale = set(changes.values_list("fact", flat=True).distinct())
    return {
        code: Freshness(
            min(rolled[fact].values(), default=None),
            tuple(month for month in _months(span) if month not in rolled[fact]),
            fact in stale,
        )
        for code, fact in wanted.items()
    }


def silent(definition: Definition, span: Span, places: Places, heard: Iterable[PlaceFigure]) -> list[str]:
    """Institutions counted within the county of which nothing was found in these months: names, for the page to say."""
    speaking = {row.id for row in heard}
    with connection.cursor() as cursor:
        cursor.execute("select institution_id from fact_institution where month = %s and in_county", [span.last])
        there = [row[0] for row in cursor.fetchall()]
    missing = [key for key in there if key not in speaking and (places is None or key in places)]
    return sorted(found.name for found in network.institutions(missing).values())


def has_provisional(fact: str) -> bool:
    """Whether the fact knows of cases that may still change."""
    return facts()[fact].column("provisional") is not None


def _amounts(row: Any) -> Amounts:
    return Amounts(row["above"], row["below"], row["early"])


def _found(definition: Definition, amounts: Amounts | None, rolled: bool) -> Amounts | None:
    """A month that was counted and in which nothing was found is zero of a count and nothing of a share."""
    if amounts or not rolled:
        return amounts
    return Amounts(0, 0 if definition.is_share else None)


def _together(monthly: dict[date, Figure], span: Span) -> Figure:
    definition = next(iter(monthly.values())).definition
    if definition.is_lasting:
        return monthly[span.last]
    known = [figure.amounts for figure in monthly.values() if figure.amounts]
    return Figure(definition, total(known, definition.is_share) if known else None)


def _months(span: Span) -> list[date]:
    months = [span.first]
    while months[-1] < span.last:
        months.append(add_months(months[-1], 1))
    return months
