"""Results, analyte by analyte."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from yigong.core.audit.api import audited
from yigong.core.ids import new_id


@audited
class TestResult(models.Model):
    """The value of one analyte of one order, with what it was judged by. A signed report keeps its own copy; the row history keeps each run."""

    __test__ = False  # not a test class

    class Source(models.TextChoices):
        MANUAL = "manual", "手工录入"
        INSTRUMENT = "hl7", "仪器"
        OUTSIDE = "outside", "外送"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="+")
    tube = models.ForeignKey("laboratory.Tube", null=True, on_delete=models.PROTECT, related_name="+")
    analyte = models.CharField(max_length=16)
    value = models.DecimalField(max_digits=16, decimal_places=4, null=True)
    text = models.CharField(max_length=200, blank=True)
    unit = models.CharField(max_length=20, blank=True)
    low = models.DecimalField(max_digits=16, decimal_places=4, null=True)
    high = models.DecimalField(max_digits=16, decimal_places=4, null=True)
    flag = models.CharField(max_length=2, blank=True)
    method = models.CharField(max_length=40, blank=True)
    change_percent = models.DecimalField(max_digits=12, decimal_places=1, null=True)
    previous = models.DecimalField(max_digits=16, decimal_places=4, null=True)
    previous_at = models.DateTimeField(null=True)
    source = models.CharField(max_length=8, choices=Source.choices)
    instrument = models.ForeignKey("laboratory.Instrument", null=True, on_delete=models.PROTECT, related_name="+")
    held_by = models.ForeignKey("laboratory.QualityHold", null=True, on_delete=models.PROTECT, related_name="+")
    runs = models.PositiveSmallIntegerField(db_default=1)
    entered_at = models.DateTimeField(db_default=Now())
    entered_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "analyte"], name="laboratory_result_once"),
            models.CheckConstraint(
                condition=Q(value__isnull=False) | ~Q(text=""), name="laboratory_result_says_something"
            ),
            models.CheckConstraint(
                condition=Q(flag__in=["", "N", "L", "H", "LL", "HH", "A"]), name="laboratory_result_flag_known"
            ),
        ]
        indexes = [models.Index(fields=["held_by"], name="laboratory_result_held", condition=Q(held_by__isnull=False))]
