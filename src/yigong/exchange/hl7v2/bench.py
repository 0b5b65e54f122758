"""``./yigong bench centres``: results through MLLP to a released report, and the laboratory's worklist at many orders, beside raw SQL.

Raw inserts: the rows that one released order leaves (order, tube, values, report, version, record, document, message, history lines), copied into tables of the
same columns and indexes without checks, triggers and foreign keys, one statement a table and one transaction an order. Raw worklist: the one
statement that the page's rows come from, without the person's rights, names and page.
"""

# texts: data (words for whoever measures)

import argparse
import asyncio
import statistics
import threading
import time
from collections.abc import Sequence
from typing import Any

from yigong.launch.bench_house import migrated, say, throwaway

TABLES = (
    "orders_order", "orders_orderitem", "laboratory_tube", "laboratory_testresult", "orders_report", "orders_reportversion", "records_resultgroup",
    "records_result", "records_document", "hl7v2_message", "states_statechange", "events_outboxevent",
)  # fmt: skip
PANEL = "LAB-ELEC"
VALUES = {"K": "4.2", "NA": "140", "CL": "102", "CA": "2.3", "MG": "0.9", "P": "1.1"}


def main(arguments: Sequence[str] = ()) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser("./yigong bench centres")
    parser.add_argument("--orders", type=int, default=300, help="orders of six values each that go through MLLP")
    parser.add_argument("--worklist", type=int, default=100_000, help="orders behind the worklist")
    options = parser.parse_args(list(arguments))
    with throwaway():
        _measure(options.orders, options.worklist)
    return 0


def _measure(number: int, many: int) -> None:
    from django.db import connections

    migrated()
    people = _people()
    placed = [_received(people) for _ in range(number)]
    taken = _through_the_wire(placed)
    released = _released(placed, people)
    raw = _raw(number)
    values = number * len(VALUES)
    whole = taken + released
    say(f"{number} 张申请单，每张 {len(VALUES)} 项，一个连接，一个接收线程")
    say(f"  MLLP 收到并入库、判断、应答            {values / taken:>9,.0f} 项/秒   ({number / taken:,.0f} 条报文/秒)")
    say(f"  两人审核、签名、发布、写入健康档案     {values / released:>9,.0f} 项/秒")
    say(f"  合计，从报文到可查的发布结果            {values / whole:>9,.0f} 项/秒")
    say(f"  同样各行直接插入                       {values / raw:>9,.0f} 项/秒   本平台为其 {raw / whole:.2f}")
    _worklist(many, people)
    connections.close_all()


def _people() -> dict[str, Any]:
    from yigong.centres.laboratory.tests.world import make_lab_world

    world = make_lab_world()
    return {"world": world}


def _received(people: dict[str, Any]) -> Any:
    from yigong.centres.laboratory.models import Tube

    world = people["world"]
    order = world.received(PANEL)
    return order, Tube.objects.get(order_id=order.id).number


def _through_the_wire(placed: list[Any]) -> float:
    """Seconds from the first message to the last acknowledgement, by the library's client on one connection."""
    import socket

    from hl7.client import MLLPClient

    from yigong.centres.laboratory.rules import catalogue
    from yigong.exchange.hl7v2.server import serve

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    started, loop, running = threading.Event(), asyncio.new_event_loop(), list[asyncio.Future]()

    async def run() -> None:
        ready = asyncio.Event()
        running.append(asyncio.ensure_future(serve("127.0.0.1", port, workers=1, ready=ready)))
        await ready.wait()
        started.set()
        await asyncio.wait({running[0]})

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()))
    thread.start()
    started.wait(20)
    messages = [_message(n, number, catalogue.analytes()) for n, (_order, number) in enumerate(placed)]
    begun = time.perf_counter()
    with MLLPClient("127.0.0.1", port) as client:
        answers = [client.send_message(message) for message in messages]
    spent = time.perf_counter() - begun
    loop.call_soon_threadsafe(running[0].cancel)
    thread.join()
    wrong = [answer for answer in answers if b"MSA|AA|" not in answer]
    if wrong:
        raise RuntimeError(f"{len(wrong)} messages were not taken: {wrong[0]!r}")
    return spent


def _message(n: int, number: str, analytes: Any) -> str:
    lines = [
        f"MSH|^~\\&|BA400|LAB|YIGONG|YIGONG|20261101083000||ORU^R01|B{n}|P|2.3.1||||||UNICODE UTF-8",
        f"OBR|1|{number}|{number}|BIO",
    ]
    lines += [f"OBX|{i}|NM|{c}^{c}^L||{v}|{analytes[c].unit}|||||F" for i, (c, v) in enumerate(VALUES.items(), 1)]
    return "\r".join(lines) + "\r"


def _released(placed: list[Any], people: dict[str, Any]) -> float:
    from yigong.centres.laboratory import api as laboratory
    from yigong.orders import api as orders

    world = people["world"]
    begun = time.perf_counter()
    for order, _number in placed:
        laboratory.technical_review(order_id=order.id, comment="", actor=world.technician)
        orders.sign_report(order_id=order.id, actor=world.doctor)
    return time.perf_counter() - begun


def _raw(number: int) -> float:
    """Seconds to insert what the orders left, order by order, into bare tables: each table's rows shared out evenly."""
    from django.db import connection, transaction

    rows: dict[str, list[int]] = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"create table source_{table} as select *, row_number() over () as turn from {table}")
            cursor.execute(f"select count(*) from source_{table}")
            count = cursor.fetchone()[0]
            rows[table] = [count * n // number for n in range(number + 1)]
            cursor.execute(f"create index on source_{table} (turn)")
            cursor.execute(f"create table raw_{table} (like {table} including defaults including indexes)")
            cursor.execute(f"alter table source_{table} rename column turn to turn_")
            cursor.execute(
                "select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped and attgenerated = ''",
                [f"raw_{table}"],
            )
            columns = cursor.fetchone()[0]
            rows[table].append(0)
            _COLUMNS[table] = columns
    begun = time.perf_counter()
    for n in range(number):
        with transaction.atomic(), connection.cursor() as cursor:
            for table in TABLES:
                first, last = rows[table][n], rows[table][n + 1]
                cursor.execute(
                    f"insert into raw_{table} ({_COLUMNS[table]}) select {_COLUMNS[table]} from source_{table} where turn_ > %s and turn_ <= %s",
                    [first, last],
                )
    return time.perf_counter() - begun


_COLUMNS: dict[str, str] = {}


def _worklist(many: int, people: dict[str, Any]) -> None:
    """Median milliseconds of the worklist page and of its statement alone."""
    from django.db import connection

    from yigong.orders.tests.world import browser_of

    _multiply(many)
    client = browser_of(people["world"].technician)
    place = people["world"].base.county
    page = _median(lambda: client.get("/orders/laboratory/worklist/?view=waiting"))

    def raw() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "select r.*, o.* from orders_report r join orders_order o on o.id = r.order_id where r.service = 'laboratory' "
                "and r.reporting_institution_id = %s and r.state = 'unclaimed' order by r.rank, r.waiting_since, r.id limit 20",
                [place],
            )
            cursor.fetchall()
            cursor.execute(
                "select state, count(*) from orders_report where service = 'laboratory' and reporting_institution_id = %s group by 1",
                [place],
            )
            cursor.fetchall()

    bare = _median(raw)
    say(f"检验审核列表，{many:,} 张申请单（含各页签计数）")
    say(f"  网页 p50                               {page:>9,.1f} 毫秒")
    say(f"  同样两条 SQL p50                       {bare:>9,.1f} 毫秒   网页为其 {page / bare:.1f} 倍")


def _multiply(many: int) -> None:
    """Copies of the first order and its report until there are so many; a tenth of them waits."""
    from django.db import connection

    with connection.cursor() as cursor:
        for table, own in (
            ("orders_order", "number, accession, id, idempotency_key"),
            ("orders_report", "id, order_id, state, waiting_since"),
        ):
            cursor.execute(
                "select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped and attname <> all(%s)",
                [table, own.split(", ")],
            )
            _COLUMNS[table] = cursor.fetchone()[0]
        cursor.execute("set session_replication_role = replica")
        cursor.execute(
            "create temp table copies as select n, gen_random_uuid() as key from generate_series(1, %s) n", [many]
        )
        cursor.execute(
            f"insert into orders_order (number, accession, id, {_COLUMNS['orders_order']}) select 'B' || n, 'B' || n, key, {_COLUMNS['orders_order']} "
            "from copies, (select * from orders_order limit 1) one"
        )
        cursor.execute(
            f"insert into orders_report (id, order_id, state, waiting_since, {_COLUMNS['orders_report']}) select gen_random_uuid(), key, "
            "case when n %% 10 = 0 then 'unclaimed' else 'final' end, now() - n * interval '1 second', "
            f"{_COLUMNS['orders_report']} from copies, (select * from orders_report limit 1) one".replace("%%", "%")
        )
        cursor.execute("set session_replication_role = origin")
        cursor.execute("analyze orders_order")
        cursor.execute("analyze orders_report")


def _median(act: Any, times: int = 15) -> float:
    act()
    spent = []
    for _ in range(times):
        begun = time.perf_counter()
        act()
        spent.append(time.perf_counter() - begun)
    return statistics.median(spent) * 1000
