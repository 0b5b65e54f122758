"""Where vehicles were while they were on their way: trails that somebody switched on, and their points."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from yigong.core.ids import new_id


class Trail(models.Model):
    """One switching on of a telephone for one mission (``kind`` and ``subject`` of the room that declared it), until it is switched off or the
    mission is over. Whoever switched it on consented by it; a mission has one telephone at a time."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=24)
    subject = models.UUIDField()
    staff_id = models.UUIDField()
    by = models.CharField(max_length=80)
    began_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=Q(ended_at__isnull=True), name="whereabouts_one_telephone"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("began_at")), name="whereabouts_ends_after_begin"
            ),
        ]
        indexes = [models.Index(fields=["kind", "subject", "-began_at"], name="whereabouts_of_mission")]


class Point(models.Model):
    """One reported position in degrees of WGS-84; ``accuracy`` in metres as the telephone says. Never changed; deleted when its time is over."""

    trail = models.ForeignKey(Trail, on_delete=models.CASCADE, related_name="points")
    at = models.DateTimeField()
    received_at = models.DateTimeField(db_default=Now())
    latitude = models.DecimalField(max_digits=8, decimal_places=6)
    longitude = models.DecimalField(max_digits=9, decimal_places=6)
    accuracy = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["trail", "at"], name="whereabouts_point_once"),
            models.CheckConstraint(
                condition=Q(latitude__range=(3, 54)) & Q(longitude__range=(73, 136)), name="whereabouts_in_china"
            ),
        ]
        indexes = [models.Index(fields=["at"], name="whereabouts_by_time")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update)]
