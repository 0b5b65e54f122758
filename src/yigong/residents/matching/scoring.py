"""One pair, scored by the definition: the same arithmetic that Splink does in bulk."""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from yigong.residents.matching.conditions import Row
from yigong.residents.matching.data import Scored, Step, VetoHit
from yigong.residents.matching.definition import Compiled, Definition, Frequency, ReadyLevel
from yigong.residents.matching.preparing.registry import Maker

# share of a value in a column: column, value -> share, or None when no table names it
Shares = Callable[[str, str], float | None]


def no_shares(column: str, value: str) -> float | None:
    """Knows no value: every one is as rare as the definition's ``usual``."""
    return None


def share(count: int, everybody: int, column: str, definition: Definition) -> float:
    """The share of a value that ``count`` of so many records carry: the record itself left out, drawn towards the definition's ``usual`` as if
    that had been seen in ``usual_weight`` records, since few records cannot tell how common a name is."""
    usual, weight = definition.frequencies[column].usual, definition.usual_weight
    return (max(count, 1) - 1 + weight * usual) / (everybody + weight)


def prepare(definition: Definition, record: Mapping[str, str]) -> dict[str, str]:
    """The prepared columns of a record given as texts by field."""
    row: dict[str, str] = {}
    for maker in definition.makers:
        row.update(zip(maker.outputs, _make(maker, record, row), strict=True))
    return row


class LateRow(dict[str, str]):
    """Prepared columns made when a comparison first looks at them: most candidates are settled by name and birth date.

    ``record`` gives a field's text by its name, so that a sealed one is opened only when it is asked for.
    """

    def __init__(self, definition: Definition, record: Callable[[str], str]) -> None:
        super().__init__()
        self._makers, self._record = definition.maker_of, record

    def __missing__(self, column: str) -> str:
        maker = self._makers[column]
        given = list(map(self._record, maker.inputs))
        made = maker.alone(*given) if maker.alone else None
        if made is None:
            made = maker.make(*given, *[self[c] for c in maker.uses])
        self.update(zip(maker.outputs, made, strict=True))
        return self[column]


def _make(maker: Maker, record: Mapping[str, str], row: Mapping[str, str]) -> tuple[str, ...]:
    return maker.make(*(record.get(f, "") for f in maker.inputs), *(row[c] for c in maker.uses))


def share_of(ready: ReadyLevel, left: Row, right: Row, shares: Shares) -> float | None:
    """How common the value of a level with term frequencies is; None for a level without."""
    frequency = ready.level.frequency
    if frequency is None:
        return None
    found = [_share(frequency, row, shares) for row in (left, right) if row[frequency.column]]
    return max(*found, frequency.floor) if found else None


def _share(frequency: Frequency, row: Row, shares: Shares) -> float:
    found = shares(frequency.column, row[frequency.column])
    return frequency.usual if found is None else found


def frequency_bits(ready: ReadyLevel, share: float | None) -> float:
    """What the value's own share adds to or takes from the level's weight."""
    if share is None or ready.level.frequency is None:
        return 0.0
    return ready.level.frequency.weight * (math.log2(ready.level.u) - math.log2(share))


class Weighed(NamedTuple):
    """The weight of two prepared records, and by comparison the place of its level and the bits that it counts."""

    weight: float
    places: dict[str, int]
    bits: dict[str, float]

    @property
    def probability(self) -> float:
        """That they are one person."""
        return 1 / (1 + 2**-self.weight) if self.weight > -1000 else 0.0


def weigh(definition: Definition, left: Row, right: Row, shares: Shares = no_shares) -> Weighed:
    """Compare two prepared records. The left one is looked at first: what it does not say is not asked of the right one."""
    weight, places, counted = definition.prior_bits, {}, {}
    for compiled in definition.compiled:
        code = compiled.comparison.code
        place = places[code] = compiled.place(left, right)
        if place >= 0:
            ready = compiled.at(place)
            extra = frequency_bits(ready, share_of(ready, left, right, shares)) if ready.level.frequency else 0.0
            counted[code] = ready.bits + extra
            weight += counted[code]
    return Weighed(weight, places, counted)


def score_rows(definition: Definition, left: Row, right: Row, shares: Shares = no_shares) -> Scored:
    """Score two prepared records, with every step."""
    weighed = weigh(definition, left, right, shares)
    weight, places, _bits = weighed
    vetoes = hits(definition, places)
    return Scored(
        weight=weight,
        probability=weighed.probability,
        verdict=verdict_of(definition, weight, places),
        prior_bits=definition.prior_bits,
        steps=tuple(_step(c, places[c.comparison.code], left, right, shares) for c in definition.compiled),
        vetoes=vetoes,
        definition=f"{definition.code}/{definition.version}",
    )


def agreements(definition: Definition, weighed: Weighed) -> Iterator[tuple[str, str, float]]:
    """What was compared and counts: comparison, the label of its level, bits. The steps without what stands on both sides."""
    for compiled in definition.compiled:
        code = compiled.comparison.code
        if code in weighed.bits:
            yield code, compiled.at(weighed.places[code]).level.label, weighed.bits[code]


def _step(compiled: Compiled, place: int, left: Row, right: Row, shares: Shares) -> Step:
    asked = compiled.comparison
    seen = (asked.code, asked.label)
    sides = (_shown(asked.show, left), _shown(asked.show, right))
    if place < 0:
        return Step(*seen, "missing", asked.missing_label, *sides, None, None, 0.0)
    ready = compiled.at(place)
    level, common = ready.level, share_of(ready, left, right, shares)
    extra = frequency_bits(ready, common)
    known = common if level.frequency and _is_known(level.frequency.column, left, right, shares) else None
    return Step(*seen, level.code, level.label, *sides, level.m, level.u, ready.bits + extra, extra, known)


def _is_known(column: str, left: Row, right: Row, shares: Shares) -> bool:
    return any(shares(column, row[column]) is not None for row in (left, right) if row[column])


def _shown(columns: tuple[str, ...], row: Row) -> str:
    return " ".join(filter(None, (row[c] for c in columns)))


def hits(definition: Definition, places: Mapping[str, int]) -> tuple[VetoHit, ...]:
    """The vetoes whose pattern the places fit."""
    return tuple(VetoHit(p.veto.code, p.veto.label, p.veto.verdict) for p in definition.patterns if p.fits(places))


def is_worth_showing(definition: Definition, weight: float, places: Mapping[str, int]) -> bool:
    """Whether somebody at a counter should see the record, though it may be below the line of review."""
    return weight >= definition.show_bits or any(places[code] in allowed for code, allowed in definition.hinting)


def verdict_of(definition: Definition, weight: float, places: Mapping[str, int]) -> str:
    """``verdict`` by the levels that ``weigh`` found."""
    if weight < definition.review_bits and not any(p.fits(places) for p in definition.reviewing):
        return "distinct"  # whatever the other vetoes say
    return verdict(definition, weight, tuple(v.verdict for v in hits(definition, places)))


def verdict(definition: Definition, weight: float, vetoes: tuple[str, ...]) -> str:
    """``link``, ``review`` or ``distinct`` by the two cut-offs, after the vetoes."""
    if "distinct" in vetoes:
        return "distinct"
    if "review" in vetoes:
        return "review"
    if weight >= definition.link_bits:
        return "review" if "cap" in vetoes else "link"
    return "review" if weight >= definition.review_bits else "distinct"
