"""Whether a definition holds together: every mistake as (dotted path, sentence), so that the pack names file and line."""

from collections.abc import Iterator
from typing import Any

from yigong.core.errors import DomainError
from yigong.core.expressions.api import Vocabulary
from yigong.core.packs.api import PackError
from yigong.programmes.rules import growth, judging, sampling
from yigong.programmes.rules.definition import Programme, Score
from yigong.records import api as records

Problem = tuple[str, str]
_STARTS = {"enrolment", "birth", "anchor", "grade"}


def problems(programme: Programme) -> Iterator[Problem]:
    """All mistakes of one definition; conditions are looked at only when names and forms are right."""
    found = [*_codes(programme), *_forms(programme), *_references(programme)]
    if not found:
        found = [*_expressions(programme)]
    if not found:
        found = [*_circles(programme), *_reach(programme)]
    if not found:
        found = [*sampling.problems(programme)]
    yield from found


def _codes(p: Programme) -> Iterator[Problem]:
    for part in ("rules", "stages", "grades", "endings", "rates", "goals"):
        seen: set[str] = set()
        for n, one in enumerate(getattr(p, part)):
            if one.code in seen or not one.code.isidentifier():
                yield f"{part}[{n}].code", f"代码“{one.code}”重复，或含有字母、数字、下划线以外的字符"
            seen.add(one.code)
    if not p.stages:
        yield "stages", "至少要有一个环节"
    if not p.endings:
        yield "endings", "至少要写明一种结案原因"


def _forms(p: Programme) -> Iterator[Problem]:
    typed: dict[str, str] = {}
    places = [(f"stages[{n}].form", s.form) for n, s in enumerate(p.stages)]
    places += [(f"endings[{n}].form", e.form) for n, e in enumerate(p.endings) if e.form]
    for place, code in [*places, *([("enrol_form", p.enrol_form)] if p.enrol_form else [])]:
        try:
            form = judging.forms.form(code, p.effective_from, also_gone=False)
        except (DomainError, PackError) as missing:
            yield place, str(missing)
            continue
        for item in form.items:
            if typed.setdefault(item.code, item.type) != item.type:
                yield place, f"题目“{item.code}”在本方案的不同表单里类型不同"


def _references(p: Programme) -> Iterator[Problem]:
    stages, endings = {s.code for s in p.stages}, {e.code for e in p.endings}
    for n, stage in enumerate(p.stages):
        if stage.after not in _STARTS | stages:
            yield f"stages[{n}].after", f"没有“{stage.after}”这个起点或环节"
        if stage.after == "anchor" and not p.anchor:
            yield f"stages[{n}].after", "本方案没有定义基准日（anchor）"
        if stage.before and stage.before not in stages:
            yield f"stages[{n}].before", f"没有环节“{stage.before}”"
        if stage.ends and stage.ends not in endings:
            yield f"stages[{n}].ends", f"没有结案原因“{stage.ends}”"
        asked = {i.code: i for i in _items(p, stage.form)}
        for code in stage.compulsory:
            if code not in asked:
                yield f"stages[{n}].compulsory", f"表单“{stage.form}”里没有题目“{code}”"
            elif asked[code].required:
                yield f"stages[{n}].compulsory", f"题目“{asked[code].label}”在表单里本来就必填，不用再列"
        before = p.stage(stage.after)
        dates = {i.code for i in _items(p, before.form) if i.type == "date"} if before else set()
        for name in stage.counts_from:
            if name not in dates:
                yield f"stages[{n}].counts_from", f"环节“{stage.after}”的表单里没有日期题目“{name}”"
        if stage.every_days and stage.yearly:
            yield f"stages[{n}].yearly", "every_days 与 yearly 只能用一个"
    for n, grade in enumerate(p.grades):
        if grade.opens and grade.opens not in stages:
            yield f"grades[{n}].opens", f"没有环节“{grade.opens}”"
        if grade.ends and grade.ends not in endings:
            yield f"grades[{n}].ends", f"没有结案原因“{grade.ends}”"
    if p.counts:
        if not p.anchor:
            yield "counts", "本方案没有定义基准日（anchor）"
        if p.counts.until and p.counts.until not in stages:
            yield "counts.until", f"没有环节“{p.counts.until}”"
        dates = {i.code for i in _items(p, p.enrol_form) if i.type == "date"} if p.enrol_form else set()
        if p.counts.corrected_by and p.counts.corrected_by not in dates:
            yield "counts.corrected_by", f"纳入表里没有日期题目“{p.counts.corrected_by}”"
    yield from _beginning(p)
    if p.who.sex not in {"", "1", "2"}:
        yield "who.sex", "只能是 1（男）或 2（女）"
    if p.who.suspect and not (p.who.suspect_text and p.who.conditions and p.who.results):
        yield "who.suspect", "需要同时写明诊断（conditions）、用到的结果（results）和说明（suspect_text）"
    yield from _measures(p)
    yield from _scores(p)


def _beginning(p: Programme) -> Iterator[Problem]:
    """What the enrolment form has to ask where limits count from it, or second cards are recognised by it."""
    asked = {i.code: i.type for i in _items(p, p.enrol_form)}
    for name, code, kind in (("begins_on", p.begins_on, "date"), ("begins_hour", p.begins_hour, "integer")):
        if code and asked.get(code) != kind:
            yield name, f"纳入表单里没有类型为 {kind} 的题目“{code}”"
    if p.begins_hour and not p.begins_on:
        yield "begins_hour", "请同时写明 begins_on"
    if p.again_days and not (p.subject and p.anchor):
        yield "again_days", "需要同时写明 subject 和 anchor"


def _measures(p: Programme) -> Iterator[Problem]:
    items = {i.code for s in p.stages for i in _items(p, s.form)}
    signs = records.signs()
    for n, m in enumerate(p.measures):
        if m.item not in items:
            yield f"measures[{n}].item", f"表单里没有题目“{m.item}”"
        if m.sign and m.sign not in signs:
            yield f"measures[{n}].sign", f"vital-alerts 里没有体征“{m.sign}”"
        if m.alert_as and m.alert_as not in signs:
            yield f"measures[{n}].alert_as", f"vital-alerts 里没有体征“{m.alert_as}”"
        if not (m.sign or m.loinc):
            yield f"measures[{n}]", "请写 sign 或 loinc"


def _scores(p: Programme) -> Iterator[Problem]:
    items = {i.code for s in p.stages for i in _items(p, s.form)}
    for n, score in enumerate(p.scores):
        if score.item not in items:
            yield f"scores[{n}].item", f"表单里没有题目“{score.item}”"
        if score.by != "months" and score.by not in items:
            yield f"scores[{n}].by", f"表单里没有题目“{score.by}”"
        if growth.table(score.table, p.effective_from) is None:
            yield f"scores[{n}].table", f"没有在 {p.effective_from} 生效的生长标准“{score.table}”"
        if not score.code.isidentifier() or any(_meet(score, other) for other in p.scores[:n]):
            yield f"scores[{n}].code", f"代码“{score.code}”不合写法，或与另一项同名而月龄范围相交"


def _meet(one: Score, other: Score) -> bool:
    """Whether two scores of one name hold at the same age: a name stands for one table at a time."""
    ends = [score.months_below or 10_000 for score in (one, other)]
    return one.code == other.code and one.months_from < ends[1] and other.months_from < ends[0]


def _items(p: Programme, code: str) -> list[Any]:
    try:
        return list(judging.forms.form(code, p.effective_from, also_gone=False).items)
    except DomainError:
        return []


def _expressions(p: Programme) -> Iterator[Problem]:
    words, standing = Vocabulary(judging.kinds(p)), Vocabulary(judging.standing_kinds(p))
    who = Vocabulary(who_kinds(p))
    looked = [
        (who, "who.when", p.who.when, "bool"),
        (who, "who.suspect", p.who.suspect, "bool"),
        (words, "lower_when", p.lower_when, "bool"),
    ]
    for n, rule in enumerate(p.rules):
        looked += [
            (words, f"rules[{n}].value", rule.value, rule.type),
            (words, f"rules[{n}].otherwise", rule.otherwise, rule.type),
        ]
    looked += [(words, f"stages[{n}].when", s.when, "bool") for n, s in enumerate(p.stages)]
    looked += [(words, f"grades[{n}].when", g.when, "bool") for n, g in enumerate(p.grades)]
    looked += [(words, f"goals[{n}].when", g.when, "bool") for n, g in enumerate(p.goals)]
    for n, rate in enumerate(p.rates):
        looked += [(standing, f"rates[{n}].counts", rate.counts, "bool"), (standing, f"rates[{n}].of", rate.of, "bool")]
    known = records.alert_codes()
    for vocabulary, place, text, kind in looked:
        if not text:
            continue
        try:
            vocabulary.compile(text, kind)
        except DomainError as mistake:
            yield place, str(mistake)
        for code in sampling.alert_literals(text):
            if code not in known:
                yield place, f"vital-alerts 里没有提示规则“{code}”"


def who_kinds(p: Programme) -> dict[str, str]:
    """What the search for candidates may use."""
    found = {"age": "int", "months": "int", "sex": "string", "conditions": "list(string)"}
    return found | {r.name: "double" for r in p.who.results}


def _circles(p: Programme) -> Iterator[Problem]:
    ordered = {r.code for r in judging.in_order(p)}
    for n, rule in enumerate(p.rules):
        if rule.code not in ordered:
            yield f"rules[{n}].value", f"规则“{rule.code}”循环引用，算不出结果"


def _reach(p: Programme) -> Iterator[Problem]:
    """A stage is reached from the start, or after a stage that is, or because a grade opens it."""
    reached = {s.code for s in p.stages if s.after in {"enrolment", "birth", "anchor"}}
    opened = {g.opens for g in p.grades if g.opens}
    while more := {
        s.code
        for s in p.stages
        if s.code not in reached and (s.after in reached or (s.after == "grade" and s.code in opened and reached))
    }:
        reached |= more
    for n, stage in enumerate(p.stages):
        if stage.code not in reached:
            yield f"stages[{n}].after", f"环节“{stage.title}”永远到不了：没有起点、环节或分级通向它"
