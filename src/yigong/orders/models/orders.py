"""One institution asks another for a service."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from yigong.core.states.models import Stateful


class Order(Stateful):
    """One request for one resident. Three institutions, because fees and workload are split by them."""

    class Priority(models.TextChoices):
        ROUTINE = "routine", "平"
        URGENT = "urgent", "急"

    class Identity(models.TextChoices):
        UNCHECKED = "unchecked", "未核对"
        EQUAL = "equal", "一致"
        MISMATCH = "mismatch", "不一致"
        RESOLVED = "resolved", "已人工核实"

    number = models.CharField(max_length=32, unique=True)
    accession = models.CharField(max_length=16, unique=True)
    service = models.CharField(max_length=20)
    idempotency_key = models.CharField(max_length=80, null=True, unique=True)
    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, related_name="+")
    requesting_institution = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    requesting_department = models.ForeignKey(
        "network.Department", null=True, on_delete=models.PROTECT, related_name="+"
    )
    requesting_staff = models.ForeignKey("network.Staff", null=True, on_delete=models.PROTECT, related_name="+")
    performing_institution = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    reporting_institution = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    priority = models.CharField(max_length=8, choices=Priority.choices, default=Priority.ROUTINE)

    symptoms = models.TextField(blank=True)
    history = models.TextField(blank=True)
    purpose = models.TextField(blank=True)
    diagnosis = models.CharField(max_length=200, blank=True)
    diagnosis_code = models.CharField(max_length=20, blank=True)
    answers = models.JSONField(default=dict, blank=True)
    findings = models.JSONField(default=list, blank=True)
    repeat_reason_code = models.CharField(max_length=16, blank=True)
    repeat_reason = models.TextField(blank=True)

    requested_at = models.DateTimeField(db_default=Now())
    scheduled_at = models.DateTimeField(null=True)
    scheduled_place = models.CharField(max_length=60, blank=True)
    checked_in_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    performed_at = models.DateTimeField(null=True)
    performed_by = models.ForeignKey("network.Staff", null=True, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(null=True)
    reported_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    repeats = models.PositiveSmallIntegerField(db_default=0)
    ended_reason_code = models.CharField(max_length=16, blank=True)
    ended_reason = models.TextField(blank=True)

    identity = models.CharField(max_length=10, choices=Identity.choices, default=Identity.UNCHECKED)
    identity_differences = models.JSONField(default=list, blank=True)
    identity_resolved_by = models.CharField(max_length=80, blank=True)
    identity_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(priority__in=["routine", "urgent"]), name="order_priority_known"),
            models.CheckConstraint(
                condition=Q(identity__in=["unchecked", "equal", "mismatch", "resolved"]), name="order_identity_known"
            ),
        ]
        indexes = [
            models.Index(fields=["resident", "-requested_at"], name="order_by_resident"),
            models.Index(fields=["requesting_institution", "service", "-requested_at"], name="order_by_requesting"),
            models.Index(fields=["performing_institution", "service", "state"], name="order_by_performing"),
            models.Index(fields=["reporting_institution", "service", "-requested_at"], name="order_by_reporting"),
            models.Index(fields=["due_at"], name="order_clock", condition=Q(due_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.number


class OrderItem(models.Model):
    """One ordered item, with the words and price of the catalogue on the day of the order."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=24)
    name = models.CharField(max_length=80)
    group = models.CharField(max_length=16, blank=True)
    part = models.CharField(max_length=40, blank=True)
    price = models.PositiveIntegerField(null=True)
    validity_days = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "code"], name="order_item_once")]
        indexes = [models.Index(fields=["code"], name="order_item_by_code")]


class OrderStudy(models.Model):
    """What was acquired for an order: one study, as its archive knows it. A study belongs to one order."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="studies")
    study_uid = models.CharField(max_length=64, unique=True)
    modality = models.CharField(max_length=16, blank=True)
    images = models.PositiveIntegerField(default=0)
    institution = models.ForeignKey("network.Institution", null=True, on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField(db_default=Now())


class Attachment(models.Model):
    """Anything else that belongs to an order: ``kind`` names the room that keeps it, ``ref`` its key there."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="attachments")
    kind = models.CharField(max_length=40)
    ref = models.CharField(max_length=120)
    title = models.CharField(max_length=120)
    added_by = models.CharField(max_length=80)
    added_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "kind", "ref"], name="order_attachment_once")]
