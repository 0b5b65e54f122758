"""The worked examples of the reference, where the shared folder is present, and those of the project."""

import io
import json
from decimal import Decimal
from pathlib import Path

import pytest

from yigong.insurance.vectors.checking import check, kind_of
from yigong.insurance.vectors.cli import main
from yigong.insurance.vectors.world import read_world

_PLACE = Path("shared/reference/insurance-vectors.json")
SHARED = next((path / _PLACE for path in Path(__file__).parents if (path / _PLACE).is_file()), None)
OWN = Path(__file__).parent / "vectors.json"


def run(path: Path) -> tuple[int, str]:
    """The command's status and output."""
    out = io.StringIO()
    return main([str(path)], out), out.getvalue()


@pytest.mark.skipif(SHARED is None, reason="the reference's examples lie outside the project, in ../shared/reference")
def test_every_example_of_the_reference_agrees() -> None:
    """All 35."""
    assert SHARED is not None
    status, said = run(SHARED)
    assert said == "35 of 35 vectors agree\n"
    assert status == 0


@pytest.mark.skipif(SHARED is None, reason="the reference's examples lie outside the project, in ../shared/reference")
def test_a_changed_expectation_is_found_in_every_example(tmp_path: Path) -> None:
    """One expected figure off by a fen in each example: each is named, none agrees."""
    assert SHARED is not None
    found = json.loads(SHARED.read_text("utf-8"))
    for vector in found["vectors"].values():
        shift_one(vector["expected"])
    (tmp_path / "wrong.json").write_text(json.dumps(found), "utf-8")
    status, said = run(tmp_path / "wrong.json")
    assert said.splitlines()[-1] == "0 of 35 vectors agree"
    assert (status, len(said.splitlines())) == (1, 36)


def test_the_examples_of_the_project_agree() -> None:
    """Calculated by hand; of most kinds there are some that the reference does not have."""
    status, said = run(OWN)
    assert said.splitlines()[-1] == "34 of 34 vectors agree", said
    assert status == 0


@pytest.mark.parametrize(
    ("vector", "named"),
    [
        ({"input": {"scp": "1", "level": 1, "sex": 1}, "expected": {"pool": "0"}}, "sex"),
        ({"input": {"colour": "red"}, "expected": {"pool": "0"}}, "不认识的算例种类：input 的字段是 colour"),
        ({"input": {"scp": "1", "level": 1}, "expected": {"poool": "0"}}, "poool：不认识的结果字段"),
        ({"input": {"scp": "1", "level": 9}, "expected": {"pool": "0"}}, "级别“9”"),
        ({"input": {"scp": "1", "level": 1, "person": "rich"}, "expected": {"pool": "0"}}, "rich"),
        ({"input": {"scp": "1.005", "level": 1}, "expected": {"pool": "0"}}, "最多两位小数"),
        ({"input": {"scp": "NaN", "level": 1}, "expected": {"pool": "0"}}, "不是数字"),
        ({"input": {"scp": "1e30", "level": 1}, "expected": {"pool": "0"}}, "过大"),
        ({"input": {"scp": "-1", "level": 1}, "expected": {"pool": "0"}}, "不为负"),
        ({"input": {"scp": "1", "total": "3", "level": 1}, "expected": {"pool": "0"}}, "合计等于总额"),
        ({"input": {"items": [{"cls": "D", "amt": "1"}]}, "expected": {"sum": {}}}, "费用类别“D”"),
        ({"input": {"items": [{"cls": "B", "amt": "1"}]}, "expected": {"sum": {}}}, "缺少先行自付比例"),
        ({"input": {"scp": "1", "level": 1}, "expected": {}}, "expected"),
        ({"input": {"original": "nobody", "returned": {"line": 1, "amount": "1"}}, "expected": {"new": {}}}, "nobody"),
        ({"input": {"scp": "1", "level": 1, "plan": "other"}, "expected": {"pool": "0"}}, "plan_other"),
    ],
)
def test_what_is_not_understood_is_named(vector: dict, named: str, tmp_path: Path) -> None:
    """An unknown kind, field, person, level or number is a difference of its own, and the others are still calculated."""
    found = json.loads(OWN.read_text("utf-8"))
    good = {"input": {"scp": "100.00", "level": 1}, "expected": {"dedc": "100.00"}}
    (tmp_path / "own.json").write_text(
        json.dumps({"plan_short": found["plan_short"], "vectors": {"bad": vector, "good": good}}), "utf-8"
    )
    status, said = run(tmp_path / "own.json")
    assert status == 1
    assert named in said.splitlines()[0]
    assert said.splitlines()[-1] == "1 of 2 vectors agree"


@pytest.mark.parametrize("text", ["", "[]", '{"vectors": []}', '{"vectors": {"a": 1, "a": 2}}', '{"plan_a": {}}'])
def test_a_file_without_examples_is_refused(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Status 2 and one sentence."""
    (tmp_path / "bad.json").write_text(text, "utf-8")
    assert main([str(tmp_path / "bad.json")]) == 2
    assert main([str(tmp_path / "missing.json")]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_every_kind_has_an_example() -> None:
    """The project's own examples and the reference's together leave no kind without one."""
    files = [OWN, *([SHARED] if SHARED else [])]
    kinds = {kind_of(vector).name for path in files for vector in read_world(path).vectors()}
    assert all(one.agrees for path in files for one in check(read_world(path)))
    assert len(kinds) >= (18 if SHARED else 12)


def shift_one(found: dict | list) -> bool:
    """Add a fen to the first figure inside."""
    for key, value in list(found.items() if isinstance(found, dict) else enumerate(found)):
        if isinstance(value, dict | list):
            if shift_one(value):
                return True
        elif isinstance(value, str) and value.replace(".", "").replace("-", "").isdigit():
            found[key] = str(Decimal(value) + Decimal("0.01"))  # type: ignore[index]
            return True
    return False
