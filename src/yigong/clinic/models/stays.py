"""Beds and stays. That a bed holds one patient and a patient lies in one bed of an institution is the database's word."""

from django.db import models
from django.db.models import F, Q

from yigong.core.audit.api import audited
from yigong.core.ids import new_id
from yigong.core.states.models import Stateful, due_index

WAYS_IN = ["1", "2", "3", "9"]
WAYS_OUT = ["1", "2", "3", "4", "5", "9"]
INSIDE = ["on_ward", "leaving"]


@audited
class Bed(models.Model):
    """One numbered bed of a ward; ``item_code`` is the bed's daily charge."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    institution_id = models.UUIDField()
    department_id = models.UUIDField()
    number = models.CharField(max_length=10)
    item_code = models.CharField(max_length=30)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["department_id", "number"], name="clinic_bed_number_once")]

    def __str__(self) -> str:
        return self.number


@audited
class Stay(Stateful):
    """One inpatient stay from admission to discharge. ``way_in`` by RC026, ``way_out`` by RC019; ``times`` counts the stays at this institution."""

    number = models.CharField(max_length=24, unique=True)
    record_number = models.CharField(max_length=24)
    times = models.PositiveSmallIntegerField()
    request_key = models.UUIDField(null=True, unique=True)
    resident_id = models.UUIDField()
    patient_name = models.CharField(max_length=60)
    patient_initials = models.CharField(max_length=60)
    patient_sex = models.CharField(max_length=1)
    birth_date = models.DateField(null=True)
    institution_id = models.UUIDField()
    department_id = models.UUIDField()
    admission_department_id = models.UUIDField()
    bed = models.ForeignKey(Bed, null=True, on_delete=models.PROTECT, related_name="stays")
    bed_number = models.CharField(max_length=10, blank=True)
    encounter_id = models.UUIDField(unique=True)
    visit = models.ForeignKey("clinic.Visit", null=True, on_delete=models.PROTECT, related_name="stays")
    referral_id = models.UUIDField(null=True)
    way_in = models.CharField(max_length=1)
    admitted_at = models.DateTimeField()
    diagnosis_code = models.CharField(max_length=20, blank=True)
    diagnosis = models.CharField(max_length=100)
    doctor_id = models.UUIDField(null=True)
    doctor_name = models.CharField(max_length=50, blank=True)
    nurse_name = models.CharField(max_length=50, blank=True)
    nursing_code = models.CharField(max_length=30, blank=True)
    discharge_ordered_at = models.DateTimeField(null=True)
    discharged_at = models.DateTimeField(null=True)
    way_out = models.CharField(max_length=1, blank=True)
    receiving_institution = models.CharField(max_length=100, blank=True)
    summary = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(way_in__in=WAYS_IN), name="clinic_stay_way_in_known"),
            models.CheckConstraint(condition=Q(way_out__in=["", *WAYS_OUT]), name="clinic_stay_way_out_known"),
            models.CheckConstraint(
                condition=Q(discharged_at__isnull=True) | Q(discharged_at__gte=F("admitted_at")),
                name="clinic_stay_ends_after_start",
            ),
            models.CheckConstraint(
                condition=~Q(state="discharged") | (Q(discharged_at__isnull=False) & ~Q(way_out="")),
                name="clinic_stay_discharge_says_how",
            ),
            models.UniqueConstraint(fields=["bed"], condition=Q(state__in=INSIDE), name="clinic_bed_holds_one"),
            models.UniqueConstraint(
                fields=["resident_id", "institution_id"],
                condition=Q(state__in=INSIDE),
                name="clinic_stay_one_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["institution_id", "resident_id", "times"],
                condition=~Q(state="cancelled"),
                name="clinic_stay_times_once",
            ),
        ]
        indexes = [
            due_index("clinic_stay_due"),
            models.Index(fields=["institution_id", "state", "admitted_at"], name="clinic_stay_by_place"),
            models.Index(fields=["institution_id", "-discharged_at"], name="clinic_stay_by_discharge"),
            models.Index(fields=["resident_id", "-admitted_at"], name="clinic_stay_of_resident"),
            models.Index(fields=["institution_id", "record_number"], name="clinic_stay_by_record"),
        ]

    def __str__(self) -> str:
        return self.number


class StayPlace(models.Model):
    """Where the patient lay from when to when: the first row is the admission, each transfer ends one and begins the next."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    stay = models.ForeignKey(Stay, on_delete=models.PROTECT, related_name="places")
    department_id = models.UUIDField()
    bed_number = models.CharField(max_length=10, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    actor_name = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["stay"], condition=Q(ends_at__isnull=True), name="clinic_stay_place_now"),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at")), name="clinic_stay_place_span"
            ),
        ]
        ordering = ["starts_at", "id"]
