"""Draws of visits for the check by telephone, each of which can be repeated."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from yigong.core.ids import new_id


class SampleDraw(models.Model):
    """One draw. Append-only: the seed and the population (``population``: the keys of all visits that could be drawn, sixteen bytes each, stratum by
    stratum as ``strata`` lists them: key, size, how many were wanted) stay, so that anybody can draw again and must find the same."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    institution = models.ForeignKey("network.Institution", null=True, on_delete=models.PROTECT, related_name="+")
    since = models.DateField()
    until = models.DateField()
    screen = models.CharField(max_length=30, blank=True, db_default="")
    definition = models.CharField(max_length=20)
    seed = models.CharField(max_length=64)
    strata = models.JSONField()
    population = models.BinaryField()
    eligible = models.PositiveIntegerField()
    drawn = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    drawn_at = models.DateTimeField(db_default=Now())
    staff_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(drawn__lte=F("eligible")), name="programme_draw_of_eligible"),
            models.CheckConstraint(condition=Q(until__gte=F("since")), name="programme_draw_in_order"),
        ]
        indexes = [models.Index(fields=["institution", "-drawn_at"], name="programme_draw_by_place")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
