"""Frozen figures: what readers of a period get, whatever was counted since."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from yigong.core.errors import NotFound
from yigong.core.months import add_months
from yigong.indicators.data import Figure, Span
from yigong.indicators.models import Correction, FrozenFigure, Period
from yigong.indicators.queries import figures
from yigong.indicators.queries.figures import Places
from yigong.indicators.queries.registry import counted
from yigong.indicators.rules.consistency import Look
from yigong.indicators.rules.definition import Definition
from yigong.indicators.rules.figures import Amounts, total

LENGTHS = {"month": 1, "quarter": 3, "year": 12}
Key = tuple[str, str, UUID]  # code, variant, institution


@dataclass(frozen=True, slots=True)
class Frozen:
    """A frozen figure: as it was frozen, and as it stands after corrections."""

    period: Period
    original: Figure
    corrected: Figure
    corrections: tuple[Correction, ...]

    @property
    def is_corrected(self) -> bool:
        """Whether it was corrected."""
        return bool(self.corrections)


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure of the county as it stands in the frozen period and as it would be counted today."""

    definition: Definition
    variant: str
    original: Figure
    frozen: Figure
    today: Figure

    @property
    def differs(self) -> bool:
        """Whether today's count says something else."""
        mine, now = self.frozen.amounts, self.today.amounts
        return (mine and (mine.numerator, mine.denominator)) != (now and (now.numerator, now.denominator))


def period(period_id: UUID) -> Period:
    """One period; NotFound."""
    found = Period.objects.filter(pk=period_id).first()
    if found is None:
        raise NotFound()
    return found


def span_of(row: Period) -> Span:
    """The months of a period."""
    return Span(row.first, row.last)


def last_of(kind: str, first: date) -> date:
    """The last month of a period that begins with ``first``."""
    return add_months(first, LENGTHS[kind] - 1)


def amounts_now(span: Span) -> dict[Key, tuple[str, Amounts]]:
    """Every indicator of every institution as counted now, with the version of the definition at the span's end."""
    found: dict[Key, tuple[str, Amounts]] = {}
    for definition in counted(span.last).values():
        for variant in definition.variants:
            for row in figures.by_place(definition, span, None, variant or "P1"):
                if row.figure.amounts is not None:
                    found[definition.code, variant, row.houses[0]] = (definition.version, row.figure.amounts)
    return found


def digest_of(amounts: dict[Key, tuple[str, Amounts]]) -> str:
    """What was signed, in one word."""
    lines = sorted(
        f"{code} {variant} {house} {version} {a.numerator} {a.denominator}"
        for (code, variant, house), (version, a) in amounts.items()
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def looks_at(span: Span) -> list[Look]:
    """What the checks look at."""
    before = Span(add_months(span.first, -12), add_months(span.last, -12))
    return [
        _look(definition, variant, span, before)
        for definition in counted(span.last).values()
        for variant in definition.variants
    ]


def _look(definition: Definition, variant: str, span: Span, before: Span) -> Look:
    primary = variant or "P1"
    places = figures.by_place(definition, span, None, primary)
    fresh = figures.freshness(definition, span)
    return Look(
        definition=definition,
        variant=variant,
        county=figures.figures_of([definition], span, None, primary)[definition.code].amounts,
        places=tuple(row.figure.amounts for row in places if row.figure.amounts),
        groups=tuple(
            row.figure.amounts for row in figures.grouped(places, "township", span.last) if row.figure.amounts
        ),
        before=figures.figures_of([definition], before, None, primary)[definition.code].amounts,
        never=fresh.never,
        stale=fresh.stale,
    )


def figures_in(row: Period, places: Places = None) -> dict[tuple[str, str], tuple[Figure, Figure]]:
    """The figures of a frozen period by code and variant: as frozen, and as corrected."""
    original: dict[tuple[str, str], list[Amounts]] = {}
    latest: dict[Key, Amounts] = {}
    rows = row.figures.order_by("revision")
    if places is not None:
        rows = rows.filter(institution_id__in=places)
    for one in rows:
        amounts = Amounts(one.numerator, one.denominator, one.provisional)
        if one.revision == 0:
            original.setdefault((one.code, one.variant), []).append(amounts)
        latest[one.code, one.variant, one.institution_id] = amounts
    known = counted(row.last)
    return {
        (code, variant): (
            Figure(known[code], total(original.get((code, variant), []), known[code].is_share)),
            Figure(
                known[code],
                total((a for (c, v, _h), a in latest.items() if (c, v) == (code, variant)), known[code].is_share),
            ),
        )
        for code, variant in dict.fromkeys((c, v) for c, v, _h in latest)
        if code in known
    }


def frozen_of(code: str, variant: str, span: Span, places: Places) -> Frozen | None:
    """The frozen figure of exactly these months, when there is one."""
    row = Period.objects.filter(state="frozen", first=span.first, last=span.last).first()
    pair = figures_in(row, places).get((code, variant)) if row else None
    if row is None or pair is None:
        return None
    return Frozen(row, *pair, tuple(row.corrections.filter(code=code).order_by("made_at")))


def differences(row: Period) -> list[Difference]:
    """Every figure of a frozen period beside what would be counted today."""
    span, kept = span_of(row), figures_in(row)
    found = []
    for definition in counted(row.last).values():
        for variant in definition.variants:
            today = figures.figures_of([definition], span, None, variant or "P1")[definition.code]
            nothing = Figure(definition, Amounts(0, 0 if definition.is_share else None))
            original, corrected = kept.get((definition.code, variant), (nothing, nothing))
            found.append(
                Difference(
                    definition, variant, original, corrected, replace(today, amounts=today.amounts or nothing.amounts)
                )
            )
    return found


def latest_revisions(row: Period, code: str) -> dict[Key, FrozenFigure]:
    """The rows of an indicator that count, by key."""
    return {
        (one.code, one.variant, one.institution_id): one for one in row.figures.filter(code=code).order_by("revision")
    }


def periods() -> Iterable[Period]:
    """All periods that were not dropped, the latest first."""
    return Period.objects.exclude(state="dropped").order_by("-first", "kind")
