"""Internal quality control: analysers, control materials, daily points, and what is held back."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from yigong.core.ids import new_id


class Instrument(models.Model):
    """An analyser; ``code`` is what it calls itself in a message (MSH-3)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    institution = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    is_active = models.BooleanField(db_default=True)


class ControlLot(models.Model):
    """One lot of a control material at one level, run at one analyser."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="lots")
    material = models.CharField(max_length=80)
    level = models.PositiveSmallIntegerField()
    number = models.CharField(max_length=40)
    expires_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["instrument", "material", "level", "number"], name="laboratory_lot_once"),
            models.CheckConstraint(condition=Q(level__range=(1, 3)), name="laboratory_lot_level_known"),
        ]


class ControlTarget(models.Model):
    """Target and standard deviation of one analyte in a lot."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    lot = models.ForeignKey(ControlLot, on_delete=models.PROTECT, related_name="targets")
    analyte = models.CharField(max_length=16)
    mean = models.DecimalField(max_digits=16, decimal_places=4)
    sd = models.DecimalField(max_digits=16, decimal_places=4)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lot", "analyte"], name="laboratory_target_once"),
            models.CheckConstraint(condition=Q(sd__gt=0), name="laboratory_target_sd_positive"),
        ]


class ControlPoint(models.Model):
    """One measurement of a control, with its z-score and the rules it broke. Never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    target = models.ForeignKey(ControlTarget, on_delete=models.PROTECT, related_name="points")
    value = models.DecimalField(max_digits=16, decimal_places=4)
    z = models.DecimalField(max_digits=8, decimal_places=2)
    rules = models.JSONField(default=list)
    verdict = models.CharField(max_length=6)
    at = models.DateTimeField(db_default=Now())
    entered_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(verdict__in=["ok", "warn", "reject"]), name="laboratory_verdict_known")
        ]
        indexes = [models.Index(fields=["target", "at"], name="laboratory_point_by_target")]


class QualityHold(models.Model):
    """Results of one analyte at one analyser are held back from a broken rule until somebody releases them with a reason."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="+")
    analyte = models.CharField(max_length=16)
    point = models.OneToOneField(ControlPoint, on_delete=models.PROTECT, related_name="hold")
    opened_at = models.DateTimeField(db_default=Now())
    released_at = models.DateTimeField(null=True)
    released_by = models.CharField(max_length=80, blank=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["instrument", "analyte"], condition=Q(released_at__isnull=True), name="laboratory_one_open_hold"
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True) | ~Q(reason=""), name="laboratory_release_has_reason"
            ),
        ]
