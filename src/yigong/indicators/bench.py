"""``./yigong bench indicators``: all indicators by institution and month over a year, counted by PostgreSQL and by DuckDB over the exported
facts, beside hand-written SQL for five of them; one month again after events; the first page of the cockpit.
"""

# texts: data
import argparse
import resource
import statistics
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from yigong.launch.bench_house import migrated, say, throwaway

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
    "fund-in-county-share": """select institution_id, month, sum(pool) filter (where place = 'inside'), sum(pool) from budget_fundfact
        where month >= %(first)s and month < %(end)s group by 1, 2""",
    "inpatient-cost": """select institution_id, month, sum(total), sum(cases) from budget_fundfact
        where kind = 'inpatient' and place = 'inside' and month >= %(first)s and month < %(end)s group by 1, 2""",
}


def main(arguments: list[str]) -> int:
    """Load a demo county, measure, print."""
    parser = argparse.ArgumentParser("./yigong bench indicators")
    parser.add_argument("--scale", default="town", choices=["small", "town", "county"])
    options = parser.parse_args(arguments)
    with throwaway() as folder:
        migrated()
        # The demo stands above this room: it is asked by name, for a measurement only.
        import_module("yigong.demo.api").ensure(options.scale)
        _measure(folder)
    return 0


def _measure(folder: Path) -> None:
    from django.db import connection

    from yigong.core import clock
    from yigong.core.months import add_months, first_of
    from yigong.indicators import lake
    from yigong.indicators.commands.computing import compute, compute_all
    from yigong.indicators.facts import facts
    from yigong.indicators.queries.registry import counted

    last = first_of(clock.today())
    first = add_months(last, -11)
    with connection.cursor() as cursor:
        sizes = {}
        for fact in facts().values():
            cursor.execute(f"select count(*) from {fact.table}")
            sizes[fact.name] = cursor.fetchone()[0]
    say("事实行数:" + "、".join(f"{name} {count:,}" for name, count in sizes.items()))
    took, done = _timed(lambda: compute_all(since=first))
    say(f"PostgreSQL 全部 {len(counted())} 个指标,12 个月:{took:.2f} 秒,{done.cells:,} 个数(含写入)")
    exported, size = _timed(lambda: lake.export(folder / "lake"))
    engine = lake.connect(folder / "lake")
    other, cells = _timed(lambda: len(list(lake.count(engine, counted().values(), first, last))))
    say(
        f"DuckDB 同样内容:导出 {exported:.2f} 秒({size / 1e6:.1f} MB),计算 {other:.2f} 秒,{cells:,} 个数;PostgreSQL / DuckDB = {took / other:.1f}"
    )
    _by_hand(first, last)
    again = statistics.median(
        _timed(lambda: compute(fact=facts()["visit"], first=last, last=last))[0] for _n in range(5)
    )
    say(f"当月诊疗人次重算一次(事件之后):{again * 1000:.0f} 毫秒")
    _cockpit()
    say(f"本进程峰值内存 {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def _by_hand(first: date, last: date) -> None:
    from yigong.core.months import add_months
    from yigong.indicators.commands.computing import near
    from yigong.indicators.facts import facts
    from yigong.indicators.queries.registry import counted
    from yigong.indicators.rules import sql
    from yigong.indicators.rules.plan import passes_of

    for code, text in BY_HAND.items():
        definition = counted()[code]
        fact = facts()[definition.fact]
        one = passes_of(fact, [definition])[0]
        ours = sql.statement(fact, one.attribution, one.measures, first, last, near(fact, first, last))
        values = {"first": first, "end": add_months(last, 1)}
        mine, hand = _best(partial(_ask, ours)), _best(partial(_ask, text, values))
        say(f"  {code}:定义 {mine * 1000:.0f} 毫秒,手写 {hand * 1000:.0f} 毫秒,比 {mine / hand:.2f}")


def _cockpit() -> None:
    from yigong.core import clock
    from yigong.core.months import add_months, first_of
    from yigong.indicators.data import Span
    from yigong.indicators.queries import figures, registry

    last = first_of(clock.today())
    shown = registry.cockpit("county")

    def look() -> Any:
        figures.figures_of(shown, Span(last, last), None)
        figures.figures_of(shown, Span(add_months(last, -12), add_months(last, -12)), None)
        return figures.months_of(shown, Span(add_months(last, -12), last), None)

    times = sorted(_timed(look)[0] for _n in range(40))
    say(f"驾驶舱的数字(三次查询):中位 {times[20] * 1000:.1f} 毫秒,p95 {times[38] * 1000:.1f} 毫秒")


def _ask(text: str, values: dict[str, Any] | None = None) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(text, values)


def _best(work: Callable[[], object]) -> float:
    return min(_timed(work)[0] for _n in range(3))


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    begin = time.perf_counter()
    done = work()
    return time.perf_counter() - begin, done
