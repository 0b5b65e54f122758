"""Row history, bulk loads and the anchors that make both tamper-evident."""

import pgtrigger
from django.db import models
from django.db.models.functions import Now

from yigong.core.ids import new_id

_APPEND_ONLY = pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)


class RowChange(models.Model):
    """One insert, update or delete of an audited row, written by a trigger in the change's own transaction.

    ``before`` holds the whole row before a delete and the changed columns before an update; ``after`` is the whole row.
    ``context`` is who and why, as given to ``acting``; ``transaction`` is the database's own transaction number.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=Now())
    transaction = models.BigIntegerField()
    table = models.CharField(max_length=63)
    row_id = models.CharField(max_length=64)
    operation = models.CharField(max_length=6)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    context = models.JSONField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["table", "row_id", "id"], name="row_change_by_row"),
            models.Index(fields=["transaction", "id"], name="row_change_by_transaction"),
        ]
        triggers = [_APPEND_ONLY]


class BulkLoad(models.Model):
    """A load whose rows were not tracked one by one: who, why, which tables, how many rows."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField(db_default=Now())
    actor_name = models.CharField(max_length=80)
    reason = models.TextField()
    rows = models.JSONField()

    class Meta:
        triggers = [_APPEND_ONLY]


class Anchor(models.Model):
    """The SM3 digest over one batch of a chain, bound to the anchor before it."""

    id = models.BigAutoField(primary_key=True)
    chain = models.CharField(max_length=40)
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    rows = models.PositiveIntegerField()
    columns = models.JSONField()
    digest = models.CharField(max_length=64)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chain", "last"], name="one_anchor_per_position")]
        triggers = [_APPEND_ONLY]
