"""Templates of reports and of requests with versions, of a person and of those he shares them with; those of the packs are files. And what was used
where."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Now

from yigong.core.ids import new_id
from yigong.core.states.models import Stateful
from yigong.orders.models.orders import Order
from yigong.orders.models.reports import Report


class TextTemplate(Stateful):
    """One template: a doctor's own, or shared: of a report with his centre, of a request with his department (his institution where he has none).
    Title and short code are those of its newest version."""

    class Kind(models.TextChoices):
        REPORT = "report", "报告模板"
        REQUEST = "request", "申请模板"

    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.REPORT, db_default="report")
    service = models.CharField(max_length=20)
    institution = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    department = models.ForeignKey("network.Department", null=True, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey("network.Staff", on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=60)
    initials = models.CharField(max_length=60, blank=True)
    short_code = models.CharField(max_length=20, blank=True)
    versions_count = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["report", "request"]), name="template_kind_known"),
            models.UniqueConstraint(
                fields=["institution", "service", "short_code"], condition=Q(state="centre") & ~Q(short_code=""),
                name="template_code_once_at_centre",
            ),
            models.UniqueConstraint(
                fields=["owner", "service", "short_code"], condition=Q(state__in=["own", "proposed"]) & ~Q(short_code=""),
                name="template_code_once_of_owner",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["institution", "service", "state"], name="template_by_centre"),
            models.Index(fields=["owner", "service"], name="template_by_owner"),
        ]


class TextTemplateVersion(models.Model):
    """One wording. Append-only: what took it in keeps the words it was written with. ``request`` is what a request template sets besides its texts
    (``RequestPart``)."""

    template = models.ForeignKey(TextTemplate, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=60, blank=True, db_default="")
    sections = models.JSONField(default=dict)
    groups = ArrayField(models.CharField(max_length=16), default=list, blank=True)
    parts = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    positive = models.BooleanField(default=False)
    request = models.JSONField(default=dict, blank=True, db_default=Value({}, models.JSONField()))
    by_name = models.CharField(max_length=80)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["template", "number"], name="template_version_once")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]


class TextTemplateUse(models.Model):
    """A signed report, or an order that was placed, began with this version of a template (``key``: ``pack:<code>`` or the template's), under the
    title of that version."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    report = models.ForeignKey(Report, null=True, on_delete=models.CASCADE, related_name="+")
    order = models.ForeignKey(Order, null=True, on_delete=models.CASCADE, related_name="+")
    service = models.CharField(max_length=20)
    key = models.CharField(max_length=60)
    version = models.CharField(max_length=20)
    title = models.CharField(max_length=60, blank=True, db_default="")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(report__isnull=False, order__isnull=True) | Q(report__isnull=True, order__isnull=False),
                name="template_used_in_one",
            ),
            models.UniqueConstraint(fields=["report", "key"], name="template_use_once"),
            models.UniqueConstraint(fields=["order", "key"], name="template_use_once_of_order"),
        ]
        indexes = [models.Index(fields=["service", "key"], name="template_use_by_key")]
