"""Which engine counted what and when."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Max, Min, Sum

from yigong.core.paging import Page, page_of
from yigong.indicators.facts import Fact, facts
from yigong.indicators.models import Change, Computation, Roll
from yigong.indicators.queries.registry import counted


@dataclass(frozen=True, slots=True)
class Standing:
    """The months of a fact that one engine counted last; ``waiting`` words of change are counted within half a minute."""

    fact: Fact
    indicators: int
    engine: str
    months: int
    first: date | None
    last: date | None
    computed_at: datetime | None
    took_ms: int
    waiting: int


def standing() -> list[Standing]:
    """Each fact that indicators are counted over, by the engines that counted it; one that was never counted says so by having no months."""
    used: dict[str, int] = {}
    for definition in counted().values():
        used[definition.fact] = used.get(definition.fact, 0) + 1
    waiting = dict(Change.objects.order_by().values_list("fact").annotate(n=Count("month", distinct=True)))
    rolled: dict[str, list[Any]] = {}
    for row in (
        Roll.objects.order_by("fact", "engine")
        .values("fact", "engine")
        .annotate(n=Count("id"), begin=Min("month"), end=Max("month"), at=Max("computed_at"), ms=Sum("took_ms"))
    ):
        rolled.setdefault(row["fact"], []).append(row)
    found = []
    for name, fact in facts().items():
        if name not in used:
            continue
        n, wait = used[name], waiting.get(name, 0)
        found += [
            Standing(fact, n, r["engine"], r["n"], r["begin"], r["end"], r["at"], r["ms"], wait)
            for r in rolled.get(name, [])
        ] or [Standing(fact, n, "", 0, None, None, None, 0, wait)]
    return found


def computations(page: int) -> Page[Computation]:
    """Every count of everything, the newest first."""
    return page_of(Computation.objects.order_by("-begun_at", "-id"), page=page, limit=20)
