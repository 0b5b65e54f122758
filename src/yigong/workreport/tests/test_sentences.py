"""Sentences by rule: a table of situations, and properties over any figures."""

import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yigong.core.packs.api import current
from yigong.indicators.api import Amounts, registry
from yigong.indicators.rules.figures import rounded, step
from yigong.indicators.tests.test_definitions import make
from yigong.workreport.rules.sentences import Reference, Value, goal, situation, tell
from yigong.workreport.rules.template import PLACES, TEMPLATES, check

FLAT = Decimal("0.5")
WORDS = {name: name + "".join("{" + place + "}" for place in sorted(places)) for name, places in PLACES.items()}


def share(above: int | None, below: int = 100, version: str = "1", **more: Any) -> Value:
    """A percentage."""
    return Value(make(**{"certainty": "A"} | more), "", None if above is None else Amounts(above, below), version)


def against(value: Value | None) -> Reference:
    """The year before."""
    return Reference("last_year", "上年同期", value)


def text_of(value: Value, *references: Reference) -> str:
    """The whole sentence in the template's own words."""
    words = current(TEMPLATES, "community-progress").words
    return "".join(piece.text for piece in tell(value, references, words, FLAT))


@pytest.mark.parametrize(
    ("now", "before", "found"),
    [
        (share(60), share(50), "rose"),
        (share(50), share(60), "fell"),
        (share(5001, 10000), share(5000, 10000), "flat"),
        (share(5050, 10000), share(5000, 10000), "rose"),  # half a point is the first that counts
        (share(5049, 10000), share(5000, 10000), "flat"),
        (share(50), None, "no_reference"),
        (share(50), share(None), "no_reference"),
        (share(50), share(0, 0), "no_reference"),
        (share(50), share(50, version="2"), "other_version"),
        (share(5, 10), share(50), "few"),
        (share(50), share(5, 29), "few"),
        (share(50), share(15, 30), "flat"),  # thirty cases are enough
    ],
)
def test_situations(now: Value, before: Value | None, found: str) -> None:
    """Rose, fell, flat, nothing to compare with, another definition, too few."""
    assert situation(now, against(before), FLAT)[0] == found


def test_counts_move_by_percent_and_not_from_zero() -> None:
    """A count that was zero has no percentage."""
    count = {d.code: d for d in registry().values()}["visits"]
    now, zero = Value(count, "", Amounts(108), "1"), Value(count, "", Amounts(0), "1")
    assert situation(now, against(zero), FLAT) == ("from_zero", None)
    assert situation(now, against(Value(count, "", Amounts(100), "1")), FLAT) == ("rose", Decimal("8.00"))


@pytest.mark.parametrize(
    ("direction", "target", "above", "found"),
    [("up", "60", 60, "met"), ("up", "60", 59, "missed"), ("down", "60", 60, "met"), ("down", "60", 61, "missed"), ("up", "", 60, ""), ("none", "60", 60, "")],
)  # fmt: skip
def test_targets(direction: Any, target: str, above: int, found: str) -> None:
    """Met or missed by the direction; nothing without a target."""
    assert goal(share(above, direction=direction, target=target)) == found


def test_the_words_of_the_template() -> None:
    """Each clause with its figures, in the county's words."""
    value = share(60, target="70", certainty="B", name="甲率")
    told = text_of(value, against(share(50)), Reference("previous", "上期", share(61)))
    assert (
        told
        == "甲率*为 60.00%，比上年同期上升 10.00 个百分点，比上期下降 1.00 个百分点，目标为不低于 70.00%，还差 10.00 个百分点。"
    )
    assert text_of(share(71, target="70", name="甲率")) == "甲率为 71.00%，达到目标（不低于 70.00%）。"
    assert "例数不足 30" in text_of(share(5, 10), against(share(50)))
    assert "没有可比的冻结数" in text_of(share(60), against(None))


def test_what_is_not_there_is_never_zero() -> None:
    """No data names the missing source; an empty denominator is said; another room's figure names its page."""
    known = registry()
    missing = Value(known["premature-mortality"], "", None, "1")
    assert text_of(missing) == "四类慢性病过早死亡率（概率）*本期无数据（死因监测和分年龄人口未接入）。"
    assert "没有可计算的病例" in text_of(share(0, 0)) and "本期没有采集" not in text_of(share(0, 0))
    assert "这一期没有采集到数据" in text_of(share(None))
    elsewhere = next(d for d in known.values() if d.elsewhere)
    assert "见“" in text_of(Value(elsewhere, "", None, "1"))
    for value in (missing, share(0, 0), share(None), Value(elsewhere, "", None, "1")):
        assert not [piece for piece in tell(value, [], WORDS, FLAT) if piece.key]


amounts = st.builds(
    lambda below, part: Amounts(below * part // 1000, below), st.integers(1, 10**7), st.integers(0, 1000)
)


@given(now=amounts, before=amounts)
def test_every_number_is_a_piece_of_its_own(now: Amounts, before: Amounts) -> None:
    """Whatever the figures: each number stands in a keyed piece, reads as the rounded figure, and a reader who subtracts finds the change."""
    definition = make(target="60", small=1)
    value, other = Value(definition, "", now, "1"), Value(definition, "", before, "1")
    words = {name: text.replace("{least}", "") for name, text in WORDS.items()}
    pieces = tell(value, [against(other)], words, FLAT)
    numbers = {piece.key: piece.text for piece in pieces if piece.key}
    shown = Decimal(re.sub(r"[%,]", "", numbers[f"{definition.code}.v"]))
    assert value.value is not None and other.value is not None and shown == rounded(value.value, 2)
    told = Decimal(numbers[f"{definition.code}.last_year"].split()[0].replace(",", ""))
    moved = step(definition, value.value, other.value)
    assert moved == shown - rounded(other.value, 2) and abs(told) == abs(moved)
    words_only = (
        "".join(piece.text for piece in pieces if not piece.key).replace(definition.name, "").replace("60.00%", "")
    )
    assert not re.search(r"\d", words_only)


def test_bad_templates_are_named() -> None:
    """Unknown indicators, situations and places are told with their place in the file."""
    import msgspec

    good = current(TEMPLATES, "community-progress")
    assert list(check(good)) == []
    first = good.chapters[0]
    sentence = msgspec.structs.replace(
        first.sentences[0], indicator="nonsense", words={"rose": "{gap}", "soared": "!", "flat": "{"}
    )
    bad = msgspec.structs.replace(
        good, words={k: v for k, v in good.words.items() if k != "met"}, chapters=[msgspec.structs.replace(first, sentences=[sentence]), first]
    )  # fmt: skip
    told = " ".join(f"{place} {text}" for place, text in check(bad))
    for word in ("nonsense", "met", "soared", "gap", "花括号", "重复"):
        assert word in told, word
