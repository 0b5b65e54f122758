"""One pair, scored by the definition: the same arithmetic that Splink does in bulk."""

import math
from collections.abc import Callable, Mapping

from yigong.residents.matching.conditions import Row
from yigong.residents.matching.data import Scored, Step, VetoHit
from yigong.residents.matching.definition import Compiled, Definition, Frequency, ReadyLevel

# share of a value in a column: column, value -> share, or None when no table names it
Shares = Callable[[str, str], float | None]


def no_shares(column: str, value: str) -> float | None:
    """Knows no value: every one is as rare as the definition's ``usual``."""
    return None


def prepare(definition: Definition, record: Mapping[str, str]) -> dict[str, str]:
    """The prepared columns of a record given as texts by field."""
    row: dict[str, str] = {}
    for maker in definition.makers:
        given = [*(record.get(f, "") for f in maker.inputs), *(row[c] for c in maker.uses)]
        row.update(zip(maker.outputs, maker.make(*given), strict=True))
    return row


def place_of(compiled: Compiled, left: Row, right: Row) -> int:
    """Which level holds: -1 for missing, else counted from the last (0) upwards."""
    if compiled.is_missing(left, right):
        return -1
    highest = len(compiled.levels) - 1
    for place, ready in enumerate(compiled.levels):
        if ready.holds(left, right):
            return highest - place
    raise AssertionError("the last level takes the rest")


def frequency_bits(ready: ReadyLevel, left: Row, right: Row, shares: Shares) -> float:
    """What the value's own share adds to or takes from the level's weight."""
    frequency = ready.level.frequency
    if frequency is None:
        return 0.0
    found = [_share(frequency, row, shares) for row in (left, right) if row[frequency.column]]
    if not found:
        return 0.0
    share = max(*found, frequency.floor)
    return frequency.weight * (math.log2(ready.level.u) - math.log2(share))


def _share(frequency: Frequency, row: Row, shares: Shares) -> float:
    found = shares(frequency.column, row[frequency.column])
    return frequency.usual if found is None else found


def score_rows(definition: Definition, left: Row, right: Row, shares: Shares = no_shares) -> Scored:
    """Score two prepared records."""
    places = {c.comparison.code: place_of(c, left, right) for c in definition.compiled}
    steps = tuple(_step(c, places[c.comparison.code], left, right, shares) for c in definition.compiled)
    weight = definition.prior_bits + sum(s.bits for s in steps)
    vetoes = hits(definition, places)
    return Scored(
        weight=weight,
        probability=1 / (1 + 2**-weight) if weight > -1000 else 0.0,
        verdict=verdict(definition, weight, tuple(v.verdict for v in vetoes)),
        prior_bits=definition.prior_bits,
        steps=steps,
        vetoes=vetoes,
        definition=f"{definition.code}/{definition.version}",
    )


def _step(compiled: Compiled, place: int, left: Row, right: Row, shares: Shares) -> Step:
    asked = compiled.comparison
    seen = (asked.code, asked.label)
    sides = (_shown(asked.show, left), _shown(asked.show, right))
    if place < 0:
        return Step(*seen, "missing", asked.missing_label, *sides, None, None, 0.0)
    ready = compiled.levels[len(compiled.levels) - 1 - place]
    level, extra = ready.level, frequency_bits(ready, left, right, shares)
    return Step(*seen, level.code, level.label, *sides, level.m, level.u, ready.bits + extra, extra)


def _shown(columns: tuple[str, ...], row: Row) -> str:
    return " ".join(filter(None, (row[c] for c in columns)))


def hits(definition: Definition, places: Mapping[str, int]) -> tuple[VetoHit, ...]:
    """The vetoes whose pattern the places fit."""
    return tuple(
        VetoHit(p.veto.code, p.veto.label, p.veto.verdict)
        for p in definition.patterns
        if all(places[code] in allowed for code, allowed in p.terms)
    )


def verdict(definition: Definition, weight: float, vetoes: tuple[str, ...]) -> str:
    """``link``, ``review`` or ``distinct`` by the two cut-offs, after the vetoes."""
    if "distinct" in vetoes:
        return "distinct"
    if "review" in vetoes:
        return "review"
    if weight >= definition.link_bits:
        return "review" if "cap" in vetoes else "link"
    return "review" if weight >= definition.review_bits else "distinct"
