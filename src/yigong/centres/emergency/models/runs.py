"""A vehicle under way for a case, its crew, and the hand-over at the end."""

from django.db import models
from django.db.models import F, Q

from yigong.core.audit.api import audited
from yigong.core.ids import new_id
from yigong.core.states.models import Stateful, due_index

OVER = ("back", "cancelled", "empty")


@audited
class Run(Stateful):
    """One vehicle sent for one case. A vehicle is on one run at a time, a case has one vehicle at a time: the database holds both."""

    case = models.ForeignKey("emergency.Case", on_delete=models.PROTECT, related_name="runs")
    vehicle = models.ForeignKey("emergency.Vehicle", on_delete=models.PROTECT, related_name="runs")
    sent_at = models.DateTimeField()
    sent_by = models.CharField(max_length=80)
    end_reason = models.CharField(max_length=200, blank=True)
    # Why other people ride than the roster has for this vehicle.
    crew_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["vehicle"], condition=~Q(state__in=OVER), name="emergency_vehicle_on_one_run"
            ),
            models.UniqueConstraint(
                fields=["case"], condition=~Q(state__in=("cancelled", "empty")), name="emergency_case_one_vehicle"
            ),
        ]
        indexes = [due_index("emergency_run_due"), models.Index(fields=["case"], name="emergency_runs_of_case")]


class CrewMember(models.Model):
    """Somebody in the vehicle."""

    class Role(models.TextChoices):
        DOCTOR = "doctor", "医师"
        NURSE = "nurse", "护士"
        DRIVER = "driver", "驾驶员"
        BEARER = "bearer", "担架员"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="crew")
    staff = models.ForeignKey("network.Staff", on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=10, choices=Role.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "staff"], name="emergency_crew_once")]
        indexes = [models.Index(fields=["staff"], name="emergency_crew_by_staff")]


@audited
class Handover(models.Model):
    """The sheet that the crew and the hospital sign, each once, not the same person."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.OneToOneField("emergency.Case", on_delete=models.PROTECT, related_name="handover")
    condition = models.CharField(max_length=500)
    given = models.CharField(max_length=500, blank=True)
    belongings = models.CharField(max_length=200, blank=True)
    giver = models.CharField(max_length=80)
    giver_staff_id = models.UUIDField(null=True)
    giver_at = models.DateTimeField()
    receiver = models.CharField(max_length=80, blank=True)
    receiver_staff_id = models.UUIDField(null=True)
    receiver_at = models.DateTimeField(null=True)
    receiver_place = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(receiver_at__isnull=True) | Q(receiver_at__gte=F("giver_at")) & ~Q(receiver=""),
                name="emergency_received_after_given",
            ),
            models.CheckConstraint(
                condition=Q(receiver_staff_id__isnull=True) | ~Q(receiver_staff_id=F("giver_staff_id")),
                name="emergency_two_people_sign",
            ),
        ]
