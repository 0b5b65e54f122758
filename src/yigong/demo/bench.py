"""``./yigong bench demo``: what loading a demo county costs, and what it is made of."""

import argparse
import time
from collections.abc import Sequence

from yigong.launch.bench_house import migrated, say, throwaway

_TABLES = "select relname, n_live_tup, pg_total_relation_size(relid) from pg_stat_user_tables order by 3 desc limit 12"


def main(arguments: Sequence[str]) -> int:
    """Load one scale into a throw-away database; prints each step's seconds, the size, and the largest tables with their rows."""
    parser = argparse.ArgumentParser("./yigong bench demo")
    parser.add_argument("--scale", default="small", choices=("small", "town", "county"))
    options = parser.parse_args(arguments)
    with throwaway():
        migrated()
        _load(options.scale)
        _sizes()
    return 0


def _load(scale: str) -> None:
    from django.core.management import call_command

    from yigong.demo.api import ensure

    call_command("load_packs", verbosity=0)
    begun = last = time.monotonic()

    def step(text: str) -> None:
        nonlocal last
        now = time.monotonic()
        say(f"{now - last:8.1f} s  {text}")
        last = now

    ensure(scale, step)
    say(f"{time.monotonic() - begun:8.1f} s  together ({scale})")


def _sizes() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select pg_database_size(current_database())")
        say(f"\ndatabase: {cursor.fetchone()[0] / 1e6:,.0f} MB")
        cursor.execute("select pg_stat_force_next_flush()")
        cursor.execute(_TABLES)
        for name, rows, size in cursor.fetchall():
            say(f"{size / 1e6:10,.1f} MB  {rows:12,} rows  {name}")
