"""Counting how common names are: a table made anew by a job, once a day."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import system
from yigong.core.jobs.api import JobData, job_kind, progress, start_job
from yigong.residents.matching import api as matching
from yigong.residents.models import ValueFrequency
from yigong.residents.queries.frequencies import EVERYBODY

_EVERY = timedelta(days=1)
_LOOK = timedelta(minutes=10)
_next_look: list[datetime] = []

_NAMES = """
select name, count(*) from residents_resident where merged_into_id is null and status <> 'cancelled' group by name
"""
# One process of several begins it, and at most once a day.
_CLAIM = """
insert into residents_valuefrequency as frequency ("column", value, residents, counted_at) values ('', '', 0, %(now)s)
on conflict ("column", value) do update set counted_at = %(now)s where frequency.counted_at <= %(before)s returning 1
"""


def count_when_due() -> int:
    """A clock: start the daily count. Most calls look at nothing."""
    now = clock.now()
    if _next_look and _next_look[0] > now:
        return 0
    _next_look[:] = [now + _LOOK]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"now": now, "before": now - _EVERY})
        if cursor.fetchone() is None:
            return 0
        start_job("residents.count_names", _("统计重名"), system("residents.index"))
    return 1


@job_kind("residents.count_names")
def _count_names(job: JobData) -> None:
    done = count_names()
    progress(job.id, 1, 1, _("%(n)s 个有重名的姓名和读音") % {"n": done})


@transaction.atomic
def count_names() -> int:
    """Count the names and sounds of all residents anew; readers see the old counts until the new ones are complete. Returns how many
    values more than one resident carries (the others need no row)."""
    counts, everybody = _counted()
    ValueFrequency.objects.all().delete()
    rows = [(column, value, n, clock.now()) for (column, value), n in counts.items() if n > 1 and len(value) <= 200]
    with (
        connection.cursor() as cursor,
        cursor.copy('copy residents_valuefrequency ("column", value, residents, counted_at) from stdin') as copy,
    ):
        for row in [(EVERYBODY, "", everybody, clock.now()), *rows]:
            copy.write_row(row)
    return len(rows)


def _counted() -> tuple[Counter[tuple[str, str]], int]:
    counts: Counter[tuple[str, str]] = Counter()
    everybody = 0
    for name, residents in _names():
        everybody += residents
        row = matching.prepare_late(matching.national(), {"name": name}.__getitem__)
        for column in ("name", "sound"):
            if row[column]:
                counts[column, row[column]] += residents
    return counts, everybody


def _names() -> Iterator[tuple[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute(_NAMES)
        while rows := cursor.fetchmany(5000):
            yield from rows
