"""Sessions of doctors with their places, and visits: one row from the registration to the end of the consultation."""

from django.db import models
from django.db.models import F, Q

from yigong.core.audit.api import audited
from yigong.core.ids import new_id
from yigong.core.states.models import Stateful, due_index

MANNERS = ["window", "referral", "emergency", "village"]
WAITING = ["waiting", "called", "seeing"]


class Session(models.Model):
    """A doctor's half day with a number of places. How many are left stands in the ledger (account of this owner), never here."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    institution_id = models.UUIDField()
    department_id = models.UUIDField()
    staff_id = models.UUIDField()
    staff_name = models.CharField(max_length=50)
    title = models.CharField(max_length=2, blank=True)
    day = models.DateField()
    part = models.CharField(max_length=10)
    capacity = models.PositiveSmallIntegerField()
    item_code = models.CharField(max_length=30)
    stopped_at = models.DateTimeField(null=True)
    stopped_reason = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["staff_id", "day", "part"],
                condition=Q(stopped_at__isnull=True),
                name="clinic_session_once",
            ),
            models.CheckConstraint(condition=Q(capacity__gt=0, capacity__lte=300), name="clinic_session_capacity"),
            models.CheckConstraint(
                condition=Q(part__in=["morning", "afternoon", "evening"]), name="clinic_session_part_known"
            ),
        ]
        indexes = [models.Index(fields=["institution_id", "day"], name="clinic_session_by_place")]


@audited
class Visit(Stateful):
    """One outpatient visit. ``valid_until`` is the last day on which its registration still counts (the first day included);
    ``follows`` is the visit whose registration a free follow-up number rests on, ``follow_round`` which one it is. ``recorded_elsewhere``: the
    encounter was written at another desk (a village doctor's visit) before anything was charged."""

    number = models.CharField(max_length=24, unique=True)
    request_key = models.UUIDField(null=True, unique=True)
    resident_id = models.UUIDField()
    patient_name = models.CharField(max_length=60)
    patient_initials = models.CharField(max_length=60)
    patient_sex = models.CharField(max_length=1)
    patient_age = models.CharField(max_length=20, blank=True)
    institution_id = models.UUIDField()
    department_id = models.UUIDField(null=True)
    session = models.ForeignKey(Session, null=True, on_delete=models.PROTECT, related_name="visits")
    staff_id = models.UUIDField(null=True)
    staff_name = models.CharField(max_length=50, blank=True)
    title = models.CharField(max_length=2, blank=True)
    serial = models.PositiveIntegerField(null=True)
    hold_key = models.CharField(max_length=100, blank=True)
    manner = models.CharField(max_length=10)
    follows = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="followed_by")
    follow_round = models.PositiveSmallIntegerField(null=True)
    fee = models.PositiveIntegerField()
    definition = models.CharField(max_length=40)
    registered_on = models.DateField()
    registered_at = models.DateTimeField()
    registrar_name = models.CharField(max_length=80)
    valid_until = models.DateField()
    called_at = models.DateTimeField(null=True)
    calls = models.PositiveSmallIntegerField(default=0)
    encounter_id = models.UUIDField(null=True, unique=True)
    recorded_elsewhere = models.BooleanField(default=False)
    complaint = models.CharField(max_length=500, blank=True)
    history = models.TextField(blank=True)
    examination = models.TextField(blank=True)
    advice = models.TextField(blank=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(manner__in=MANNERS), name="clinic_visit_manner_known"),
            models.CheckConstraint(condition=Q(fee__lte=100_000), name="clinic_visit_fee_plausible"),
            models.CheckConstraint(condition=Q(valid_until__gte=F("registered_on")), name="clinic_visit_valid_span"),
            models.CheckConstraint(
                condition=Q(follows__isnull=True, follow_round__isnull=True)
                | Q(follows__isnull=False, follow_round__isnull=False, fee=0),
                name="clinic_follow_up_is_free",
            ),
            models.UniqueConstraint(
                fields=["session", "serial"],
                condition=Q(session__isnull=False),
                name="clinic_visit_serial_once",
            ),
            models.UniqueConstraint(
                fields=["follows", "follow_round"],
                condition=Q(follows__isnull=False) & ~Q(state="cancelled"),
                name="clinic_follow_up_once",
            ),
            models.UniqueConstraint(
                fields=["resident_id", "department_id", "registered_on"],
                condition=Q(state__in=WAITING),
                nulls_distinct=False,
                name="clinic_one_waiting_visit",
            ),
        ]
        indexes = [
            due_index("clinic_visit_due"),
            models.Index(fields=["institution_id", "registered_on", "state"], name="clinic_visit_of_day"),
            models.Index(fields=["staff_id", "registered_on"], name="clinic_visit_of_doctor"),
            models.Index(fields=["resident_id", "-registered_on"], name="clinic_visit_of_resident"),
        ]

    def __str__(self) -> str:
        return self.number


class VisitDiagnosis(models.Model):
    """A diagnosis of a visit, the first one the main diagnosis; written to the record when the visit is finished."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="diagnoses")
    place = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=20, blank=True)
    name = models.CharField(max_length=100)
    is_lasting = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["visit", "place"], name="clinic_visit_diagnosis_place")]
        ordering = ["place"]
