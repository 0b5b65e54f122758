"""``./yigong residents link`` from end to end: broken files, encodings, refusals, a killed job."""

import csv
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from yigong.residents.matching import cli, generator
from yigong.residents.matching.files import HEADER
from yigong.residents.matching.generator import HEADER as WRITTEN

pytest.importorskip("splink")

PEOPLE = [
    "a1,his,张伟,1,1990-03-07,01,330102199003071230,13812345678,永定镇大营村3组15号,,",
    "b1,phr,张伟,男,19900307,01,330102900307123,,永定镇大营村三组15号,,H1",
    "c1,ins,張偉,1,1990-3-7,01,,13812345678,,,H1",
    "a2,his,李芳,2,1985-11-02,01,,13900001111,罗免镇高仓村8组,,",
    "b2,phr,李芳,2,1985-11-02,,,13900001111,罗免镇高仓村8组,,",
    "b3,phr,王小明,1,2001-05-06,01,,,,,",
]


def put(path: Path, rows: Iterable[str], encoding: str = "utf-8", header: str = ",".join(HEADER)) -> Path:
    """A file with a header and rows."""
    path.write_bytes("\r\n".join([header, *rows, ""]).encode(encoding))
    return path


def link(*arguments: object) -> int:
    """Run the command in this process."""
    return cli.main(["link", *map(str, arguments)])


def clusters(path: Path) -> dict[str, str]:
    """record_id -> cluster_id, after a check of the header."""
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.reader(handle))
    assert rows[0] == ["record_id", "cluster_id"]
    return dict(rows[1:])


def groups(found: dict[str, str]) -> set[frozenset[str]]:
    """The clusters as sets of records."""
    return {frozenset(k for k, c in found.items() if c == cluster) for cluster in found.values()}


WANTED = {frozenset({"a1", "b1", "c1"}), frozenset({"a2", "b2"}), frozenset({"b3"})}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_files_become_clusters(encoding: str, tmp_path: Path) -> None:
    """Three sources in one file, any of three encodings; a record without a double keeps its own cluster."""
    given = put(tmp_path / "people.csv", PEOPLE, encoding)
    assert link(given, "--out", tmp_path / "out.csv", "--pairs", tmp_path / "pairs.csv") == 0
    assert groups(clusters(tmp_path / "out.csv")) == WANTED
    pairs = (tmp_path / "pairs.csv").read_text("utf-8").splitlines()
    assert pairs[0] == "record_id_1,record_id_2,match_weight,match_probability,verdict,rule" and len(pairs) > 4
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out.csv", "pairs.csv", "people.csv"]


def test_several_files_in_different_encodings(tmp_path: Path) -> None:
    """One file UTF-8, one GB18030, and single lines in the other encoding within a file."""
    one = put(tmp_path / "one.csv", PEOPLE[:2])
    other = put(tmp_path / "other.csv", PEOPLE[2:5], "gb18030")
    with other.open("ab") as handle:
        handle.write((PEOPLE[5] + "\r\n").encode("utf-8"))
    assert link(one, other, "--out", tmp_path / "out.csv") == 0
    assert groups(clusters(tmp_path / "out.csv")) == WANTED


BROKEN = [
    ("x1,his,张三", "应有 11 列"),
    (",his,张三,1,1990-03-07,01,,,,,", "record_id"),
    ("x2,his,张三,外星人,1990-03-07,01,,,,,", "性别"),
    ("x3,his,张三,1,2099-13-45,01,,,,,", "出生日期"),
    ("x4,his,张三,1,1790-01-05,01,,,,,", "出生日期"),
    ('x5,his,"张三,1,1990-03-07,01,,,,,', "引号"),
    ("x6,his,张\x02三,1,1990-03-07,01,,,,,", "控制字符"),
    (",".join(HEADER), "表头"),
    ("x7,his," + "张" * 3000 + ",1,1990-03-07,01,,,,,", "过长"),
]


def test_broken_rows_are_listed_and_the_rest_is_linked(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    """Each broken row appears with its line and reason beside the output; the others are linked as if alone."""
    rows = [text for pair in zip(PEOPLE, BROKEN, strict=False) for text in (pair[0], pair[1][0])]
    rows += [text for text, _ in BROKEN[len(PEOPLE) :]]
    given = put(tmp_path / "people.csv", rows)
    with given.open("ab") as handle:
        handle.write(b"x8,his,\xff\xfe\xff,1,1990-03-07,01,,,,,\n")
    assert link(given, "--out", tmp_path / "out.csv") == 0
    assert groups(clusters(tmp_path / "out.csv")) == WANTED
    with (tmp_path / "out.csv.rejected.csv").open(encoding="utf-8-sig", newline="") as handle:
        lost = list(csv.DictReader(handle))
    assert [row["line"] for row in lost] == ["3", "5", "7", "9", "11", "13", "14", "15", "16", "17"]
    for row, (_, reason) in zip(lost, BROKEN, strict=False):
        assert reason in row["reason"], row
    assert "拒收 10 行" in capsys.readouterr().out


def test_a_quoted_line_break_is_one_record(tmp_path: Path) -> None:
    """An address with a line break inside quotes is read whole."""
    rows = ['a1,his,张伟,1,1990-03-07,01,330102199003071230,,"永定镇\n大营村,3组",,', *PEOPLE[1:]]
    assert link(put(tmp_path / "people.csv", rows), "--out", tmp_path / "out.csv") == 0
    assert groups(clusters(tmp_path / "out.csv")) == WANTED


def refused(tmp_path: Path, capsys: pytest.CaptureFixture, *files: Path) -> str:
    """The sentence of a refusal; nothing may be left behind."""
    before = {p.name for p in tmp_path.iterdir()}
    assert link(*files, "--out", tmp_path / "out.csv") == 1
    assert {p.name for p in tmp_path.iterdir()} == before
    return capsys.readouterr().err


def test_refusals_say_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    """Double ids, an empty file, a header alone, a missing column, no file, a workbook."""
    doubled = put(tmp_path / "double.csv", [*PEOPLE, PEOPLE[0]])
    text = refused(tmp_path, capsys, doubled)
    assert "a1" in text and "第 2 行" in text and "第 8 行" in text
    (tmp_path / "empty.csv").write_bytes(b"")
    assert "是空的" in refused(tmp_path, capsys, tmp_path / "empty.csv")
    assert "没有一行可用" in refused(tmp_path, capsys, put(tmp_path / "bare.csv", []))
    short = put(tmp_path / "short.csv", [], header="record_id,source,name")
    assert "缺少列：sex" in refused(tmp_path, capsys, short)
    assert "打不开" in refused(tmp_path, capsys, tmp_path / "nowhere.csv")
    (tmp_path / "book.xlsx").write_bytes(b"PK\x03\x04rest")
    assert "Excel" in refused(tmp_path, capsys, tmp_path / "book.xlsx")


def test_a_killed_job_leaves_nothing(tmp_path: Path) -> None:
    """Killed in the middle: no output; the next run clears what the kill left and writes all."""
    with (tmp_path / "people.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(WRITTEN)
        writer.writerows(w.fields for w in generator.records(1, 3000))
    out = tmp_path / "result" / "out.csv"
    out.parent.mkdir()
    command = [sys.executable, "-m", "yigong", "residents", "link", str(tmp_path / "people.csv"), "--out", str(out)]
    job = subprocess.Popen(command, stderr=subprocess.PIPE, start_new_session=True, env=dict(os.environ))
    assert job.stderr is not None
    assert "读取" in job.stderr.readline().decode()
    deadline = time.monotonic() + 60
    while not list(out.parent.iterdir()) and time.monotonic() < deadline:
        pass
    os.killpg(job.pid, signal.SIGKILL)
    job.wait()
    job.stderr.close()
    assert not out.exists()
    assert link(tmp_path / "people.csv", "--out", out) == 0
    assert [p.name for p in out.parent.iterdir()] == ["out.csv"] and len(clusters(out)) == 3000
