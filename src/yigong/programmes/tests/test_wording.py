"""Conditions of definitions in words: by example, and that none is left half in code."""

import re

import pytest

from yigong.programmes.rules.packs import programmes
from yigong.programmes.rules.wording import Words, in_words
from yigong.programmes.views.defining import wording

WORDS = Words(
    {"sbp": "收缩压", "age": "年龄", "complication": "并发症", "danger": "危险情况", "risk": "危险性", "worse": "加重", "alerts": "体征提示"},
    {"complication": {"2": "新出现"}, "danger": {"none": "没有"}, "risk": {"3": "3级", "4": "4级"}},
)  # fmt: skip


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("sbp >= 140 || complication == '2'", "收缩压 ≥ 140，或并发症为“新出现”"),
        ("danger.exists(d, d != 'none')", "危险情况有除“没有”以外的"),
        ("risk in ['3', '4'] && !worse", "危险性为“3级”、“4级”之一，且不符合加重"),
        ("[sbp, age].exists(x, x >= 11)", "收缩压、年龄任一 ≥ 11"),
        ("age >= 65 ? 150 : 140", "年龄 ≥ 65时为 150，否则 140"),
        ("'bp-emergency' in alerts && (sbp > 180 || worse)", "体征提示有“bp-emergency”，且（收缩压 > 180，或加重）"),
        ("", ""),
    ],
)
def test_by_example(expression: str, text: str) -> None:
    """The connectives, the comparisons and the answers of choices."""
    assert in_words(expression, WORDS) == text


def test_every_condition_of_every_definition(capsys: pytest.CaptureFixture[str]) -> None:
    """No name and no sign of the expression language is left in the words."""
    seen, left = 0, []
    for programme in programmes().values():
        words = wording(programme)
        texts = (
            [r.value for r in programme.rules] + [g.when for g in programme.grades] + [s.when for s in programme.stages]
        )
        texts += [text for r in programme.rates for text in (r.counts, r.of)] + [g.when for g in programme.goals]
        for text in filter(None, texts):
            seen += 1
            said = in_words(text, words)
            if re.search(r"&&|\|\||==|\.exists|[a-z]{3,}_[a-z]", said):
                left.append((programme.code, text, said))
    with capsys.disabled():
        print(f"\n{seen - len(left)} of {seen} conditions of definitions read in words")
    assert seen > 150 and not left, left[:8]
