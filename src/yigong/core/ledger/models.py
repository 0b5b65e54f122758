"""Double entry in whole units. The database holds every line: sums, balances, immutability."""

import pgtrigger
from django.db import models
from django.db.models.functions import Now

from yigong.core.audit.api import audited
from yigong.core.ids import new_id
from yigong.core.states.models import Stateful, due_index

_APPEND_ONLY = pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)


class LedgerAccount(models.Model):
    """What one owner has of one unit. The balance is written by the entries' trigger only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=40)
    owner_id = models.UUIDField()
    unit = models.CharField(max_length=20)
    may_go_negative = models.BooleanField(default=False)
    balance = models.BigIntegerField(default=0)
    opened_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "owner_id", "unit"], name="one_ledger_account"),
            models.CheckConstraint(
                condition=models.Q(balance__gte=0) | models.Q(may_go_negative=True), name="ledger_balance_not_negative"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            # Asked in the condition, so that the balances which entries change cost no call.
            pgtrigger.Trigger(
                name="balance_by_entries",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.balance IS DISTINCT FROM NEW.balance AND pg_trigger_depth() = 0"),
                func="RAISE EXCEPTION 'a ledger balance changes by entries only';",
            ),
        ]


# Each balance is the sum of entries that nobody can change: a second history of it would only cost time.
audited(LedgerAccount, quiet=["balance"])


class Posting(models.Model):
    """One booking: entries that sum to zero, once per key."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.CharField(max_length=160, unique=True)
    reverses = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="reversed_by")
    actor_name = models.CharField(max_length=80)
    staff_id = models.UUIDField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    about = models.UUIDField(null=True)
    at = models.DateTimeField()
    written_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["about"], name="posting_by_about")]
        triggers = [
            _APPEND_ONLY,
            # The transaction's own instant, which its entries are checked against; the column's default is right already.
            pgtrigger.Trigger(
                name="stamp",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Condition("NEW.written_at IS DISTINCT FROM transaction_timestamp()"),
                func="NEW.written_at := transaction_timestamp(); RETURN NEW;",
            ),
        ]


class Entry(models.Model):
    """One account's part of a posting."""

    id = models.BigAutoField(primary_key=True)
    posting = models.ForeignKey(Posting, on_delete=models.PROTECT, related_name="entries")
    account = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, related_name="entries")
    amount = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~models.Q(amount=0), name="ledger_entry_not_zero")]
        indexes = [models.Index(fields=["account", "-id"], name="entry_by_account")]
        triggers = [
            _APPEND_ONLY,
            # Once for all entries of a statement; balances in the order of their keys, so that two statements never wait for each other.
            pgtrigger.Trigger(
                name="booked",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="fresh"),
                declare=[("wrong", "RECORD"), ("part", "RECORD")],
                # The posting is looked up by its key for each, whatever the tables' sizes were when this was planned.
                func="""
                    SELECT f.posting_id AS id, sum(f.amount) AS sum INTO wrong FROM fresh f GROUP BY f.posting_id
                    HAVING sum(f.amount) <> 0
                        OR (SELECT p.written_at FROM ledger_posting p WHERE p.id = f.posting_id) IS DISTINCT FROM transaction_timestamp()
                    LIMIT 1;
                    IF FOUND AND wrong.sum <> 0 THEN
                        RAISE EXCEPTION 'the entries of posting % do not sum to zero', wrong.id;
                    ELSIF FOUND THEN
                        RAISE EXCEPTION 'an entry is written in the transaction of its posting';
                    END IF;
                    FOR part IN SELECT account_id AS id, sum(amount) AS sum FROM fresh GROUP BY account_id ORDER BY account_id LOOP
                        UPDATE ledger_ledgeraccount SET balance = balance + part.sum WHERE id = part.id;
                    END LOOP;
                    RETURN NULL;
                """,
            ),
        ]


class Hold(Stateful):
    """Units set aside for a time: moved from the free account to its held twin, then settled, released or expired."""

    key = models.CharField(max_length=160, unique=True)
    free = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, related_name="+")
    held = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, related_name="+")
    amount = models.PositiveIntegerField()
    about = models.UUIDField(null=True)
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(amount__gt=0), name="hold_is_positive")]
        indexes = [due_index("hold_due"), models.Index(fields=["about"], name="hold_by_about")]
