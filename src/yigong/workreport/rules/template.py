"""The template of a report as the packs hold it: chapters, which figures they tell, tables, charts, and the words for each situation.

One file each, ``workreport/<code>.toml``; wordings are sentences with named places in braces.
"""

# texts: data (sentences for the authors of packs)

import string
from collections.abc import Iterator
from datetime import date
from typing import Literal

import msgspec

from yigong.core.packs.api import Kind, register
from yigong.indicators import api as indicators

Against = Literal["last_year", "previous"]
PLACES: dict[str, set[str]] = {
    "told": {"name", "value", "mark"},
    "nothing": {"name", "missing", "mark"},
    "elsewhere": {"name", "where", "mark"},
    "empty": {"name", "mark"},
    "rose": {"reference", "step"},
    "fell": {"reference", "step"},
    "flat": {"reference", "step"},
    "from_zero": {"reference"},
    "no_reference": {"reference"},
    "other_version": {"reference"},
    "few": {"reference", "least"},
    "met": {"target"},
    "missed": {"target", "gap"},
    "uncertain": set(),
    "early": {"early"},
}
"""Situations of a sentence with the places that each wording may use."""
OPTIONAL: dict[str, set[str]] = {
    "same": {"reference"},
    "none_comparable": {"reference"},
    "uncertain_told": set(),
    "without": {"names"},
    "whole_span": {"span", "sure"},
}
"""What is said once for all: that no figure has anything to compare with, what the sign of an uncertain name means, which indicators of a chapter
have no figure, when the figures were frozen. A template without one says it at each figure."""


class Sentence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One indicator told in words. ``variant`` is P1 or P2 where primary care has two definitions; ``words`` replace the template's; ``lead`` are the
    words with which a new paragraph begins."""

    indicator: str
    variant: Literal["", "P1", "P2"] = ""
    against: list[Against] = msgspec.field(default_factory=lambda: ["last_year", "previous"])
    words: dict[str, str] = {}
    lead: str = ""


class TableDefinition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table by institution: one column per indicator (``code`` or ``code/P2``)."""

    title: str
    indicators: list[str]


class ChartDefinition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A drawing of one indicator: by institution, or this period beside those it is compared with."""

    title: str
    indicator: str
    by: Literal["institution", "period"] = "institution"


class Chapter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A chapter; ``hint`` says what people should write in its free text."""

    code: str
    title: str
    hint: str
    sentences: list[Sentence] = []
    tables: list[TableDefinition] = []
    charts: list[ChartDefinition] = []


class Template(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One version of a report's template. ``flat`` is the change (percent or points) below which a figure counts as unchanged."""

    code: str
    version: str
    effective_from: date
    name: str
    name_en: str
    title: str
    source: str
    certainty: Literal["A", "B", "C"]
    flat: str
    words: dict[str, str]
    chapters: list[Chapter]


def split(key: str) -> tuple[str, str]:
    """Code and variant of ``code/P2``.

    >>> split("primary-visit-share/P2"), split("visits")
    (('primary-visit-share', 'P2'), ('visits', ''))
    """
    code, _slash, variant = key.partition("/")
    return code, variant


def check(template: Template) -> Iterator[tuple[str, str]]:
    """Mistakes that types cannot see, each with its place in the file."""
    yield from _words("words", template.words)
    for missing in sorted(PLACES.keys() - template.words.keys()):
        yield "words", f"缺少“{missing}”情形的措辞"
    codes = [chapter.code for chapter in template.chapters]
    if len(set(codes)) < len(codes):
        yield "chapters", "章节代码重复"
    known = indicators.registry(date.max)
    for n, chapter in enumerate(template.chapters):
        at = f"chapters[{n}]"
        asked = [(f"{at}.sentences", one.indicator, str(one.variant)) for one in chapter.sentences]
        asked += [(f"{at}.tables", *split(key)) for table in chapter.tables for key in table.indicators]
        asked += [(f"{at}.charts", *split(chart.indicator)) for chart in chapter.charts]
        for place, code, variant in asked:
            if code not in known:
                yield place, f"没有这个指标：{code}"
            elif variant and variant not in known[code].variants:
                yield place, f"指标 {code} 没有 {variant} 口径"
        for sentence in chapter.sentences:
            yield from _words(f"{at}.sentences", sentence.words)


def _words(at: str, words: dict[str, str]) -> Iterator[tuple[str, str]]:
    for situation, text in words.items():
        allowed = PLACES | OPTIONAL
        if situation not in allowed:
            yield f"{at}.{situation}", f"没有这种情形：{situation}；可用：{'、'.join(allowed)}"
            continue
        try:
            places = {name for _text, name, _spec, _conv in string.Formatter().parse(text) if name is not None}
        except ValueError:
            yield f"{at}.{situation}", "花括号不成对"
            continue
        if unknown := places - allowed[situation]:
            yield f"{at}.{situation}", f"没有这个字段：{'、'.join(sorted(unknown))}"


TEMPLATES: Kind[Template] = register(Kind("workreport", "workreport/*.toml", Template, check))


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Items ``first`` to ``last`` of a statutory table."""

    name: str
    first: int
    last: int


class StatutoryTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A statutory table of indicators: the set (``2024``) whose numbers the registry's indicators carry, and its groups."""

    code: str
    version: str
    effective_from: date
    title: str
    basis: str
    certainty: Literal["A", "B", "C"]
    items: int
    groups: list[Group]
    criteria: bool = False
    note: str = ""


STATUTORY: Kind[StatutoryTable] = register(Kind("workreport-tables", "workreport-tables/*.toml", StatutoryTable))
