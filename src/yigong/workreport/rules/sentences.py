"""Sentences chosen by rule from a figure and what it is compared with: pure. Every number is a piece of its own with a key."""

# texts: data (a report is written in Chinese whatever the reader's language)

import string
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from yigong.indicators import api as indicators
from yigong.indicators.api import Amounts, Definition


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a sentence; with a ``key`` it is a figure that nobody edits."""

    text: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """One indicator of one span as the edition keeps it. ``amounts`` None: nothing was counted; ``version``: of its definition."""

    definition: Definition
    variant: str
    amounts: Amounts | None
    version: str

    @property
    def value(self) -> Decimal | None:
        """The figure in its unit."""
        return indicators.value(self.definition, self.amounts)


@dataclass(frozen=True, slots=True)
class Reference:
    """What a figure is compared with: a name (上年同期), the letter of its keys, and the figure; None where there is none to compare with."""

    facet: str
    name: str
    value: Value | None


_PAGES = {"programmes:rates": "公共卫生管理率", "contracts:rates": "家庭医生签约管理"}


def key_of(value: Value, facet: str, place: str = "") -> str:
    """The name of one number: indicator, variant, institution, and what of it.

    Word keeps names of up to 64 characters.
    """
    return ".".join(part for part in (value.definition.code, value.variant, place, facet) if part)


def tell(value: Value, references: Iterable[Reference], words: Mapping[str, str], flat: Decimal) -> list[Piece]:
    """The sentence of one figure: itself, each comparison, the target, and what a reader has to know about it."""
    if (why := _without(value, words)) is not None:
        return _joined([*why, Piece("。")])
    assert value.value is not None
    pieces = _opening(value, words, words["told"], {"value": Piece(told(value), key_of(value, "v"))})
    for clause in _compared(value, references, words, flat):
        pieces += [Piece("，"), *clause]
    pieces += _goal(value, words)
    if value.amounts and value.amounts.provisional:
        pieces += _fill(words["early"], {"early": Piece(f"{value.amounts.provisional:,}", key_of(value, "early"))})
    return [*_joined(pieces), Piece("。")]


def has_figure(value: Value) -> bool:
    """Whether there is a figure to tell; without one the report says why, and never zero."""
    return not value.definition.elsewhere and value.value is not None


def item(value: Value, words: Mapping[str, str]) -> list[Piece]:
    """One of several that have no figure, in a list of them: its name and why."""
    if value.definition.elsewhere:
        return _without(value, words) or []
    missing = value.definition.missing or ("没有可计算的病例" if value.amounts else "这一期没有采集到数据")
    return _joined([Piece(marked(value, words)), Piece(f"（{missing}）")])


def marked(value: Value, words: Mapping[str, str]) -> str:
    """The name with the sign that says that its official wording is not known for sure."""
    return named(value) + (words["uncertain"] if value.definition.certainty != "A" else "")


def named(value: Value) -> str:
    """The indicator's name with its definition of primary care where there are two."""
    return f"{value.definition.name}（{value.variant} 口径）" if value.variant else value.definition.name


def told(value: Value) -> str:
    """The figure as people read it, with its unit."""
    return indicators.shown(value.definition, value.value) + unit_word(value.definition)


def situation(value: Value, reference: Reference, flat: Decimal) -> tuple[str, Decimal | None]:
    """How a figure stands to another: rose, fell, flat, from_zero, no_reference, other_version, few; with the change where there is one."""
    other = reference.value
    if other is None or other.value is None:
        return "no_reference", None
    if other.version != value.version:
        return "other_version", None
    if any(indicators.is_small(one.definition, one.amounts) for one in (value, other)):
        return "few", None
    moved = indicators.step(value.definition, value.value, other.value)
    if moved is None:
        return "from_zero", None
    return ("flat" if abs(moved) < flat else "rose" if moved > 0 else "fell"), moved


def _compared(
    value: Value, references: Iterable[Reference], words: Mapping[str, str], flat: Decimal
) -> Iterator[list[Piece]]:
    """The comparisons in words, one clause each; those that fail for one reason are told together."""
    failed: dict[str, list[str]] = {}
    for reference in references:
        found, moved = situation(value, reference, flat)
        if moved is None:
            failed.setdefault(found, []).append(reference.name)
            continue
        if not moved and "same" in words:
            yield _fill(words["same"], {"reference": Piece(reference.name)})
            continue
        amount = abs(moved) if found != "flat" else moved
        step = Piece(f"{amount:,}{step_unit(value.definition)}", key_of(value, reference.facet))
        yield _fill(words[found], {"reference": Piece(reference.name), "step": step})
    for found, names in failed.items():
        least = Piece(str(value.definition.small))
        yield _fill(words[found], {"reference": Piece("、".join(names)), "least": least})


def page_of(definition: Definition) -> str:
    """The page that counts an indicator which is not counted here."""
    return _PAGES.get(definition.elsewhere, definition.elsewhere)


def unit_word(definition: Definition) -> str:
    """The unit behind a figure, with a space where there is one."""
    word = indicators.unit(definition.unit)
    return f" {word}" if word else ""


def step_unit(definition: Definition) -> str:
    """In what a change of this indicator is told."""
    unit = indicators.STEP_UNITS.get(definition.unit)
    return f" {unit}" if unit else "%"


def goal(value: Value) -> str:
    """met, missed, or nothing where there is no target or no figure."""
    reached = indicators.reaches(value.definition, value.value)
    return "" if reached is None else "met" if reached else "missed"


def _goal(value: Value, words: Mapping[str, str]) -> list[Piece]:
    found, d = goal(value), value.definition
    if not found or value.value is None:
        return []
    target = Decimal(d.target)
    gap = abs(indicators.rounded(value.value, 2) - target)
    filled = {
        "target": Piece(f"{'不低于' if d.direction == 'up' else '不高于'} {indicators.shown(d, target)}"),
        "gap": Piece(
            f"{gap:,}{step_unit(d) if d.unit in ('percent', 'permille') else unit_word(d)}", key_of(value, "gap")
        ),
    }
    return [Piece("，"), *_fill(words[found], filled)]


def _without(value: Value, words: Mapping[str, str]) -> list[Piece] | None:
    """The sentence of a figure that is not there, which is never zero; None where there is one."""
    d = value.definition
    if d.elsewhere:
        return _opening(value, words, words["elsewhere"], {"where": Piece(page_of(d))})
    if value.amounts is None:
        missing = Piece(d.missing or "这一期没有采集到数据")
        return _opening(value, words, words["nothing"], {"missing": missing})
    return _opening(value, words, words["empty"], {}) if value.value is None else None


def _opening(value: Value, words: Mapping[str, str], text: str, filled: Mapping[str, Piece]) -> list[Piece]:
    """A wording that names the indicator, or begins otherwise and places the sign of an uncertain name by itself."""
    sign = words["uncertain"] if value.definition.certainty != "A" else ""
    if "{mark}" in text:
        return _fill(text, {**filled, "name": Piece(named(value)), "mark": Piece(sign)})
    return _fill(text, {**filled, "name": Piece(named(value) + sign)})


def _fill(text: str, filled: Mapping[str, Piece]) -> list[Piece]:
    pieces: list[Piece] = []
    for before, name, _spec, _conversion in string.Formatter().parse(text):
        pieces += [Piece(before)] if before else []
        pieces += [filled[name]] if name is not None else []
    return pieces


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Neighbouring words become one piece."""
    found: list[Piece] = []
    for piece in pieces:
        if found and not piece.key and not found[-1].key:
            found[-1] = Piece(found[-1].text + piece.text)
        else:
            found.append(piece)
    return found
