"""The outbox: facts written in the same transaction as the change, delivered after it."""

import pgtrigger
from django.db import models
from django.db.models.functions import Now

CHANNEL = "yigong_events"
_WAITING = models.Q(done_at__isnull=True, parked_at__isnull=True)


class OutboxEvent(models.Model):
    """One fact. ``payload`` holds ids and plain values only."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=80)
    payload = models.JSONField()
    recorded_at = models.DateTimeField(db_default=Now())
    done_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(db_default=0)
    next_try_at = models.DateTimeField(db_default=Now())
    parked_at = models.DateTimeField(null=True)
    last_error = models.TextField(db_default="")

    class Meta:
        indexes = [
            models.Index(fields=["next_try_at", "id"], name="outbox_waiting", condition=_WAITING),
            models.Index(fields=["done_at"], name="outbox_done", condition=models.Q(done_at__isnull=False)),
        ]
        triggers = [
            # Wakes the relay when the change commits; one notice per statement, however many events.
            pgtrigger.Trigger(
                name="wake_relay",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                func=f"PERFORM pg_notify('{CHANNEL}', ''); RETURN NULL;",
            )
        ]


class Delivery(models.Model):
    """One handler has taken one event; written in the handler's own transaction, so effects happen once."""

    event = models.ForeignKey(OutboxEvent, on_delete=models.CASCADE, related_name="deliveries")
    handler = models.CharField(max_length=120)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "handler"], name="one_delivery_per_handler")]
