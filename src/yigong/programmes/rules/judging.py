"""What a definition says about one visit: named values, grade, goals. Pure; a value that was not recorded is never zero or false."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from yigong.core.expressions.api import MISSING, Expression, ExpressionInvalid, Vocabulary
from yigong.core.forms import api as forms
from yigong.core.forms.definition import FormDefinition
from yigong.core.months import months_between
from yigong.programmes.rules.definition import FACTS, STANDING, Grade, Programme, Rule, Stage

_NAME = re.compile(r"[A-Za-z_]\w*")
_STRING = re.compile(r"'[^']*'|\"[^\"]*\"")
SUFFIX_TYPES = {"bool": False, "int": 0, "double": 0.0}


def names_in(text: str) -> set[str]:
    """The names that an expression uses; texts in quotes are no names."""
    return set(_NAME.findall(_STRING.sub("", text)))


def person_facts(born: date | None, sex: str, on: date, stage: str = "") -> dict[str, Any]:
    """What the conditions of forms know of a person on a day (``core.forms``); what is not known is absent."""
    facts: dict[str, Any] = {"sex": sex, "stage": stage} if stage else {"sex": sex}
    if born:
        facts["months"] = months_between(born, on)
        facts["age"] = facts["months"] // 12
    return facts


def lacking(
    stage: Stage, sheet: FormDefinition, answers: Mapping[str, Any], person: Mapping[str, Any]
) -> tuple[str, ...]:
    """The compulsory items of a stage that are asked of this person and not answered: codes."""
    if all(code in answers for code in stage.compulsory):
        return ()
    asked = set(forms.told(sheet, answers, person).items)
    return tuple(code for code in stage.compulsory if code in asked and code not in answers)


def forms_of(programme: Programme) -> dict[str, FormDefinition]:
    """The forms of a programme that were in force when it took effect, by code."""
    asked = [*(s.form for s in programme.stages), programme.enrol_form, *(e.form for e in programme.endings)]
    codes = dict.fromkeys(asked)
    return {code: forms.form(code, programme.effective_from) for code in codes if code}


def kinds(programme: Programme) -> dict[str, str]:
    """Every variable of the programme's conditions with its kind."""
    found = {name: kind for name, (kind, _text) in FACTS.items()}
    for form in forms_of(programme).values():
        found |= forms.variables(form)
    found |= {score.code: "double" for score in programme.scores}
    for rule in programme.rules:
        found[rule.code] = rule.type
        found[f"previous_{rule.code}"] = rule.type
    return found


def standing_kinds(programme: Programme) -> dict[str, str]:
    """Every variable of the programme's rates with its kind."""
    found = {name: kind for name, (kind, _text) in STANDING.items()}
    found |= {f"last_{r.code}": r.type for r in programme.rules}
    found |= {f"visits_{s.code}": "int" for s in programme.stages}
    return found | {f"day_{s.code}": "int" for s in programme.stages}


def used(texts: Iterable[str], rules: Mapping[str, Rule]) -> set[str]:
    """All names that decide, through the rules."""
    found: set[str] = set()
    waiting = list(texts)
    while waiting:
        for name in names_in(waiting.pop()) - found:
            found.add(name)
            if name in rules:
                waiting += [rules[name].value, rules[name].otherwise]
    return found


@dataclass(frozen=True)
class Condition:
    """A compiled expression that is given only the values it names."""

    expression: Expression
    names: frozenset[str]

    def value(self, values: Mapping[str, Any]) -> Any:
        """The result, or MISSING."""
        return self.expression.evaluate({n: values[n] for n in self.names if n in values})


@dataclass(frozen=True)
class Compiled:
    """A programme with its conditions, rules in the order in which they need each other."""

    programme: Programme
    rules: tuple[tuple[str, Condition, Condition | None], ...]
    grades: tuple[tuple[Grade, Condition], ...]
    goals: tuple[tuple[str, Condition], ...]
    stages: Mapping[str, Condition]
    rates: Mapping[str, tuple[Condition, Condition]]
    lower: Condition | None
    inputs: frozenset[str]


@lru_cache(maxsize=64)
def compiled(programme: Programme) -> Compiled:
    """The conditions of one version; the definition has been checked when it was loaded.

    A version of the archive may name items that its forms no longer ask: they are known as the archived forms had them.
    """
    try:
        return _compiled(programme, kinds(programme))
    except ExpressionInvalid:
        asked: dict[str, str] = {}
        for code in forms_of(programme):
            asked |= forms.earlier_variables(code)
        return _compiled(programme, asked | kinds(programme))


def _compiled(programme: Programme, variables: Mapping[str, str]) -> Compiled:
    words, standing = Vocabulary(variables), Vocabulary(standing_kinds(programme))

    def condition(text: str, kind: str = "bool", vocabulary: Vocabulary = words) -> Condition:
        return Condition(vocabulary.compile(text, kind), frozenset(names_in(text) & set(vocabulary.variables)))

    ordered = in_order(programme)
    return Compiled(
        programme,
        tuple((r.code, condition(r.value, r.type), condition(r.otherwise, r.type) if r.otherwise else None) for r in ordered),
        tuple((g, condition(g.when)) for g in sorted(programme.grades, key=lambda g: -g.severity)),
        tuple((g.code, condition(g.when)) for g in programme.goals),
        {s.code: condition(s.when) for s in programme.stages if s.when},
        {r.code: (condition(r.counts, vocabulary=standing), condition(r.of, vocabulary=standing)) for r in programme.rates},
        condition(programme.lower_when) if programme.lower_when else None,
        frozenset(_inputs(programme)),
    )  # fmt: skip


def _inputs(programme: Programme) -> set[str]:
    """What has to be kept of a visit so that it can be judged, and the plan made, again."""
    rules = {r.code: r for r in programme.rules}
    texts = [*(g.when for g in programme.grades), *(g.when for g in programme.goals), *rules, programme.lower_when]
    kept = {n for n in used(texts, rules) - set(rules) if not n.startswith("previous_") and n != "first"}
    return kept | counted_from(programme)


@lru_cache(maxsize=64)
def counted_from(programme: Programme) -> frozenset[str]:
    """The dates among the answers that a later stage counts from."""
    return frozenset(name for stage in programme.stages for name in stage.counts_from)


def in_order(programme: Programme) -> list[Any]:
    """The named rules so that each comes after those it uses; those of a circle are left out (the check names them)."""
    left = {r.code: r for r in programme.rules}
    done: list[Any] = []
    while left:
        ready = [
            r for r in left.values() if not (names_in(r.value) | names_in(r.otherwise)) & set(left)
        ]  # a rule that needs nothing unfinished
        if not ready:
            return done
        done += [left.pop(rule.code) for rule in ready]
    return done


@dataclass(frozen=True)
class Judgement:
    """``values`` of the named rules, the ``grade`` (None: what decides was not recorded) and the goals that could be judged."""

    values: Mapping[str, Any]
    grade: Grade | None
    goals: Mapping[str, bool]
    missing: tuple[str, ...] = field(default=())


def judge(
    programme: Programme, facts: Mapping[str, Any], previous: Mapping[str, Any] | None = None, previous_grade: str = ""
) -> Judgement:
    """Judge one visit. ``facts`` are the answers and ``FACTS``; ``previous`` are the named values of the graded visit before.

    Without a graded visit before, ``previous_`` values are false or zero: nothing was unsatisfactory before the first visit.
    """  # fmt: skip
    ready = compiled(programme)
    values = dict(facts)
    values["first"], values["previous_grade"] = previous is None, previous_grade
    for rule in programme.rules:
        before = (previous or {}).get(rule.code)
        values[f"previous_{rule.code}"] = SUFFIX_TYPES[rule.type] if before is None else before
    named: dict[str, Any] = {}
    missing: set[str] = set()
    for code, value, otherwise in ready.rules:
        found = value.value(values)
        if found is MISSING and otherwise is not None:
            found = otherwise.value(values)
        if found is MISSING:
            missing |= {n for n in value.names if values.get(n) is None}
        else:
            named[code] = values[code] = found
    grade = next((g for g, when in ready.grades if when.value(values) is True), None)
    grade = _not_lower(ready, grade, previous_grade, values)
    goals = {code: met for code, when in ready.goals if (met := when.value(values)) is not MISSING}
    return Judgement(named, grade, goals, tuple(sorted(missing)))


def _not_lower(ready: Compiled, grade: Grade | None, previous_grade: str, values: Mapping[str, Any]) -> Grade | None:
    """Where only a physician may lower a grade, the graver one before stays."""
    before = ready.programme.grade(previous_grade) if ready.programme.never_lower else None
    if before is None or grade is None or grade.severity >= before.severity:
        return grade
    return grade if ready.lower is not None and ready.lower.value(values) is True else before


def plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as JSON holds them."""
    return {name: _json(value) for name, value in facts.items() if value is not None}


def _json(value: Any) -> Any:
    if isinstance(value, list):
        return [_json(v) for v in value]
    if isinstance(value, dict):
        return plain(value)
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date) else value


def revived(programme: Programme, stored: Mapping[str, Any]) -> dict[str, Any]:
    """Stored facts as the conditions want them."""
    types = kinds_of(programme)
    return {n: date.fromisoformat(v) if types.get(n) == "date" else v for n, v in stored.items()}


@lru_cache(maxsize=64)
def kinds_of(programme: Programme) -> Mapping[str, str]:
    """``kinds``, kept."""
    return kinds(programme)
