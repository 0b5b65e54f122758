"""Tables of printed sheets."""

from django.db import models

from yigong.core import clock
from yigong.core.ids import new_id


class PrintedSheet(models.Model):
    """What is printed: one kind of sheet about one version of one object, and how often so far."""

    id = models.UUIDField(primary_key=True, default=new_id)
    kind = models.CharField(max_length=60)
    about_kind = models.CharField(max_length=40)
    about_id = models.UUIDField()
    version = models.CharField(max_length=40, blank=True)
    number = models.CharField(max_length=32, unique=True)
    copies = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "about_kind", "about_id", "version"], name="printing_one_sheet_per_object"
            )
        ]


class PrintLine(models.Model):
    """One printing: who, when, where, which copy."""

    id = models.UUIDField(primary_key=True, default=new_id)
    sheet = models.ForeignKey(PrintedSheet, models.PROTECT, related_name="+")
    copy = models.PositiveIntegerField()
    at = models.DateTimeField(default=clock.now)
    account_id = models.UUIDField(null=True)
    staff_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=60)
    institution_id = models.UUIDField(null=True)
    address = models.CharField(max_length=60, blank=True)
    pages = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sheet", "copy"], name="printing_each_copy_once")]
        indexes = [models.Index(fields=["at"], name="printing_line_at")]
