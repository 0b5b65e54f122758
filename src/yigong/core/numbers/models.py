"""Counters behind business numbers."""

from django.db import models


class Counter(models.Model):
    """The last number given out for one kind and scope."""

    kind = models.CharField(max_length=40)
    scope = models.CharField(max_length=60)
    value = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "scope"], name="one_counter_per_kind_and_scope")]
