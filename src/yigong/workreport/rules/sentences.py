"""Sentences chosen by rule from a figure and what it is compared with: pure. Every number is a piece of its own with a key."""

# texts: data (a report is written in Chinese whatever the reader's language)

import string
from collections.abc import Iterable, Mapping
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
    d = value.definition
    if (why := _without(value, words)) is not None:
        return [*why, *_uncertain(d, words), Piece("。")]
    assert value.value is not None
    pieces = _fill(words["told"], {"name": Piece(named(value)), "value": Piece(told(value), key_of(value, "v"))})
    for reference in references:
        pieces += [Piece("，"), *against(value, reference, words, flat)]
    pieces += _goal(value, words)
    if value.amounts and value.amounts.provisional:
        pieces += _fill(words["early"], {"early": Piece(f"{value.amounts.provisional:,}", key_of(value, "early"))})
    return [*_joined([*pieces, *_uncertain(d, words)]), Piece("。")]


def named(value: Value) -> str:
    """The indicator's name with its definition of primary care where there are two."""
    return f"{value.definition.name}({value.variant} 口径)" if value.variant else value.definition.name


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


def against(value: Value, reference: Reference, words: Mapping[str, str], flat: Decimal) -> list[Piece]:
    """One comparison in words."""
    found, moved = situation(value, reference, flat)
    filled = {"reference": Piece(reference.name), "least": Piece(str(value.definition.small))}
    if moved is not None:
        amount = abs(moved) if found != "flat" else moved
        filled["step"] = Piece(f"{amount:,}{step_unit(value.definition)}", key_of(value, reference.facet))
    return _fill(words[found], filled)


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
    d, name = value.definition, Piece(named(value))
    if d.elsewhere:
        return _fill(words["elsewhere"], {"name": name, "where": Piece(page_of(d))})
    if value.amounts is None:
        return _fill(words["nothing"], {"name": name, "missing": Piece(d.missing or "这一期没有采集到数据")})
    return _fill(words["empty"], {"name": name}) if value.value is None else None


def _uncertain(definition: Definition, words: Mapping[str, str]) -> list[Piece]:
    return [Piece(words["uncertain"])] if definition.certainty != "A" else []


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
