"""Linking of whole files: read, prepare, score through Splink, cluster, write. Nothing is left behind unless all of it is done."""

import csv
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np

from yigong.residents.matching import engines, preparation
from yigong.residents.matching.clustering import Clusters, components
from yigong.residents.matching.definition import Definition
from yigong.residents.matching.engines import SCORED
from yigong.residents.matching.files import Rejected, RejectedFile
from yigong.residents.matching.preparation import PEOPLE, Records
from yigong.residents.matching.splinking import ROW, gamma, level_sql, veto_sql, vetoed_sql

Say = Callable[[str], None]


@dataclass
class Summary:
    """What a run did: counts, seconds by stage, and how many records a person has to look at."""

    records: int = 0
    rejected: int = 0
    pairs: int = 0
    links: int = 0
    reviews: int = 0
    records_to_review: int = 0
    clusters: int = 0
    kept_apart: int = 0
    seconds: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Outputs:
    """Where the results go; ``pairs`` is optional."""

    clusters: Path
    pairs: Path | None = None

    @property
    def rejected(self) -> Path:
        """The list of rows left out, beside the clusters."""
        return self.clusters.with_name(self.clusters.name + ".rejected.csv")


def link(
    paths: list[Path],
    outputs: Outputs,
    definition: Definition,
    *,
    engine: str = "duckdb",
    today: date,
    say: Say = lambda text: None,
    memory: str = "8GB",
) -> Summary:
    """Link and deduplicate files into ``outputs``, written under temporary names and renamed at the end. Raises BadFile."""
    summary = Summary()
    with _workshop(outputs) as (folder, drafts):
        connection = preparation.connect(folder, memory)
        try:
            records = _load(connection, definition, paths, today, drafts, summary, say)
            resolve(records, engine, summary, say)
            with _timed(summary, "写出", say):
                _write(records, drafts, summary)
        finally:
            connection.close()
        _publish(drafts, outputs)
    return summary


def _load(
    connection: object,
    definition: Definition,
    paths: list[Path],
    today: date,
    drafts: Outputs,
    summary: Summary,
    say: Say,
) -> Records:
    lost = RejectedFile(drafts.rejected)

    def reject(rows: list[Rejected]) -> None:
        lost.add(rows)

    with _timed(summary, "读取与预处理", say):
        try:
            records = preparation.load(connection, definition, paths, today, reject, _counting(say))  # type: ignore[arg-type]
        finally:
            lost.close()
    summary.records, summary.rejected = records.count, lost.count
    return records


def _counting(say: Say) -> Callable[[int], None]:
    shown = [0]

    def tell(count: int) -> None:
        if count - shown[0] >= 100_000:
            shown[0] = count
            say(f"  已读 {count:,} 条记录")

    return tell


def resolve(records: Records, engine: str, summary: Summary, say: Say) -> None:
    """Score, judge and cluster: leaves the tables ``judged`` (l, r, weight, verdict, veto) and ``clusters`` (row_number, cluster)."""
    with _timed(summary, "比对打分", say):
        summary.pairs = engines.score(records, engine, records.definition.review_bits)
        say(f"  达到复核线的记录对 {summary.pairs:,}")
    with _timed(summary, "核对规则", say):
        judge(records)
    with _timed(summary, "归并", say):
        _cluster(records, summary)


def _vetoing(records: Records) -> list[int]:
    """The places of the comparisons that vetoes look at."""
    asked = {code for p in records.definition.patterns for code, _ in p.terms}
    return [place for place, c in enumerate(records.definition.compiled) if c.comparison.code in asked]


def _levels_sql(records: Records, pairs: str) -> str:
    """The levels that vetoes look at, for pairs (l, r, weight)."""
    compiled = [records.definition.compiled[place] for place in _vetoing(records)]
    columns = sorted(
        {
            c
            for one in compiled
            for each in (one.missing, *(r.conditions for r in one.levels))
            for x in each
            for c in x.columns
        }
    )
    sides = ", ".join(f"a.{c} as {c}_l, b.{c} as {c}_r" for c in columns)
    levels = "".join(f", {level_sql(c, 'duckdb')} as {gamma(c.comparison.code)}" for c in compiled)
    inner = (
        f"select p.l, p.r, p.weight{', ' + sides if sides else ''} from ({pairs}) p "
        f"join {PEOPLE} a on a.{ROW} = p.l join {PEOPLE} b on b.{ROW} = p.r"
    )
    return f"select l, r, weight{levels} from ({inner})"


def _judged_sql(records: Records, pairs: str) -> str:
    definition = records.definition
    names = " ".join(f"when {veto_sql(p)} then '{p.veto.code}'" for p in definition.patterns)
    return (
        f"select l, r, weight, case when {vetoed_sql(definition, 'distinct')} then 'distinct' "
        f"when {vetoed_sql(definition, 'review')} then 'review' "
        f"when weight >= {definition.link_bits} then case when {vetoed_sql(definition, 'cap')} then 'review' else 'link' end "
        f"when weight >= {definition.review_bits} then 'review' else 'distinct' end as verdict, "
        f"{'case ' + names + ' end' if names else 'null::varchar'} as veto from ({_levels_sql(records, pairs)})"
    )


def judge(records: Records) -> None:
    """The verdict on every scored pair, vetoes included: the table ``judged``."""
    connection = records.connection
    connection.execute(
        f"create or replace table judged as {_judged_sql(records, f'select l, r, weight from {SCORED}')}"
    )
    asked = [p.veto for p in records.definition.patterns if p.veto.verdict == "review"]
    for sought in dict.fromkeys(veto.sought for veto in asked):
        codes = ", ".join(f"'{veto.code}'" for veto in asked if veto.sought == sought)
        same = " and ".join(f"x.{c} = y.{c}" for c in sought)
        pairs = (
            f"select x.{ROW} as l, y.{ROW} as r, null::double as weight from {PEOPLE} x join {PEOPLE} y on {same} "
            f"and x.{ROW} < y.{ROW} where not exists (select 1 from judged k where k.l = x.{ROW} and k.r = y.{ROW})"
        )
        connection.execute(
            f"insert into judged select * from ({_judged_sql(records, pairs)}) where verdict = 'review' and veto in ({codes})"
        )


def _cluster(records: Records, summary: Summary) -> None:
    """Join strongest first. A pair that a veto forbids never ends in one cluster: all pairs that links bring together are checked, also
    those never compared, and where one is forbidden its group is joined anew without it; a link refused for that goes to review."""
    connection = records.connection
    order = "select l, r from judged where verdict = 'link' order by weight desc, l, r"
    left, right = connection.execute(order).fetchnumpy().values()
    roots = components(records.count, np.asarray(left), np.asarray(right))
    _keep_clusters(records, roots)
    forbidden = _numbers(connection, _inside_sql(records))
    refused: list[tuple[int, int]] = []
    if forbidden:
        troubled = np.isin(roots, np.unique(roots[[pair[0] for pair in forbidden]]))
        roots, refused = _rejoin(roots, troubled, left[troubled[left]], right[troubled[left]], forbidden)
        _keep_clusters(records, roots)
    _refuse(records, refused)
    summary.kept_apart = len(refused)
    summary.clusters = len(np.unique(roots))
    _count(records, summary)


def _rejoin(
    roots: np.ndarray, troubled: np.ndarray, left: np.ndarray, right: np.ndarray, forbidden: list[tuple[int, int]]
) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """The records of troubled groups joined anew, link by link, and the links that were refused."""
    members = np.flatnonzero(troubled)
    place = {record: at for at, record in enumerate(members.tolist())}
    clusters = Clusters(len(members))
    clusters.forbid((place[a], place[b]) for a, b in forbidden)
    clusters.join((place[a], place[b]) for a, b in zip(left.tolist(), right.tolist(), strict=True))
    joined = roots.copy()
    joined[members] = members[clusters.roots()]
    return joined, [(int(members[a]), int(members[b])) for a, b in clusters.refused]


def _count(records: Records, summary: Summary) -> None:
    found = records.connection.execute(
        "select count(*) filter (verdict = 'link'), count(*) filter (verdict = 'review') from judged"
    ).fetchone()
    summary.links, summary.reviews = found or (0, 0)
    review = "select count(distinct n) from (select unnest([l, r]) as n from judged where verdict = 'review')"
    summary.records_to_review = int((records.connection.execute(review).fetchone() or (0,))[0])


def _numbers(connection: object, sql: str) -> list[tuple[int, int]]:
    found = connection.execute(sql).fetchnumpy()  # type: ignore[attr-defined]
    left, right = found.values()
    return list(zip(left.tolist(), right.tolist(), strict=True))


def _keep_clusters(records: Records, roots: np.ndarray) -> None:
    import pyarrow as pa

    table = pa.table({ROW: np.arange(len(roots), dtype=np.int64), "cluster": roots})
    records.connection.register("roots", table)
    records.connection.execute("create or replace table clusters as select * from roots")
    records.connection.unregister("roots")


def _inside_sql(records: Records) -> str:
    """Pairs inside clusters that a veto forbids: those judged already, and in clusters of three and more those that were not compared."""
    judged = (
        f"select l, r from judged join clusters x on x.{ROW} = l join clusters y on y.{ROW} = r "
        "where veto is not null and verdict <> 'link' and x.cluster = y.cluster"
    )
    pairs = (
        f"select x.{ROW} as l, y.{ROW} as r, null::double as weight from clusters x join clusters y on x.cluster = y.cluster "
        f"and x.{ROW} < y.{ROW} where x.cluster in (select cluster from clusters group by 1 having count(*) > 2) "
        f"and not exists (select 1 from judged k where k.l = x.{ROW} and k.r = y.{ROW})"
    )
    return f"{judged} union all select l, r from ({_judged_sql(records, pairs)}) where veto is not null"


def _refuse(records: Records, refused: list[tuple[int, int]]) -> None:
    """A link that would have brought forbidden records together becomes a question; a question inside one cluster is answered."""
    connection = records.connection
    if refused:
        values = ", ".join(f"({left}, {right})" for left, right in refused)
        connection.execute(
            f"update judged set verdict = 'review', veto = 'cluster_conflict' from (values {values}) v(l, r) "
            "where judged.l = v.l and judged.r = v.r"
        )
    connection.execute(
        f"delete from judged using clusters a, clusters b where verdict = 'review' and a.{ROW} = l and b.{ROW} = r and a.cluster = b.cluster"
    )


def _write(records: Records, drafts: Outputs, summary: Summary) -> None:
    connection = records.connection
    connection.execute(
        f"copy (select p.record_id, first.record_id as cluster_id from {PEOPLE} p join clusters c using ({ROW}) "
        f"join {PEOPLE} first on first.{ROW} = c.cluster order by p.{ROW}) to '{_quoted(drafts.clusters)}' (header, delimiter ',')"
    )
    if drafts.pairs:
        connection.execute(
            f"copy (select a.record_id as record_id_1, b.record_id as record_id_2, round(j.weight, 3) as match_weight, "
            f"round(1 / (1 + pow(2, -j.weight)), 6) as match_probability, j.verdict, coalesce(j.veto, '') as rule from judged j "
            f"join {PEOPLE} a on a.{ROW} = j.l join {PEOPLE} b on b.{ROW} = j.r where j.verdict <> 'distinct' or j.veto is not null "
            f"order by j.weight desc, j.l, j.r) to '{_quoted(drafts.pairs)}' (header, delimiter ',')"
        )


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


@contextmanager
def _timed(summary: Summary, stage: str, say: Say) -> Iterator[None]:
    begin = time.perf_counter()
    say(f"{stage} …")
    yield
    summary.seconds[stage] = time.perf_counter() - begin
    say(f"  {stage}完成，{summary.seconds[stage]:.1f} 秒")


@contextmanager
def _workshop(outputs: Outputs) -> Iterator[tuple[Path, Outputs]]:
    """A folder beside the output (same disk, so that renaming is one step), removed whatever happens; a killed run's is removed by the next."""
    home = outputs.clusters.resolve().parent
    _sweep(home, outputs.clusters.name)
    folder = Path(tempfile.mkdtemp(prefix=f".{outputs.clusters.name}.{os.getpid()}.", dir=home))
    try:
        pairs = folder / "pairs.csv" if outputs.pairs else None
        yield folder, Outputs(folder / "clusters.csv", pairs)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(home: Path, name: str) -> None:
    for left in home.glob(f".{name}.*.*"):
        owner = left.name.removeprefix(f".{name}.").split(".")[0]
        if left.is_dir() and owner.isdigit() and not Path(f"/proc/{owner}").exists():
            shutil.rmtree(left, ignore_errors=True)


def _publish(drafts: Outputs, outputs: Outputs) -> None:
    """The clusters come last: where they are, everything is."""
    if drafts.rejected.exists():
        os.replace(drafts.rejected, outputs.rejected)
    else:
        outputs.rejected.unlink(missing_ok=True)
    if drafts.pairs and outputs.pairs:
        shutil.move(drafts.pairs, outputs.pairs)
    os.replace(drafts.clusters, outputs.clusters)


def read_clusters(path: Path) -> dict[str, str]:
    """record_id -> cluster_id of a clusters file."""
    with path.open(encoding="utf-8", newline="") as handle:
        return {row["record_id"]: row["cluster_id"] for row in csv.DictReader(handle)}
