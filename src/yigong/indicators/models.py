"""Roll-ups by month, what was frozen, and what was corrected afterwards. Institutions by key; the zero key stands for "no institution"."""

from uuid import UUID

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from yigong.core.audit.api import audited
from yigong.core.ids import new_id
from yigong.core.states.models import Stateful

NOWHERE = UUID(int=0)


class Cell(models.Model):
    """One indicator of one institution in one month, as last counted. A cell in which nothing was found has no row."""

    code = models.CharField(max_length=60)
    variant = models.CharField(max_length=2, blank=True)
    month = models.DateField()
    institution_id = models.UUIDField()
    version = models.CharField(max_length=20)
    numerator = models.BigIntegerField()
    denominator = models.BigIntegerField(null=True)
    provisional = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "variant", "month", "institution_id"], name="indicator_cell_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="indicator_cell_month_is_a_first"),
        ]


class Roll(models.Model):
    """That a month of a fact was counted: when, how long it took, by which engine. A month without a row was never counted."""

    fact = models.CharField(max_length=30)
    month = models.DateField()
    computed_at = models.DateTimeField()
    took_ms = models.PositiveIntegerField()
    engine = models.CharField(max_length=10, default="postgres")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["fact", "month"], name="indicator_month_rolled_once")]


class Computation(models.Model):
    """One count of everything, or of what was asked for: which engine, over what, which months, how long, and where it was held against what is
    kept, in how many cells both agree. Append-only; what events make the worker count is told by ``Roll`` alone.
    """

    id = models.BigAutoField(primary_key=True)
    engine = models.CharField(max_length=10)
    source = models.CharField(max_length=120)
    first = models.DateField()
    last = models.DateField()
    indicators = models.PositiveIntegerField()
    cells = models.PositiveIntegerField()
    took_ms = models.PositiveIntegerField()
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    counted_by = models.CharField(max_length=80)
    compared = models.PositiveIntegerField(null=True)
    agreed = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(compared__isnull=True, agreed__isnull=True) | Q(agreed__lte=F("compared")),
                name="indicator_computation_agrees_in_part",
            ),
        ]
        indexes = [models.Index(fields=["-begun_at"], name="indicator_newest_computation")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]


class Change(models.Model):
    """Word from another room that a month of a fact is no longer what was counted. Gone once it was counted again."""

    id = models.BigAutoField(primary_key=True)
    fact = models.CharField(max_length=30)
    month = models.DateField()
    told_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["fact", "month", "id"], name="indicator_change_by_month")]


@audited
class Period(Stateful):
    """A month, quarter or year whose figures are checked, signed and frozen. ``findings`` is what the checks said when they last ran."""

    kind = models.CharField(max_length=8)
    first = models.DateField()
    last = models.DateField()
    findings = models.JSONField(default=list)
    checked_at = models.DateTimeField(null=True)
    digest = models.CharField(max_length=64, blank=True)
    signed_by = models.CharField(max_length=80, blank=True)
    signed_staff_id = models.UUIDField(null=True)
    frozen_by = models.CharField(max_length=80, blank=True)
    frozen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "first"], condition=~Q(state="dropped"), name="indicator_period_once"
            ),
            models.CheckConstraint(condition=Q(kind__in=["month", "quarter", "year"]), name="indicator_period_kind"),
            models.CheckConstraint(
                condition=Q(last__gte=F("first"), first__day=1, last__day=1), name="indicator_period_span"
            ),
            models.CheckConstraint(
                condition=~Q(state="frozen") | Q(frozen_at__isnull=False), name="indicator_frozen_says_when"
            ),
        ]


class FrozenFigure(models.Model):
    """One figure of a frozen period, or (``revision`` above 0) its correction. Append-only; of the rows of a figure the last one counts."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="figures")
    code = models.CharField(max_length=60)
    variant = models.CharField(max_length=2, blank=True)
    institution_id = models.UUIDField()
    revision = models.PositiveSmallIntegerField(default=0)
    version = models.CharField(max_length=20)
    numerator = models.BigIntegerField()
    denominator = models.BigIntegerField(null=True)
    provisional = models.IntegerField(default=0)
    correction = models.ForeignKey("Correction", null=True, on_delete=models.PROTECT, related_name="figures")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["period", "code", "variant", "institution_id", "revision"], name="indicator_figure_frozen_once"
            ),
            models.CheckConstraint(
                condition=Q(revision=0, correction__isnull=True) | Q(revision__gt=0, correction__isnull=False),
                name="indicator_figure_corrected_with_reason",
            ),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]


class Correction(models.Model):
    """Why figures of a frozen period were corrected, and by whom. Append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="corrections")
    code = models.CharField(max_length=60)
    reason = models.CharField(max_length=300)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="indicator_correction_says_why")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
