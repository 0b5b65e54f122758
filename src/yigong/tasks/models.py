"""The to-do list of the whole community: one row per thing somebody must do."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from yigong.core.ids import new_id


class Task(models.Model):
    """One thing to do, by one staff member or by whoever holds ``role`` at ``institution`` (and ``department``, when given).

    ``key`` names the need, not the row: while a task with this key is open, opening it again is the same task.
    """

    class State(models.TextChoices):
        OPEN = "open", "待办"
        DONE = "done", "已完成"
        CANCELLED = "cancelled", "已撤销"
        MOVED = "moved", "已移交"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.CharField(max_length=160)
    kind = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    place = models.CharField(max_length=60, blank=True)
    resident = models.ForeignKey("residents.Resident", null=True, on_delete=models.PROTECT, related_name="+")
    institution = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    department = models.ForeignKey("network.Department", null=True, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=40, blank=True)
    staff = models.ForeignKey("network.Staff", null=True, on_delete=models.PROTECT, related_name="+")
    subject_kind = models.CharField(max_length=40)
    subject_id = models.UUIDField(null=True)
    url = models.CharField(max_length=300)
    opened_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(null=True)
    warn_at = models.DateTimeField(null=True)
    urgent = models.BooleanField(default=False)

    escalate_role = models.CharField(max_length=40, blank=True)
    escalate_institution = models.ForeignKey(
        "network.Institution", null=True, on_delete=models.PROTECT, related_name="+"
    )
    escalate_staff = models.ForeignKey("network.Staff", null=True, on_delete=models.PROTECT, related_name="+")
    overdue_at = models.DateTimeField(null=True)
    escalated_role = models.CharField(max_length=40, blank=True)
    escalated_institution = models.ForeignKey(
        "network.Institution", null=True, on_delete=models.PROTECT, related_name="+"
    )
    escalated_staff = models.ForeignKey("network.Staff", null=True, on_delete=models.PROTECT, related_name="+")

    claimed_by = models.ForeignKey("network.Staff", null=True, on_delete=models.PROTECT, related_name="+")
    claimed_at = models.DateTimeField(null=True)
    snoozed_until = models.DateTimeField(null=True)

    state = models.CharField(max_length=12, choices=State.choices, default=State.OPEN)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=80, blank=True)
    closed_by_staff = models.ForeignKey("network.Staff", null=True, on_delete=models.PROTECT, related_name="+")
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=Q(state="open"), name="one_open_task_per_key"),
            models.CheckConstraint(condition=Q(staff__isnull=False) | ~Q(role=""), name="task_has_somebody_to_do_it"),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True) | (~Q(state="open") & Q(closed_at__isnull=False)),
                name="task_closed_when_not_open",
            ),
        ]
        indexes = [
            models.Index(fields=["institution", "role", "due_at"], name="task_open_by_post", condition=Q(state="open")),
            models.Index(fields=["staff", "due_at"], name="task_open_by_staff", condition=Q(state="open")),
            models.Index(
                fields=["escalated_staff"],
                name="task_open_escalated_staff",
                condition=Q(state="open", escalated_staff__isnull=False),
            ),
            models.Index(
                fields=["escalated_institution", "escalated_role"],
                name="task_open_escalated_post",
                condition=Q(state="open", escalated_institution__isnull=False),
            ),
            models.Index(fields=["due_at"], name="task_clock", condition=Q(state="open", overdue_at__isnull=True)),
            models.Index(fields=["subject_id"], name="task_by_subject"),
            models.Index(fields=["closed_by_staff", "closed_at"], name="task_done_by_staff"),
        ]

    def __str__(self) -> str:
        return self.title


class TaskNote(models.Model):
    """One line of a task's history besides opening and closing: claimed, released, snoozed, escalated, moved. Append-only."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="notes")
    action = models.CharField(max_length=20)
    text = models.CharField(max_length=300, blank=True)
    actor_name = models.CharField(max_length=80)
    staff = models.ForeignKey("network.Staff", null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
