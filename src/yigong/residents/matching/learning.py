"""What decisions teach: m counted from pairs that people decided, u from pairs taken at random, as a proposal beside the definition.

Decided pairs are few and were chosen by the matcher, so counts are drawn towards the definition's values, as if these had been seen in
``CAUTION`` further pairs. A level that random pairs show fewer than ten times keeps its u.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import msgspec

from yigong.residents.matching.definition import Comparison, Definition, Level
from yigong.residents.matching.estimating import Estimate
from yigong.residents.matching.scoring import verdict_of

CAUTION = 100
_ENOUGH = 10
Levels = Mapping[str, str]  # comparison -> level


@dataclass(frozen=True)
class Judged:
    """A pair that was scored: its levels, its weight then, and what people decided (None: nobody yet)."""

    levels: Levels
    weight: float
    same: bool | None


@dataclass(frozen=True)
class Proposal:
    """New values by level, the definition that would hold them, and what it does to pairs: (old verdict, new verdict, decision) -> pairs."""

    estimates: tuple[Estimate, ...]
    definition: Definition
    effects: Mapping[tuple[str, str, bool | None], int]


def propose(
    definition: Definition, judged: Iterable[Judged], random_pairs: Iterable[tuple[Mapping[str, str], Mapping[str, str]]],
    version: str, today: date,
) -> Proposal:  # fmt: skip
    """A proposal from scored pairs and pairs of prepared records taken at random."""
    pairs = list(judged)
    same = Counter((c, level) for p in pairs if p.same for c, level in p.levels.items())
    chance = Counter(_levels_of_many(definition, random_pairs))
    estimates = tuple(_estimates(definition, same, chance))
    proposed = _with(definition, estimates, version, today)
    effects = Counter((_verdict(definition, p), _verdict(proposed, p, definition), p.same) for p in pairs)
    return Proposal(estimates, proposed, effects)


def _levels_of_many(
    definition: Definition, pairs: Iterable[tuple[Mapping[str, str], Mapping[str, str]]]
) -> Iterator[tuple[str, str]]:
    for left, right in pairs:
        for compiled in definition.compiled:
            place = compiled.place(left, right)
            if place >= 0:
                yield compiled.comparison.code, compiled.at(place).level.code


def _estimates(
    definition: Definition, same: Counter[tuple[str, str]], chance: Counter[tuple[str, str]]
) -> Iterator[Estimate]:
    for comparison in definition.comparison:
        seen = sum(same[comparison.code, level.code] for level in comparison.level)
        random_seen = sum(chance[comparison.code, level.code] for level in comparison.level)
        for level in comparison.level:
            key = (comparison.code, level.code)
            m = (same[key] + CAUTION * level.m) / (seen + CAUTION)
            u = chance[key] / random_seen if chance[key] >= _ENOUGH else level.u
            yield Estimate(comparison.code, level.code, level.label, _short(m), _short(u), level.m, level.u, same[key])


def _short(share: float) -> float:
    """Three digits are more than the counts can bear."""
    return min(float(f"{share:.3g}"), 1.0)


def _with(definition: Definition, estimates: Iterable[Estimate], version: str, today: date) -> Definition:
    found = {(e.comparison, e.level): e for e in estimates}

    def level(comparison: Comparison, one: Level) -> Level:
        e = found[comparison.code, one.code]
        return msgspec.structs.replace(one, m=e.m, u=e.u)

    comparisons = tuple(
        msgspec.structs.replace(c, level=tuple(level(c, one) for one in c.level)) for c in definition.comparison
    )
    return msgspec.structs.replace(definition, comparison=comparisons, version=version, effective_from=today)


def _verdict(definition: Definition, pair: Judged, scored_by: Definition | None = None) -> str:
    """The verdict by the stored levels. Weights that depend on a value's own share keep that part: only m and u are exchanged."""
    old = {c.comparison.code: c for c in (scored_by or definition).compiled}
    weight, places = pair.weight, {}
    for compiled in definition.compiled:
        code = compiled.comparison.code
        place = places[code] = compiled.places.get(pair.levels.get(code, "missing"), -1)
        if place >= 0:
            weight += _bits(compiled.at(place).level) - _bits(old[code].at(place).level)
    return verdict_of(definition, weight, places)


def _bits(level: Level) -> float:
    """With a value's own share in the place of u, another u changes nothing."""
    return math.log2(level.m) - (0 if level.frequency and level.frequency.weight == 1 else math.log2(level.u))


_TABLE = re.compile(r"\[\[(comparison|comparison\.level|\w+)\]\]")
_LINE = re.compile(r"(code|m|u|version|effective_from)(\s*=\s*)(\S.*?)(\s*(?:#.*)?)")


def rewrite(text: str, proposal: Proposal) -> str:
    """The text of the definition's file with the proposed m and u, version and day; comments and everything else stay as they are."""
    values = {(e.comparison, e.level): {"m": e.m, "u": e.u} for e in proposal.estimates}
    head = {
        "version": f'"{proposal.definition.version}"',
        "effective_from": proposal.definition.effective_from.isoformat(),
    }
    table, comparison, level, lines = "", "", "", []
    for line in text.splitlines():
        kept = line
        if found := _TABLE.fullmatch(line.strip()):
            table, level = found[1], ""
        elif found := _LINE.fullmatch(line):
            name, sign, value, rest = found.groups()
            if name == "code" and table == "comparison":
                comparison = value.strip('"')
            elif name == "code":
                level = value.strip('"')
            elif not table and name in head:
                kept = f"{name}{sign}{head[name]}{rest}"
            elif table == "comparison.level" and name in ("m", "u"):
                kept = f"{name}{sign}{values[comparison, level][name]!r}{rest}"
        lines.append(kept)
    return "\n".join(lines) + "\n"
