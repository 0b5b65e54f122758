"""Prepared statements sent without a cursor: the same rows, the same refusals, the same transactions as through Django."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DataError, IntegrityError, NotSupportedError, OperationalError, connection, transaction

from yigong.core import statements, wire
from yigong.core.actor import Actor
from yigong.core.audit.api import acting, changes_of
from yigong.core.ledger.models import LedgerAccount
from yigong.core.numbers.models import Counter

KEY, OTHER = UUID(int=7), UUID(int=8)
_ADD = "insert into numbers_counter (kind, scope, value) values ('wire', %(scope)s, %(value)s) returning value"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("%(v)s::text", "50 % 'of' \\ 医"), ("%(v)s::text", None), ("%(v)s::int", 7), ("%(v)s::bigint", -(2**40)), ("%(v)s::bool", True), ("%(v)s::date", date(2026, 3, 1)),
        ("%(v)s::timestamptz", datetime(2026, 3, 1, 8, tzinfo=UTC)), ("%(v)s::numeric", Decimal("1.10")), ("%(v)s::uuid", KEY), ("%(v)s::bytea", b"\x00\xff"),
        ("%(v)s::uuid[]", [KEY, OTHER]), ("%(v)s::uuid[]", []), ("%(v)s::uuid[]", [KEY, None]), ("%(v)s::text[]", ["a", 'b"{}', ""]), ("%(v)s::bigint[]", [1, 2**40]),
    ],
)  # fmt: skip
def test_values_come_back_as_they_went(said: str, value: Any) -> None:
    """Whatever a statement binds, at the first run and prepared, is what Django's cursor brings."""
    with connection.cursor() as cursor:
        cursor.execute(f"select {said}, '100%%', 1 where true", {"v": value})
        expected = cursor.fetchall()
    assert expected[0][0] == value
    for _run in range(4):
        assert statements.fetch(f"select {said}, '100%%', 1 where true", {"v": value}) == expected


@pytest.mark.django_db
def test_a_text_with_nul_is_refused() -> None:
    """PostgreSQL cannot keep the character; cut off at it, a text would be stored as another one."""
    for value in ("a\0b", wire.Plain(b"a\0b")):
        with pytest.raises(DataError):
            statements.fetch("select %(v)s::text", {"v": value})


@pytest.mark.django_db
def test_together_answers_in_order() -> None:
    """Several statements in one journey, also twice the same, each with its own rows; later ones see what earlier ones wrote."""
    count = ("select count(*) from numbers_counter where kind = 'wire'", {})
    for run in range(4):
        scope = {"scope": str(run), "value": run}
        before, added, after, none = statements.together(count, (_ADD, scope), count, ("select 1 where false", {}))
        assert (before, added, after, none) == ([(run,)], [(run,)], [(run + 1,)], [])


@pytest.mark.django_db(transaction=True)
def test_a_transaction_begins_with_its_first_statement() -> None:
    """Begun in the same journey, rolled back and committed as any other; outside one, what travels together happens together."""
    for run in range(4):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            statements.fetch(_ADD, {"scope": f"lost {run}", "value": 1})
            raise ZeroDivisionError
        with transaction.atomic():
            statements.fetch(_ADD, {"scope": f"kept {run}", "value": 1})
        with pytest.raises(IntegrityError):
            statements.together(*[(_ADD, {"scope": f"twice {run}", "value": 1})] * 2)
    assert sorted(Counter.objects.values_list("scope", flat=True)) == [f"kept {run}" for run in range(4)]


@pytest.mark.django_db
@pytest.mark.parametrize("run", range(4))
def test_a_refusal_is_djangos(run: int) -> None:
    """The database's refusal names its constraint; a savepoint goes on after it, a transaction without one does not."""
    for _ in range(run):
        statements.fetch(_ADD, {"scope": str(uuid4()), "value": 1})
    Counter.objects.create(kind="wire", scope="taken", value=1)
    count = ("select count(*) from numbers_counter where scope = 'taken'", {})
    for journey in ([(_ADD, {"scope": "taken", "value": 1})], [count, (_ADD, {"scope": "taken", "value": 1}), count]):
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            statements.together(*journey)
        assert refused.value.__cause__.diag.constraint_name == "one_counter_per_kind_and_scope"
        assert statements.fetch(*count) == [(1,)]
    with transaction.atomic():
        transaction.set_rollback(True)
        with pytest.raises(transaction.TransactionManagementError):
            statements.fetch(*count)


@pytest.mark.django_db
def test_a_table_of_another_shape_is_read_anew() -> None:
    """After a column is added while the platform runs, a statement fails once at most and is then prepared again."""
    with connection.cursor() as cursor:
        cursor.execute("create temp table wired as select 1 as a")
    for _run in range(4):
        assert statements.fetch("select * from wired", {}) == [(1,)]
    with connection.cursor() as cursor:
        cursor.execute("alter table wired add b int default 2")
    with pytest.raises(NotSupportedError), transaction.atomic():
        statements.fetch("select * from wired", {})
    for _run in range(4):
        assert statements.fetch("select * from wired", {}) == [(1, 2)]


@pytest.fixture
def pooled() -> Iterator[None]:
    """A connection through a pooler that cannot keep prepared statements."""
    connection.close()
    connection.settings_dict["OPTIONS"]["prepare_threshold"] = None
    yield
    connection.settings_dict["OPTIONS"]["prepare_threshold"] = 2
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_pooler_is_left_without_prepared_statements(pooled: None) -> None:
    """The same answers, and the server keeps none."""
    for run in range(5):
        assert statements.fetch("select %(n)s::int", {"n": run}) == [(run,)]
    assert statements.fetch("select count(*) from pg_prepared_statements", {}) == [(0,)]


@pytest.mark.django_db(transaction=True)
def test_a_lost_server_is_an_operational_error() -> None:
    """A connection that ends in the middle is refused like any other of Django's, and the next one works."""
    end = ("select pg_terminate_backend(pg_backend_pid())", {})
    for journey in ([end], [("select 1", {}), end, ("select 2", {})]):
        with pytest.raises(OperationalError):
            statements.together(*journey)
        connection.close()
        assert statements.fetch("select 1", {}) == [(1,)]


@pytest.mark.django_db
def test_who_and_why_travel_ahead_of_what_is_written() -> None:
    """The audit's context reaches the triggers of a prepared statement, the inner one too; reading carries none."""
    row = LedgerAccount.objects.create(kind="k", owner_id=uuid4(), unit="0")
    change = "update ledger_ledgeraccount set unit = %(unit)s where id = %(id)s returning unit"
    with acting(Actor("王医生", "gp"), reason="改 100%"):
        for run in range(1, 5):
            assert statements.fetch(change, {"id": row.id, "unit": str(run)}) == [(str(run),)]
        with acting(Actor("李医生", "gp")):
            statements.together((change, {"id": row.id, "unit": "5"}), ("select 1", {}))
    statements.fetch(change, {"id": row.id, "unit": "6"})
    told = [one.context and (one.context["actor"], one.context["reason"]) for one in changes_of(row)[1:]]
    assert told == [("王医生", "改 100%")] * 4 + [("李医生", "改 100%"), None]


@pytest.mark.django_db
def test_what_is_kept_prepared_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the number a connection keeps, statements are answered without a name."""
    line = wire.line_of(connection.connection)
    monkeypatch.setattr(wire, "KEPT", 0)
    before = len(line._names)
    for run in range(5):
        assert statements.fetch("select 1 + %(n)s::int as never_prepared", {"n": run}) == [(1 + run,)]
    assert len(line._names) == before
