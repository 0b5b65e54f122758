"""What a report reads of one span: every figure at once, as it was frozen with its corrections, or by choice as it is counted now."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Min

from yigong.indicators.data import Figure, Span
from yigong.indicators.models import NOWHERE, Period, Roll
from yigong.indicators.queries import figures
from yigong.indicators.queries.figures import Places
from yigong.indicators.queries.frozen import LENGTHS, amounts_now, last_of
from yigong.indicators.queries.registry import counted
from yigong.indicators.rules.definition import Definition
from yigong.indicators.rules.figures import Amounts, total

Kept = dict[tuple[str, str], dict[UUID, tuple[str, Amounts]]]  # by code and variant: institution -> version and amounts


@dataclass(frozen=True, slots=True)
class FrozenPeriod:
    """A frozen period: its months, who signed and froze it and when, how often an indicator was corrected since."""

    id: UUID
    kind: str
    span: Span
    signed_by: str
    frozen_by: str
    frozen_at: datetime
    corrections: Mapping[str, int]


@dataclass(frozen=True)
class Reading:
    """All figures of a span. ``frozen`` is None when they are counted now and may still change; ``remarks`` is what the checks held
    against an indicator when the period was signed.
    """

    span: Span
    frozen: FrozenPeriod | None
    counted_at: datetime | None
    remarks: Mapping[str, tuple[str, ...]]
    kept: Kept
    nothing: frozenset[str] = field(default_factory=frozenset)

    def figure(self, definition: Definition, variant: str, places: Places = None) -> Figure:
        """One indicator of some institutions together; None is the whole county. Nothing counted has no amounts, nothing found is zero."""
        rows = self.kept.get((definition.code, variant), {})
        chosen = [amounts for house, (_v, amounts) in rows.items() if places is None or house in places]
        if not definition.is_counted or (not rows and definition.code in self.nothing):
            return Figure(definition, None)
        return Figure(definition, total(chosen, definition.is_share))

    def grouped(self, definition: Definition, variant: str, groups: Mapping[UUID, UUID]) -> dict[UUID | None, Figure]:
        """The same by group (institution -> group); what is in no group stands under None, so that the groups make the whole."""
        parts: dict[UUID | None, list[Amounts]] = defaultdict(list)
        for house, (_version, amounts) in self.kept.get((definition.code, variant), {}).items():
            parts[groups.get(house) if house != NOWHERE else None].append(amounts)
        return {key: Figure(definition, total(some, definition.is_share)) for key, some in parts.items()}

    def version(self, definition: Definition, variant: str) -> str:
        """Under which version it was counted; the one in force where nothing was found."""
        rows = self.kept.get((definition.code, variant), {})
        return next((version for version, _amounts in rows.values() if version), definition.version)


def last_month_of(kind: str, first: date) -> date | None:
    """The last month of a month, quarter or year that begins with ``first``; None where no such period begins."""
    if kind not in LENGTHS or first.day != 1 or (first.month - 1) % LENGTHS[kind]:
        return None
    return last_of(kind, first)


def frozen_periods() -> list[FrozenPeriod]:
    """All frozen periods, the latest first."""
    return [_facts(row) for row in Period.objects.filter(state="frozen").order_by("-first", "kind")]


def frozen_reading(kind: str, span: Span) -> Reading | None:
    """The frozen figures of exactly these months; None when they are not frozen."""
    row = Period.objects.filter(state="frozen", kind=kind, first=span.first, last=span.last).first()
    if row is None:
        return None
    kept: Kept = defaultdict(dict)
    for one in row.figures.order_by("revision"):
        amounts = Amounts(one.numerator, one.denominator, one.provisional)
        kept[one.code, one.variant][one.institution_id] = (one.version, amounts)
    remarks: dict[str, tuple[str, ...]] = {}
    for finding in row.findings:
        if finding["level"] == "bad":
            remarks[finding["code"]] = (*remarks.get(finding["code"], ()), finding["text"])
    nothing = frozenset(finding["code"] for finding in row.findings if finding.get("nothing"))
    return Reading(span, _facts(row), row.frozen_at, remarks, dict(kept), nothing)


def counted_reading(span: Span) -> Reading:
    """The figures as counted now, which may still change."""
    kept: Kept = defaultdict(dict)
    for (code, variant, house), pair in amounts_now(span).items():
        kept[code, variant][house] = pair
    whole = figures.figures_of(counted(span.last).values(), span, None)
    nothing = frozenset(code for code, figure in whole.items() if figure.amounts is None)
    rolled = Roll.objects.filter(month__gte=span.first, month__lte=span.last)
    return Reading(span, None, rolled.aggregate(at=Min("computed_at"))["at"], {}, dict(kept), nothing)


def _facts(row: Period) -> FrozenPeriod:
    corrections: Any = defaultdict(int)
    for code in row.corrections.values_list("code", flat=True):
        corrections[code] += 1
    assert row.frozen_at is not None
    return FrozenPeriod(
        row.id, row.kind, Span(row.first, row.last), row.signed_by, row.frozen_by, row.frozen_at, dict(corrections)
    )
