"""Tubes; the box that carries one is a consignment of logistics."""

from django.db import models
from django.db.models import Q

from yigong.core.ids import new_id
from yigong.core.states.models import Stateful


class OutsideLaboratory(models.Model):
    """A laboratory outside the community that takes what the centre does not test."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=80, unique=True)
    licence = models.CharField(max_length=60)
    phone = models.CharField(max_length=40, blank=True)
    is_active = models.BooleanField(db_default=True)


class Tube(Stateful):
    """One container with its bar code, and where it is. ``items`` are the codes ordered on it."""

    number = models.CharField(max_length=16, unique=True)
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="+")
    instead_of = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="replacement")
    tube = models.CharField(max_length=16)
    bench = models.CharField(max_length=8)
    specimen = models.CharField(max_length=20)
    items = models.JSONField()
    collector = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    centre = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    box = models.ForeignKey("logistics.Consignment", null=True, on_delete=models.PROTECT, related_name="+")
    outside = models.ForeignKey(OutsideLaboratory, null=True, on_delete=models.PROTECT, related_name="+")
    collected_at = models.DateTimeField(null=True)
    collected_by = models.CharField(max_length=80, blank=True)
    sent_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    received_by = models.CharField(max_length=80, blank=True)
    fault = models.CharField(max_length=16, blank=True)
    remark = models.CharField(max_length=200, blank=True)
    rack = models.CharField(max_length=40, blank=True)
    keep_until = models.DateField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(received_at__isnull=True) | Q(collected_at__isnull=False),
                name="laboratory_tube_collected_first",
            ),
            models.CheckConstraint(
                condition=~Q(state="rejected") | ~Q(fault=""), name="laboratory_rejection_has_reason"
            ),
        ]
        indexes = [
            models.Index(fields=["order"], name="laboratory_tube_by_order"),
            models.Index(fields=["collector", "state"], name="laboratory_tube_by_collector"),
            models.Index(fields=["centre", "state", "received_at"], name="laboratory_tube_by_centre"),
            models.Index(fields=["box"], name="laboratory_tube_by_box"),
            models.Index(fields=["keep_until"], name="laboratory_tube_to_destroy", condition=Q(state="stored")),
        ]
