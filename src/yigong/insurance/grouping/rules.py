"""The rule vocabulary of a scheme: parsing, testing, telling why, and substitution of what is already known.

A formula is ``True``, ``False``, an ``Atom`` or ``And``/``Or``/``Not`` of formulas. Atoms are interned in a ``Vocabulary``, so that
two rules that ask the same question share it.
"""

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from yigong.insurance.grouping.data import Case

Codes: TypeAlias = tuple[str, ...]
Test: TypeAlias = Callable[[Case, Codes, Codes, int], object]
Tags: TypeAlias = Mapping[str, tuple[str, ...]]

MCC, CC = 2, 1
OPERATORS: dict[str, tuple[Callable[[Any, Any], bool], str]] = {
    "lt": (operator.lt, "<"),
    "le": (operator.le, "≤"),
    "gt": (operator.gt, ">"),
    "ge": (operator.ge, "≥"),
    "eq": (operator.eq, "="),
}
NUMBERS = {
    "age": ("age", "年龄（岁）"),
    "age_days": ("age_days", "日龄（天）"),
    "weight": ("birth_weight", "出生体重（克）"),
    "los": ("los", "住院天数"),
    "icu_hours": ("icu_hours", "重症监护小时数"),
    "amount": ("amount", "住院总费用（元）"),
}
TEXTS = {"dept": "科室", "leaving": "离院方式"}
SETS = {
    "dx_main": "主要诊断",
    "dx_any": "某一诊断",
    "dx_other": "某一其他诊断",
    "px_main": "主要手术操作",
    "px_any": "某一手术操作",
    "px_other": "某一其他手术操作",
}
SEXES = {1: "男", 2: "女"}


class RuleFault(Exception):
    """A rule that the vocabulary does not know; the loader adds file and line."""


@dataclass(frozen=True, eq=False, slots=True)
class Atom:
    """One question about a case. ``matches`` gives the codes that made it true; the words for yes stand before and
    after those codes."""

    kind: str
    argument: Any
    test: Test
    matches: Callable[[Codes, Codes], Codes]
    yes: tuple[str, str]
    no: str


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple["Formula", ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple["Formula", ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: "Formula"


Formula: TypeAlias = bool | Atom | And | Or | Not


def conjunction(parts: Iterator[Formula] | tuple[Formula, ...]) -> Formula:
    """And, simplified."""
    kept: list[Formula] = []
    for part in parts:
        if part is False:
            return False
        if isinstance(part, And):
            kept.extend(part.parts)
        elif part is not True:
            kept.append(part)
    return And(tuple(kept)) if len(kept) > 1 else kept[0] if kept else True


def disjunction(parts: Iterator[Formula] | tuple[Formula, ...]) -> Formula:
    """Or, simplified."""
    kept: list[Formula] = []
    for part in parts:
        if part is True:
            return True
        if isinstance(part, Or):
            kept.extend(part.parts)
        elif part is not False:
            kept.append(part)
    return Or(tuple(kept)) if len(kept) > 1 else kept[0] if kept else False


def negation(part: Formula) -> Formula:
    """Not, simplified."""
    return not part if isinstance(part, bool) else Not(part)


def substitute(formula: Formula, known: Callable[[Atom], Formula]) -> Formula:
    """The formula with every atom replaced by what is known of it (itself when nothing is)."""
    if isinstance(formula, Atom):
        return known(formula)
    if isinstance(formula, And):
        return conjunction(substitute(part, known) for part in formula.parts)
    if isinstance(formula, Or):
        return disjunction(substitute(part, known) for part in formula.parts)
    if isinstance(formula, Not):
        return negation(substitute(formula.part, known))
    return formula


def atoms(formula: Formula) -> Iterator[Atom]:
    """All atoms of a formula, in the order they are asked."""
    if isinstance(formula, Atom):
        yield formula
    elif isinstance(formula, And | Or):
        for part in formula.parts:
            yield from atoms(part)
    elif isinstance(formula, Not):
        yield from atoms(formula.part)


@dataclass(slots=True)
class Vocabulary:
    """Code sets of a scheme and the atoms made over them."""

    sets: dict[str, frozenset[str]]
    tags: dict[str, Tags]
    valid_procedures: str = ""
    # A published scheme may name a set that has no codes. Only a table known to be whole may be trusted about that.
    may_be_empty: bool = False
    empty: list[str] = field(default_factory=list)
    _atoms: dict[tuple[str, object], Atom] = field(default_factory=dict)

    def all_atoms(self) -> list[Atom]:
        """Every atom made so far."""
        return list(self._atoms.values())

    def parse(self, rule: Any) -> Formula:
        """A formula from its JSON form; raises ``RuleFault``."""
        if not isinstance(rule, dict) or len(rule) != 1:
            raise RuleFault(f"规则应是只有一个键的对象，实为 {str(rule)[:60]}")
        ((key, value),) = rule.items()
        if key in ("all", "any"):
            if not isinstance(value, list) or not value:
                raise RuleFault(f"“{key}”后应是非空的规则列表")
            parts = tuple(self.parse(part) for part in value)
            return conjunction(parts) if key == "all" else disjunction(parts)
        if key == "not":
            return negation(self.parse(value))
        if key == "always":
            return _only_true(key, value)
        return self._parse_atom(key, value)

    def _parse_atom(self, key: str, value: Any) -> Formula:
        if key in ("mcc", "cc", "sex"):
            return self._parse_flag(key, value)
        if key in SETS:
            return self.atom(key, self._set_name(value))
        if key in NUMBERS:
            return self.atom(key, _comparisons(key, value))
        if key in TEXTS:
            if not _are_texts(value):
                raise RuleFault(f"“{key}”后应是文字列表")
            return self.atom(key, tuple(value))
        if key in ("px_tags", "dx_tags"):
            return self.atom(key, self._tag_argument(key, value))
        raise RuleFault(f"不认识的规则“{key}”")

    def _parse_flag(self, key: str, value: Any) -> Formula:
        if key == "sex":
            if value not in (1, 2):
                raise RuleFault("“sex”后应是 1（男）或 2（女）")
            return self.atom(key, int(value))
        return self.atom(key, _only_true(key, value))

    def _set_name(self, value: Any) -> str:
        if _are_texts(value):
            name = "、".join(value)
            self.sets.setdefault(name, frozenset(value))
            return name
        if not isinstance(value, str):
            raise RuleFault("编码集应是名称或编码列表")
        if value not in self.sets:
            if not self.may_be_empty:
                raise RuleFault(f"编码集“{value}”不在 code_sets.csv 中")
            self.sets[value] = frozenset()
            self.empty.append(value)
        return value

    def _tag_argument(self, key: str, value: Any) -> tuple[str, object]:
        detail = "any_of" if key == "px_tags" else "min_distinct"
        if not isinstance(value, dict) or set(value) != {"set", detail} or not isinstance(value["set"], str):
            raise RuleFault(f"“{key}”后应是 set 和 {detail}")
        name, wanted = self._set_name(value["set"]), value[detail]
        if key == "dx_tags":
            if not isinstance(wanted, int) or wanted < 1:
                raise RuleFault("“min_distinct”应是正整数")
            return name, wanted
        if not isinstance(wanted, list) or not all(_are_texts(group) for group in wanted):
            raise RuleFault("“any_of”应是标签组合的列表")
        return name, tuple(frozenset(group) for group in wanted)

    def atom(self, kind: str, argument: Any) -> Atom:
        """The one atom that asks this question."""
        known = self._atoms.get((kind, argument))
        if known is None:
            known = self._atoms[kind, argument] = self._make(kind, argument)
        return known

    def _make(self, kind: str, argument: Any) -> Atom:
        if kind in SETS:
            return self._make_membership(kind, argument)
        if kind == "px_tags":
            return _make_px_tags(argument, self.tags.get(argument[0], {}))
        if kind == "dx_tags":
            return _make_dx_tags(argument, self.tags.get(argument[0], {}))
        if kind in NUMBERS:
            return _make_comparison(kind, argument)
        if kind in TEXTS:
            return _make_text(kind, argument)
        return _make_flag(kind, argument)

    def _make_membership(self, kind: str, name: str) -> Atom:
        codes = self.sets[name]
        test, matches = _membership(kind, codes)
        where = "有效手术操作目录" if name == self.valid_procedures else f"编码集 {name} "
        who = SETS[kind]
        return Atom(kind, name, test, matches, (who, f"在{where}中"), _outside(kind, where))


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(text, str) for text in value)


def _only_true(key: str, value: Any) -> bool:
    if value is not True:
        raise RuleFault(f"“{key}”后应是 true；要相反的意思请用 not")
    return True


def _outside(kind: str, where: str) -> str:
    who = SETS[kind].removeprefix("某一")
    none = {"dx_main": "", "px_main": f"没有手术操作，或{who}"}.get(kind, f"没有{who}，或{who}都")
    return f"{none or who}不在{where}中"


def _membership(kind: str, codes: frozenset[str]) -> tuple[Test, Callable[[Codes, Codes], Codes]]:
    apart = codes.isdisjoint
    table: dict[str, tuple[Test, Callable[[Codes, Codes], Codes]]] = {
        "dx_main": (lambda case, dx, px, state: dx[0] in codes, lambda dx, px: dx[:1]),
        "dx_any": (lambda case, dx, px, state: not apart(dx), lambda dx, px: _within(dx, codes)),
        "dx_other": (lambda case, dx, px, state: not apart(dx[1:]), lambda dx, px: _within(dx[1:], codes)),
        "px_main": (lambda case, dx, px, state: px and px[0] in codes, lambda dx, px: px[:1]),
        "px_any": (lambda case, dx, px, state: not apart(px), lambda dx, px: _within(px, codes)),
        "px_other": (lambda case, dx, px, state: not apart(px[1:]), lambda dx, px: _within(px[1:], codes)),
    }
    return table[kind]


def _within(codes: Codes, of: frozenset[str] | Tags) -> Codes:
    return tuple(code for code in codes if code in of)


def _no_codes(dx: Codes, px: Codes) -> Codes:
    return ()


def _make_px_tags(argument: tuple[str, tuple[frozenset[str], ...]], tags: Tags) -> Atom:
    name, combinations = argument

    def test(case: Case, dx: Codes, px: Codes, state: int) -> bool:
        found = {tag for code in px for tag in tags.get(code, ())}
        return any(wanted <= found for wanted in combinations)

    words = " 或 ".join("+".join(sorted(wanted)) for wanted in combinations)
    return Atom(
        "px_tags", argument, test, lambda dx, px: _within(px, tags),
        ("手术操作", f"在编码集 {name} 中凑齐组合 {words}"), f"手术操作没有凑齐编码集 {name} 的组合 {words}",
    )  # fmt: skip


def _make_dx_tags(argument: tuple[str, int], tags: Tags) -> Atom:
    name, least = argument

    def test(case: Case, dx: Codes, px: Codes, state: int) -> bool:
        return len({tag for code in dx for tag in tags.get(code, ())}) >= least

    return Atom(
        "dx_tags", argument, test, lambda dx, px: _within(dx, tags),
        ("诊断", f"涉及编码集 {name} 的至少 {least} 个部位"), f"诊断涉及编码集 {name} 的部位不足 {least} 个",
    )  # fmt: skip


def _comparisons(key: str, value: Any) -> tuple[tuple[str, int | float], ...]:
    if not isinstance(value, dict) or not value:
        raise RuleFault(f'“{key}”后应是比较式，如 {{"lt": 17}}')
    for sign, number in value.items():
        if sign not in OPERATORS or isinstance(number, bool) or not isinstance(number, int | float):
            raise RuleFault(f"“{key}”的比较“{sign}: {number}”无法识别")
    return tuple(sorted(value.items()))


def _make_comparison(kind: str, comparisons: tuple[tuple[str, int | float], ...]) -> Atom:
    attribute, label = NUMBERS[kind]
    value_of = operator.attrgetter(attribute)
    checks = [(OPERATORS[sign][0], number) for sign, number in comparisons]
    zero_is_missing = kind == "weight"

    def test(case: Case, dx: Codes, px: Codes, state: int) -> bool:
        value = value_of(case)
        if value is None or (zero_is_missing and value == 0):
            return False
        return all(compare(value, number) for compare, number in checks)

    words = " 且 ".join(f"{OPERATORS[sign][1]} {number}" for sign, number in comparisons)
    return Atom(kind, comparisons, test, _no_codes, (label, words), f"{label}不满足 {words}")


def _make_text(kind: str, texts: tuple[str, ...]) -> Atom:
    value_of, accepted = operator.attrgetter(kind), frozenset(texts)
    subject, words = TEXTS[kind], "、".join(texts)
    yes, no = (subject, f"为 {words}"), f"{subject}不是 {words}"
    return Atom(kind, texts, lambda case, dx, px, state: value_of(case) in accepted, _no_codes, yes, no)


def _make_flag(kind: str, argument: Any) -> Atom:
    flags: dict[str, tuple[Test, tuple[str, str], str]] = {
        "sex": (lambda case, dx, px, state: case.sex == argument, ("性别", "相符"), "性别不符"),
        "mcc": (lambda case, dx, px, state: state & MCC, ("有严重并发症或合并症", "(MCC)"), "没有 MCC"),
        "cc": (lambda case, dx, px, state: state & CC, ("有并发症或合并症", "(CC)"), "没有 CC"),
    }
    test, yes, no = flags[kind]
    return Atom(kind, argument, test, _no_codes, yes, no)
