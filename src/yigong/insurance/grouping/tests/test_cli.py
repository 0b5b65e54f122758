"""The command line: compare, write answers, refuse."""

import io
from pathlib import Path

import pytest

from yigong.insurance.grouping.cli import main
from yigong.insurance.grouping.tests.invented import FOLDER

HEADER = "index,gender,age,age_days,weight,dept,los,leaving,diagnoses,procedures"
RECORDS = ["1,2,50,,,,5,1,D02|D21,P13", "2,9,50,,,,5,1,D02,", "3,2,5O,,,,5,1,D02,", "4,2,60,,,,5,1,Z99|D21,P13"]
ANSWERS = ["MDCB,BB1,BB11,分组成功", *["0000,00,0000,信息校验不通过"] * 2, "0000,00,0000,无法入组"]


def _file(folder: Path, *lines: str, header: str = HEADER) -> Path:
    path = folder / "records.csv"
    path.write_text("\n".join((header, *lines)) + "\n", encoding="utf-8")
    return path


def _compare(path: Path, *options: str) -> tuple[int, str]:
    out = io.StringIO()
    return main(["--scheme", str(FOLDER), str(path), *options], out), out.getvalue()


def test_agreement_is_counted_and_differences_shown(tmp_path: Path) -> None:
    """Exit 0 when all agree; one wrong answer is printed with both sides and exits 1."""
    lines = [f"{record},{answer}" for record, answer in zip(RECORDS, ANSWERS, strict=True)]
    header = HEADER + ",mdc,adrg,drg,status"
    assert _compare(_file(tmp_path, *lines, header=header)) == (0, "4 of 4 agree\n")
    lines[0] = lines[0].replace("BB11", "BB13")
    status, text = _compare(_file(tmp_path, *lines, header=header), "--explain")
    assert status == 1
    assert "1: expected MDCB/BB1/BB13/分组成功, got MDCB/BB1/BB11/分组成功" in text
    assert "进入 ADRG BB1" in text and text.endswith("3 of 4 agree\n")


@pytest.mark.parametrize("options", [[], ["--explain"]])
def test_answers_are_written_and_faulty_records_named(
    tmp_path: Path, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """One line per record under the same index; a record without group is named and the batch goes on."""
    target = tmp_path / "answers.csv"
    status = main(["group", "--scheme", str(FOLDER), str(_file(tmp_path, *RECORDS)), "--out", str(target), *options])
    written = target.read_text(encoding="utf-8").splitlines()
    assert status == 0
    assert [line.split(",")[:5] for line in written[1:]] == [
        [str(place), *answer.split(",")] for place, answer in enumerate(ANSWERS, 1)
    ]
    assert "4: 无法入组：主要诊断 Z99 不在方案的诊断编码中" in capsys.readouterr().err
    assert written[0] == "index,mdc,adrg,drg,status" + (",explain" if options else "")


def test_unusable_input_is_refused_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing column, file, answer or scheme: exit 2 and a sentence."""
    assert main(["--scheme", str(FOLDER), str(_file(tmp_path, header="index,gender"))]) == 2
    assert main(["--scheme", str(FOLDER), str(tmp_path / "nowhere.csv")]) == 2
    assert main(["--scheme", str(FOLDER), str(_file(tmp_path, *RECORDS))]) == 2
    assert main(["--scheme", str(tmp_path), str(_file(tmp_path, *RECORDS))]) == 2
    said = capsys.readouterr().err
    assert all(words in said for words in ("缺少列 age", "nowhere.csv", "--out", "scheme.json:方案文件夹缺少这个文件"))
