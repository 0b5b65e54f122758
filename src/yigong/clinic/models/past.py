"""What past visits and stays cost, taken on from another system: history to read. It is no bill of ours: nobody charges, settles or returns here."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

from yigong.clinic.data import CATEGORIES
from yigong.core.ids import new_id


class PastCharge(models.Model):
    """One line of a past bill by its number there; a return is a line with negative quantity and amount. ``load_id`` is the import that
    brought it, ``digest`` tells a changed line from the same one. What a bill comes to is the sum of its lines and stands nowhere else."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    load_id = models.UUIDField()
    digest = models.BinaryField()
    encounter_id = models.UUIDField()
    resident_id = models.UUIDField()
    institution_id = models.UUIDField()
    source_system = models.CharField(max_length=40)
    bill_number = models.CharField(max_length=40)
    line_number = models.CharField(max_length=40)
    is_inpatient = models.BooleanField()
    item_code = models.CharField(max_length=30, blank=True)
    item_name = models.CharField(max_length=100)
    national_code = models.CharField(max_length=40, blank=True)
    category = models.CharField(max_length=14)
    unit = models.CharField(max_length=12, blank=True)
    unit_price = models.DecimalField(max_digits=14, decimal_places=4, null=True)
    quantity = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    amount = models.BigIntegerField()
    performed_at = models.DateTimeField()
    department_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["institution_id", "source_system", "bill_number", "line_number"], name="clinic_past_line_once"
            ),
            models.CheckConstraint(condition=Q(category__in=list(CATEGORIES)), name="clinic_past_category_known"),
            models.CheckConstraint(
                condition=Q(amount__range=(-100_000_000, 100_000_000)), name="clinic_past_amount_plausible"
            ),
            models.CheckConstraint(
                condition=Q(quantity__isnull=True)
                | Q(quantity__gt=0, amount__gte=0)
                | Q(quantity__lt=0, amount__lte=0),
                name="clinic_past_return_is_negative",
            ),
        ]
        indexes = [
            models.Index(fields=["encounter_id"], name="clinic_past_of_encounter"),
            models.Index(fields=["load_id"], name="clinic_past_by_load"),
            models.Index(fields=["resident_id"], name="clinic_past_of_resident"),
            BrinIndex(fields=["performed_at"], name="clinic_past_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.bill_number}/{self.line_number}"
