"""The report of an order: one process, many versions."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from yigong.core.ids import new_id
from yigong.core.states.models import Stateful
from yigong.orders.models.orders import Order


class Report(Stateful):
    """The work of reporting one order. Repeats a few facts of the order so that the reading list is one index."""

    order = models.OneToOneField(Order, on_delete=models.CASCADE, related_name="report")
    service = models.CharField(max_length=20)
    reporting_institution = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    group = models.CharField(max_length=16, blank=True)
    # −1 the head of the list for ``first_reason``, 0 urgent, 1 routine
    rank = models.SmallIntegerField(default=1)
    first_reason = models.CharField(max_length=80, blank=True, db_default="")
    calls = models.PositiveSmallIntegerField(db_default=0)
    waiting_since = models.DateTimeField(db_default=Now())
    limit_at = models.DateTimeField(null=True)
    claimed_by = models.ForeignKey("network.Staff", null=True, on_delete=models.PROTECT, related_name="+")
    claimed_at = models.DateTimeField(null=True)
    active_at = models.DateTimeField(null=True)
    draft = models.JSONField(default=dict, blank=True)
    draft_version = models.PositiveIntegerField(default=0)
    author = models.ForeignKey("network.Staff", null=True, on_delete=models.PROTECT, related_name="+")
    author_role = models.CharField(max_length=40, blank=True)
    submitted_at = models.DateTimeField(null=True)
    amend_reason = models.TextField(blank=True)
    amend_kind = models.CharField(max_length=12, db_default="amended")
    versions_count = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(
                fields=["service", "reporting_institution", "state", "rank", "waiting_since"], name="report_worklist"
            ),
            models.Index(fields=["claimed_by", "state"], name="report_by_reader"),
            models.Index(fields=["active_at"], name="report_idle_clock", condition=Q(state="claimed")),
            models.Index(fields=["due_at"], name="report_clock", condition=Q(due_at__isnull=False)),
        ]


class ReportVersion(models.Model):
    """One version as it was signed. Append-only: a correction is another version."""

    class Kind(models.TextChoices):
        PRELIMINARY = "preliminary", "临时报告"
        FINAL = "final", "正式报告"
        AMENDED = "amended", "更正报告"
        SUPPLEMENT = "supplement", "补充报告"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12, choices=Kind.choices)
    sections = models.JSONField(default=dict)
    impression = models.TextField()
    positive = models.BooleanField(null=True)
    grade = models.CharField(max_length=16, blank=True)
    author = models.ForeignKey("network.Staff", null=True, on_delete=models.PROTECT, related_name="+")
    author_name = models.CharField(max_length=80)
    reviewer = models.ForeignKey("network.Staff", null=True, on_delete=models.PROTECT, related_name="+")
    reviewer_name = models.CharField(max_length=80, blank=True)
    signed_at = models.DateTimeField()
    digest = models.CharField(max_length=64)
    reason = models.TextField(blank=True)
    document_id = models.UUIDField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["report", "number"], name="report_version_once")]
        indexes = [models.Index(fields=["signed_at"], name="report_version_by_time")]


class ReportReceipt(models.Model):
    """An institution has read one version of a report."""

    version = models.ForeignKey(ReportVersion, on_delete=models.CASCADE, related_name="receipts")
    institution = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    staff = models.ForeignKey("network.Staff", null=True, on_delete=models.PROTECT, related_name="+")
    staff_name = models.CharField(max_length=80)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "institution"], name="report_receipt_once")]
