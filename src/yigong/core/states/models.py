"""State, its clock and its history."""

import pgtrigger
from django.db import models
from django.db.models.functions import Now

from yigong.core.ids import new_id


class Stateful(models.Model):
    """A row that moves through a state table. Only ``states.transition`` writes these fields."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    state = models.CharField(max_length=32)
    state_since = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(db_default=1)

    class Meta:
        abstract = True


def due_index(name: str) -> models.Index:
    """The partial index that keeps the clocks' question cheap; put it into the table's ``Meta.indexes``."""
    return models.Index(
        fields=["due_at"], name=name, condition=models.Q(due_at__isnull=False, escalated_at__isnull=True)
    )


class StateChange(models.Model):
    """One step of one object: who, from where to where, when and why. Append-only, held by a trigger."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    table = models.CharField(max_length=40)
    object_id = models.UUIDField()
    version = models.PositiveIntegerField(db_default=1)
    action = models.CharField(max_length=32)
    from_state = models.CharField(max_length=32)
    to_state = models.CharField(max_length=32)
    reason_code = models.CharField(max_length=16, blank=True)
    reason = models.TextField(blank=True)
    actor_name = models.CharField(max_length=80)
    actor_role = models.CharField(max_length=40)
    staff_id = models.UUIDField(null=True)
    institution_id = models.UUIDField(null=True)
    address = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["object_id", "at"], name="state_change_by_object")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]


class ClockFailure(models.Model):
    """A clock whose ``on_due`` raised: shown to the administrator, tried again later, gone once it went well."""

    table = models.CharField(max_length=40)
    object_id = models.UUIDField()
    attempts = models.PositiveSmallIntegerField(default=1)
    next_try_at = models.DateTimeField()
    last_error = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["table", "object_id"], name="one_failure_per_clock")]
