"""The package of a county, scheme and year, and what changed it."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from yigong.core.ids import new_id
from yigong.core.states.models import Stateful


class Package(Stateful):
    """Insured people × standard less what the definition keeps back. ``steps`` says how, with source and certainty of each figure."""

    region = models.CharField(max_length=6)
    scheme = models.CharField(max_length=3)
    year = models.PositiveSmallIntegerField()
    definition = models.CharField(max_length=40)
    definition_version = models.CharField(max_length=20)
    insured = models.PositiveIntegerField()
    financing = models.BigIntegerField()
    kept_back = models.BigIntegerField()
    amount = models.BigIntegerField()
    steps = models.JSONField(default=list)
    made_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "scheme", "year"], condition=~Q(state="discarded"), name="one_package_a_year"
            ),
            models.CheckConstraint(condition=Q(amount=F("financing") - F("kept_back")), name="package_is_the_rest"),
            models.CheckConstraint(condition=Q(amount__gte=0, kept_back__gte=0), name="package_not_negative"),
        ]


class PackageChange(models.Model):
    """An adjustment of a package, with its reason; taken back by another one."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="changes")
    key = models.UUIDField(unique=True)
    amount = models.BigIntegerField()
    reason = models.CharField(max_length=200)
    by = models.CharField(max_length=80)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="package_change_not_zero"),
            models.CheckConstraint(condition=~Q(reason=""), name="package_change_has_a_reason"),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
