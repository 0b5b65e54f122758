"""Counting the roll-ups: a month of a fact after events that speak of it, everything on demand, with the same statements.

A month is always counted as a whole, so that the two ways cannot differ: what an event brings is only the word that a month is stale.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from yigong.core import clock
from yigong.core.commands import one_at_a_time, racing
from yigong.core.months import add_months, first_of, months_between
from yigong.indicators.facts import Fact, facts
from yigong.indicators.models import NOWHERE, Cell, Change, Roll
from yigong.indicators.queries.registry import counted, turning_points
from yigong.indicators.rules import sql
from yigong.indicators.rules.definition import Definition
from yigong.indicators.rules.plan import Pass, passes_of

HISTORY = 24  # months before this one that a full count begins with


@dataclass(frozen=True, slots=True)
class Counted:
    """What a count did."""

    months: int
    cells: int
    seconds: float


def note_change(fact: str, month: date, *, until: date | None = None) -> None:
    """Tell that a month is stale; a lasting fact is stale from then on until this month."""
    last = until or (first_of(clock.today()) if facts()[fact].lasting else month)
    months = [month]
    while facts()[fact].lasting and months[-1] < last:
        months.append(add_months(months[-1], 1))
    note_changes((fact, one) for one in months)


def note_changes(stale: Iterable[tuple[str, date]]) -> None:
    """Tell which months of which facts are stale, all in one statement."""
    Change.objects.bulk_create([Change(fact=fact, month=month) for fact, month in stale])


def count_stale() -> Counted:
    """Count again what rooms have spoken of: months in a row of a fact in one pass. Words that come meanwhile wait for the next time."""
    begin, cells, months = time.monotonic(), 0, 0
    _note_new_day()
    for name, first, last, newest in _runs():
        with transaction.atomic():
            done = compute(fact=facts()[name], first=first, last=last)
            Change.objects.filter(fact=name, month__gte=first, month__lte=last, id__lte=newest).delete()
        cells, months = cells + done.cells, months + done.months
    return Counted(months, cells, time.monotonic() - begin)


def _runs() -> list[tuple[str, date, date, int]]:
    """Stale months in a row by fact: first, last, and the newest word about them."""
    runs: list[tuple[str, date, date, int]] = []
    for row in Change.objects.values("fact", "month").annotate(newest=Max("id")).order_by("fact", "month"):
        name, month, newest = row["fact"], row["month"], row["newest"]
        if name not in facts():
            continue
        if runs and runs[-1][0] == name and add_months(runs[-1][2], 1) == month:
            runs[-1] = (name, runs[-1][1], month, max(runs[-1][3], newest))
        else:
            runs.append((name, month, month, newest))
    return runs


def _note_new_day() -> None:
    """States hold on without an event: this month's were true yesterday, and may not be today."""
    month = first_of(clock.today())
    fresh = set(
        Roll.objects.filter(
            month=month, computed_at__gte=clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
        ).values_list("fact", flat=True)
    )
    told = set(Change.objects.filter(month=month).values_list("fact", flat=True))
    stale = [
        name
        for name, fact in facts().items()
        if (fact.lasting or name == "secondment") and name not in fresh | told and name != "institution"
    ]
    note_changes((name, month) for name in stale)


def compute_all(*, since: date | None = None, codes: Iterable[str] = ()) -> Counted:
    """Everything from ``since``'s month (by default two years back) to this month; with ``codes`` only the facts behind those."""
    begin, cells = time.monotonic(), 0
    last = first_of(clock.today())
    first = first_of(since) if since else add_months(last, -HISTORY)
    wanted = {d.fact for d in counted().values() if not codes or d.code in set(codes)}
    for name in facts():
        if name in wanted:
            cells += compute(fact=facts()[name], first=first, last=last).cells
    return Counted(months_between(first, last) + 1, cells, time.monotonic() - begin)


@racing("indicators.compute")
@transaction.atomic
def compute(*, fact: Fact, first: date, last: date) -> Counted:
    """Count the months ``first`` to ``last`` of one fact from its rows and put the result in place of what was there.

    One count of a fact after the other: the later sees what the earlier saw, and more.
    """
    begin, cells = time.monotonic(), 0
    one_at_a_time(f"indicators.{fact.name}")
    with connection.cursor() as cursor:
        # The months of the institutions look to the planner like a handful: it would merge by month and compare each with each.
        cursor.execute("set local enable_mergejoin = off; set local work_mem = '64MB'")
    for start, end, definitions in spans_of(fact, first, last):
        found = list(_cells(fact, definitions, start, end))
        Cell.objects.filter(code__in=[d.code for d in definitions], month__gte=start, month__lte=end).delete()
        cells += _write(found)
    _told(fact, [add_months(first, n) for n in range(months_between(first, last) + 1)], time.monotonic() - begin)
    return Counted(months_between(first, last) + 1, cells, time.monotonic() - begin)


def put_in_place(
    fact: Fact, codes: Sequence[str], months: Sequence[date], cells: Sequence[Cell], engine: str, seconds: float
) -> None:
    """Cells that another engine counted instead of what these months of a fact had; inside a transaction that holds the fact."""
    Cell.objects.filter(code__in=codes, month__in=months).delete()
    _write(cells)
    _told(fact, months, seconds, engine)


def _write(cells: Sequence[Cell]) -> int:
    """Tens of thousands of rows at once: copied in, which costs a tenth of inserting them."""
    columns = ("code", "variant", "month", "institution_id", "version", "numerator", "denominator", "provisional")
    with (
        connection.cursor() as cursor,
        cursor.cursor.copy(f"copy {Cell._meta.db_table} ({', '.join(columns)}) from stdin") as out,
    ):
        for cell in cells:
            out.write_row([getattr(cell, column) for column in columns])
    return len(cells)


def _told(fact: Fact, months: Sequence[date], seconds: float, engine: str = "postgres") -> None:
    now, each = clock.now(), round(seconds * 1000 / max(1, len(months)))
    rows = [Roll(fact=fact.name, month=month, computed_at=now, took_ms=each, engine=engine) for month in months]
    Roll.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["fact", "month"], update_fields=["computed_at", "took_ms", "engine"]
    )


def spans_of(fact: Fact, first: date, last: date) -> Iterator[tuple[date, date, Sequence[Definition]]]:
    """Months in a row in which the same versions of the definitions are in force."""
    starts = [first, *(month for month in turning_points() if first < month <= last)]
    for start, following in zip(starts, [*starts[1:], add_months(last, 1)], strict=True):
        yield start, add_months(following, -1), _in_force(fact, start)


def _in_force(fact: Fact, month: date) -> list[Definition]:
    return [d for d in counted(month).values() if d.fact == fact.name]


def _cells(fact: Fact, definitions: Sequence[Definition], first: date, last: date) -> Iterator[Cell]:
    for one in passes_of(fact, definitions):
        with connection.cursor() as cursor:
            cursor.execute(counting(fact, one, first, last))
            names = [column.name for column in cursor.description or ()]
            for row in cursor:
                yield from cells_of(one, dict(zip(names, row, strict=True)))


def cells_of(one: Pass, row: dict[str, Any]) -> Iterator[Cell]:
    """The cells that a row of a pass makes; where nothing was found there is none."""
    for figure in one.figures:
        above = int(row[figure.numerator])
        below = int(row[figure.denominator]) if figure.denominator else None
        if above or below:
            yield Cell(
                code=figure.code, variant=figure.variant, month=row["month"], institution_id=row["place"] or NOWHERE, version=figure.version,
                numerator=above, denominator=below, provisional=int(row["provisional"]) if "provisional" in row else 0,
            )  # fmt: skip


def counting(fact: Fact, one: Pass, first: date, last: date) -> str:
    """The statement of a pass as PostgreSQL gets it: the rows by their time, the houses of these months looked up once and not for each row."""
    if not any("i." in measure.text for measure in one.measures.values()):
        return sql.statement(fact, one.attribution, one.measures, first, last, near(fact, first, last))
    houses = f"with fact_institution as materialized (select * from fact_institution where month >= date '{first}' and month <= date '{last}')"
    return sql.statement(fact, one.attribution, one.measures, first, last, near(fact, first, last), houses)


def near(fact: Fact, first: date, last: date) -> str:
    """The rows of these months by their time, which has an index, where PostgreSQL counts."""
    begin, end = f"{first} 00:00:00+08", f"{add_months(last, 1)} 00:00:00+08"
    return f"(select * from {fact.table} where at >= timestamptz '{begin}' and at < timestamptz '{end}')"
