"""The command that counts by an engine of choice: what it keeps, what it says, and what it answers where something is missing."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import ProgrammingError, transaction

from yigong.access.tests.factories import make_person
from yigong.core import clock
from yigong.core.testing import race
from yigong.indicators import engines, lake
from yigong.indicators.commands import computing
from yigong.indicators.commands import engines as counting
from yigong.indicators.facts import facts
from yigong.indicators.models import Cell, Computation, Roll
from yigong.indicators.queries.registry import counted
from yigong.indicators.tests.world import full_county, make_world, this_month

SAID = ("code", "variant", "month", "institution_id", "version", "numerator", "denominator", "provisional")


@pytest.fixture
def world(db: Any) -> Any:
    """The small county, with rows in most facts."""
    pytest.importorskip("duckdb")
    made = make_world()
    full_county(made)
    return made


def told(*words: object) -> str:
    """What the command prints."""
    out = io.StringIO()
    call_command("indicators", *map(str, words), stdout=out)
    return out.getvalue()


def cells() -> set[tuple[Any, ...]]:
    """Everything that is rolled up."""
    return set(Cell.objects.values_list(*SAID))


def test_another_engine_keeps_the_same_numbers_and_says_so(world: Any) -> None:
    """DuckDB puts its count in place of PostgreSQL's: not a cell differs, and the page says who counted what."""
    text = told("compute")
    mine = cells()
    assert (
        f"PostgreSQL 计算了本县 {this_month(24):%Y-%m} 至 {this_month():%Y-%m}（25 个月）的 {len(counted())} 个指标"
        in text
    )
    assert f"核对：{len(mine)} / {len(mine)} 个一致" in told("compute", "--engine", "duckdb", "--compare").replace(
        ",", ""
    )
    assert set(Roll.objects.values_list("engine", flat=True)) == {"postgres"}, "a comparison keeps nothing"
    text = told("compute", "--engine", "duckdb")
    print(f"\n{len(mine)} cells of {len({cell[0] for cell in mine})} indicators")
    assert mine and cells() == mine and "DuckDB 计算了本县" in text and "MB" in text
    assert set(Roll.objects.values_list("engine", flat=True)) == {"duckdb"}
    shown = make_person("bureau").client().get("/indicators/counts/").content.decode()
    assert "DuckDB" in shown and "命令行" in shown and f"{len(mine):,} 个全部一致" in shown
    assert [one.engine for one in Computation.objects.order_by("id")] == ["postgres", "duckdb", "duckdb"]
    with pytest.raises(ProgrammingError), transaction.atomic():
        Computation.objects.update(engine="spark")


def test_a_difference_is_shown_with_its_place(world: Any) -> None:
    """A kept number that is not what the rows say: name, month, house, both numbers; the exit status says so too."""
    told("compute")
    Cell.objects.filter(code="visits", institution_id=world.village, month=this_month()).update(numerator=99)
    with pytest.raises(SystemExit), pytest.MonkeyPatch.context() as patch:
        said = io.StringIO()
        patch.setattr("sys.stdout", said)
        call_command("indicators", "compute", "visits", "--engine", "duckdb", "--compare", stdout=said)
    assert f"总诊疗人次 {this_month():%Y-%m} 柳树村卫生室：已存 99，DuckDB" in said.getvalue()
    assert Computation.objects.latest("id").agreed == Computation.objects.latest("id").compared - 1


def test_what_was_counted_meanwhile_is_newer(world: Any) -> None:
    """An event was counted while the lake was being read: its month keeps that count."""
    begun = clock.now()
    computing.compute_all()
    stale = [Cell(code="visits", month=this_month(), institution_id=world.village, version="x", numerator=1)]
    given = {"first": this_month(), "last": this_month(), "codes": ["visits"], "engine": "duckdb", "seconds": 1.0}
    before = cells()
    assert counting.keep(fact=facts()["visit"], cells=stale, seen_at=begun, **given) == 1
    assert cells() == before
    assert counting.keep(fact=facts()["visit"], cells=stale, seen_at=clock.now(), **given) == 0
    assert Cell.objects.get(code="visits", month=this_month()).version == "x"


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("indicators.keep")
def test_two_engines_at_once_leave_one_count() -> None:
    """One after the other; no cell is there twice."""
    pytest.importorskip("duckdb")
    house = make_world().village
    given = {"fact": facts()["visit"], "first": this_month(), "last": this_month(), "codes": ["visits"], "seconds": 0.1}

    def put(n: int) -> int:
        mine = [Cell(code="visits", month=this_month(), institution_id=house, version="1", numerator=n)]
        return counting.keep(**given, cells=mine, engine="duckdb", seen_at=begun)

    begun = clock.now()
    outcomes = race(lambda: put(1), lambda: put(2))
    assert sorted(outcomes) == [0, 1], "the later sees the earlier's count, which is newer than the rows it read"
    assert Cell.objects.filter(code="visits").count() == 1


def test_a_lake_is_written_counted_and_handed_out(world: Any, tmp_path: Path) -> None:
    """The county's facts as files; the count over them is the county's, as a table of its own; nothing of the county changes."""
    told("compute")
    mine, lake_folder, out = cells(), tmp_path / "湖", tmp_path / "数.csv"
    assert f"{len(facts())} 个文件" in told("lake", lake_folder)
    text = told(
        "compute", "--engine", "duckdb", "--lake", lake_folder, "--since", f"{this_month(24):%Y-%m}", "--out", out
    )
    assert "1 个县" in text and f"已写出 {out}，{len(mine):,} 行" in text
    lines = out.read_text("utf-8-sig").splitlines()
    assert len(lines) == len(mine) + 1 and "分子" in lines[0] and cells() == mine
    assert Computation.objects.latest("id").source == "湖（1 个县）"


def test_what_is_wrong_with_a_lake_is_said_with_the_file(world: Any, tmp_path: Path) -> None:
    """No lake, half a lake, a county without a file, a file cut off, an older file; each in one sentence with the way out."""
    folder = tmp_path / "lake"

    def refused(*more: str) -> str:
        with pytest.raises(CommandError) as refusal:
            told("compute", "--engine", "duckdb", "--lake", folder, *more)
        return str(refusal.value)

    assert "不是数据湖" in refused()
    lake.export(folder)
    whole = (folder / "fact_visit.parquet").read_bytes()
    (folder / "fact_stay.parquet").unlink()
    assert "不完整，缺少：出院" in refused() and "--partly" in refused()
    text = told("compute", "--engine", "duckdb", "--lake", folder, "--partly")
    assert "没有计算的" in text and "平均住院" in text
    (folder / "fact_visit-2.parquet").write_bytes(whole)
    assert "没有这个文件，别的事实有" in refused("--partly")
    (folder / "fact_visit-2.parquet").unlink()
    (folder / "fact_visit.parquet").write_bytes(whole[: len(whole) // 2])
    assert "fact_visit.parquet 不能用：文件已损坏或没有写完" in refused("--partly")
    older = 'select uuid() as id, now() as "at", current_date as month, uuid() as institution_id'
    lake.connect().execute(f"copy ({older}) to '{folder}/fact_visit.parquet' (format parquet)")
    assert "缺少列“类别、中医科室”" in refused("--partly")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("compute", "--lake", "/nowhere"), "PostgreSQL 只计算本县数据库"),
        (("compute", "--engine", "duckdb", "nonsense"), "没有由平台计算的指标 nonsense"),
        (("compute", "--compare"), "--engine duckdb 或 spark"),
        (("compute", "--out", "x.csv"), "只用于数据湖"),
        (("compute", "--lake", "/nowhere", "--compare"), "不能与 --lake 同时用"),
        (("compute", "--since", "2999-01"), "起始月份晚于本月"),
        (("lake", __file__), "请写一个目录"),
    ],
)
@pytest.mark.django_db
def test_what_cannot_be_done_is_said(words: tuple[str, ...], said: str) -> None:
    """One sentence each."""
    pytest.importorskip("duckdb")
    with pytest.raises(CommandError) as refusal:
        told(*words)
    assert said in str(refusal.value)


def test_an_engine_that_is_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No Java, one too old, no package: each names the remedy and another engine."""
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert "没有 bin/java" in engines.lacking("spark") and "openjdk-17" in engines.lacking("spark")
    program = tmp_path / "bin" / "java"
    program.parent.mkdir()
    for text, wrong in (('openjdk version "1.8.0_392"', "是 Java 8"), ('openjdk version "21.0.2"', "")):
        program.write_text(f"#!/bin/sh\necho '{text}' >&2\n")
        program.chmod(0o755)
        assert wrong in engines.lacking_java() and bool(wrong) is bool(engines.lacking_java())
    monkeypatch.delenv("JAVA_HOME")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert engines.lacking_java().startswith("没有找到 Java")
    monkeypatch.setattr(engines, "find_spec", lambda _name: None)
    assert "没有安装 duckdb" in engines.lacking("duckdb") and not engines.lacking("postgres")
    with pytest.raises(counting.EngineMissing, match="没有安装 duckdb"):
        counting.count_county("duckdb", by="测试", say=print)
