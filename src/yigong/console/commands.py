"""Keeping the figures up: one cell after an event, all of them on demand."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from yigong.console.models import FigureCell
from yigong.core import clock
from yigong.core.commands import racing
from yigong.core.events.api import subscribe
from yigong.core.figures import Cell, FigureSource, month_of, sources, span_of
from yigong.core.months import add_months


def listen() -> None:
    """Have every figure counted again where an event says that it changed."""
    for source in sources().values():
        for kind, place_of in source.listens.items():
            subscribe(kind, _handler(source, place_of))


@racing("console.recount")
@transaction.atomic
def recount(source: FigureSource, institution_id: UUID, month: date) -> None:
    """Count one cell from the facts again. Counting twice changes nothing, so a repeated or late event does no harm."""
    with connection.cursor() as cursor:
        # One after the other per cell: the later count sees what the earlier saw.
        cursor.execute("select pg_advisory_xact_lock(hashtext(%s))", [f"{source.code}:{institution_id}:{month}"])
    begin, end = span_of(month)
    FigureCell.objects.filter(figure=source.code, institution_id=institution_id, month=month).delete()
    _keep(source, source.count(begin, end, {institution_id}))


@transaction.atomic
def refresh_figures(*, since: date | None = None, codes: Iterable[str] = ()) -> dict[str, int]:
    """Count everything from ``since``'s month (by default the last 25 months) to this month again; cells written per figure.

    For take-overs, bulk loads and doubt. Events that arrive meanwhile wait and count their cells afterwards.
    """
    first = (since or add_months(month_of(clock.now()), -24)).replace(day=1)
    begin, end = span_of(first)[0], span_of(month_of(clock.now()))[1]
    with connection.cursor() as cursor:
        cursor.execute(f"lock table {FigureCell._meta.db_table} in share row exclusive mode")
    written = {}
    for code, source in sources().items():
        if codes and code not in codes:
            continue
        FigureCell.objects.filter(figure=code, month__gte=first).delete()
        written[code] = _keep(source, source.count(begin, end, None))
    return written


def _keep(source: FigureSource, cells: Iterable[Cell]) -> int:
    now = clock.now()
    rows = [
        FigureCell(
            figure=source.code,
            institution_id=cell.institution_id,
            month=cell.month,
            amount=cell.amount,
            of=cell.of,
            minutes=sorted(cell.minutes),
            counted_at=now,
        )
        for cell in cells
    ]
    return len(FigureCell.objects.bulk_create(rows, batch_size=2000))


def _handler(source: FigureSource, place_of: Callable[[Any], tuple[UUID, datetime | None]]) -> Callable[[Any], None]:
    def count_again(event: Any) -> None:
        institution_id, moment = place_of(event)
        if moment is not None:
            recount(source, institution_id, month_of(moment))

    count_again.__module__, count_again.__qualname__ = __name__, f"recount.{source.code}"
    return count_again
