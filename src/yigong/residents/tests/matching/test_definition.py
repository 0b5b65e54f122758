"""The definition: mistakes are named by file and line; the county's pack stands above the national one."""

from datetime import date
from pathlib import Path

import pytest

from yigong.core.packs.source import PackError
from yigong.residents.matching import definition
from yigong.residents.matching.definition import PACKS, in_force, national, read

TEXT = (PACKS / "national" / "matching.toml").read_text("utf-8")

MISTAKES = [
    ('when = ["equal name_written"]', 'when = ["equals name_written"]', "不认识条件"),
    ('when = ["equal name_written"]', 'when = ["equal nmae"]', "没有预处理列"),
    ('when = ["within shape 1"]', 'when = ["within name 1"]', "含汉字"),
    ('when = ["within shape 1"]', 'when = ["within shape one"]', "数值"),
    ('when = ["number:neighbour"]', 'when = ["number:neighbor"]', "没有级别"),
    ('when = ["number:neighbour"]', 'when = ["nummer:neighbour"]', "没有比较项"),
    ('verdict = "cap"', 'verdict = "perhaps"', "Invalid enum"),
    ('columns = ["number"]', 'columns = ["numbers"]', "没有预处理列"),
    ("prior = 2e-6", "prior = 2", "prior"),
    ('label = "姓名相同"\n', "", "label"),
    ('missing = ["missing sex"]', "missing = []", "missing"),
    ('sought = ["number"]\n', "", "sought"),
]


@pytest.mark.parametrize(("right", "wrong", "sentence"), MISTAKES)
def test_a_mistake_is_named_by_file_and_line(right: str, wrong: str, sentence: str, tmp_path: Path) -> None:
    """Each kind of mistake is refused with a sentence, at the line of the table it stands in."""
    assert right in TEXT
    path = tmp_path / "matching.toml"
    path.write_text(TEXT.replace(right, wrong, 1), "utf-8")
    with pytest.raises(PackError) as refusal:
        read(path)
    problem = refusal.value.problems[0]
    assert sentence in problem.text and problem.file == str(path)
    at = TEXT[: TEXT.index(right)].count("\n") + 1
    assert abs(problem.line - at) <= 8, (problem.line, at)


def test_the_countys_pack_stands_above(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A later version in a later pack is in force from its day on."""
    county = TEXT.replace('version = "2026.1"', 'version = "2026.2"').replace("link_bits = 7.0", "link_bits = 9.0")
    for name, text in (("national", TEXT), ("county", county.replace("2026-01-01", "2026-07-01"))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "matching.toml").write_text(text, "utf-8")
    monkeypatch.setattr(definition, "PACKS", tmp_path)
    monkeypatch.setenv("YIGONG_PACKS", "national,county")
    assert in_force(date(2026, 3, 1)).link_bits == national().link_bits
    assert in_force(date(2026, 8, 1)).link_bits == 9.0
