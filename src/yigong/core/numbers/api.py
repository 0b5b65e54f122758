"""Business numbers (referral, accession, order…): one generator, gapless within a transaction, safe in races."""

from django.db import connection

from yigong.core import clock
from yigong.core.commands import racing


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
