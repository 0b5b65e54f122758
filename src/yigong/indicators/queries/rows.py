"""The rows behind a numerator or denominator: as many, and with the same sum, as the figure says."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.urls import reverse

from yigong.core.paging import FARTHEST, Page
from yigong.indicators.commands.computing import near
from yigong.indicators.data import Row, Span
from yigong.indicators.facts import Column, Fact, facts
from yigong.indicators.facts.words import words_of
from yigong.indicators.models import NOWHERE
from yigong.indicators.queries.figures import Places
from yigong.indicators.rules import sql
from yigong.indicators.rules.definition import Definition, Part

_LIMIT = 50


@dataclass(frozen=True)
class Rows:
    """A page of rows; ``amount`` is the sum over all of them, which is the figure, ``columns`` what a row shows."""

    page: Page[Row]
    amount: int
    columns: list[Column]
    fact: Fact


def rows_behind(
    definition: Definition,
    part: Part,
    variant: str,
    span: Span,
    places: Places,
    page: int = 1,
    without: Collection[date] = (),
) -> Rows:
    """The rows of these months (``without`` some of them) at these institutions, the latest first."""
    fact = facts()[definition.fact]
    first = span.last if definition.is_lasting else span.first
    measure = sql.measure(fact, part.where, part.sum, variant)
    where, values = _where(definition, measure.where, Span(first, span.last), places)
    if without:
        where, values = f"{where} and f.month <> all(%(without)s)", values | {"without": list(without)}
    if part.sum:
        where += f" and f.{part.sum} <> 0"
    source = near(fact, first, span.last)
    sums = ["count(*)", f"coalesce(sum({measure.amount}), 0)"]
    total, amount = _totals(sql.rows_statement(fact, where, sums, source), values)
    offset = (min(max(1, page), max(1, -(-total // _LIMIT)), FARTHEST) - 1) * _LIMIT
    shown = [column for column in fact.columns if column.kind in ("int", "bool") or column.words or column.plain]
    words = {place: words_of(column) for place, column in enumerate(shown) if column.words}
    names = [f"f.{name}" for name in ("at", "id", *fact.places, *(column.name for column in shown))]
    text = sql.rows_statement(fact, where, names, source) + f"\norder by f.at desc, f.id limit {_LIMIT} offset {offset}"
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        found = [_row(fact, row, words) for row in cursor.fetchall()]
    return Rows(Page(found, total, offset, _LIMIT), amount, shown, fact)


def _where(definition: Definition, condition: str, span: Span, places: Places) -> tuple[str, dict[str, Any]]:
    place = f"f.{definition.attribution}"
    # A percent sign of a condition is text here, where values are filled in.
    parts = [condition.replace("%", "%%"), "f.month >= %(first)s", "f.month <= %(last)s"]
    if places is not None:
        parts.append(f"coalesce({place}, %(nowhere)s) = any(%(places)s)")
    values = {"first": span.first, "last": span.last, "places": list(places or ()), "nowhere": NOWHERE}
    return " and ".join(parts), values


def _totals(text: str, values: dict[str, Any]) -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        total, amount = cursor.fetchone()
    return int(total), int(amount)


def _row(fact: Fact, row: tuple[Any, ...], words: dict[int, dict[str, str]]) -> Row:
    at, key, *rest = row
    places: tuple[UUID | None, ...] = tuple(rest[: len(fact.places)])
    values = tuple(words.get(n, {}).get(value, value) for n, value in enumerate(rest[len(fact.places) :]))
    return Row(at, places, values, reverse(fact.page, args=[key]) if fact.page else "")
