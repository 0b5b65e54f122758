"""What a form is: items with types, limits, options, conditions and checks. No code and no HTML inside."""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, Literal

import msgspec

from yigong.core.errors import DomainError
from yigong.core.expressions.api import MISSING, Expression, Vocabulary
from yigong.core.packs.api import Kind, register

ItemType = Literal[
    "string", "text", "integer", "decimal", "boolean", "date", "choice", "multichoice", "display", "rows"
]
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
FACTS = {"age": "int", "months": "int", "sex": "string", "stage": "string"}
"""What conditions know besides the items: completed years and months on the day, sex ("1" male, "2" female), the programme's stage."""


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


class Column(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One column of a question of type ``rows``; the words mean what they mean for ``Item``."""

    code: str
    label: str
    type: ItemType
    required: bool = False
    unit: str = ""
    min: float | None = None
    max: float | None = None
    max_length: int = 60
    options: list[Option] = []


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One question. ``min``/``max`` are inclusive in ``unit``; ``shown_when`` and ``required_when`` are expressions over the other items and ``FACTS``.

    ``usual`` is the ordinary finding that one button of the section fills in where nothing is answered yet. ``prefill`` names a known fact (a
    result's LOINC code, not older than ``prefill_days``); ``carried`` answers come over from the form before. ``reckoned`` is an expression that
    gives the value, rounded to ``digits``: it is never typed. ``rows`` are small tables of at most ``most`` lines.
    """

    code: str
    label: str
    type: ItemType
    section: str = ""
    required: bool = False
    required_when: str = ""
    unit: str = ""
    help: str = ""
    min: float | None = None
    max: float | None = None
    max_length: int = 2000
    options: list[Option] = []
    shown_when: str = ""
    usual: str = ""
    prefill: str = ""
    prefill_days: int = 90
    carried: bool = False
    reckoned: str = ""
    digits: int = 1
    columns: list[Column] = []
    most: int = 6

    @property
    def is_brief(self) -> bool:
        """Whether its field is small enough to stand beside others."""
        return self.type in {"integer", "decimal", "date"} or (self.type == "string" and self.max_length <= 40)

    @property
    def is_half(self) -> bool:
        """Whether a finding with its options is short enough for half a line."""
        words = [o.label for o in self.options] or ["是", "否"]
        return (
            self.type in {"choice", "boolean"}
            and len(words) <= 4
            and len("".join(words)) <= 7
            and len(self.label) <= 9
            and not self.help
        )

    def lines(self, typed: Mapping[str, Any]) -> int:
        """How many lines of a table a page shows: those typed and one to fill in."""
        places = [key.split(".")[1] for key in typed if key.startswith(f"{self.code}.")]
        return min(self.most, 1 + max((int(n) + 1 for n in places if n.isdecimal()), default=0))


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

    def asked(self, facts: Mapping[str, Any]) -> list[Item]:
        """The questions that somebody may be asked of whom the ``FACTS`` hold: those that other answers decide are among them."""
        return [i for i in self.items if not i.shown_when or self._open(i.shown_when, facts)]

    def sections(self, facts: Mapping[str, Any]) -> list[tuple[str, list[Item]]]:
        """The same by section, in order; an item that names none stands in the section before it."""
        found: list[tuple[str, list[Item]]] = []
        for item in self.asked(facts):
            if not found or (item.section and item.section != found[-1][0]):
                found.append((item.section, []))
            found[-1][1].append(item)
        return found

    def _open(self, text: str, facts: Mapping[str, Any]) -> bool:
        outcome = expression(self, text).evaluate(facts)
        return outcome is MISSING or bool(outcome)


def problems(form: FormDefinition) -> Iterator[tuple[str, str]]:
    """Mistakes that types cannot see: repeated codes, choices without options, expressions that do not compile."""
    seen: set[str] = set()
    for n, item in enumerate(form.items):
        yield from _item_problems(item, f"items[{n}]", seen)
        for name in ("shown_when", "required_when"):
            yield from _expression(form, getattr(item, name), f"items[{n}].{name}")
        yield from _expression(form, item.reckoned, f"items[{n}].reckoned", _VARIABLE.get(item.type, "bool"))
    for n, check in enumerate(form.checks):
        if check.item not in seen:
            yield f"checks[{n}].item", f"没有题目“{check.item}”"
        yield from _expression(form, check.rule, f"checks[{n}].rule")


def _item_problems(item: Item, place: str, seen: set[str]) -> Iterator[tuple[str, str]]:
    if item.code in seen or not item.code.isidentifier():
        yield f"{place}.code", f"“{item.code}”重复或不是合法的字段名（字母、数字、下划线）"
    if item.code in FACTS:
        yield f"{place}.code", f"“{item.code}”是居民信息的名称，请换一个字段名"
    seen.add(item.code)
    yield from _options(item, place)
    if item.usual and item.usual not in _usual_answers(item):
        yield f"{place}.usual", f"“{item.label}”的选项里没有“{item.usual}”"
    if item.reckoned and item.type not in {"integer", "decimal"}:
        yield f"{place}.reckoned", f"“{item.label}”由计算得出，类型应为 integer 或 decimal"
    if (item.type == "rows") != bool(item.columns) or not 1 <= item.most <= 50:
        yield f"{place}.columns", f"“{item.label}”：rows 要有 columns，行数上限 1–50；其他类型没有列"
    columns: set[str] = set()
    for n, column in enumerate(item.columns):
        where = f"{place}.columns[{n}]"
        if column.code in columns or not column.code.isidentifier():
            yield f"{where}.code", f"“{column.code}”重复或不是合法的字段名（字母、数字、下划线）"
        if column.type in {"rows", "display", "multichoice"}:
            yield f"{where}.type", f"“{column.label}”：表格里不能用 {column.type}"
        columns.add(column.code)
        yield from _options(column, where)


def _options(asked: Item | Column, place: str) -> Iterator[tuple[str, str]]:
    if asked.type in {"choice", "multichoice"} and len({o.code for o in asked.options}) != max(1, len(asked.options)):
        yield f"{place}.options", f"“{asked.label}”没有选项，或选项代码重复"


def _usual_answers(item: Item) -> set[str]:
    return {"yes", "no"} if item.type == "boolean" else {o.code for o in item.options}


def variables(form: FormDefinition) -> dict[str, str]:
    """The items that expressions may use, with their kinds; tables and texts to read are none."""
    return {item.code: _VARIABLE[item.type] for item in form.items if item.type in _VARIABLE}


@lru_cache(maxsize=256)
def vocabulary(form: FormDefinition) -> Vocabulary:
    """The items of a form and ``FACTS`` as variables for its expressions."""
    return Vocabulary(FACTS | variables(form))


@lru_cache(maxsize=4096)
def expression(form: FormDefinition, text: str, result: str = "bool") -> Expression:
    """One compiled condition, check or reckoning of a form."""
    return vocabulary(form).compile(text, result)


def reckoning(form: FormDefinition, item: Item) -> Expression:
    """The expression that gives the value of a reckoned item."""
    return expression(form, item.reckoned, _VARIABLE[item.type])


def _expression(form: FormDefinition, text: str, place: str, result: str = "bool") -> Iterator[tuple[str, str]]:
    if not text:
        return
    try:
        # Not the cached door: a definition under repair keeps its version while its text changes.
        Vocabulary(FACTS | variables(form)).compile(text, result)
    except DomainError as mistake:
        yield place, str(mistake)


FORM: Kind[FormDefinition] = register(Kind("form", "forms/*.toml", FormDefinition, problems))
