"""Messages from analysers as they came, and what became of them."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from yigong.core.audit.api import audited
from yigong.core.ids import new_id


@audited
class Message(models.Model):
    """One message. ``raw`` never changes; ``corrected`` is what a person made of it. The row history tells who did what.

    A message is known by sender, facility, control id (MSH-10) and time (MSH-7), because many analysers begin to count anew each day.
    """

    class State(models.TextChoices):
        TAKEN = "taken", "已接收"
        UNMATCHED = "unmatched", "未匹配"
        FAILED = "failed", "未通过"
        DISCARDED = "discarded", "已作废"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    sender = models.CharField(max_length=60, blank=True)
    facility = models.CharField(max_length=60, blank=True)
    control_id = models.CharField(max_length=60, blank=True)
    sent = models.CharField(max_length=30, blank=True)
    kind = models.CharField(max_length=20, blank=True)
    institution_id = models.UUIDField(null=True)
    digest = models.CharField(max_length=64)
    raw = models.TextField()
    corrected = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State.choices)
    code = models.CharField(max_length=2)
    said = models.CharField(max_length=400, blank=True)
    order_id = models.UUIDField(null=True)
    values = models.PositiveSmallIntegerField(db_default=0)
    received_at = models.DateTimeField(db_default=Now())
    handled_at = models.DateTimeField(null=True)
    handled_by = models.CharField(max_length=80, blank=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sender", "facility", "control_id", "sent"],
                condition=~Q(control_id=""),
                name="hl7_message_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["taken", "unmatched", "failed", "discarded"]), name="hl7_state_known"
            ),
            models.CheckConstraint(condition=Q(code__in=["AA", "AE", "AR"]), name="hl7_code_known"),
            models.CheckConstraint(condition=~Q(state="discarded") | ~Q(reason=""), name="hl7_discarded_for_a_reason"),
        ]
        indexes = [
            models.Index(fields=["state", "-received_at"], name="hl7_message_by_state"),
            models.Index(fields=["-received_at"], name="hl7_message_by_time"),
            models.Index(fields=["order_id"], name="hl7_message_by_order"),
        ]
