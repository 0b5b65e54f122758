"""Row history by triggers and its seal."""

import uuid

import pytest
from django.db import DatabaseError, connection, transaction

from yigong.core.actor import Actor
from yigong.core.audit import api
from yigong.core.audit.models import Anchor, BulkLoad, RowChange
from yigong.core.ledger.models import LedgerAccount
from yigong.core.testing import race

ME = Actor(name="王医生", role="gp", institution_id=uuid.uuid4(), address="10.0.0.7")


def make_account(**values: object) -> LedgerAccount:
    """An audited row."""
    return LedgerAccount.objects.create(kind="k", owner_id=uuid.uuid4(), unit="u", **values)


@pytest.mark.django_db
def test_before_after_who_and_why() -> None:
    """Insert and update leave whole and changed values with the actor, the reason and the address; raw SQL too."""
    with api.acting(ME, reason="开户"):
        row = make_account()
    with api.acting(ME, reason="改名"), connection.cursor() as cursor:
        cursor.execute("update ledger_ledgeraccount set unit = '张' where id = %s", [row.pk])
    made, changed = api.changes_of(row)
    assert (made.operation, made.before, made.after["unit"]) == ("insert", None, "u")
    assert (changed.operation, changed.before, changed.after["unit"]) == ("update", {"unit": "u"}, "张")
    assert changed.context == {
        "actor": "王医生", "role": "gp", "institution_id": str(ME.institution_id), "address": "10.0.0.7", "reason": "改名",
    }  # fmt: skip


@pytest.mark.django_db
def test_the_context_ends_with_its_block() -> None:
    """A change outside the block is kept without a name, not with the last person's."""
    with api.acting(ME):
        make_account()
    assert api.changes_of(make_account())[0].context is None


@pytest.mark.django_db
def test_a_bulk_load_is_one_line() -> None:
    """Rows are not tracked one by one; who, why and how many is."""
    with api.bulk_load(LedgerAccount, actor=ME, reason="初始化") as rows:
        accounts = [LedgerAccount(kind="k", owner_id=uuid.uuid4(), unit="u") for _ in range(5)]
        rows["ledger_ledgeraccount"] = len(LedgerAccount.objects.bulk_create(accounts))
    assert not RowChange.objects.exists()
    assert BulkLoad.objects.get().rows == {"ledger_ledgeraccount": 5}


@pytest.mark.django_db
def test_history_cannot_be_changed_through_the_program() -> None:
    """The database refuses to change or delete a line of history."""
    make_account()
    for attempt in (lambda: RowChange.objects.update(operation="x"), lambda: RowChange.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()


def tamper(sql: str) -> None:
    """What somebody with the database's own password can do."""
    with connection.cursor() as cursor:
        cursor.execute("alter table audit_rowchange disable trigger user")
        cursor.execute(sql)
        cursor.execute("alter table audit_rowchange enable trigger user")


@pytest.mark.parametrize(
    "sql",
    [
        "update audit_rowchange set at = at - interval '1 day' where id = (select min(id) from audit_rowchange)",
        'update audit_rowchange set context = \'{"actor": "李"}\' where id = (select min(id) from audit_rowchange)',
        "delete from audit_rowchange where id = (select min(id) from audit_rowchange)",
    ],
)
@pytest.mark.django_db(transaction=True)
def test_one_changed_line_is_noticed(sql: str) -> None:
    """A changed time, a changed name and a missing line each point to their batch, and to no other."""
    for _ in range(3):
        make_account()
        assert api.seal() == 1
    assert api.verify() == []
    first = Anchor.objects.order_by("id").first()
    tamper(sql)
    assert [(b.first, b.last) for b in api.verify("row_change")] == [(first.first, first.last)]


@pytest.mark.django_db(transaction=True)
def test_seals_while_others_write() -> None:
    """An open transaction's lines wait for the next batch; nothing is sealed twice or forgotten."""
    with transaction.atomic():
        make_account()
        assert race(lambda: (make_account(), api.seal())[1]) == [0]
    assert api.seal() == 2
    assert api.verify() == [] and api.seal() == 0


@pytest.mark.django_db(transaction=True)
def test_a_timed_chain_waits_for_its_grace() -> None:
    """A log with a time column is sealed late, because a late commit may still bring an earlier time."""
    api.register_timed_chain("test.bulk", table="audit_bulkload", grace_minutes=0)
    with api.bulk_load(actor=ME, reason="x"):
        pass
    assert api.seal() == 1 and api.verify("test.bulk") == []


@pytest.mark.django_db(transaction=True)
def test_the_context_survives_rollbacks_and_many_rows() -> None:
    """After a rolled back attempt, in bulk, with a per cent sign and within an inner block, the right name stands."""
    with api.acting(ME, reason="重试 100%"):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            make_account()
            _ = 1 / 0
        row = make_account()
        with connection.cursor() as cursor:
            cursor.executemany(
                "update ledger_ledgeraccount set unit = %s where id = %s", [("a", row.pk), ("b", row.pk)]
            )
            cursor.execute("update ledger_ledgeraccount set unit = 'c%' where unit like '%b'")
        with api.acting(ME, reason="里层"):
            LedgerAccount.objects.filter(pk=row.pk).update(unit="d")
        LedgerAccount.objects.filter(pk=row.pk).update(unit="e")
    found = api.changes_of(row)
    assert [c.context["reason"] for c in found] == ["重试 100%"] * 4 + ["里层", "重试 100%"]
    assert [c.after["unit"] for c in found] == ["u", "a", "b", "c%", "d", "e"]
