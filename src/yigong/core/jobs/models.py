"""Long work that somebody waits for."""

from django.db import models
from django.db.models.functions import Now

from yigong.core.ids import new_id


class Job(models.Model):
    """One piece of long work: who started it, how far it is, what came out."""

    class State(models.TextChoices):
        WAITING = "waiting", "等待中"
        RUNNING = "running", "进行中"
        DONE = "done", "已完成"
        FAILED = "failed", "未完成"
        CANCELLED = "cancelled", "已取消"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=60)
    title = models.CharField(max_length=120)
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    account_id = models.UUIDField(null=True)
    staff_id = models.UUIDField(null=True)
    actor = models.JSONField(default=dict)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True)
    note = models.CharField(max_length=200, blank=True)
    error = models.TextField(blank=True)
    result_name = models.CharField(max_length=120, blank=True)
    cancel_requested = models.BooleanField(default=False)
    starts = models.PositiveSmallIntegerField(default=0)
    queue_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "running", "done", "failed", "cancelled"]),
                name="job_state_known",
            ),
        ]
        indexes = [models.Index(fields=["account_id", "-created_at"], name="job_by_account")]
