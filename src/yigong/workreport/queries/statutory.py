"""Statutory tables: the items of a set in their order, each with its figures, its evidence, or the source that is missing; never zero instead."""

# texts: data (a statutory table is written in Chinese)

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils import translation

from yigong.core import clock
from yigong.core.packs.api import current, every
from yigong.indicators import api as indicators
from yigong.indicators.api import Criterion, Definition, Figure, Reading
from yigong.workreport.queries.scopes import Scope
from yigong.workreport.queries.spans import Choice, facts_of, read
from yigong.workreport.rules import sentences
from yigong.workreport.rules.sentences import Value
from yigong.workreport.rules.template import STATUTORY, StatutoryTable


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: an indicator of an item. ``number`` and ``text`` are empty without a figure, and ``missing`` then says why."""

    item: str
    group: str
    code: str
    name: str
    text: str
    number: float | None
    unit: str
    above: int | Decimal | None
    below: int | Decimal | None
    numerator: str
    denominator: str
    missing: str
    certainty: str
    evidence: str
    version: str


@dataclass(frozen=True, slots=True)
class FilledTable:
    """A statutory table of one period and scope; ``facts`` tells how firm its figures are."""

    table: StatutoryTable
    period: str
    scope: str
    facts: dict[str, Any] | None
    entries: tuple[Entry, ...]
    criteria: tuple[Criterion, ...]
    names: dict[str, str]

    @property
    def filled(self) -> int:
        """How many items have a figure."""
        return len({entry.item for entry in self.entries if entry.text})

    @property
    def is_provisional(self) -> bool:
        """Whether the period is not frozen."""
        return self.facts is not None and not self.facts["frozen"]

    def evidence_of(self, criterion: Criterion) -> str:
        """The indicators that are evidence of a criterion, by name."""
        return "、".join(self.names.get(code, code) for code in criterion.indicators.split())


def tables() -> list[StatutoryTable]:
    """All statutory tables in force, the newest set first."""
    return sorted(every(STATUTORY).values(), key=lambda one: one.code, reverse=True)


def fill(code: str, period: Choice, scope: Scope, provisional: bool) -> FilledTable:
    """The table of one period; where that is not frozen, empty unless provisional figures are wanted. NotFound for an unknown set."""
    table = current(STATUTORY, code)
    with translation.override("zh-hans"):
        reading = read(period.kind, indicators.Span(period.first, period.last), provisional)
        known = indicators.registry(period.last)
        places = None if scope.places is None else set(scope.places)
        entries = tuple(
            _entry(table, number, definition, variant, reading, places)
            for number in range(1, table.items + 1)
            for definition in _of_item(known, code, number)
            for variant in definition.variants
        )
        return FilledTable(
            table, period.name, scope.name, facts_of(reading, period.kind) if reading else None, entries,
            tuple(indicators.criteria()) if table.criteria else (), {d.code: d.name for d in known.values()},
        )  # fmt: skip


def _of_item(known: dict[str, Definition], code: str, number: int) -> list[Definition]:
    return [one for one in known.values() if f"{code}:{number:02d}" in one.sets]


def _entry(
    table: StatutoryTable, number: int, d: Definition, variant: str, reading: Reading | None, places: set[UUID] | None
) -> Entry:
    figure = reading.figure(d, variant, places) if reading else Figure(d, None)
    value = Value(d, variant, figure.amounts, reading.version(d, variant) if reading else d.version)
    has = value.value is not None
    return Entry(
        item=str(number), group=next((g.name for g in table.groups if g.first <= number <= g.last), ""), code=d.code,
        name=sentences.named(value), text=sentences.told(value) if has else "", number=float(value.value) if value.value is not None else None,
        unit=d.unit, above=figure.above_number if has else None, below=figure.below_number if has else None,
        numerator=d.numerator.text or d.numerator.where if d.numerator else "", denominator=d.denominator.text or d.denominator.where if d.denominator else "",
        missing="" if has else _missing(d, figure, reading), certainty=indicators.certainty(d.certainty),
        evidence=_evidence(d, reading) if has else "", version=value.version,
    )  # fmt: skip


def _missing(d: Definition, figure: Figure, reading: Reading | None) -> str:
    if d.missing:
        return f"无数据：{d.missing}"
    if d.elsewhere:
        return f"由“{sentences.page_of(d)}”逐人计算"
    if reading is None:
        return "这个期间没有冻结"
    return "无数据：分母为零" if figure.has_empty_denominator else "无数据：这一期没有采集"


def _evidence(d: Definition, reading: Reading | None) -> str:
    frozen = (
        f"；{reading.frozen.frozen_at.astimezone(clock.SHANGHAI):%Y-%m-%d} 由{reading.frozen.frozen_by}冻结"
        if reading and reading.frozen
        else ""
    )
    return f"平台明细可逐行打开（指标 {d.code}）{frozen}"
