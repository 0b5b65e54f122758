"""Tries a definition's grades on values at, just below and just above every threshold: gaps, overlaps, grades that never hold.

A complete visit must get exactly one grade. Samples are the thresholds found in the conditions, each option of each choice, and what rules
build on them; the same definition always gives the same samples.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import chain, combinations, product
from random import Random
from typing import Any

from yigong.programmes.rules.definition import Grade, Programme, Rule
from yigong.programmes.rules.judging import Compiled, compiled, forms_of, judge, kinds, names_in, used

QUICK = 160
_NUMBER = re.compile(r"(?<![\w.'])-?\d+(?:\.\d+)?(?![\w.'])")
_TEXT = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_IN_ALERTS = re.compile(r"'([^']+)' in alerts")


def alert_literals(text: str) -> list[str]:
    """The codes of vital-alerts that an expression names."""
    return _IN_ALERTS.findall(text)


def problems(p: Programme, most: int = QUICK) -> Iterator[tuple[str, str]]:
    """Gaps, overlaps of one severity and grades that hold for no sample, each with an example."""
    if not p.grades:
        return
    ready = compiled(p)
    held: set[str] = set()
    overlap: dict[tuple[str, str], Mapping[str, Any]] = {}
    gap: Mapping[str, Any] | None = None
    for one_sample in samples(p, most):
        sample: Mapping[str, Any] = one_sample
        fitting = _fitting(ready, sample)
        held |= {g.code for g in fitting[:1]}
        gap = gap or (None if fitting else sample)
        for one, other in combinations(fitting, 2):
            if one.severity == other.severity:
                overlap.setdefault((one.code, other.code), sample)
    places = {g.code: n for n, g in enumerate(p.grades)}
    for (one, other), sample in overlap.items():
        yield f"grades[{places[other]}].when", f"与分级“{one}”同等轻重又同时成立，例如 {_shown(sample, p)}"
    if gap:
        yield "grades[0]", f"有填写完整却得不到分级的情形，例如 {_shown(gap, p)}"
    for grade in p.grades:
        if grade.code not in held and not overlap and not _found(ready, grade):
            yield (
                f"grades[{places[grade.code]}].when",
                f"分级“{grade.title}”永远不会成立：总被更重的分级盖住，或条件自相矛盾",
            )


def _found(ready: Compiled, grade: Grade) -> bool:
    """Looks for a visit that gets this very grade: two, then three of the values it depends on away from the ordinary."""
    p, choices = ready.programme, values_of(ready.programme)
    rules = {r.code: r for r in p.rules}
    names = sorted(used([grade.when], rules) & set(choices), key=lambda n: (n not in names_in(grade.when), n))
    base = {n: values[0] for n, values in choices.items()}
    source = Random(grade.code)
    pairs = (
        dict(zip(pair, values, strict=True))
        for pair in combinations(names, 2)
        for values in product(*(choices[n] for n in pair))
    )
    mixed = (
        {n: source.choice(choices[n]) for n in source.sample(names, min(len(names), source.choice((3, 4, 5))))}
        for _try in range(600)
    )
    return any(_gets(ready, grade, base | change, choices) for change in chain(pairs, mixed))


def _gets(ready: Compiled, grade: Grade, sample: Mapping[str, Any], choices: Mapping[str, list[Any]]) -> bool:
    """Whether a visit gets the grade: as it is, or, where a graver grade covers it, with what else is found on it taken back value by value."""
    fitting = _fitting(ready, sample)
    if grade not in fitting:
        return False
    found = _found_true(ready, sample)
    for name in sorted(choices):
        if fitting[0] == grade:
            return True
        for value in choices[name]:
            one = {**sample, name: value}
            fits, true = _fitting(ready, one), _found_true(ready, one)
            if grade in fits and true < found:
                sample, fitting, found = one, fits, true
    return fitting[0] == grade


def _found_true(ready: Compiled, sample: Mapping[str, Any]) -> int:
    """How many named findings a visit has."""
    return sum(value is True for value in judge(ready.programme, sample).values.values())


def _fitting(ready: Compiled, sample: Mapping[str, Any]) -> list[Any]:
    facts = {k: v for k, v in sample.items() if not k.startswith("previous_")}
    before = {k[9:]: v for k, v in sample.items() if k.startswith("previous_") and k != "previous_grade"}
    told = judge(ready.programme, facts, None if sample.get("first") else before, str(sample.get("previous_grade", "")))
    values = {**facts, **told.values, **{k: v for k, v in sample.items() if k.startswith("previous_")}}
    values["first"] = bool(sample.get("first"))
    if values["first"]:
        values |= {
            f"previous_{r.code}": {"bool": False, "int": 0, "double": 0.0}[r.type] for r in ready.programme.rules
        }
    return [g for g, when in ready.grades if when.value(values) is True]


def samples(p: Programme, most: int = QUICK) -> list[dict[str, Any]]:
    """Complete visits at the definition's thresholds: each value once, then pairs and mixtures up to ``most``."""
    choices = values_of(p)
    names = sorted(choices)
    base = {n: choices[n][0] for n in names}
    found = [base] + [base | {n: v} for n in names for v in choices[n][1:]]
    source = Random(p.code + p.version)
    pairs = [(a, b) for a, b in combinations(names, 2)]
    while len(found) < most and names:
        if pairs and source.random() < 0.5:
            a, b = source.choice(pairs)
            found.append(base | {a: source.choice(choices[a]), b: source.choice(choices[b])})
        else:
            found.append({n: source.choice(choices[n]) for n in names})
    return found


def values_of(p: Programme) -> dict[str, list[Any]]:
    """Per variable that decides a grade the values worth trying, an ordinary one first."""
    rules = {r.code: r for r in p.rules}
    texts = [g.when for g in p.grades]
    deciding = used(texts, rules)
    numbers = _numbers(texts, rules)
    words = _words([*texts, *(r.value + " " + r.otherwise for r in p.rules)])
    types, items = kinds(p), {i.code: i for f in forms_of(p).values() for i in f.items}
    found = {}
    may_lack = {n for r in p.rules if r.otherwise for n in names_in(r.value) if n in items and not items[n].required}
    for name in deciding - set(rules):
        if name in types:
            here = numbers.get(name, set())
            tried = (
                _scores(here)
                if any(s.code == name for s in p.scores)
                else _values(name, types[name], here, items.get(name), words.get(name, []))
            )
            found[name] = [None, *tried] if name in may_lack else tried
    return found


def _values(name: str, kind: str, numbers: set[float], item: Any, words: list[str]) -> list[Any]:
    if kind == "bool":
        return [False, True]
    if kind == "int":
        near = sorted({int(c) + d for c in numbers for d in (-1, 0, 1)}) or [1]
        return _within(near, item)
    if kind == "double":
        close = sorted({round(c + d, 2) for c in numbers for d in (-0.1, 0.0, 0.1)}) or [1.0]
        return _within(close, item)
    codes = [o.code for o in item.options] if item is not None and item.options else ["", *words]
    if kind == "list(string)":
        return [[], *([c] for c in words)] if name == "alerts" else [[c] for c in codes]
    return codes or [""]


def _scores(numbers: set[float]) -> list[float]:
    """Standard deviations: the median first, then both sides of every limit."""
    return [0.0, *sorted({round(c + d, 2) for c in numbers for d in (-0.1, 0.0, 0.1)} - {0.0})]


def _within(values: list[Any], item: Any) -> list[Any]:
    if item is None:
        return [v for v in values if v >= 0] or values
    kept = [v for v in values if (item.min is None or v >= item.min) and (item.max is None or v <= item.max)]
    if not kept:
        middle = ((item.min or 0) + (item.max if item.max is not None else (item.min or 0) + 2)) / 2
        kept = [int(middle) if isinstance(values[0], int) else middle]
    return kept


def _numbers(texts: list[str], rules: Mapping[str, Rule]) -> dict[str, set[float]]:
    """The numbers each name is compared with, directly or through a rule that gives the limit."""
    found: dict[str, set[float]] = {}
    for text in [*texts, *(t for r in rules.values() for t in (r.value, r.otherwise))]:
        plain = _TEXT.sub("", text)
        here = {float(n) for n in _NUMBER.findall(plain)}
        named = names_in(text)
        for rule in named & set(rules):
            if rules[rule].type != "bool":
                here |= {
                    float(n) for n in _NUMBER.findall(_TEXT.sub("", rules[rule].value + " " + rules[rule].otherwise))
                }
        for name in named:
            found.setdefault(name, set()).update(here)
    return found


def _words(texts: list[str]) -> dict[str, list[str]]:
    """Texts compared with a name: ``name == 'x'``, ``'x' in name``."""
    found: dict[str, list[str]] = {}
    for text in texts:
        for name, word in re.findall(r"(\w+)\s*[!=]=\s*'([^']*)'", text):
            found.setdefault(name, []).append(word)
        for word, name in re.findall(r"'([^']*)' in (\w+)", text):
            found.setdefault(name, []).append(word)
    return {name: list(dict.fromkeys(words)) for name, words in found.items()}


def _shown(sample: Mapping[str, Any], p: Programme) -> str:
    labels = {i.code: i.label for f in forms_of(p).values() for i in f.items}
    return "，".join(f"{labels.get(k, k)}={v}" for k, v in sorted(sample.items()) if v not in ([], "", False, None))
