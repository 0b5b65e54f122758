"""What was measured on the way and in the department."""

from django.db import models
from django.db.models import Q

from yigong.core.ids import new_id


def _within(name: str, least: float, most: float) -> models.CheckConstraint:
    condition = Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__range": (least, most)})
    return models.CheckConstraint(condition=condition, name=f"emergency_{name}_plausible")


class Reading(models.Model):
    """Vital signs at one moment; units as in the national definition of signs, GCS and pain in points."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey("emergency.Case", on_delete=models.PROTECT, related_name="readings")
    key = models.UUIDField(null=True, unique=True)
    taken_at = models.DateTimeField()
    entered_at = models.DateTimeField()
    entered_by = models.CharField(max_length=80)
    on_the_way = models.BooleanField(default=False)
    sbp = models.PositiveSmallIntegerField(null=True)
    dbp = models.PositiveSmallIntegerField(null=True)
    pulse = models.PositiveSmallIntegerField(null=True)
    respiration = models.PositiveSmallIntegerField(null=True)
    spo2 = models.PositiveSmallIntegerField(null=True)
    temperature = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    glucose = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    gcs = models.PositiveSmallIntegerField(null=True)
    pain = models.PositiveSmallIntegerField(null=True)
    note = models.CharField(max_length=200, blank=True)
    level = models.PositiveSmallIntegerField(null=True)
    alerts = models.JSONField(default=list)

    class Meta:
        constraints = [
            _within("sbp", 0, 350), _within("dbp", 0, 250), _within("pulse", 0, 350), _within("respiration", 0, 100),
            _within("spo2", 0, 100), _within("temperature", 20, 46), _within("glucose", 0, 99), _within("gcs", 3, 15),
            _within("pain", 0, 10),
        ]  # fmt: skip
        indexes = [models.Index(fields=["case", "taken_at"], name="emergency_readings_of_case")]


class SentTracing(models.Model):
    """An ECG sent ahead: what the crew sees in it, its photograph or the recording itself (a key of the ECG centre), and what its reader says."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey("emergency.Case", on_delete=models.PROTECT, related_name="tracings")
    key = models.UUIDField(null=True, unique=True)
    taken_at = models.DateTimeField()
    sent_at = models.DateTimeField()
    sent_by = models.CharField(max_length=80)
    finding = models.CharField(max_length=20)
    note = models.CharField(max_length=200, blank=True)
    picture = models.BinaryField(null=True)
    picture_type = models.CharField(max_length=20, blank=True)
    recording = models.UUIDField(null=True, unique=True)
    reader = models.ForeignKey("network.Institution", null=True, on_delete=models.PROTECT, related_name="+")
    read_at = models.DateTimeField(null=True)
    read_by = models.CharField(max_length=80, blank=True)
    read_finding = models.CharField(max_length=20, blank=True)
    reading = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(read_at__isnull=True) | (~Q(read_by="") & ~Q(read_finding="")),
                name="emergency_reading_says",
            )
        ]
        indexes = [models.Index(fields=["case", "taken_at"], name="emergency_tracings_of_case")]
