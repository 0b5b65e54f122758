"""``./yigong bench what-if``: a year of a county, settled again under a changed plan by the same job that a director starts, without a web server.

A made-up year (by default 1.16 million outpatient and 42,000 inpatient settlements) is put into the facts of a throw-away database by COPY; the
measured part reads it from there, hands people to the processes, settles every year twice and writes the result and its sheet. ``--profile``
shows where the job's own process spends its time.
"""

# texts: data (words for whoever measures)

import argparse
import cProfile
import os
import pstats
import time
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from yigong.launch.bench_house import migrated, say, throwaway

SCHEME, REGION, PLAN = "390", "990100", "resident-demo/2026.1"
CHANGE = {"kind": "inpatient", "level": "2", "deductible": "550", "ratio": "0.80"}
_INSTITUTIONS = 30
_COLUMNS = (
    "id", "key", "source", "ref", "region", "scheme", "month", "booked", "settled_on", "kind", "place", "level", "institution_id", "resident_id",
    "identities", "disease", "cases", "total", "own", "over", "first_self_pay", "in_scope", "pool", "other_funds", "institution_part", "person",
    "institution_name", "provisional",
)  # fmt: skip
_TYPES = (
    "uuid text text text text text date date date text text text uuid uuid text text int4 int8 int8 int8 int8 int8 int8 int8 int8 int8 text bool"
).split()


def main(arguments: Sequence[str] = ()) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser("./yigong bench what-if")
    parser.add_argument("--outpatient", type=int, default=1_160_000)
    parser.add_argument("--inpatient", type=int, default=42_000)
    parser.add_argument("--profile", action="store_true", help="where the job's own process spends its time")
    options = parser.parse_args(list(arguments))
    with throwaway():
        _measure(options.outpatient, options.inpatient, options.profile)
    return 0


def _measure(outpatient: int, inpatient: int, profile: bool) -> None:
    migrated()
    from django.core.management import call_command
    from django.db import connection

    call_command("load_packs", stdout=open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - as long as the program
    begin = time.perf_counter()
    _fill(outpatient, inpatient)
    say(
        f"{outpatient + inpatient:,} settlements made up and stored in {time.perf_counter() - begin:.1f} s (not measured)"
    )
    row, seconds, told = _run(profile)
    connection.close()
    result = row.result
    load = os.getloadavg()
    say(
        f"what-if: {result['settled']:,} settlements of {result['people']:,} people, each twice, on {min(4, os.cpu_count() or 1)} processes: "
        f"{seconds:.1f} s from the start of the job to its sheet (load average {load[0]:.1f} {load[1]:.1f})\n"
        f"  pool {result['pool'][0] / 100:,.2f} -> {result['pool'][1] / 100:,.2f} yuan; of {result['sample']:,} sample people "
        f"{result['winners']} pay less, {result['losers']} more; {result['unsettled']} not settled\n{told}".rstrip()
    )


def _run(profile: bool) -> tuple[Any, float, str]:
    """The job as the worker runs it."""
    import io

    from yigong.core.actor import system
    from yigong.core.jobs import worker
    from yigong.core.jobs.api import job
    from yigong.insurance.budget.commands.whatif import ask_what_if
    from yigong.insurance.budget.models import WhatIf

    key = ask_what_if(
        title="县级住院提高 2 点",
        scheme=SCHEME,
        year=_year(),
        plan=PLAN,
        changes=[CHANGE],
        sharing={},
        actor=system("bench"),
    )
    row = WhatIf.objects.get(pk=key)
    assert row.job_id is not None
    watch = cProfile.Profile()
    begin = time.perf_counter()
    if profile:
        watch.runcall(worker.run_job, row.job_id)
    else:
        worker.run_job(row.job_id)
    seconds = time.perf_counter() - begin
    done = job(row.job_id)
    assert done.state == "done", done.error
    row.refresh_from_db()
    told = io.StringIO()
    if profile:
        pstats.Stats(watch, stream=told).sort_stats("tottime").print_stats(25)
    return row, seconds, told.getvalue()


def _fill(outpatient: int, inpatient: int) -> None:
    """The year into the facts by COPY, without their triggers; then statistics, as autovacuum would have made them."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        with cursor.copy(f"copy budget_fundfact ({', '.join(_COLUMNS)}) from stdin (format binary)") as copy:
            copy.set_types(_TYPES)
            for fact in _facts(outpatient, inpatient):
                copy.write_row(fact)
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze budget_fundfact")


def _facts(outpatient: int, inpatient: int) -> Iterator[tuple[Any, ...]]:
    """One row per settlement. Who paid what is left to the what-if, which does not read it."""
    from yigong.insurance.benefits.api import plan_documents, plan_of
    from yigong.insurance.benefits.bench import county, made_up_year

    document = next(one for one in plan_documents(SCHEME) if f"{one['code']}/{one['version']}" == PLAN)
    rules, serial, first = plan_of(document), 0, date(_year(), 1, 1)
    for person, visits, stays in county(outpatient, inpatient):
        year = made_up_year(rules, person, visits, stays)
        for place, case in enumerate(year):
            serial += 1
            day, fee = first + timedelta(days=365 * place // len(year)), case.fee
            month, key = day.replace(day=1), UUID(int=(0xFA << 120) + serial)
            house = UUID(int=(0xFB << 120) + (person + (0 if case.kind == "inpatient" else 1)) % _INSTITUTIONS)
            yield (
                key, str(key), "settlement", str(key), REGION, SCHEME, month, month, day, case.kind, case.place or "inside", case.level,
                house, UUID(int=(0xFC << 120) + person), "|".join(sorted(case.identities)), case.disease, 1, fee.total, fee.own, fee.over,
                fee.first, fee.in_scope, 0, 0, 0, fee.total, "", False,
            )  # fmt: skip


def _year() -> int:
    from yigong.core import clock

    return clock.today().year
