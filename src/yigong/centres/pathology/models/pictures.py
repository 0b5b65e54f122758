"""Pictures from the microscope."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from yigong.core.ids import new_id


class Picture(models.Model):
    """One picture of an order; the picture itself lies in ``core.pictures``. A signed version names the pictures it holds."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="+")
    specimen = models.ForeignKey("pathology.Specimen", null=True, on_delete=models.PROTECT, related_name="+")
    caption = models.CharField(max_length=80)
    kept = models.ForeignKey("pictures.Picture", on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(db_default=Now())
    added_by = models.CharField(max_length=80)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=80, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "kept"], name="pathology_picture_once"),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | ~Q(reason=""), name="pathology_withdrawal_has_reason"
            ),
        ]
