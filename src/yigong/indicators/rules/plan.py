"""Which indicators can be counted in one pass over a fact: those of one attribution. Both definitions of primary care are columns of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from yigong.indicators.facts import Fact
from yigong.indicators.rules import sql
from yigong.indicators.rules.definition import Definition, Part


@dataclass(frozen=True, slots=True)
class Figure:
    """Where an indicator finds its amounts in the row of a pass."""

    code: str
    variant: str
    version: str
    numerator: str
    denominator: str


@dataclass
class Pass:
    """One statement: its measures by column, and the figures that they make."""

    attribution: str
    measures: dict[str, sql.Measure] = field(default_factory=dict)
    figures: list[Figure] = field(default_factory=list)

    def column(self, measure: sql.Measure) -> str:
        """The column of a measure; equal measures are counted once."""
        for name, known in self.measures.items():
            if known == measure:
                return name
        self.measures[f"m{len(self.measures)}"] = measure
        return f"m{len(self.measures) - 1}"


def passes_of(fact: Fact, definitions: Iterable[Definition]) -> list[Pass]:
    """The passes over a fact that count all these definitions."""
    passes: dict[str, Pass] = {}
    for definition in definitions:
        one = passes.setdefault(definition.attribution, Pass(definition.attribution))
        for variant in definition.variants:
            one.figures.append(
                Figure(
                    definition.code,
                    variant,
                    definition.version,
                    _column(one, fact, definition.numerator, variant),
                    _column(one, fact, definition.denominator, variant),
                )
            )
    if fact.column("provisional"):
        for one in passes.values():
            one.measures["provisional"] = sql.measure(fact, "provisional", "cases")
    return list(passes.values())


def _column(one: Pass, fact: Fact, part: Part | None, variant: str) -> str:
    return one.column(sql.measure(fact, part.where, part.sum, variant)) if part else ""
