"""``./yigong bench indicators``: a year of the county made by SQL, all indicators by institution and month in PostgreSQL and over the exported
facts in DuckDB (and Spark where it is asked for), beside hand-written SQL for five of them; a day's events; the cockpit; more counties.

Seconds are told as they passed and as the processors worked them: on a machine that does other work only the second says something.
"""

# texts: data
import argparse
import resource
import statistics
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from yigong.launch.bench_house import measured, migrated, say, throwaway, worked_so_far

# What somebody would write by hand for five of them, straight over the tables.
BY_HAND = {
    "visits": """select institution_id, date_trunc('month', occurred_at at time zone 'Asia/Shanghai'), count(*) from records_encounter
        where kind in ('outpatient', 'emergency', 'home', 'remote') and not is_automatic and status <> 'cancelled'
        and occurred_at >= %(first)s and occurred_at < %(end)s group by 1, 2""",
    "primary-visit-share": """select e.institution_id, date_trunc('month', e.occurred_at at time zone 'Asia/Shanghai'),
        count(*) filter (where i.category like 'B%%' or i.category like 'C%%' or i.category like 'D600%%'), count(*)
        from records_encounter e join network_institution i on i.id = e.institution_id
        where e.kind in ('outpatient', 'emergency', 'home', 'remote') and not e.is_automatic and e.status <> 'cancelled'
        and e.occurred_at >= %(first)s and e.occurred_at < %(end)s group by 1, 2""",
    "length-of-stay": """select institution_id, date_trunc('month', ended_at at time zone 'Asia/Shanghai'),
        sum(greatest(1, ended_at::date - occurred_at::date)), count(*) from records_encounter
        where kind = 'inpatient' and status = 'finished' and ended_at >= %(first)s and ended_at < %(end)s group by 1, 2""",
    "fund-in-county-share": """select home_id, month, sum(pool) filter (where place = 'inside'), sum(pool) from budget_fundfact
        where month >= %(first)s and month < %(end)s group by 1, 2""",
    "medicine-charge-share": """select b.institution_id, date_trunc('month', l.performed_at at time zone 'Asia/Shanghai'),
        sum(l.amount) filter (where l.category in ('drug', 'herbal', 'patent')), sum(l.amount)
        from clinic_chargeline l join clinic_bill b on b.id = l.bill_id
        where l.struck_at is null and l.performed_at >= %(first)s and l.performed_at < %(end)s group by 1, 2""",
}
# The same over the exported facts.
BY_HAND_IN_THE_LAKE = {
    "visits": "select institution_id, month, count(*) from fact_visit group by all",
    "primary-visit-share": """select f.institution_id, f.month, count(*) filter (where i.primary_care_p1), count(*) from fact_visit f
        join fact_institution i on i.institution_id = f.institution_id and i.month = f.month group by all""",
    "length-of-stay": "select institution_id, month, sum(days), count(*) from fact_stay group by all",
    "fund-in-county-share": "select home_id, month, sum(pool) filter (where inside), sum(pool) from fact_settlement group by all",
    "medicine-charge-share": """select institution_id, month, sum(amount) filter (where category in ('drug', 'herbal', 'patent')), sum(amount)
        from fact_charge group by all""",
}
_DAY = 3_188  # visits of a day


def main(arguments: list[str]) -> int:
    """Make a county, measure, print."""
    parser = argparse.ArgumentParser("./yigong bench indicators")
    parser.add_argument("--parts", type=int, default=1, help="只造县的几分之一 (one of so many parts of the county)")
    parser.add_argument("--engine", action="append", default=[], choices=["spark"], help="另用 Spark 计算 (Spark too)")
    parser.add_argument("--counties", default="1,10,100", help="DuckDB 的县数 (how many counties in the lake)")
    parser.add_argument("--write", type=Path, help="把公布值与计算值的对照写成这一页 (write the calibration page)")
    options = parser.parse_args(arguments)
    if "spark" in options.engine and not _spark_is_there():
        return 1
    with throwaway() as folder:
        migrated()
        from yigong.indicators import made_county

        with measured("造一年的县(SQL)"):
            made_county.make(made_county.Size().scaled(options.parts))
        cells = _in_postgres()
        _in_the_lake(folder / "lake", cells)
        if options.parts == 1:
            _published(options.write)
        _after_a_day(options.parts)
        _cockpit()
        several = [int(n) for n in options.counties.split(",") if n]
        for counties in several:
            _many(folder, counties)
        if "spark" in options.engine:
            _in_spark(folder, cells, several)
    return 0


def _spark_is_there() -> bool:
    """Spark is put in when it is first asked for; Java is the machine's own."""
    from yigong.indicators import engines
    from yigong.launch import bootstrap

    if lacking := engines.lacking_java():
        say(lacking)
        return False
    for package, lock in engines.PACKAGES["spark"]:
        if find_spec(package) is None:
            bootstrap.ensure(lock)
    return True


def year() -> tuple[date, date]:
    """The months that are measured."""
    from yigong.indicators import made_county

    return made_county.year()


def _in_postgres() -> set[tuple[Any, ...]]:
    from django.db import connection

    from yigong.indicators.commands.computing import compute, compute_all
    from yigong.indicators.facts import facts
    from yigong.indicators.models import Cell
    from yigong.indicators.queries.registry import counted

    first, last = year()
    with connection.cursor() as cursor:
        sizes = {}
        for fact in facts().values():
            cursor.execute(f"select count(*) from {fact.table} where at >= %s", [first])
            sizes[fact.name] = cursor.fetchone()[0]
    say("事实行数：" + "、".join(f"{name} {count:,}" for name, count in sizes.items()))
    with measured(f"PostgreSQL 全部 {len(counted())} 个指标，12 个月，含写入") as notes:
        done = compute_all(since=first)
        notes += [f"{done.cells:,} 个数", f"服务进程峰值 {_highest(connection.connection.info.backend_pid)} MB"]
    for fact in facts().values():
        took, worked = _timed(partial(compute, fact=fact, first=first, last=last))
        if worked > 0.5:
            say(f"  其中 {fact.label}:{took:.2f} 秒，处理器 {worked:.2f} 秒")
    _by_hand(first, last)
    fields = ("code", "variant", "month", "institution_id", "numerator", "denominator")
    return set(Cell.objects.filter(month__gte=first, month__lte=last).values_list(*fields))


def _highest(pid: int) -> int:
    """The most memory a process held, in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


def _by_hand(first: date, last: date) -> None:
    from yigong.core.months import add_months
    from yigong.indicators.commands.computing import counting
    from yigong.indicators.facts import facts
    from yigong.indicators.queries.registry import counted
    from yigong.indicators.rules.plan import passes_of

    for code, text in BY_HAND.items():
        definition = counted()[code]
        fact = facts()[definition.fact]
        ours = counting(fact, passes_of(fact, [definition])[0], first, last)
        values = {"first": first, "end": add_months(last, 1)}
        mine, hand = _best(partial(_ask, ours)), _best(partial(_ask, text, values))
        say(f"  {code}：定义 {mine * 1000:.0f} 毫秒，手写 {hand * 1000:.0f} 毫秒，比 {mine / hand:.2f}")


def _in_the_lake(folder: Path, cells: set[tuple[Any, ...]]) -> None:
    from yigong.indicators import lake
    from yigong.indicators.facts import facts
    from yigong.indicators.queries.registry import counted
    from yigong.indicators.rules import sql
    from yigong.indicators.rules.plan import passes_of

    first, last = year()
    with measured("DuckDB 导出事实为 Parquet") as notes:
        notes.append(f"{lake.export(folder, since=first) / 1e6:.1f} MB")
    engine = lake.connect(folder)
    with measured("DuckDB 同样内容的计算") as notes:
        found = list(lake.count(engine, counted().values(), first, last))
        notes += [f"{len(found):,} 个数", f"本进程峰值 {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB"]
    _agree("DuckDB", found, cells)
    for code, text in BY_HAND_IN_THE_LAKE.items():
        definition = counted()[code]
        fact = facts()[definition.fact]
        one = passes_of(fact, [definition])[0]
        ours = sql.statement(fact, one.attribution, one.measures, first, last)
        mine, hand = (_best(partial(_fetch, engine, words)) for words in (ours, text))
        say(f"  {code}：定义 {mine * 1000:.0f} 毫秒，手写 {hand * 1000:.0f} 毫秒，比 {mine / hand:.2f}")


def _agree(engine: str, found: list[Any], cells: set[tuple[Any, ...]]) -> None:
    other = {(c.code, c.variant, c.month, c.institution_id, c.numerator, c.denominator) for c in found}
    say(f"  {engine} 与 PostgreSQL:{len(cells & other):,} / {len(cells | other):,} 个数一致")


def _after_a_day(parts: int) -> None:
    """A day's visits come, and the rooms say so: what the worker then counts."""
    from django.db import connection

    from yigong.indicators.commands.computing import count_stale, note_change

    _first, last = year()
    with connection.cursor() as cursor:
        cursor.execute(
            f"create temp table day as select * from records_encounter where kind = 'outpatient' limit {_DAY // parts};"
            "update day set id = gen_random_uuid(), occurred_at = now(); insert into records_encounter select * from day"
        )
    count_stale()  # What a new day makes stale by itself.
    for name in ("visit", "referral", "report", "programme_visit", "settlement", "stay"):
        note_change(name, last)
    with measured("一天的业务之后，重算当月六类事实"):
        count_stale()
    note_change("charge", last)
    with measured("  收费明细当月重算"):
        count_stale()


def _cockpit() -> None:
    """The whole page as the director gets it, over HTTP's own layers."""
    from django.test import Client

    from yigong.access.api import create_account
    from yigong.core.actor import system
    from yigong.indicators.made_county import house
    from yigong.network import api as network

    boss = system("bench")
    staff = network.create_staff(code="BENCH", name="院长", sex="1", actor=boss)
    network.assign_post(staff_id=staff.id, institution_id=house(0), role="director", actor=boss)
    secret = "Bench-2026-xx"
    create_account(username="director", password=secret, must_change_password=False, staff_id=staff.id, actor=boss)
    client = Client()
    client.post("/access/login/", {"username": "director", "password": secret})

    def look() -> None:
        assert client.get("/indicators/").status_code == 200

    look()
    times = sorted(_timed(look) for _n in range(60))
    worked = sorted(worked for _took, worked in times)
    say(
        f"驾驶舱整页：中位 {times[30][0] * 1000:.0f} 毫秒，p95 {times[57][0] * 1000:.0f} 毫秒；处理器 中位 {statistics.median(worked) * 1000:.0f} 毫秒"
    )


def _published(target: Path | None) -> None:
    """The published county against the one that was made of its parts."""
    from yigong.indicators.queries import calibration

    lines = list(calibration.compared(*year()))
    for line in lines:
        say(f"  {line.number} {line.name}：公布 {line.published}，计算 {line.computed}。{line.told}")
    if target:
        target.write_text(calibration.page(lines), "utf-8")


def _many(folder: Path, counties: int) -> None:
    """A lake of several counties, each with institutions of its own; beyond ten the files of ten are there again."""
    from yigong.indicators import lake
    from yigong.indicators.queries.registry import counted

    first, last = year()
    target = folder / f"lake-{counties}"
    lake.multiply(folder / "lake", target, counties)
    engine = lake.connect(target, memory="6GB")
    with measured(f"DuckDB {counties} 县，全部指标") as notes:
        found = sum(1 for _cell in lake.count(engine, counted().values(), first, last))
        notes += [f"{found:,} 个数", f"本进程峰值 {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB"]


def _in_spark(folder: Path, cells: set[tuple[Any, ...]], counties: list[int]) -> None:
    """The same on Spark's own little cluster: one county against PostgreSQL's numbers, then as many as DuckDB counted."""
    from yigong.indicators import lake
    from yigong.indicators.queries.registry import counted

    first, last = year()
    with lake.spark(folder / "lake") as engine:
        for turn in (1, 2):  # The first pays for starting the workers and compiling.
            with measured(f"Spark 1 县，第 {turn} 遍"):
                found = list(lake.count(engine, counted().values(), first, last))
    _agree("Spark", found, cells)
    for many in counties:
        with lake.spark(folder / f"lake-{many}") as engine, measured(f"Spark {many} 县，全部指标") as notes:
            notes.append(f"{sum(1 for _cell in lake.count(engine, counted().values(), first, last)):,} 个数")


def _ask(text: str, values: dict[str, Any] | None = None) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(text, values)


def _fetch(engine: Any, text: str) -> None:
    engine.execute(text).fetchall()


def _best(work: Callable[[], object]) -> float:
    return min(_timed(work)[0] for _n in range(3))


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds passed and worked."""
    begin, worked = time.perf_counter(), worked_so_far()
    work()
    return time.perf_counter() - begin, worked_so_far() - worked
