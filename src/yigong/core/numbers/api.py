"""Business numbers (referral, accession, order…): one generator, safe in races.

``dated_number`` and ``next_value`` are gapless and keep their counter locked until the transaction ends; ``unlocked_number`` is for the busiest
counters, unique but not gapless; ``blocks`` are numbers that somebody else gives out and that must be accounted for one by one.
"""

from django.db import connection

from yigong.core import clock, statements
from yigong.core.commands import racing
from yigong.core.numbers.blocks import (
    BlocksOverlap,
    NoNumberLeft,
    Taken,
    blocks_of,
    close_block,
    open_block,
    take_number,
)

__all__ = [
    "BlocksOverlap",
    "NoNumberLeft",
    "Taken",
    "ask_number",
    "blocks_of",
    "close_block",
    "dated_number",
    "next_value",
    "open_block",
    "pass_over",
    "take_number",
    "unlocked_number",
]


@racing("numbers.next_value")
def next_value(kind: str, scope: str) -> int:
    """The next whole number of this kind and scope, starting at 1; the row stays locked until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into numbers_counter (kind, scope, value) values (%s, %s, 1) "
            "on conflict (kind, scope) do update set value = numbers_counter.value + 1 returning value",
            [kind, scope],
        )
        return cursor.fetchone()[0]


def dated_number(kind: str, prefix: str, digits: int = 4) -> str:
    """``prefix + yyyyMMdd + serial`` with the serial counted per prefix and day in China."""
    day = clock.today().strftime("%Y%m%d")
    return f"{prefix}{day}{next_value(kind, prefix + day):0{digits}d}"


def unlocked_number(sequence: str, prefix: str) -> str:
    """``JS20260314000123`` from a sequence of the room's migration: nobody waits, and a change that fails leaves a gap."""
    return statements.answers(ask_number(sequence, prefix))[0]


def ask_number(sequence: str, prefix: str) -> statements.Asked[str]:
    """The same as a question that travels with others."""

    def read(rows: list[statements.Row]) -> str:
        ((serial,),) = rows
        return f"{prefix}{clock.today():%Y%m%d}{serial % 1_000_000:06d}"

    return statements.Asked("select nextval(%(sequence)s::regclass)", {"sequence": sequence}, read)


def pass_over(kind: str, values: dict[str, int]) -> None:
    """Numbers of scopes that came from elsewhere are taken: what is given out next is beyond them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into numbers_counter (kind, scope, value) select %s, * from unnest(%s::text[], %s::bigint[]) "
            "on conflict (kind, scope) do update set value = greatest(numbers_counter.value, excluded.value)",
            [kind, list(values), list(values.values())],
        )
