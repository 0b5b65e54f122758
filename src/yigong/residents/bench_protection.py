"""``./yigong bench protection``: what sealing the addresses would cost, and how fast the secret is rotated.

Addresses (group, house, door: what stands behind township and village) lie beside each other in three forms: plain, sealed and opened within the
village that was asked for, sealed with keyed digests of character pairs under an index. The same questions go to each.
"""

# texts: data
import argparse
import os
import random
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

from yigong.launch.bench_house import migrated, say, throwaway
from yigong.residents import bench

_VILLAGES = 250
_TABLE = """
create table bench_address (id uuid primary key, village text not null, address text not null, sealed bytea not null, pairs bytea[] not null);
"""
_INDEXES = """
create index bench_address_village on bench_address (village);
create index bench_address_pairs on bench_address using gin (pairs) with (fastupdate = off);
analyze bench_address;
"""


def main(arguments: list[str]) -> int:
    """Load, measure, print."""
    parser = argparse.ArgumentParser("./yigong bench protection")
    parser.add_argument("--residents", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=200)
    options = parser.parse_args(arguments)
    with throwaway():
        migrated()
        _addresses(options.residents, options.questions)
        _rotation(options.residents)
    return 0


def _pairs(text: str) -> list[bytes]:
    from yigong.residents.rules import sealing

    return sorted({sealing.short_digest("address", text[n : n + 2]) for n in range(len(text) - 1)})


def _addresses(count: int, questions: int) -> None:
    from django.db import connection

    from yigong.core.ids import new_id
    from yigong.residents.rules import sealing

    chosen = random.Random(7)
    groups = [f"{n}组" for n in "一二三四五六七八九十"] + ["柳树路", "新街", "老街", "河西路", "幸福小区"]
    say(f"{count:,} addresses in {_VILLAGES} villages")
    with connection.cursor() as cursor:
        cursor.execute(_TABLE)
        spent = 0.0
        with cursor.copy("copy bench_address (id, village, address, sealed, pairs) from stdin") as copy:
            for n in range(count):
                key, address = new_id(), f"{chosen.choice(groups)} {chosen.randrange(1, 400)} 号"
                began = time.perf_counter()
                row = (sealing.seal(address, f"resident.address:{key}"), _pairs(address))
                spent += time.perf_counter() - began
                copy.write_row((key, f"v{n % _VILLAGES:03d}", address, *row))
        cursor.execute(_INDEXES)
        for what, size in (
            ("plain text", "sum(pg_column_size(address))"),
            ("sealed", "sum(pg_column_size(sealed))"),
            ("digests of pairs", "sum(pg_column_size(pairs))"),
            ("index of pairs", "pg_relation_size('bench_address_pairs')"),
        ):
            cursor.execute(f"select {size} / 1e6 from bench_address limit 1")
            say(f"{what:<46}{float(cursor.fetchone()[0]):>9.1f} MB")
        cursor.execute(
            "select count(*)::float / (select count(*) from bench_address) from bench_address, unnest(pairs) p group by p order by 1 desc"
        )
        shares = [share for (share,) in cursor.fetchall()]
        say(
            f"{len(shares)} different digests; the commonest three stand in {', '.join(f'{s:.0%}' for s in shares[:3])} of the rows"
        )
    say(f"sealing with digests {spent / count * 1e6:.0f} µs a row")
    say(f"{'milliseconds':<46}{'p50':>9}{'p99':>9}{'max':>9}")
    asked = [(f"v{chosen.randrange(_VILLAGES):03d}", f"{chosen.randrange(1, 400)} 号") for _n in range(questions)]
    for label, answer in _WAYS:
        say(bench.Row(label, [_timed(answer, *one) for one in asked]).text())


def _timed(answer: Callable[[str, str], Any], village: str, text: str) -> float:
    began = time.perf_counter()
    answer(village, text)
    return (time.perf_counter() - began) * 1000


def _fetch(sql: str, **values: Any) -> list[tuple[Any, ...]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def _open(rows: list[tuple[UUID, bytes]], text: str = "") -> list[UUID]:
    from yigong.residents.rules import sealing

    return [key for key, sealed in rows if text in sealing.unseal(sealed, f"resident.address:{key}")]


def _list_plain(village: str, text: str) -> None:
    _fetch("select id, address from bench_address where village = %(village)s order by id limit 20", village=village)


def _list_sealed(village: str, text: str) -> None:
    _open(
        _fetch("select id, sealed from bench_address where village = %(village)s order by id limit 20", village=village)
    )


def _village_plain(village: str, text: str) -> None:
    _fetch("select id from bench_address where village = %(v)s and address like %(t)s", v=village, t=f"%{text}%")


def _village_sealed(village: str, text: str) -> None:
    _open(_fetch("select id, sealed from bench_address where village = %(village)s", village=village), text)


def _county_plain(village: str, text: str) -> None:
    _fetch("select id from bench_address where address like %(text)s", text=f"%{text}%")


def _county_sealed(village: str, text: str) -> None:
    _open(_fetch("select id, sealed from bench_address where pairs @> %(pairs)s", pairs=_pairs(text)), text)


_WAYS: tuple[tuple[str, Callable[[str, str], None]], ...] = (
    ("a page of 20, plain", _list_plain),
    ("a page of 20, sealed", _list_sealed),
    ("search in a village, plain", _village_plain),
    ("search in a village, sealed, each opened", _village_sealed),
    ("search in the county, plain", _county_plain),
    ("search in the county, sealed, pairs of characters", _county_sealed),
)


def _rotation(count: int) -> None:
    from django.conf import settings

    from yigong.core import rotation

    bench._load(count)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "the-next-" + os.environ["YIGONG_SECRET"]
    for resealer in rotation.resealers():
        left = resealer.left()
        began, done, after = time.perf_counter(), 0, None
        while (found := resealer.reseal(after, 1000)).rows:
            done, after = done + found.rows, found.last
        if left:
            spent = time.perf_counter() - began
            say(f"rotating {resealer.name:<37}{done:>9,} rows in {spent:.1f} s, {done / spent:,.0f} a second")
