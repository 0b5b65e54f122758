"""Places under health supervision or monitoring, when somebody should look again, and what was done there or for the public."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from yigong.core.audit.api import audited
from yigong.core.ids import new_id


@audited
class Site(models.Model):
    """A school, works, water supply … that an institution looks after under one definition. Closed ones keep their records."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    programme = models.CharField(max_length=40)
    kind = models.CharField(max_length=30)
    name = models.CharField(max_length=80)
    address = models.CharField(max_length=120, blank=True)
    contact = models.CharField(max_length=40, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    institution = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+", db_index=False)
    since = models.DateField()
    closed_on = models.DateField(null=True)
    closed_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "institution", "name"], condition=Q(closed_on=None), name="programme_site_once"
            ),
            models.CheckConstraint(
                condition=Q(closed_on=None, closed_reason="") | (Q(closed_on__gte=F("since")) & ~Q(closed_reason="")),
                name="programme_site_closed_says_why",
            ),
        ]
        indexes = [models.Index(fields=["institution", "programme"], name="programme_site_list")]


@audited
class SiteRecord(models.Model):
    """One patrol, sampling, lecture …: of a place, or of the institution itself (no ``site``).

    ``response`` holds the answers, ``finding`` what they amount to, ``reach`` the people reached and ``thing`` what is counted by kind;
    ``base`` and ``counted`` are the codes of the rates in whose denominator and numerator it stands. A void one counts nowhere.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    programme = models.CharField(max_length=40)
    definition = models.CharField(max_length=20)
    activity = models.CharField(max_length=30)
    site = models.ForeignKey(Site, null=True, on_delete=models.PROTECT, related_name="records", db_index=False)
    institution = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+", db_index=False)
    staff_id = models.UUIDField(null=True)
    on = models.DateField()
    response_id = models.UUIDField()
    finding = models.CharField(max_length=30, blank=True)
    reach = models.PositiveIntegerField(null=True)
    thing = models.CharField(max_length=80, blank=True)
    base = ArrayField(models.CharField(max_length=30), default=list)
    counted = ArrayField(models.CharField(max_length=30), default=list)
    void_reason = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField(db_default=Now())
    request_key = models.UUIDField(null=True, unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["site", "activity", "on"], condition=Q(void_reason=""), name="programme_site_record_once_a_day"
            ),
            models.CheckConstraint(
                condition=Q(base__contains=F("counted")), name="programme_site_record_counted_is_in_base"
            ),
        ]
        indexes = [
            models.Index(fields=["programme", "institution", "on"], name="programme_site_records"),
            models.Index(fields=["site", "on"], name="programme_site_history"),
        ]


class SitePicture(models.Model):
    """A photograph taken where the work was done, or the signature of the other party; the picture itself lies in ``core.pictures``."""

    class Kind(models.TextChoices):
        PHOTO = "photo", "照片"
        SIGNATURE = "signature", "签名"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    record = models.ForeignKey(SiteRecord, on_delete=models.PROTECT, related_name="pictures", db_index=False)
    kept = models.ForeignKey("pictures.Picture", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=9, choices=Kind.choices, db_default=Kind.PHOTO)
    place = models.PositiveSmallIntegerField()
    added_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["record", "kept"], name="programme_site_picture_once"),
            models.UniqueConstraint(
                fields=["record"], condition=Q(kind="signature"), name="programme_site_signature_once"
            ),
            models.CheckConstraint(condition=Q(kind__in=["photo", "signature"]), name="programme_site_picture_kind"),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]


class SiteDue(models.Model):
    """When a place should be looked at (again). An open row always has an open task."""

    class State(models.TextChoices):
        OPEN = "open", "应查"
        DONE = "done", "已查"
        CANCELLED = "cancelled", "撤销"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="dues", db_index=False)
    activity = models.CharField(max_length=30)
    due_on = models.DateField()
    is_recheck = models.BooleanField(db_default=False)
    state = models.CharField(max_length=9, choices=State.choices, db_default=State.OPEN)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["site", "activity"], condition=Q(state="open"), name="programme_one_open_due_per_site"
            )
        ]
        indexes = [models.Index(fields=["due_on"], name="programme_site_due", condition=Q(state="open"))]
