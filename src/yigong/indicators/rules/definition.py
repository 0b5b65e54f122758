"""A definition of an indicator as the packs hold it, and what is wrong with one.

One file each, ``indicators/<code>.toml``. An indicator is counted over one fact; where its source is not there, ``missing`` names what is
missing, and where another room counts it, ``elsewhere`` names its page. ``certainty`` of the name: A by a source, B retold, C from memory.
"""

# texts: data (sentences for the authors of packs)

from collections.abc import Iterator
from datetime import date
from typing import Literal

import msgspec
from django.utils.translation import get_language

from yigong.core.expressions.api import ExpressionInvalid
from yigong.core.packs.api import Kind, Table, register
from yigong.indicators.facts import Fact, facts
from yigong.indicators.rules import sql

SMALL = 30
UNITS = {
    "percent": 100,
    "permille": 1000,
    "per_ten_thousand": 10_000,
    "ratio": 1,
    "count": 1,
    "yuan": 1,
    "days": 1,
    "minutes": 1,
}


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Numerator or denominator: rows that satisfy ``where``, counted, or the ``sum`` of a column over them."""

    where: str = "true"
    sum: str = ""
    text: str = ""


class Definition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One version of one indicator.

    ``late_months`` is how long settlements from outside may take to come back; a month that ``needs_outside`` and of which none has come
    back at all has no figure: all care inside would only mean that nothing is known.
    """

    code: str
    version: str
    effective_from: date
    name: str
    name_en: str
    certainty: Literal["A", "B", "C"]
    unit: Literal["percent", "permille", "per_ten_thousand", "ratio", "count", "yuan", "days", "minutes"]
    direction: Literal["up", "down", "moderate", "none"]
    basis: str
    owner: str
    sources: list[str]
    sets: list[str] = []
    group: str = ""
    fact: str = ""
    population: str = ""
    view: Literal["treated", "insured", ""] = ""
    window: Literal["month", "month_end", ""] = ""
    attribution: str = "institution_id"
    numerator: Part | None = None
    denominator: Part | None = None
    target: str = ""
    small: int = SMALL
    late_months: int = 0
    needs_outside: bool = False
    note: str = ""
    missing: str = ""
    elsewhere: str = ""

    @property
    def title(self) -> str:
        """The name in the reader's language."""
        return self.name_en if (get_language() or "").startswith("en") else self.name

    @property
    def goal(self) -> str:
        """The target as people read it; empty where there is none."""
        return self.target and self.target + {"percent": "%", "permille": "‰"}.get(self.unit, "")

    @property
    def is_counted(self) -> bool:
        """Whether this room counts it."""
        return self.numerator is not None

    @property
    def is_share(self) -> bool:
        """Whether it is a numerator over a denominator."""
        return self.denominator is not None

    @property
    def is_lasting(self) -> bool:
        """Whether it tells a state at the month's end: months are not added, the last one counts."""
        return self.window == "month_end"

    @property
    def grows_by_the_year(self) -> bool:
        """Whether it tells what has happened since January, so that it rises from month to month by itself: columns ``…_this_year``."""
        return any("_this_year" in part.where + part.sum for part in (self.numerator, self.denominator) if part)

    @property
    def variants(self) -> tuple[str, ...]:
        """P1 and P2 where primary care is asked for, else one without a name."""
        texts = [part.where for part in (self.numerator, self.denominator) if part]
        return ("P1", "P2") if any("at_primary_care" in text for text in texts) else ("",)


def rest_of(definition: Definition) -> Part | None:
    """What a share leaves out: the rows of the denominator that are not in the numerator. None where amounts are divided and not rows."""
    above, below = definition.numerator, definition.denominator
    if above is None or below is None or above.sum or below.sum:
        return None
    return Part(f"({below.where}) && !({above.where})", text="计入分母而没有计入分子的")


class Criterion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of the eleven criteria of 2020: what is looked at, what the platform can show, and the indicators that are evidence."""

    number: str
    dimension: str
    title: str
    looks_at: str
    evidence: str
    certainty: str
    indicators: str = ""


def check(definition: Definition) -> Iterator[tuple[str, str]]:
    """Mistakes that types cannot see, each with its place in the file."""
    if definition.numerator is None:
        if not (definition.missing or definition.elsewhere):
            yield "code", "没有分子，也没有写明缺少的来源(missing)或由谁计算(elsewhere)"
        return
    fact = facts().get(definition.fact)
    if fact is None:
        yield "fact", f"没有这个事实：{definition.fact or '（空）'}；可用：{'、'.join(facts())}"
        return
    yield from _belongs(definition, fact)
    for name in ("numerator", "denominator"):
        if part := getattr(definition, name):
            yield from _part(fact, name, part)


def _belongs(definition: Definition, fact: Fact) -> Iterator[tuple[str, str]]:
    if definition.population != fact.population:
        yield (
            "population",
            f"人群混用：事实“{fact.label}”的人群是 {fact.population}，定义写的是 {definition.population or '（空）'}",
        )
    if definition.view != fact.view:
        yield (
            "view",
            f"事实“{fact.label}”按{'就医地' if fact.view == 'treated' else '参保地'}（{fact.view}）统计，定义写的是 {definition.view or '（空）'}",
        )
    wanted = "month_end" if fact.lasting else "month"
    if definition.window != wanted:
        yield "window", f"事实“{fact.label}”的统计窗应为 {wanted}，定义写的是 {definition.window or '（空）'}"
    if definition.attribution not in fact.places:
        yield "attribution", f"归属列应为 {'、'.join(fact.places)} 之一"


def _part(fact: Fact, name: str, part: Part) -> Iterator[tuple[str, str]]:
    try:
        sql.condition(fact, part.where)
    except ExpressionInvalid as problem:
        yield f"{name}.where", str(problem)
    column = fact.column(part.sum)
    if part.sum and (column is None or column.kind != "int"):
        yield f"{name}.sum", f"事实“{fact.label}”没有可相加的列 {part.sum}"


INDICATORS: Kind[Definition] = register(Kind("indicators", "indicators/*.toml", Definition, check))
CRITERIA: Table[Criterion] = register(
    Table("indicator-criteria", "indicators/criteria-2020.csv", Criterion, key="number")
)


class Alarms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From when a figure of a cockpit is an alarm: a change of more than so many points (shares) or percent (all else) against the months
    before, and so many hours without a count.
    """

    points: int = 10
    percent: int = 30
    stale_hours: int = 26


class Cockpit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which few figures a level looks at first; ``code`` is county, township or village."""

    code: str
    version: str
    effective_from: date
    title: str
    indicators: list[str]
    alarms: Alarms = Alarms()


COCKPITS: Kind[Cockpit] = register(Kind("cockpit", "cockpit/*.toml", Cockpit))
