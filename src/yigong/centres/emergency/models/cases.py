"""A case from the first contact to the outcome: its times, the clocks of its targets, team and preparation."""

import pgtrigger
from django.db import models
from django.db.models import Q

from yigong.core.audit.api import audited
from yigong.core.ids import new_id
from yigong.core.states.models import Stateful, due_index

_IN_ORDER = """
    IF NEW.rank > 0 AND NEW.current AND EXISTS (
        SELECT 1 FROM emergency_timepoint t
        WHERE t.case_id = NEW.case_id AND t.current AND t.rank > 0
            AND (t.run_id IS NULL OR NEW.run_id IS NULL OR t.run_id = NEW.run_id)
            AND (t.rank < NEW.rank AND t.at > NEW.at OR t.rank > NEW.rank AND t.at < NEW.at)
    ) THEN
        RAISE EXCEPTION 'times of a run are in order'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'emergency_times_in_order';
    END IF;
    RETURN NEW;
"""


@audited
class Case(Stateful):
    """One emergency of one patient. ``resident`` is set when the identity is known; nothing else is rewritten then."""

    class Way(models.TextChoices):
        CALL = "call", "呼救"
        WALK_IN = "walk_in", "自行来院"
        PRIMARY = "primary", "基层首诊"
        TRANSFER = "transfer", "急诊转诊"
        ECG = "ecg", "心电预警"

    number = models.CharField(max_length=24, unique=True)
    form_key = models.UUIDField(null=True, unique=True)
    way = models.CharField(max_length=10, choices=Way.choices)
    centre = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    origin = models.ForeignKey("network.Institution", null=True, on_delete=models.PROTECT, related_name="+")
    destination = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=80)
    # The order or referral that made it, so that no event makes two.
    source_kind = models.CharField(max_length=16, blank=True)
    source_id = models.UUIDField(null=True)
    # Who
    resident = models.ForeignKey("residents.Resident", null=True, on_delete=models.PROTECT, related_name="+")
    identified_at = models.DateTimeField(null=True)
    identified_by = models.CharField(max_length=80, blank=True)
    patient_name = models.CharField(max_length=60)
    patient_sex = models.CharField(max_length=1, default="0")
    patient_age = models.PositiveSmallIntegerField(null=True)
    # Where and what
    caller = models.CharField(max_length=60, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    place = models.ForeignKey("network.Place", null=True, on_delete=models.PROTECT, related_name="+")
    address = models.CharField(max_length=200, blank=True)
    complaint = models.CharField(max_length=20)
    story = models.CharField(max_length=500, blank=True)
    answers = models.JSONField(default=dict)
    priority = models.PositiveSmallIntegerField()
    priority_why = models.CharField(max_length=200, blank=True)
    eta_at = models.DateTimeField(null=True)
    # The pathway
    pathway = models.CharField(max_length=20, blank=True)
    pathway_version = models.CharField(max_length=20, blank=True)
    treatment = models.CharField(max_length=20, blank=True)
    # The department
    level = models.PositiveSmallIntegerField(null=True)
    level_why = models.CharField(max_length=300, blank=True)
    triaged_at = models.DateTimeField(null=True)
    triaged_by = models.CharField(max_length=80, blank=True)
    encounter = models.ForeignKey("records.Encounter", null=True, on_delete=models.PROTECT, related_name="+")
    diagnosis_code = models.CharField(max_length=20, blank=True)
    diagnosis = models.CharField(max_length=120, blank=True)
    outcome = models.CharField(max_length=16, blank=True)
    outcome_note = models.CharField(max_length=500, blank=True)
    outcome_place = models.CharField(max_length=120, blank=True)
    closed_at = models.DateTimeField(null=True)
    quality_response_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source_kind", "source_id"],
                condition=Q(source_id__isnull=False),
                name="emergency_case_of_source",
            ),
            models.CheckConstraint(condition=Q(priority__range=(1, 3)), name="emergency_priority_known"),
            models.CheckConstraint(
                condition=Q(level__isnull=True) | Q(level__range=(1, 4)), name="emergency_level_known"
            ),
            models.CheckConstraint(condition=~Q(state="closed") | ~Q(outcome=""), name="emergency_closed_has_outcome"),
            models.CheckConstraint(
                condition=Q(patient_age__isnull=True) | Q(patient_age__lte=130), name="emergency_age_plausible"
            ),
        ]
        indexes = [
            due_index("emergency_case_due"),
            models.Index(fields=["centre", "state", "-opened_at"], name="emergency_case_by_centre"),
            models.Index(fields=["destination", "state"], name="emergency_case_coming"),
            models.Index(fields=["origin", "-opened_at"], name="emergency_case_by_origin"),
            models.Index(fields=["resident"], name="emergency_case_by_person"),
            models.Index(fields=["pathway", "opened_at"], name="emergency_case_by_pathway"),
        ]

    def __str__(self) -> str:
        return self.number


class TimePoint(models.Model):
    """When something happened and when that was entered. Never changed: a correction is a new row, the old one is no longer ``current``."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="times")
    run = models.ForeignKey("emergency.Run", null=True, on_delete=models.PROTECT, related_name="times")
    code = models.CharField(max_length=24)
    rank = models.PositiveSmallIntegerField(default=0)
    at = models.DateTimeField()
    entered_at = models.DateTimeField()
    entered_by = models.CharField(max_length=80)
    staff_id = models.UUIDField(null=True)
    institution = models.ForeignKey("network.Institution", null=True, on_delete=models.PROTECT, related_name="+")
    late = models.BooleanField(default=False)
    reason = models.CharField(max_length=200, blank=True)
    key = models.UUIDField(null=True, unique=True)
    current = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "code"], condition=Q(current=True, run__isnull=True), name="emergency_one_time_a_case"
            ),
            models.UniqueConstraint(
                fields=["run", "code"], condition=Q(current=True, run__isnull=False), name="emergency_one_time_a_run"
            ),
            models.CheckConstraint(condition=Q(late=False) | ~Q(reason=""), name="emergency_late_says_why"),
        ]
        indexes = [models.Index(fields=["case", "at"], name="emergency_times_of_case")]
        triggers = [
            pgtrigger.Trigger(
                name="in_order", when=pgtrigger.Before, operation=pgtrigger.Insert, func=_IN_ORDER
            ),
            pgtrigger.ReadOnly(name="only_replaced", exclude=["current"]),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]  # fmt: skip


class TargetClock(Stateful):
    """One target of one case's pathway. Its start and stop follow the times; the clock escalates while it runs over."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="clocks")
    pathway = models.CharField(max_length=20)
    code = models.CharField(max_length=24)
    label = models.CharField(max_length=60)
    minutes = models.PositiveSmallIntegerField()
    share = models.PositiveSmallIntegerField(null=True)
    started_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "pathway", "code"], name="emergency_target_once"),
            models.CheckConstraint(
                condition=Q(stopped_at__isnull=True) | Q(stopped_at__gte=models.F("started_at")),
                name="emergency_target_forwards",
            ),
        ]
        indexes = [due_index("emergency_target_due")]


class TeamCall(models.Model):
    """Somebody called by the roster for a case, and when the answer came."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="team")
    role = models.CharField(max_length=40)
    staff_id = models.UUIDField(null=True)
    name = models.CharField(max_length=80, blank=True)
    called_at = models.DateTimeField()
    called_by = models.CharField(max_length=80)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "role"], name="emergency_role_called_once")]


class Preparation(models.Model):
    """A line of the checklist that is done."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="prepared")
    code = models.CharField(max_length=24)
    done_at = models.DateTimeField()
    done_by = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "code"], name="emergency_prepared_once")]
