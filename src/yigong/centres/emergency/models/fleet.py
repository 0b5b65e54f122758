"""What is kept ready: stations, vehicles, beds and rooms that can be held."""

from django.db import models
from django.db.models import Q

from yigong.core.audit.api import audited
from yigong.core.ids import new_id


@audited
class Station(models.Model):
    """Where ambulances stand; run by an institution."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    centre = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    institution = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    phone = models.CharField(max_length=30, blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["centre", "name"], name="emergency_station_once")]

    def __str__(self) -> str:
        return self.name


@audited
class Vehicle(models.Model):
    """An ambulance. While ``stopped_at`` stands it is not sent out; that it is on one run at a time holds the run's table."""

    class Kind(models.TextChoices):
        RESCUE = "rescue", "抢救型"
        CARRY = "carry", "转运型"
        PRESSURE = "pressure", "负压型"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="vehicles")
    plate = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=40)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    stopped_at = models.DateTimeField(null=True)
    stop_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(stopped_at__isnull=True) | ~Q(stop_reason=""), name="emergency_vehicle_stopped_why"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.plate}"


@audited
class CrewSeat(models.Model):
    """Somebody belongs to a vehicle as driver, doctor, nurse or bearer: its crew is who of them the roster has on duty."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    vehicle = models.ForeignKey(Vehicle, on_delete=models.CASCADE, related_name="seats")
    staff = models.ForeignKey("network.Staff", on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=10)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vehicle", "staff"], name="emergency_seat_once"),
            models.CheckConstraint(
                condition=Q(role__in=["driver", "doctor", "nurse", "bearer"]), name="emergency_seat_known"
            ),
        ]


@audited
class Resource(models.Model):
    """Beds of the resuscitation room, a catheter laboratory, a theatre: ``capacity`` units in the ledger (account ``emergency.<kind>``)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    institution = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16)
    name = models.CharField(max_length=60)
    capacity = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["institution", "kind", "name"], name="emergency_resource_once"),
            models.CheckConstraint(condition=Q(capacity__range=(1, 200)), name="emergency_resource_plausible"),
        ]

    def __str__(self) -> str:
        return self.name


class Reservation(models.Model):
    """A unit held for a case. Whether it is held, used, given back or run out stands in the ledger's hold of ``hold_key``."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey("emergency.Case", on_delete=models.PROTECT, related_name="reservations")
    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="reservations")
    hold_key = models.CharField(max_length=120, unique=True)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=80)
    returned_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["case"], name="emergency_reserved_for")]
