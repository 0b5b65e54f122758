"""A what-if on a real year: which plan, which changes, what came out."""

from django.db import models
from django.db.models.functions import Now

from yigong.core.ids import new_id


class WhatIf(models.Model):
    """One what-if. Nothing is published by it; ``result`` is empty until its job is done."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    title = models.CharField(max_length=100)
    year = models.PositiveSmallIntegerField()
    scheme = models.CharField(max_length=3)
    plan_code = models.CharField(max_length=40)
    plan_version = models.CharField(max_length=20)
    changes = models.JSONField(default=dict)
    sharing = models.JSONField(default=dict)
    job_id = models.UUIDField(null=True)
    result = models.JSONField(null=True)
    made_by = models.CharField(max_length=80)
    account_id = models.UUIDField(null=True)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["-made_at"], name="what_if_newest")]
