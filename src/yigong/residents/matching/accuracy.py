"""How right a linkage is, against known truth: pairs of records that belong to one person."""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from yigong.residents.matching.preparation import Records
from yigong.residents.matching.splinking import ROW


@dataclass(frozen=True)
class Accuracy:
    """Counts over pairs: ``right`` joined and one person, ``joined`` all joined, ``true`` all of one person; records of which a person has
    to look at a pair."""

    right: int
    joined: int
    true: int
    records: int
    to_review: int

    @property
    def precision(self) -> float:
        return self.right / self.joined if self.joined else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    @property
    def review(self) -> float:
        return self.to_review / self.records


def load_truth(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """The table ``truth`` (row_number, person) from a CSV record_id, person."""
    connection.execute(
        f"create or replace table truth as select p.{ROW}, t.person from people p join "
        f"read_csv('{path}', columns={{'record_id': 'varchar', 'person': 'bigint'}}, header=true, auto_detect=false) t using (record_id)"
    )


TRUE_PAIRS = f"select a.{ROW} as l, b.{ROW} as r from truth a join truth b on a.person = b.person and a.{ROW} < b.{ROW}"


def measure(records: Records) -> Accuracy:
    """Accuracy of the tables ``clusters`` and ``judged`` against ``truth``."""
    connection = records.connection
    pairs = "coalesce(sum(n * (n - 1) // 2), 0)::bigint"
    right = (
        f"select {pairs} from (select count(*) as n from clusters join truth using ({ROW}) group by cluster, person)"
    )
    joined = f"select {pairs} from (select count(*) as n from clusters join truth using ({ROW}) group by cluster)"
    true = f"select {pairs} from (select count(*) as n from truth group by person)"
    review = "select count(distinct n) from (select unnest([l, r]) as n from judged where verdict = 'review')"
    counts = [int((connection.execute(sql).fetchone() or (0,))[0]) for sql in (right, joined, true, review)]
    return Accuracy(counts[0], counts[1], counts[2], records.count, counts[3])
