"""What institutions ask for, what is on its way to them, what was missing when it came back."""

from django.db import models
from django.db.models import F, Q

from yigong.core.audit.api import audited
from yigong.core.states.models import Stateful, due_index


@audited
class SupplyRequest(Stateful):
    """An institution asks for packs."""

    number = models.CharField(max_length=24, unique=True)
    centre = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    institution = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    urgent = models.BooleanField(default=False)
    needed_on = models.DateField()
    note = models.CharField(max_length=200, blank=True)
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=80)

    class Meta:
        indexes = [
            due_index("sterile_request_due"),
            models.Index(fields=["centre", "state", "needed_on"], name="sterile_request_by_centre"),
            models.Index(fields=["institution", "-asked_at"], name="sterile_request_by_place"),
        ]

    def __str__(self) -> str:
        return self.number


class SupplyLine(models.Model):
    """So many packs of one set; how many were issued is counted from the deliveries of the request."""

    request = models.ForeignKey(SupplyRequest, on_delete=models.CASCADE, related_name="lines")
    set_code = models.CharField(max_length=15)
    set_name = models.CharField(max_length=60)
    quantity = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "set_code"], name="sterile_line_once"),
            models.CheckConstraint(condition=Q(quantity__range=(1, 500)), name="sterile_line_plausible"),
        ]


@audited
class Delivery(Stateful):
    """Packs put together for one institution, sent, received; who carries them stands with the consignment of logistics."""

    number = models.CharField(max_length=24, unique=True)
    centre = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    institution = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    request = models.ForeignKey(SupplyRequest, null=True, on_delete=models.PROTECT, related_name="deliveries")
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=80)
    consignment = models.OneToOneField("logistics.Consignment", null=True, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    received_by = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes = [
            due_index("sterile_delivery_due"),
            models.Index(fields=["centre", "state", "-opened_at"], name="sterile_delivery_by_centre"),
            models.Index(fields=["institution", "state"], name="sterile_delivery_by_place"),
        ]

    def __str__(self) -> str:
        return self.number


@audited
class Shortage(Stateful):
    """Instruments that were missing or broken when a pack came back, until somebody answers for them."""

    pack = models.ForeignKey("sterile.Pack", on_delete=models.PROTECT, related_name="shortages")
    round = models.ForeignKey("sterile.Round", on_delete=models.PROTECT, related_name="shortages")
    centre = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    institution = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    item_code = models.CharField(max_length=20)
    item_name = models.CharField(max_length=60)
    expected = models.PositiveIntegerField()
    counted = models.PositiveIntegerField()
    declared_at = models.DateTimeField()
    declared_by = models.CharField(max_length=80)
    handed_over_by = models.CharField(max_length=80, blank=True)
    disposition = models.CharField(max_length=12, blank=True)
    settled_note = models.CharField(max_length=200, blank=True)
    amount = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(counted__lt=F("expected")), name="sterile_shortage_is_short"),
            models.CheckConstraint(condition=Q(state="open") | ~Q(disposition=""), name="sterile_shortage_settled_how"),
        ]
        indexes = [
            due_index("sterile_shortage_due"),
            models.Index(fields=["centre", "state", "-declared_at"], name="sterile_shortage_by_centre"),
            models.Index(fields=["institution", "state"], name="sterile_shortage_by_place"),
            models.Index(fields=["pack", "state"], name="sterile_shortage_by_pack"),
        ]
