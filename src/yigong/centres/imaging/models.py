"""What imaging adds to an order: how the pictures were taken."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class ImagingDetail(models.Model):
    """Execution of one imaging order. Dose units: CTDIvol mGy, DLP mGy·cm, DAP µGy·m²."""

    class Quality(models.TextChoices):
        A = "A", "甲级"
        B = "B", "乙级"
        C = "C", "丙级"
        WASTE = "D", "废片"

    order = models.OneToOneField("orders.Order", primary_key=True, on_delete=models.CASCADE, related_name="+")
    device = models.CharField(max_length=80, blank=True)
    view = models.CharField(max_length=80, blank=True)
    images = models.PositiveIntegerField(null=True)
    quality = models.CharField(max_length=1, choices=Quality.choices, blank=True)
    quality_note = models.CharField(max_length=200, blank=True)
    ctdi_vol = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    dlp = models.DecimalField(max_digits=9, decimal_places=2, null=True)
    dap = models.DecimalField(max_digits=9, decimal_places=2, null=True)
    contrast_drug = models.CharField(max_length=60, blank=True)
    contrast_batch = models.CharField(max_length=40, blank=True)
    contrast_ml = models.DecimalField(max_digits=6, decimal_places=1, null=True)
    reaction = models.CharField(max_length=200, blank=True)
    technician = models.CharField(max_length=80)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ctdi_vol__isnull=True) | Q(ctdi_vol__range=(0, 1000)), name="imaging_ctdi_plausible"
            ),
            models.CheckConstraint(
                condition=Q(dlp__isnull=True) | Q(dlp__range=(0, 20000)), name="imaging_dlp_plausible"
            ),
        ]
        indexes = [models.Index(fields=["quality"], name="imaging_by_quality")]
