"""What a form is: items with types, limits, options, conditions and checks. No code and no HTML inside."""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Literal

import msgspec

from yigong.core.errors import DomainError
from yigong.core.expressions.api import Expression, Vocabulary
from yigong.core.packs.api import Kind, register

ItemType = Literal["string", "text", "integer", "decimal", "boolean", "date", "choice", "multichoice", "display"]
_VARIABLE = {
    "string": "string",
    "text": "string",
    "integer": "int",
    "decimal": "double",
    "boolean": "bool",
    "date": "date",
    "choice": "string",
    "multichoice": "list(string)",
}


class Option(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One answer of a choice; ``exclusive`` clears the others (e.g. "none of these")."""

    code: str
    label: str
    exclusive: bool = False


class Check(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sentence shown at ``item`` when ``rule`` is false; ``warning`` lets the user go on."""

    rule: str
    message: str
    item: str
    warning: bool = False


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One question. ``min``/``max`` are inclusive in ``unit``; ``shown_when`` is an expression over other items."""

    code: str
    label: str
    type: ItemType
    section: str = ""
    required: bool = False
    unit: str = ""
    help: str = ""
    min: float | None = None
    max: float | None = None
    max_length: int = 2000
    options: list[Option] = []
    shown_when: str = ""
    prefill: str = ""


class FormDefinition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One version of one form; ``source`` names the standard or paper form it follows."""

    code: str
    version: str
    effective_from: date
    title: str
    items: list[Item]
    source: str = ""
    checks: list[Check] = []

    def __hash__(self) -> int:
        return hash((self.code, self.version))


def problems(form: FormDefinition) -> Iterator[tuple[str, str]]:
    """Mistakes that types cannot see: repeated codes, choices without options, expressions that do not compile."""
    seen: set[str] = set()
    for n, item in enumerate(form.items):
        if item.code in seen or not item.code.isidentifier():
            yield f"items[{n}].code", f"“{item.code}”重复或不是合法的字段名（字母、数字、下划线）"
        seen.add(item.code)
        if item.type in {"choice", "multichoice"} and len({o.code for o in item.options}) != max(1, len(item.options)):
            yield f"items[{n}].options", f"“{item.label}”没有选项，或选项代码重复"
        yield from _expression(form, item.shown_when, f"items[{n}].shown_when")
    for n, check in enumerate(form.checks):
        if check.item not in seen:
            yield f"checks[{n}].item", f"没有题目“{check.item}”"
        yield from _expression(form, check.rule, f"checks[{n}].rule")


@lru_cache(maxsize=256)
def vocabulary(form: FormDefinition) -> Vocabulary:
    """The items of a form as variables for its expressions."""
    return Vocabulary({item.code: _VARIABLE[item.type] for item in form.items if item.type != "display"})


@lru_cache(maxsize=1024)
def expression(form: FormDefinition, text: str) -> Expression:
    """One compiled condition or check of a form."""
    return vocabulary(form).compile(text)


def _expression(form: FormDefinition, text: str, place: str) -> Iterator[tuple[str, str]]:
    if not text:
        return
    try:
        # Not the cached door: a definition under repair keeps its version while its text changes.
        Vocabulary({i.code: _VARIABLE[i.type] for i in form.items if i.type != "display"}).compile(text)
    except DomainError as mistake:
        yield place, str(mistake)


FORM: Kind[FormDefinition] = register(Kind("form", "forms/*.toml", FormDefinition, problems))
