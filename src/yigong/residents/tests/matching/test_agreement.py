"""One definition, three engines: the score of a pair in Python, through Splink on DuckDB and through Splink on Spark."""

import shutil
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
import pytest

from yigong.residents.matching import generator
from yigong.residents.matching.definition import Block, Definition, national
from yigong.residents.matching.scoring import Shares, score_rows

pytest.importorskip("splink")

from yigong.residents.matching import bulk, engines, preparation
from yigong.residents.matching.preparation import Records

EVERYBODY = (Block(columns=("newborn_rank",), most=1_000_000),)


def records(tmp_path: Path, seed: int, count: int, definition: Definition) -> Records:
    """Generated records, prepared in DuckDB."""
    rows = [dict(zip(generator.HEADER, w.fields, strict=True)) for w in generator.records(seed, count)]
    return preparation.load_rows(preparation.connect(tmp_path, "1GB"), definition, "record_id", rows)


def known_shares(made: Records) -> Shares:
    """The shares that the bulk run used, for the score of one pair."""
    tables = {
        column: dict(made.connection.execute(f"select * from shares_{column}").fetchall())
        for column in ("name", "sound", "phone")
    }
    return lambda column, value: tables[column].get(value)


def compared(made: Records) -> Iterator[tuple[float, str, float, str]]:
    """Weight and verdict in bulk and of the pair alone, for every scored pair."""
    columns = made.definition.used
    nothing = dict.fromkeys(made.definition.columns, "")
    prepared = [
        nothing | {name: value or "" for name, value in zip(columns, row, strict=True)}
        for row in made.connection.execute(f"select {', '.join(columns)} from people order by row_number").fetchall()
    ]
    shares = known_shares(made)
    for left, right, weight, verdict in made.connection.execute("select l, r, weight, verdict from judged").fetchall():
        alone = score_rows(made.definition, prepared[left], prepared[right], shares)
        yield weight, verdict, alone.weight, alone.verdict


@pytest.mark.parametrize(("seed", "count", "blocks"), [(3, 150, EVERYBODY), (4, 4000, None)])
def test_the_pair_and_the_bulk_agree(seed: int, count: int, blocks: Any, tmp_path: Path) -> None:
    """Every pair among some people, and every candidate pair among more: same weight to a millionth of a bit, same verdict."""
    definition = msgspec.structs.replace(national(), **({"block": blocks} if blocks else {}))
    made = records(tmp_path, seed, count, definition)
    engines.score(made, "duckdb", -1000)
    bulk.judge(made)
    pairs = list(compared(made))
    assert len(pairs) > 4000
    furthest = max(abs(weight - alone) for weight, _, alone, _ in pairs)
    assert furthest < 1e-6 and all(verdict == other for _, verdict, _, other in pairs)
    print(f"{len(pairs)} pairs, furthest {furthest:.1e} bits")


def _without_spark() -> str:
    if find_spec("pyspark") is None:
        return "pyspark is not installed (pip install pyspark)"
    return "" if shutil.which("java") else "Java is not installed (apt-get install openjdk-17-jre-headless)"


@pytest.mark.filterwarnings("ignore")
@pytest.mark.skipif(bool(_without_spark()), reason=_without_spark() or "-")
def test_spark_gives_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two executors of a local cluster: the same pairs with the same weights as DuckDB."""
    monkeypatch.setenv("YIGONG_SPARK", "local-cluster[2,1,1024]")
    monkeypatch.setenv("YIGONG_SPARK_MEMORY", "1g")
    found = []
    for engine in ("duckdb", "spark"):
        made = records(tmp_path, 5, 600, national())
        engines.score(made, engine, national().review_bits)
        found.append(
            {(left, right): weight for left, right, weight in made.connection.execute("from scored").fetchall()}
        )
    assert found[0].keys() == found[1].keys() and len(found[0]) > 300
    assert max(abs(weight - found[1][pair]) for pair, weight in found[0].items()) < 1e-6


def test_without_spark_the_sentence_says_how(
    tmp_path: Path, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked for Spark where it is not installed, the command says what to do and leaves nothing."""
    monkeypatch.setitem(sys.modules, "pyspark", None)  # to import it fails, whether it is installed or not
    from yigong.residents.matching import cli

    given = tmp_path / "people.csv"
    given.write_text(",".join(generator.HEADER) + "\na1,his,张伟,1,1990-03-07,01,,,,,\n", "utf-8")
    assert cli.main(["link", str(given), "--out", str(tmp_path / "out.csv"), "--engine", "spark"]) == 1
    assert "pyspark" in capsys.readouterr().err and not (tmp_path / "out.csv").exists()
