"""Critical values: found, notified, acknowledged, acted on, closed."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from yigong.core.states.models import Stateful
from yigong.orders.models.orders import Order


class CriticalValue(Stateful):
    """One finding that cannot wait for the report. Its clocks and its chain of people are in ``orders.rules``."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="criticals")
    item = models.CharField(max_length=40)
    detail = models.TextField()
    found_at = models.DateTimeField(db_default=Now())
    found_by = models.ForeignKey("network.Staff", null=True, on_delete=models.PROTECT, related_name="+")
    found_by_name = models.CharField(max_length=80)
    notified_at = models.DateTimeField(null=True)
    way = models.CharField(max_length=12, blank=True)
    receiver = models.CharField(max_length=80, blank=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey("network.Staff", null=True, on_delete=models.PROTECT, related_name="+")
    acknowledged_by_name = models.CharField(max_length=80, blank=True)
    read_back = models.BooleanField(default=False)
    acted_at = models.DateTimeField(null=True)
    measure = models.CharField(max_length=40, blank=True)
    measure_text = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True)
    level = models.PositiveSmallIntegerField(db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "item"], condition=~Q(state="closed"), name="one_open_critical_per_order_and_item"
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_at__isnull=True) | Q(read_back=True), name="critical_acknowledged_is_read_back"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="critical_clock", condition=Q(due_at__isnull=False)),
            models.Index(fields=["found_at"], name="critical_by_time"),
        ]
