"""The definition of matching as data: comparisons with their levels, what a missing value means, vetoes, cut-offs and blocks.

Read from ``packs/*/matching.toml`` and checked with file and line. Nothing here needs a database or Django.
"""

import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

import msgspec

from yigong.core.packs.source import PackError, Problem, convert, line_of, read_toml
from yigong.residents.matching import conditions
from yigong.residents.matching.conditions import BadCondition, Condition, Place
from yigong.residents.matching.preparing import registry
from yigong.residents.matching.preparing.registry import Maker

PACKS = Path(__file__).resolve().parents[4] / "packs"


class Frequency(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Term-frequency weight of a level: the share of ``column``'s value takes the place of u, in part (``weight``) or whole.

    ``floor`` is the least share believed, ``usual`` the share of a value that no table names; levels with the same column agree on it.
    """

    column: str
    usual: float
    floor: float = 1e-7
    weight: float = 1.0


class Level(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One outcome of a comparison: the first whose conditions all hold. The last level has none and takes the rest."""

    code: str
    label: str
    m: float
    u: float
    when: tuple[str, ...] = ()
    frequency: Frequency | None = None


class Comparison(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One particular that is compared. Where all conditions of ``missing`` hold the records say nothing about it: the comparison counts
    0 bits and shows ``missing_label``. ``show`` names the columns whose values the clerk sees."""

    code: str
    label: str
    missing: tuple[str, ...]
    level: tuple[Level, ...]
    missing_label: str = "一方未填，不计分"
    show: tuple[str, ...] = ()


class Veto(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A pattern of levels that overrules the weight. ``when`` lists ``comparison:level`` (``a|b`` for either level, ``!`` for any but)
    which must all hold; ``verdict``: ``cap`` forbids the automatic link, ``review`` always asks a person, ``distinct`` never links.

    ``sought`` belongs to ``review``: in bulk such pairs are looked for among records that agree on these columns, whatever their weight."""

    code: str
    label: str
    verdict: Literal["cap", "review", "distinct"]
    when: tuple[str, ...]
    sought: tuple[str, ...] = ()


class Block(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Records that agree on all ``columns`` are compared, unless more than ``most`` records share the value."""

    columns: tuple[str, ...]
    most: int = 400


class Definition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """A whole definition. ``prior`` is the probability that two records taken at random are one person; ``link_bits`` and ``review_bits``
    are the two cut-offs on the weight (log2 of the odds, prior included). ``usual_weight``: a file's own shares of values count as if the
    ``usual`` ones had been seen in so many records beside them. At a counter, people from ``show_bits`` on are shown, and those for whom one
    of ``hints`` (``comparison:level``, ``a|b`` for either) holds, though nothing has to be answered about them."""

    code: str
    version: str
    effective_from: date
    title: str
    prior: float
    link_bits: float
    review_bits: float
    prepare: tuple[str, ...]
    comparison: tuple[Comparison, ...]
    block: tuple[Block, ...]
    veto: tuple[Veto, ...] = ()
    usual_weight: float = 20_000
    show_bits: float = -6.0
    hints: tuple[str, ...] = ()

    @cached_property
    def makers(self) -> tuple[Maker, ...]:
        """The makers of the prepared columns."""
        return tuple(m for name in self.prepare if (m := registry.find(name)))

    @cached_property
    def maker_of(self) -> dict[str, Maker]:
        """The maker of each prepared column."""
        return {c: m for m in self.makers for c in m.outputs}

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """All prepared columns in order."""
        return tuple(c for m in self.makers for c in m.outputs)

    @cached_property
    def used(self) -> tuple[str, ...]:
        """Those prepared columns that a condition, a block, a frequency or a veto looks at; the others are only shown."""
        levels = [ready for c in self.compiled for ready in c.levels]
        asked = [*(x for c in self.compiled for x in c.missing), *(x for ready in levels for x in ready.conditions)]
        named = {column for condition in asked for column in condition.columns}
        named |= {ready.level.frequency.column for ready in levels if ready.level.frequency}
        named |= {c for block in self.block for c in block.columns} | {c for veto in self.veto for c in veto.sought}
        return tuple(c for c in self.columns if c in named)

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The fields of a record that are read."""
        return tuple(dict.fromkeys(f for m in self.makers for f in m.inputs))

    @cached_property
    def frequencies(self) -> dict[str, Frequency]:
        """The columns with term frequencies, each with the settings of its first level."""
        found: dict[str, Frequency] = {}
        for comparison in self.comparison:
            for level in comparison.level:
                if level.frequency:
                    found.setdefault(level.frequency.column, level.frequency)
        return found

    @cached_property
    def compiled(self) -> "tuple[Compiled, ...]":
        """The comparisons ready for use."""
        return tuple(map(_compile, self.comparison))

    @cached_property
    def patterns(self) -> "tuple[Pattern, ...]":
        """The vetoes ready for use."""
        return tuple(Pattern(v, tuple(_terms(self, v.when))) for v in self.veto)

    @cached_property
    def hinting(self) -> "tuple[tuple[str, frozenset[int]], ...]":
        """The hints ready for use: comparison and places."""
        return tuple(_terms(self, self.hints))

    @cached_property
    def reviewing(self) -> "tuple[Pattern, ...]":
        """Those that send a pair to review whatever its weight."""
        return tuple(p for p in self.patterns if p.veto.verdict == "review")

    @cached_property
    def prior_bits(self) -> float:
        """log2 of the odds before anything is compared."""
        return math.log2(self.prior / (1 - self.prior))


@dataclass(frozen=True, slots=True)
class ReadyLevel:
    """A level with its compiled conditions and weight."""

    level: Level
    conditions: tuple[Condition, ...]
    bits: float


@dataclass(frozen=True)
class Compiled:
    """A comparison with its levels' places by code. The last level is 0 and the first the highest, as Splink counts; -1 is missing.
    ``place`` tells which holds for two prepared records."""

    comparison: Comparison
    places: dict[str, int]
    missing: tuple[Condition, ...]
    levels: tuple[ReadyLevel, ...]
    place: Place

    def at(self, place: int) -> ReadyLevel:
        """The level at a place."""
        return self.levels[len(self.levels) - 1 - place]


@dataclass(frozen=True)
class Pattern:
    """A veto as sets of allowed places by comparison."""

    veto: Veto
    terms: tuple[tuple[str, frozenset[int]], ...]

    def fits(self, places: Mapping[str, int]) -> bool:
        """Whether all terms hold."""
        for code, allowed in self.terms:  # noqa: SIM110 - asked for every veto and candidate: a generator takes twice the time
            if places[code] not in allowed:
                return False
        return True


def _places(comparison: Comparison) -> dict[str, int]:
    highest = len(comparison.level) - 1
    return {"missing": -1, **{level.code: highest - place for place, level in enumerate(comparison.level)}}


def _compile(comparison: Comparison) -> Compiled:
    missing = tuple(map(conditions.parse, comparison.missing))
    levels = tuple(map(_ready, comparison.level))
    places = _places(comparison)
    ways = [(conditions.every(missing), -1)]
    ways += [(conditions.every(r.conditions), places[r.level.code]) for r in levels[:-1]]
    return Compiled(comparison, places, missing, levels, conditions.function(ways, otherwise=0))


def _ready(level: Level) -> ReadyLevel:
    return ReadyLevel(level, tuple(map(conditions.parse, level.when)), math.log2(level.m / level.u))


def _terms(definition: Definition, terms: tuple[str, ...]) -> Iterator[tuple[str, frozenset[int]]]:
    known = {c.comparison.code: c for c in definition.compiled}
    for term in terms:
        code, _, levels = term.partition(":")
        places = known[code].places
        wanted = frozenset(places[level] for level in levels.lstrip("!").split("|"))
        yield code, frozenset(places.values()) - wanted if levels.startswith("!") else wanted


def read(path: Path) -> Definition:
    """The definition in a file. Raises PackError naming file, line and what is wrong."""
    shown = str(path.relative_to(PACKS.parent)) if path.is_relative_to(PACKS.parent) else str(path)
    document, lines = read_toml(path, shown)
    found: Definition = convert(document, Definition, lines, shown)
    problems = [Problem(shown, line_of(f"`$.{place}`", lines), text) for place, text in check(found)]
    if problems:
        raise PackError(problems)
    return found


def source_of(definition: Definition) -> str:
    """The text of the file that holds a version of a definition, of the packs in force; empty when no file holds it any more."""
    for path in _files():
        if path.is_file() and (found := read(path)).version == definition.version and found.code == definition.code:
            return path.read_text("utf-8")
    return ""


def _files() -> list[Path]:
    return [PACKS / name / "matching.toml" for name in os.environ.get("YIGONG_PACKS", "national,demo").split(",")]


@cache
def national() -> Definition:
    """The definition that ships with the platform."""
    return read(PACKS / "national" / "matching.toml")


def in_force(day: date) -> Definition:
    """The residents' definition of the packs in force (``YIGONG_PACKS``) on a day, without a database: the last pack's stands above."""
    found = {d.version: d for path in _files() if path.is_file() for d in (read(path),)}
    valid = [d for d in found.values() if d.code == "residents" and d.effective_from <= day]
    return max(valid, key=lambda d: (d.effective_from, d.version)) if valid else national()


def check(definition: Definition) -> Iterator[tuple[str, str]]:
    """Mistakes that types cannot see, as pairs (dotted path, sentence)."""
    yield from _check_numbers(definition)
    made: set[str] = set()
    for place, name in enumerate(definition.prepare):
        maker = registry.find(name)
        if maker is None:
            yield f"prepare[{place}]", f"没有“{name}”这种预处理"
            return
        if missing := [c for c in maker.uses if c not in made]:
            yield f"prepare[{place}]", f"“{name}”要用预处理列“{'、'.join(missing)}”，请把做出它的预处理写在前面"
        made.update(maker.outputs)
    columns = set(definition.columns)
    ascii_columns = frozenset().union(*(m.ascii for m in definition.makers))
    for place, comparison in enumerate(definition.comparison):
        for where, text in _check_comparison(comparison, columns, ascii_columns):
            yield f"comparison[{place}]{where}", text
    for place, block in enumerate(definition.block):
        for column in set(block.columns) - columns:
            yield f"block[{place}].columns", f"没有预处理列“{column}”"
    yield from _check_vetoes(definition)


def _check_numbers(definition: Definition) -> Iterator[tuple[str, str]]:
    if not 0 < definition.prior < 1:
        yield "prior", "prior 应在 0 与 1 之间"
    if definition.review_bits >= definition.link_bits:
        yield "review_bits", "review_bits 应小于 link_bits"
    yield from _check_frequencies(definition)
    codes = [c.code for c in definition.comparison]
    for place, code in enumerate(codes):
        if code in codes[:place]:
            yield f"comparison[{place}].code", f"比较项 {code} 重复"


def _check_frequencies(definition: Definition) -> Iterator[tuple[str, str]]:
    usual: dict[str, float] = {}
    for place, comparison in enumerate(definition.comparison):
        for where, level in enumerate(comparison.level):
            if (
                level.frequency
                and usual.setdefault(level.frequency.column, level.frequency.usual) != level.frequency.usual
            ):
                yield f"comparison[{place}].level[{where}].frequency", "同一列的 usual 应处处相同"


def _check_comparison(
    comparison: Comparison, columns: set[str], ascii_columns: frozenset[str]
) -> Iterator[tuple[str, str]]:
    for column in set(comparison.show) - columns:
        yield ".show", f"没有预处理列“{column}”"
    if not comparison.missing or not comparison.show:
        yield "", "缺少 missing（缺项的条件）或 show（给人看的列）"
    yield from _check_conditions(".missing", comparison.missing, columns, ascii_columns)
    codes = [level.code for level in comparison.level]
    if len(codes) < 2 or len(set(codes)) < len(codes) or "missing" in codes:
        yield ".level", "至少要有两级，级别代码不能重复，也不能叫 missing"
    for place, level in enumerate(comparison.level):
        last = place == len(comparison.level) - 1
        for where, text in _check_level(level, last, columns, ascii_columns):
            yield f".level[{place}]{where}", text


def _check_level(
    level: Level, last: bool, columns: set[str], ascii_columns: frozenset[str]
) -> Iterator[tuple[str, str]]:
    if last == bool(level.when):
        yield "", "最后一级不写 when（收下其余情况），其他各级必须写"
    if not (0 < level.m <= 1 and 0 < level.u <= 1):
        yield ".m", "m 与 u 是概率，应大于 0、不大于 1"
    if level.frequency and level.frequency.column not in columns:
        yield ".frequency", f"没有预处理列“{level.frequency.column}”"
    yield from _check_conditions(".when", level.when, columns, ascii_columns)


def _check_conditions(
    place: str, texts: tuple[str, ...], columns: set[str], ascii_columns: frozenset[str]
) -> Iterator[tuple[str, str]]:
    for text in texts:
        try:
            condition = conditions.parse(text)
        except BadCondition as mistake:
            yield place, str(mistake)
            continue
        for column in condition.columns - columns:
            yield place, f"没有预处理列“{column}”"
        for column in (condition.ascii_columns & columns) - ascii_columns:
            yield place, f"“{column}”列含汉字，不能量距离（within、alike）"


def _check_vetoes(definition: Definition) -> Iterator[tuple[str, str]]:
    columns = set(definition.columns)
    for place, veto in enumerate(definition.veto):
        if (veto.verdict == "review") != bool(veto.sought):
            yield f"veto[{place}].sought", "verdict 为 review 的必须写 sought（在哪些列相同的记录里找），其他的不写"
        for column in set(veto.sought) - columns:
            yield f"veto[{place}].sought", f"没有预处理列“{column}”"
        yield from _check_terms(definition, f"veto[{place}].when", veto.when)
    yield from _check_terms(definition, "hints", definition.hints)


def _check_terms(definition: Definition, where: str, terms: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    known = {c.code: {"missing", *(level.code for level in c.level)} for c in definition.comparison}
    for term in terms:
        code, _, levels = term.partition(":")
        if code not in known:
            yield where, f"没有比较项“{code}”"
            continue
        for level in set(levels.lstrip("!").split("|")) - known[code]:
            yield where, f"比较项 {code} 没有级别“{level}”"
