"""The doors of the fund on the command line."""

import shutil
from pathlib import Path

import pytest

from yigong.launch.cli import main
from yigong.launch.suite import _closing_line, _is_there

ROOT = Path(__file__).resolve().parents[2]
SCHEME = ROOT / "packs/demo/grouping/county-demo"
EXAMPLES = ROOT / "src/yigong/insurance/vectors/tests/vectors.json"


def test_groups_are_written_and_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Answers to a file, with an unknown code named while the batch goes on; the same file compared with its own answers."""
    out = tmp_path / "answers.csv"
    assert (
        main(["drg", "group", "--scheme", str(SCHEME), str(SCHEME / "sample.csv"), "--out", str(out), "--explain"]) == 0
    )
    assert len(out.read_text("utf-8").splitlines()) == 17
    assert "Z99.999" in capsys.readouterr().err
    assert main(["drg", "group", "--scheme", str(SCHEME), str(SCHEME / "sample.csv")]) == 0
    assert capsys.readouterr().out.endswith("16 of 16 agree\n")
    assert main(["drg"]) == 2


def test_a_missing_table_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The scheme is refused in words."""
    shutil.copytree(SCHEME, tmp_path / "scheme")
    (tmp_path / "scheme" / "mcc.csv").unlink()
    assert main(["drg", "group", "--scheme", str(tmp_path / "scheme"), str(SCHEME / "sample.csv")]) == 2
    assert "mcc.csv" in capsys.readouterr().err


def test_worked_examples_are_checked(capsys: pytest.CaptureFixture[str]) -> None:
    """Status 0 when all agree; without a file the use is told."""
    assert main(["insurance", "check", str(EXAMPLES)]) == 0
    assert capsys.readouterr().out.endswith("vectors agree\n")
    assert main(["insurance"]) == 2


def test_programs_of_the_machine_are_not_taken_from_our_own_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """pynetdicom brings a storescu too: with nothing but that, dcmtk counts as missing and is installed for the tests."""
    ours = tmp_path / "bin"
    ours.mkdir()
    (ours / "storescu").touch(mode=0o755)
    monkeypatch.setattr("sys.prefix", str(tmp_path))
    monkeypatch.setenv("PATH", str(ours))
    assert shutil.which("storescu")
    assert not _is_there("storescu")


def test_two_runs_end_in_one_line(tmp_path: Path) -> None:
    """What failed in either is counted in the last line."""
    for name, counts in (
        ("a", 'tests="7" failures="1" errors="0" skipped="2"'),
        ("b", 'tests="3" failures="0" errors="1" skipped="0"'),
    ):
        (tmp_path / name).write_text(f"<testsuites><testsuite {counts}/></testsuites>")
    line = _closing_line([tmp_path / "a", tmp_path / "b"], 61.5)
    assert (
        line.strip("= ") == "1 failed, 6 passed, 2 skipped, 1 error in 61.50s"
        and line.startswith("===")
        and line.endswith("===")
    )
