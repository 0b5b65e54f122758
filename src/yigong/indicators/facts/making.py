"""The views come and go with the migrations: dropped before them, so that a room may change its tables, made anew after them.

A column that vanished from a room's table stops the migration there, with the view's name.
"""

from typing import Any

from django.db import ProgrammingError, connection

from yigong.indicators.facts import facts


def drop(**_signal: Any) -> None:
    """Before the migrations."""
    with connection.cursor() as cursor:
        for fact in reversed(facts().values()):
            cursor.execute(f"drop view if exists {fact.table}")


def make(**_signal: Any) -> None:
    """After the migrations; left out while a room's tables are not there yet (a migration of one app only)."""
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
        for fact in facts().values():
            if not there.issuperset(fact.reads):
                continue
            try:
                cursor.execute(f"create or replace view {fact.table} as {fact.sql}")
            except ProgrammingError as problem:
                raise ProgrammingError(
                    f"the view {fact.table} no longer fits the tables of {fact.room}: {problem}"
                ) from problem
