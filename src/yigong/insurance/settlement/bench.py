"""``./yigong bench settlement``: what one core calculates, and what four clients bring through the database into the ledger, beside raw inserts.

Raw: the same rows (settlement, history line, event, posting, entries, the person's year) into tables of the same columns and indexes without any
check, trigger or foreign key, one statement per table and one transaction per settlement, by as many clients, in the same run. Both sides
write whole rows that were made beforehand; the settlement side also calculates, locks and holds every line. All clients begin at one barrier,
the slowest counts.

Beside the rates: statements of one settlement (transaction and savepoints counted) and CPU of a client without the database, which say the same on a
machine that others use; ``BEFORE`` is what they were before the rows of a settlement were written together.
"""

# texts: data (words for whoever measures)

import argparse
import io
import multiprocessing
import os
import time
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID, uuid4

from yigong.launch.bench_house import say, throwaway

CLIENTS = 4
BEFORE = "30 statements, 6.3 ms"
_shared: dict[str, Any] = {}  # the barrier of the clients, inherited by their processes
_RAW = {
    "settlement_settlement": "raw_settlement", "states_statechange": "raw_change", "events_outboxevent": "raw_event", "ledger_posting": "raw_posting",
    "ledger_entry": "raw_entry", "settlement_personyear": "raw_year",
}  # fmt: skip


def main(arguments: Sequence[str] = ()) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser("./yigong bench settlement")
    parser.add_argument("--cases", type=int, default=50_000, help="calculation: cases of each kind")
    parser.add_argument("--settlements", type=int, default=1_000, help="stored: settlements of all clients together")
    parser.add_argument(
        "--durable", action="store_true", help="with the database's usual durability (fsync at each commit)"
    )
    options = parser.parse_args(list(arguments))
    from yigong.insurance.benefits.bench import measure_rates

    measure_rates(options.cases)
    with throwaway(durable=options.durable):
        _measure(options.settlements)
    return 0


def _measure(number: int) -> None:
    _in_children([(_prepare, (number,))])
    each = number // CLIENTS
    say(f"stored by {CLIENTS} clients, {number:,} settlements each time:")
    raw, raw_cpu = _rate(_raw_client, each)
    say(f"  raw inserts of the same rows          {raw:>8,.0f} settlements/s  {raw_cpu:>6.2f} ms CPU of a client")
    for words, together in (("settled, a counter of its own each", False), ("settled, all at one institution", True)):
        rate, cpu = _rate(_client, each, together)
        say(
            f"  {words:<38}{rate:>8,.0f} settlements/s  {cpu:>6.2f} ms CPU of a client  {rate / raw:.2f} of raw ({raw_cpu / cpu:.2f} by CPU)"
        )
    (statements,) = _in_children([(_statements, ())])
    say(f"  {statements:.0f} statements a settlement (before: {BEFORE})")
    say(f"  load average {' '.join(f'{one:.1f}' for one in os.getloadavg())}")


def _in_children(work: Sequence[tuple[Callable[..., Any], tuple[Any, ...]]]) -> list[Any]:
    context = multiprocessing.get_context("fork")
    with context.Pool(len(work)) as pool:
        return [one.get() for one in [pool.apply_async(task, args) for task, args in work]]


def _rate(task: Callable[..., Any], each: int, *more: Any) -> tuple[float, float]:
    """Settlements a second of all clients, and milliseconds of CPU of one of them a settlement."""
    _shared["start"] = multiprocessing.get_context("fork").Barrier(CLIENTS)
    measured = _in_children([(task, (client, each, *more)) for client in range(CLIENTS)])
    return CLIENTS * each / max(wall for wall, _cpu in measured), 1000 * sum(cpu for _wall, cpu in measured) / (
        CLIENTS * each
    )


def _django() -> None:
    import django

    django.setup()


def _prepare(number: int) -> float:
    """Tables, people with insurance, raw twins."""
    _django()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", interactive=False, verbosity=0)
    call_command("load_packs", stdout=io.StringIO())
    with connection.cursor() as cursor:
        for real, raw in _RAW.items():
            cursor.execute(f"create table {raw} (like {real} including defaults including identity including indexes)")
    _people(number)
    return 0.0


def _people(number: int) -> None:
    """Residents, each with a year's insurance and the first institution chosen; four institutions with a counter each."""
    from datetime import date

    from yigong.core.actor import system
    from yigong.insurance.coverage.models import Enrolment
    from yigong.network import api as network
    from yigong.residents.models import Resident

    boss = system("bench")
    for client in range(CLIENTS):
        network.create_institution(
            code=f"BENCH-{client}",
            name=f"第{client}卫生院",
            level="township",
            category="C220",
            parent_id=None,
            actor=boss,
        )
    people = [Resident(id=_person(place), name="测试", name_key="测试", sex="1") for place in range(2 * number)]
    Resident.objects.bulk_create(people, batch_size=1000)
    since, until = date(2020, 1, 1), date(2100, 1, 1)
    rows = [
        Enrolment(
            resident_id=one.id, insurance="310", region="990100", person_type="1101", starts_on=since, ends_on=until
        )
        for one in people
    ]
    Enrolment.objects.bulk_create(rows, batch_size=1000)


def _person(place: int) -> UUID:
    return UUID(int=(0xBE << 120) + place)


def _bills(client: int, each: int, place: UUID) -> list[Any]:
    from yigong.core import clock
    from yigong.insurance.settlement.bills import Bill, Charge

    today = clock.today()
    codes = ["DEMO-ZC-PT", "DEMO-HY-XCG", "DEMO-YP-AMLODIPINE", "DEMO-YP-VALSARTAN"]
    charges = tuple(Charge(str(n), code, code, "05", 10_000, 12_340_000, 1234, "次") for n, code in enumerate(codes))
    return [
        Bill(
            uuid4(), f"B{client}-{n}", _person(client * each + n), place, "outpatient", charges, today, today, ("I10",)
        )
        for n in range(each)
    ]


def _client(client: int, each: int, together: bool) -> tuple[float, float]:
    """One counter: settle every bill; seconds by the clock and of CPU."""
    _django()
    from django.db import connection, reset_queries

    from yigong.core.actor import Actor
    from yigong.insurance.settlement.commands.settling import settle_here
    from yigong.insurance.settlement.data import Payment
    from yigong.insurance.settlement.policies import CHARGE
    from yigong.insurance.settlement.queries.preview import Choice, look
    from yigong.network import api as network

    (place,) = network.search_institutions(f"第{0 if together else client}卫生院", limit=1)
    actor = Actor(
        "李",
        "registrar",
        staff_id=uuid4(),
        institution_id=place.id,
        permissions=frozenset({CHARGE}),
        institution_ids=frozenset({place.id}),
    )
    bills = _bills(client + CLIENTS * together, each, place.id)
    due = look(bills[0], Choice()).figures.cash  # the first bill of a year costs everybody the same
    connection.ensure_connection()
    if "start" not in _shared:
        connection.force_debug_cursor = True
    else:
        _shared["start"].wait(120)
    started, own = time.perf_counter(), time.process_time()
    for bill in bills:
        reset_queries()
        settle_here(bill=bill, choice=Choice(), payment=Payment(cash=due), key=uuid4(), actor=actor)
    return time.perf_counter() - started, time.process_time() - own


def _statements() -> float:
    """Statements of one settlement (the second of a counter: the first opens its till)."""
    from django.db import connection

    _shared.pop("start", None)
    _client(0, 2, True)
    return len(connection.queries_log)


def _raw_client(client: int, each: int) -> tuple[float, float]:
    """The same rows, one statement per table, one commit per settlement."""
    _django()
    from django.db import connection

    lines, working = (
        "[" + ",".join(['{"code": "DEMO", "total": 1234, "own": 0}'] * 4) + "]",
        '{"steps": [["base", 1, [2, 3]]], "added": {"a": 1}}',
    )
    settlement = (
        "insert into raw_settlement (id, state, state_since, version, number, key, bill_id, bill_number, resident_id, institution_id, institution_name, place,"
        " scheme, region, kind, level, year_id, place_in_year, settled_on, month, settled_at, cashier_id, cashier_name, total, own, over, first_self_pay,"
        " in_scope, relief, deductible, pool, large, critical, civil, aid, tilt, other, institution_part, person, account, family, paid_cash, paid_card,"
        " paid_online, paid_deposit, tendered, plan_code, plan_version, lines, working, posting_id, channel, message_id, visit_ref, settlement_ref,"
        " person_ref, drg_scheme, drg_code, drg_name) values (%s,'settled',now(),1,%s,%s,%s,'B',%s,%s,'','inside','310','990100','pooling','1',%s,1,"
        " current_date,current_date,now(),%s,'',4936,0,0,0,4936,0,0,2000,0,0,0,0,0,0,0,2936,0,0,2936,0,0,0,0,'p','v',%s,%s,%s,'local','','','','','','','')"
    )
    connection.ensure_connection()
    cursor = connection.connection.cursor()
    connection.connection.autocommit = False
    _shared["start"].wait(120)
    started, own = time.perf_counter(), time.process_time()
    for place in range(each):
        key, posting, year = uuid4(), uuid4(), uuid4()
        cursor.execute(
            "insert into raw_year (id, resident_id, scheme, year, sums, count) values (%s, %s, '310', 2026, '{\"a\": 1}', 1)",
            [year, _person(client * each + place)],
        )
        cursor.execute(
            settlement,
            [key, f"{client}-{place}", uuid4(), uuid4(), uuid4(), uuid4(), year, uuid4(), lines, working, posting],
        )
        cursor.execute(
            'insert into raw_change (id, "table", object_id, version, action, from_state, to_state, reason_code, reason, actor_name, actor_role, address, at)'
            " values (%s, 'settlement', %s, 1, 'create', '', 'settled', '', '', '', '', '', now())", [uuid4(), key]
        )  # fmt: skip
        cursor.execute(
            "insert into raw_posting (id, key, actor_name, reason, at, written_at) values (%s, %s, '', '', now(), now())",
            [posting, str(key)],
        )
        cursor.execute(
            "insert into raw_entry (posting_id, account_id, amount) values (%s, %s, -4936), (%s, %s, 2000), (%s, %s, 2936)",
            [posting, uuid4(), posting, uuid4(), posting, uuid4()],
        )
        cursor.execute(
            "insert into raw_event (name, payload) values ('settlement.settled', %s)",
            ['{"settlement_id": "x", "bill_id": "y"}'],
        )
        connection.connection.commit()
    return time.perf_counter() - started, time.process_time() - own
