"""Referrals, and the sheets of slots and beds that departments set aside for them."""

from django.db import models
from django.db.models import Q

from yigong.core.audit.api import audited
from yigong.core.ids import new_id
from yigong.core.states.models import Stateful, due_index

DIRECTIONS = ["up", "down", "lateral"]
URGENCIES = ["routine", "urgent", "emergency"]


@audited
class Referral(Stateful):
    """One patient handed from one institution to another. What is searched or counted is a column, the clinical free part is JSON."""

    number = models.CharField(max_length=24, unique=True)
    form_key = models.UUIDField(null=True, unique=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    direction = models.CharField(max_length=8)
    kind = models.CharField(max_length=12)
    urgency = models.CharField(max_length=10)
    created_at = models.DateTimeField()
    round = models.PositiveSmallIntegerField(default=1)

    # Patient. An emergency may begin without a resident; name, sex and age are what was known at the time.
    resident_id = models.UUIDField(null=True)
    patient_name = models.CharField(max_length=60)
    patient_sex = models.CharField(max_length=1)
    patient_age = models.CharField(max_length=20, blank=True)
    patient_phone = models.CharField(max_length=30, blank=True)
    address = models.CharField(max_length=200, blank=True)
    insurance_type = models.CharField(max_length=12, blank=True)
    contract_team = models.CharField(max_length=60, blank=True)

    # From
    from_institution_id = models.UUIDField()
    from_department_id = models.UUIDField(null=True)
    requester_id = models.UUIDField(null=True)
    requester_name = models.CharField(max_length=50)
    requester_phone = models.CharField(max_length=30, blank=True)
    transport = models.CharField(max_length=10, blank=True)
    escort = models.CharField(max_length=60, blank=True)

    # To
    to_institution_id = models.UUIDField()
    to_department_id = models.UUIDField(null=True)
    wanted_on = models.DateField(null=True)
    wanted_bed = models.CharField(max_length=20, blank=True)
    skip_reason = models.CharField(max_length=200, blank=True)

    # Why
    diagnosis_code = models.CharField(max_length=20, blank=True)
    diagnosis = models.CharField(max_length=120, blank=True)
    reason_code = models.CharField(max_length=2, blank=True)
    reason = models.TextField(blank=True)
    clinical = models.JSONField(default=dict)
    consent_by = models.CharField(max_length=60, blank=True)
    consent_relation = models.CharField(max_length=20, blank=True)
    consent_at = models.DateTimeField(null=True)

    # Answer
    submitted_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answer_due_at = models.DateTimeField(null=True)
    answer_left = models.DurationField(null=True)
    escalations = models.PositiveSmallIntegerField(default=0)
    accepted_at = models.DateTimeField(null=True)
    sheet = models.ForeignKey("SlotSheet", null=True, on_delete=models.PROTECT, related_name="referrals")
    hold_key = models.CharField(max_length=100, blank=True)
    direct_to_emergency = models.BooleanField(default=False)
    bed = models.CharField(max_length=20, blank=True)
    doctor = models.CharField(max_length=50, blank=True)
    ward_phone = models.CharField(max_length=30, blank=True)
    valid_until = models.DateTimeField(null=True)
    reject_code = models.CharField(max_length=2, blank=True)
    reject_reason = models.TextField(blank=True)
    reopened = models.BooleanField(default=False)
    incomplete = models.BooleanField(default=False)

    # Arrival and result
    arrived_at = models.DateTimeField(null=True)
    arrival_manner = models.CharField(max_length=10, blank=True)
    priority = models.CharField(max_length=12, blank=True)
    admitted = models.BooleanField(null=True)
    encounter_id = models.UUIDField(null=True)
    treatment_ended_at = models.DateTimeField(null=True)
    outcome_code = models.CharField(max_length=2, blank=True)
    result_code = models.CharField(max_length=20, blank=True)
    result_diagnosis = models.CharField(max_length=120, blank=True)
    agrees = models.BooleanField(null=True)
    feedback = models.JSONField(default=dict)
    feedback_at = models.DateTimeField(null=True)
    plan = models.JSONField(default=dict)
    follow_up_on = models.DateField(null=True)
    first_contact_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(direction__in=DIRECTIONS), name="referral_direction_known"),
            models.CheckConstraint(condition=Q(urgency__in=URGENCIES), name="referral_urgency_known"),
            models.CheckConstraint(
                condition=~Q(from_institution_id=models.F("to_institution_id")),
                name="referral_between_two_institutions",
            ),
            models.CheckConstraint(
                condition=Q(resident_id__isnull=False) | Q(urgency="emergency"), name="referral_has_a_resident"
            ),
            models.CheckConstraint(condition=Q(escalations__lte=50), name="referral_escalations_plausible"),
        ]
        indexes = [
            due_index("referral_due"),
            models.Index(fields=["to_institution_id", "state", "state_since"], name="referral_inbox"),
            models.Index(fields=["from_institution_id", "state", "state_since"], name="referral_outbox"),
            models.Index(fields=["resident_id"], name="referral_by_resident"),
            models.Index(fields=["submitted_at"], name="referral_by_submission"),
        ]

    def __str__(self) -> str:
        return self.number


class SlotSheet(models.Model):
    """What one department offers: consulting slots of one session of one day, or beds without a day.

    How many are left stands in the ledger (accounts of this owner), never here.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    institution_id = models.UUIDField()
    department_id = models.UUIDField()
    kind = models.CharField(max_length=4)
    day = models.DateField(null=True)
    session = models.CharField(max_length=10, blank=True)
    starts_at = models.TimeField(null=True)
    ends_at = models.TimeField(null=True)
    capacity = models.PositiveIntegerField()
    reserved = models.PositiveIntegerField()
    doctor = models.CharField(max_length=50, blank=True)
    note = models.CharField(max_length=100, blank=True)
    stopped_at = models.DateTimeField(null=True)
    stopped_reason = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["department_id", "kind", "day", "session", "doctor"],
                name="slot_sheet_once",
                nulls_distinct=False,
                condition=Q(stopped_at__isnull=True),
            ),
            models.CheckConstraint(
                condition=Q(reserved__lte=models.F("capacity")), name="slot_reserved_within_capacity"
            ),
            models.CheckConstraint(condition=Q(capacity__gt=0, capacity__lte=2000), name="slot_capacity_plausible"),
            models.CheckConstraint(
                condition=Q(kind="slot", day__isnull=False) | Q(kind="bed", day__isnull=True), name="slot_has_a_day"
            ),
        ]
        indexes = [models.Index(fields=["institution_id", "day"], name="slot_by_institution")]
