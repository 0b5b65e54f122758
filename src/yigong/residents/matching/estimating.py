"""m and u of every level, counted: m among pairs known to be one person, u among pairs taken at random."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from yigong.residents.matching.definition import Definition
from yigong.residents.matching.splinking import ROW, level_sql

if TYPE_CHECKING:
    from yigong.residents.matching.preparation import Records

_LEAST = 0.5  # half a case where none was seen


@dataclass(frozen=True)
class Estimate:
    """One level as counted beside the definition's values."""

    comparison: str
    level: str
    label: str
    m: float
    u: float
    m_defined: float
    u_defined: float
    seen: int = 0


def estimate(records: "Records", matched: str, random_pairs: int = 3_000_000, seed: float = 0.5) -> list[Estimate]:
    """Count levels. ``matched`` is SQL that gives pairs (l, r) of row numbers known to be one person, from decisions or a known truth.

    ``matched`` names the smaller row first. Random pairs see no rare level often enough: where fewer than ten were seen, u keeps the definition's value.
    """
    connection = records.connection
    connection.execute(f"select setseed({seed})")
    top = records.count
    random_sql = f"select (random() * {top})::bigint % {top} as l, (random() * {top})::bigint % {top} as r from range({random_pairs})"
    m, total_m = _counts(records, matched)
    connection.execute(f"create or replace temp table matched as {matched}")
    u, total_u = _counts(
        records,
        f"select l, r from ({random_sql}) p where l <> r and not exists "
        "(select 1 from matched m where m.l = least(p.l, p.r) and m.r = greatest(p.l, p.r))",
    )
    return list(_estimates(records.definition, m, total_m, u, total_u))


def _estimates(
    definition: Definition,
    m: dict[tuple[str, int], int],
    total_m: dict[str, int],
    u: dict[tuple[str, int], int],
    total_u: dict[str, int],
) -> Iterable[Estimate]:
    for compiled in definition.compiled:
        code = compiled.comparison.code
        for level in compiled.comparison.level:
            place = (code, compiled.places[level.code])
            seen = u.get(place, 0)
            share = seen / total_u[code] if seen >= 10 and total_u.get(code) else level.u
            share_m = max(m.get(place, 0), _LEAST) / max(total_m.get(code, 0), 1)
            yield Estimate(code, level.code, level.label, min(share_m, 1.0), share, level.m, level.u)


def _counts(records: "Records", pairs: str) -> tuple[dict[tuple[str, int], int], dict[str, int]]:
    """How often each level was seen, and how often each comparison said anything."""
    compiled = records.definition.compiled
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
    levels = ", ".join(f"{level_sql(c, 'duckdb')} as {c.comparison.code}" for c in compiled)
    records.connection.execute(
        f"create or replace temp table levels as select {levels} from (select {sides} from ({pairs}) p "
        f"join people a on a.{ROW} = p.l join people b on b.{ROW} = p.r)"
    )
    found: dict[tuple[str, int], int] = {}
    totals: dict[str, int] = {}
    for one in compiled:
        code = one.comparison.code
        for place, count in records.connection.execute(f"select {code}, count(*) from levels group by 1").fetchall():
            found[code, place] = count
            totals[code] = totals.get(code, 0) + (count if place >= 0 else 0)
    return found, totals
