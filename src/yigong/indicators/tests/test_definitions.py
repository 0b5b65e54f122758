"""Definitions: what is refused when they load, and how conditions become SQL."""

from datetime import date
from typing import Any

import msgspec
import pytest

from yigong.core.expressions.api import ExpressionInvalid
from yigong.indicators.facts import facts
from yigong.indicators.queries.registry import counted, criteria, registry, versions_of
from yigong.indicators.rules import sql
from yigong.indicators.rules.definition import Definition, Part, check
from yigong.indicators.rules.figures import Amounts, is_small, possible_counts, shown, value
from yigong.indicators.rules.plan import passes_of
from yigong.indicators.views.listing import SETS
from yigong.launch.environment import PROJECT

VISITS = facts()["visit"]


def make(**more: Any) -> Definition:
    """A sound definition, with changes."""
    sound = Definition(
        code="x", version="1", effective_from=date(2024, 1, 1), name="占比", name_en="Share", certainty="B", unit="percent", direction="up", basis="试",
        owner="试", sources=["records"], fact="visit", population="treated in the county", view="treated", window="month",
        numerator=Part("in_county && at_primary_care"), denominator=Part("in_county"),
    )  # fmt: skip
    return msgspec.structs.replace(sound, **more)


@pytest.mark.parametrize(
    ("change", "place", "word"),
    [
        ({"fact": "visits"}, "fact", "没有这个事实"),
        ({"population": "insured of the county"}, "population", "人群混用"),
        ({"view": "insured"}, "view", "就医地"),
        ({"window": ""}, "window", "统计窗"),
        ({"window": "month_end"}, "window", "统计窗"),
        ({"attribution": "home_id"}, "attribution", "归属"),
        ({"numerator": Part("kind == 3")}, "numerator.where", "第 1 行"),
        ({"numerator": Part("total > 5")}, "numerator.where", "第 1 行"),
        ({"denominator": Part("true", "kind")}, "denominator.sum", "没有可相加的列"),
        ({"numerator": None}, "code", "没有分子"),
    ],
)
def test_what_is_refused(change: dict[str, Any], place: str, word: str) -> None:
    """Each mistake is told at its place in the file."""
    assert list(check(make())) == []
    found = list(check(make(**change)))
    assert [where for where, _text in found] == [place] and word in found[0][1]


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("kind == 'home' && !chinese_medicine", "f.kind = 'home' and not f.chinese_medicine"),
        ("kind in ['a', 'b'] || at_primary_care", "f.kind in ( 'a' , 'b' ) or coalesce(i.primary_care_p2, false)"),
        ('kind != "x"', "f.kind <> 'x'"),
    ],
)
def test_conditions_become_sql(text: str, spelled: str) -> None:
    """Word by word, with the columns of the fact and of its institution."""
    assert sql.condition(VISITS, text, "P2") == spelled


@pytest.mark.parametrize(
    "text", ["kind.startsWith('a')", "kind == 'a' ? true : false", "kind == '\\''", "kind == 'a';drop"]
)
def test_what_sql_could_not_say_is_refused(text: str) -> None:
    """Functions, choices and escapes have no place in a condition."""
    with pytest.raises(ExpressionInvalid):
        sql.condition(VISITS, text)


def test_the_register_is_whole() -> None:
    """Every set is complete, and each indicator is counted, counted elsewhere, or says what is missing."""
    every = registry().values()
    sets = [one for d in every for one in d.sets]
    assert {f"2024:{n:02}" for n in range(1, 15)} <= set(sets)
    assert {f"2020:{n:02}" for n in range(1, 27)} <= set(sets)
    assert {f"2025:{n:02}" for n in range(1, 6)} <= set(sets)
    assert {f"V{n:02}" for n in range(1, 40)} <= set(sets)
    told = [d for d in every if d.is_counted or d.missing or d.elsewhere]
    print(
        f"\n{len(told)} of {len(every)} say where they come from, {len(counted())} are counted; {len(criteria())} criteria"
    )
    for start, name in SETS.items():
        own = [d for d in every if any(one.startswith(start) for one in d.sets)]
        n, away = sum(d.is_counted for d in own), sum(bool(d.elsewhere) for d in own)
        print(f"{name}: {n} of {len(own)} counted here, {away} in other rooms, {len(own) - n - away} without a source")
    assert len(told) == len(every) >= 80 and len(counted()) >= 80 and len(criteria()) == 11
    readme = (PROJECT / "README.md").read_text("utf-8")
    assert f"{len(every)} definitions over documented facts, {len(counted())} of them counted" in readme
    chinese = (PROJECT / "README.zh-CN.md").read_text("utf-8")
    assert f"指标目录 {len(every)} 个定义，{len(counted())} 个由平台计算" in chinese
    known = set(registry())
    assert all(set(c.indicators.split()) <= known for c in criteria())
    assert all(versions_of(d.code) for d in every)


def test_equal_measures_are_counted_once() -> None:
    """One pass per attribution, both definitions of primary care in it; a denominator shared by five is one column."""
    visits = [d for d in counted().values() if d.fact == "visit"]
    for one in passes_of(VISITS, visits):
        assert len(one.measures) < sum((2 if d.is_share else 1) * len(d.variants) for d in visits)
        assert len(set(one.measures.values())) == len(one.measures)


def test_no_denominator_no_figure() -> None:
    """Zero below is no value, nothing collected is no value, and neither is zero per cent."""
    assert value(make(), None) is None and value(make(), Amounts(0, 0)) is None
    assert shown(make(), value(make(), Amounts(0, 0))) == "—"
    assert shown(make(), value(make(), Amounts(0, 7))) == "0.00%"
    assert is_small(make(), Amounts(3, 29)) and not is_small(make(), Amounts(3, 30))
    assert (
        shown(make(), value(make(), Amounts(2000, 5000))) == "40.00%"
        and shown(make(), value(make(), Amounts(2000, 5500))) == "36.36%"
    )


def test_a_published_share_that_does_not_fit() -> None:
    """71.47 % of 318 village doctors is no whole number of people; of 319 it is 228."""
    assert possible_counts("71.47", 318) == [] and possible_counts("71.47", 319) == [228]
