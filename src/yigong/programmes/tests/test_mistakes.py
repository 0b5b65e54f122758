"""Mistakes in a definition are told with file and line when it loads."""

from pathlib import Path

import pytest

from yigong.core.packs import api as packs
from yigong.core.packs.source import PackError
from yigong.programmes.rules.packs import PROGRAMME

_SOURCE = packs.ROOT / "national" / "programmes" / "hypertension.toml"

# (what is changed, into what, what the message says, the line that is named: the text that stands on it)
MISTAKES = [
    ('title = "血压控制不满意"', 'title = "血压控制不满意"\ncolour = "red"', "colour", "[[rules]]"),
    ("sbp >= limit_sbp || dbp", "sbq >= limit_sbp || dbp", "sbq", "value = \"sbq"),
    ('value = "sbp >= limit_sbp', 'value = "refer_up || sbp >= limit_sbp', "循环引用", "value = \"refer_up"),
    ("unsatisfied && !previous_unsatisfied && !reacts", "unsatisfied && !reacts", "同等轻重又同时成立", "when = \"unsatisfied && !reacts"),
    ('when = "!unsatisfied && !reacts && !worse && !emergency"', 'when = "!unsatisfied && !reacts && !worse && !emergency && age < 65"', "得不到分级", "[[grades]]"),
    ('when = "emergency"', 'when = "emergency && sbp < 60"', "得不到分级", "[[grades]]"),
    ("'bp-emergency' in alerts || danger", "'bp-emergencies' in alerts || danger", "bp-emergencies", "value = \"'bp-emergencies"),
    ('form = "hypertension-followup"', 'form = "no-such-form"', "no-such-form", 'form = "no-such-form"'),
    ('sign = "weight"', 'sign = "weigth"', "weigth", 'sign = "weigth"'),
    ("face_visits - visits_yearly", "face_visit - visits_yearly", "face_visit", 'counts = "face_visit -'),
    ('every_days = 90', 'after = "grade"\nevery_days = 90', "永远到不了", 'after = "grade"'),
    ('every_days = 90', 'ends = "cured"\nevery_days = 90', "cured", 'ends = "cured"'),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "says", "line"), MISTAKES, ids=[m[2] + "/" + m[3][:18] for m in MISTAKES])
def test_a_mistake_names_its_line(tmp_path: Path, old: str, new: str, says: str, line: str) -> None:
    """Unknown field, unknown name, circle, unreachable stage, overlap, gap and the rest."""
    text = _SOURCE.read_text("utf-8")
    assert old in text
    wrong = text.replace(old, new, 1)
    path = tmp_path / "wrong.toml"
    path.write_text(wrong, "utf-8")
    with pytest.raises(PackError) as told:
        packs._read(PROGRAMME, path)
    lines = wrong.splitlines()
    hit = [p for p in told.value.problems if says in p.text]
    assert hit, told.value.problems
    assert any(line in lines[p.line - 1] for p in hit), [(p.line, lines[p.line - 1]) for p in hit]


def test_the_original_holds() -> None:
    """The same file without a mistake loads."""
    assert packs._read(PROGRAMME, _SOURCE).value.code == "hypertension"
