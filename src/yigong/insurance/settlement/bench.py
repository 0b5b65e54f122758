"""``./yigong bench settlement``: what one core calculates, and what four clients bring through the database into the ledger, beside raw inserts.

Raw: the rows that one settlement leaves (settlement, history line, event, posting, entries, the person's year), read back and inserted again and again
with keys of their own, one prepared statement per table and one transaction per settlement, by as many clients, in the same run; into two
sets of tables:

- *bare*: the same columns and indexes, without any check, foreign key or trigger;
- *guarded*: the tables themselves, with all of them: what the database asks for its guarantees from whoever writes these rows.

Our side reads, decides and calculates beside it, locks and holds every line, and says who acts and why, as behind a page. All clients begin at one
barrier, the slowest counts.

Beside the rates: statements of one settlement (transaction and savepoints counted), journeys to the server, and processor time of a client and of its server
process, which say the same on a machine that others use; ``BEFORE`` is what they were while each statement travelled alone.
"""

# texts: data (words for whoever measures)

import argparse
import io
import json
import multiprocessing
import os
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from yigong.launch.bench_house import say, throwaway

CLIENTS = 4
BEFORE = "15 statements in 15 journeys, 3.3 to 3.8 ms of a client"
_shared: dict[str, Any] = {}  # the barrier of the clients, inherited by their processes
# In the order in which foreign keys want them.
_TABLES = (
    "settlement_personyear", "ledger_posting", "ledger_entry", "settlement_settlement", "states_statechange", "events_outboxevent",
)  # fmt: skip
_BARE, _GUARDED = "bare_", ""


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
    raw = {}
    for words, prefix in (("bare tables", _BARE), ("guarded tables", _GUARDED)):
        raw[prefix] = _rate(_raw_client, each, prefix)
        say(f"  {f'the same rows into {words}':<38}{_told(raw[prefix])}")
    for words, together in (("settled, a counter of its own each", False), ("settled, all at one institution", True)):
        ours = _rate(_client, each, together)
        say(
            f"  {words:<38}{_told(ours)}  {ours.rate / raw[_BARE].rate:.2f} of bare, {ours.rate / raw[_GUARDED].rate:.2f} of guarded"
        )
        shares = [(one.client + one.server) / (ours.client + ours.server) for one in (raw[_BARE], raw[_GUARDED])]
        say(f"  {'':<38}by processor time {shares[0]:.2f} of bare, {shares[1]:.2f} of guarded")
    ((statements, journeys),) = _in_children([(_statements, ())])
    say(f"  {statements} statements a settlement in {journeys} journeys (before: {BEFORE})")
    say(f"  load average {' '.join(f'{one:.1f}' for one in os.getloadavg())}")


def _in_children(work: Sequence[tuple[Callable[..., Any], tuple[Any, ...]]]) -> list[Any]:
    context = multiprocessing.get_context("fork")
    with context.Pool(len(work)) as pool:
        return [one.get() for one in [pool.apply_async(task, args) for task, args in work]]


class Measured(NamedTuple):
    """Settlements a second of all clients; milliseconds of processor of one client and of its server process a settlement."""

    rate: float
    client: float
    server: float


def _told(one: Measured) -> str:
    return f"{one.rate:>8,.0f} settlements/s  {one.client:>5.2f} ms client {one.server:>5.2f} ms server"


def _rate(task: Callable[..., Any], each: int, *more: Any) -> Measured:
    _shared["start"] = multiprocessing.get_context("fork").Barrier(CLIENTS)
    measured = _in_children([(task, (client, each, *more)) for client in range(CLIENTS)])
    walls, clients, servers = zip(*measured, strict=True)
    whole = CLIENTS * each
    return Measured(whole / max(walls), 1000 * sum(clients) / whole, 1000 * sum(servers) / whole)


class _Watch:
    """Seconds by the clock, of this process and of its server process."""

    def __init__(self) -> None:
        import psutil
        from django.db import connection

        connection.ensure_connection()
        self._server = psutil.Process(connection.connection.info.backend_pid)
        self._begun = self._now()

    def _now(self) -> tuple[float, float, float]:
        return time.perf_counter(), time.process_time(), sum(self._server.cpu_times()[:2])

    def read(self) -> tuple[float, float, float]:
        """So far."""
        wall, client, server = (now - begun for now, begun in zip(self._now(), self._begun, strict=True))
        return wall, client, server


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
        for table in _TABLES:
            cursor.execute(
                f"create table {_BARE}{table} (like {table} including defaults including identity including indexes)"
            )
    _people(number)
    _client(2 * CLIENTS - 1, 1, True, watched=False)
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
    people = [
        Resident(id=_person(place), name="测试", name_key="测试", sex="1") for place in range(2 * number + CLIENTS)
    ]
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


def _client(client: int, each: int, together: bool, watched: bool = True) -> tuple[float, float, float]:
    """One counter: settle every bill; seconds by the clock, of this process and of its server process."""
    _django()
    from yigong.core.actor import Actor
    from yigong.core.audit.api import acting
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
    watch = _Watch()
    if watched:
        _shared["start"].wait(120)
        watch = _Watch()
    for bill in bills:
        with acting(actor):
            settle_here(bill=bill, choice=Choice(), payment=Payment(cash=due), key=uuid4(), actor=actor)
    return watch.read()


def _statements() -> tuple[int, int]:
    """Statements of one settlement and journeys to the server."""
    _django()
    from unittest.mock import patch

    from django.db.backends.utils import CursorWrapper

    from yigong.core.wire import Line

    ask, execute = Line.ask, CursorWrapper.execute
    journeys: list[int] = []

    def asked(line: Line, questions: Any) -> Any:
        journeys.append(len(questions))
        return ask(line, questions)

    def executed(cursor: CursorWrapper, *given: Any) -> Any:
        journeys.append(1)
        return execute(cursor, *given)

    seen = []
    for each in (1, 1, 2):
        journeys.clear()
        with patch.object(Line, "ask", asked), patch.object(CursorWrapper, "execute", executed):
            _client(0, each, True, watched=False)
        seen.append((sum(journeys), len(journeys)))
    # What the second of two cost more; the transaction's beginning travels with its first statements, its end alone.
    return seen[2][0] - seen[1][0] + 2, seen[2][1] - seen[1][1] + 1


def _rows_of_one() -> dict[str, list[dict[str, Any]]]:
    """What the last settlement left in each table, without what the database numbers by itself."""
    from yigong.core import statements
    from yigong.insurance.settlement.models import Settlement

    one = Settlement.objects.latest("id")
    which = {
        "settlement_personyear": ("id", one.year_id),
        "ledger_posting": ("id", one.posting_id),
        "ledger_entry": ("posting_id", one.posting_id),
        "settlement_settlement": ("id", one.id),
        "states_statechange": ("object_id", one.id),
        "events_outboxevent": ("payload->>'settlement_id'", one.id),
    }
    rows = {}
    for table, (column, key) in which.items():
        found = statements.fetch(
            f"select to_jsonb(t)::text from {table} t where ({column})::text = %(key)s", {"key": str(key)}
        )
        rows[table] = [
            {
                n: v
                for n, v in json.loads(row).items()
                if n != "id" or table not in {"ledger_entry", "events_outboxevent"}
            }
            for (row,) in found
        ]
    return rows


def _raw_client(client: int, each: int, prefix: str) -> tuple[float, float, float]:
    """The rows of one settlement again and again: one statement per table, one commit per settlement."""
    _django()
    import psycopg
    from django.db import connection

    from yigong.core.ledger import api as ledger

    rows = _rows_of_one()
    ((year,), (posting,), entries, (settlement,), _changes, _events) = (rows[table] for table in _TABLES)
    names: dict[tuple[str, UUID], bool] = {(f"bench.{n}", uuid4()): True for n, _entry in enumerate(entries)}
    accounts = ledger.open_accounts(names, "fen").values()
    own = {entry["account_id"]: str(key) for entry, key in zip(entries, accounts, strict=True)}
    texts, given = [], []
    for table, told in rows.items():
        columns = ", ".join(f'"{name}"' for name in told[0])
        places = ", ".join([f"({', '.join(['%s'] * len(told[0]))})"] * len(told))
        texts.append(f"insert into {prefix}{table} ({columns}) values {places}")
        values = [value for row in told for value in row.values()]
        given.append(
            [
                value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)
                for value in values
            ]
        )
    fresh = [year["id"], year["resident_id"], posting["id"], posting["key"], settlement["id"], settlement["bill_id"], settlement["number"],
             settlement["key"], rows["states_statechange"][0]["id"]]  # fmt: skip
    cursor = psycopg.Cursor(connection.connection)
    connection.connection.autocommit = False
    watch = _Watch()
    _shared["start"].wait(120)
    watch = _Watch()
    for _turn in range(each):
        now = {**own, **{old: str(uuid4())[: len(old)] for old in fresh}}
        for text, values in zip(texts, given, strict=True):
            cursor.execute(text, [now.get(value, value) for value in values], prepare=True)
        connection.connection.commit()
    return watch.read()
