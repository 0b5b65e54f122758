"""Batches of append-only rows hashed with SM3, each digest bound to the one before.

A chain names a table, a whole-number position that never comes back below what was sealed, and when a position is safe to
seal. Row history uses the transaction number below the oldest running transaction; a log with a time uses microseconds
and a grace of some minutes. Never in a request: a periodic job seals.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives import hashes
from django.db import connection, transaction

from yigong.core.audit.models import Anchor


@dataclass(frozen=True, slots=True)
class Chain:
    """``position`` and ``safe`` are SQL expressions over the table's columns: the row's place, and the highest sealable place."""

    name: str
    table: str
    position: str
    safe: str


@dataclass(frozen=True, slots=True)
class BrokenBatch:
    """One batch whose rows are no longer what was sealed at ``sealed_at``."""

    chain: str
    first: int
    last: int
    sealed_at: datetime
    expected_rows: int
    found_rows: int


_chains: dict[str, Chain] = {}


def register_chain(name: str, *, table: str, position: str, safe: str) -> None:
    """Declare a chain over an append-only table (see the module's text for the two SQL expressions)."""
    _chains[name] = Chain(name, table, position, safe)


def register_timed_chain(name: str, *, table: str, column: str = "at", grace_minutes: int = 5) -> None:
    """A chain over a log with a time column written by the database, sealed some minutes late."""
    register_chain(
        name,
        table=table,
        position=f"(extract(epoch from {column}) * 1000000)::bigint",
        safe=f"(extract(epoch from now() - interval '{int(grace_minutes)} minutes') * 1000000)::bigint",
    )


def seal(limit: int = 50_000) -> int:
    """Seal what became safe since the last time, one batch per chain; returns how many rows were sealed."""
    return sum(_seal(chain, limit) for chain in _chains.values())


def verify(chain: str | None = None) -> list[BrokenBatch]:
    """Compare every sealed batch with its rows; the batches that differ, in order. Nothing means untouched."""
    wanted = [_chains[chain]] if chain else list(_chains.values())
    return [broken for known in wanted for broken in _verify(known)]


@transaction.atomic
def _seal(chain: Chain, limit: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext(%s))", [f"audit-chain-{chain.name}"])
        last = Anchor.objects.filter(chain=chain.name).order_by("-last").first()
        after = last.last if last else -1
        cursor.execute(
            # The batch ends at a whole position: rows that share one are never torn apart.
            f"select max(p) from (select {chain.position} p from {chain.table} "
            f"where {chain.position} > %s and {chain.position} < {chain.safe} order by p limit %s) sealed",
            [after, limit],
        )
        upto = cursor.fetchone()[0]
    if upto is None:
        return 0
    columns = _columns(chain)
    rows, digest = _digest(chain, after, upto, columns, last.digest if last else "")
    Anchor.objects.create(chain=chain.name, first=after, last=upto, rows=rows, columns=columns, digest=digest)
    return rows


def _verify(chain: Chain) -> Iterator[BrokenBatch]:
    previous = ""
    for anchor in Anchor.objects.filter(chain=chain.name).order_by("last"):
        rows, digest = _digest(chain, anchor.first, anchor.last, anchor.columns, previous)
        if digest != anchor.digest:
            yield BrokenBatch(chain.name, anchor.first, anchor.last, anchor.at, anchor.rows, rows)
        # Go on from the sealed digest, so that only the batches that changed are named.
        previous = anchor.digest


def _columns(chain: Chain) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"select * from {chain.table} limit 0")
        return sorted(column.name for column in cursor.description)


@transaction.atomic
def _digest(chain: Chain, after: int, upto: int, columns: list[str], previous: str) -> tuple[int, str]:
    sm3 = hashes.Hash(hashes.SM3())
    sm3.update(previous.encode())
    listed = ", ".join(f'"{column}"' for column in columns)
    rows = 0
    with connection.cursor() as cursor:
        cursor.execute("set local timezone to 'UTC'")
        cursor.execute(
            f"select row_to_json(r)::text from (select {listed} from {chain.table} "
            f"where {chain.position} > %s and {chain.position} <= %s) r order by {chain.position}, 1",
            [after, upto],
        )
        while batch := cursor.fetchmany(2000):
            rows += len(batch)
            sm3.update("\n".join(row[0] for row in batch).encode() + b"\n")
    return rows, sm3.finalize().hex()


register_chain(
    "row_change",
    table="audit_rowchange",
    position="transaction",
    safe="pg_snapshot_xmin(pg_current_snapshot())::text::bigint",
)
