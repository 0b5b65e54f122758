"""Settlement lists with their findings, appeals and messages; questions of the coder; imported grouping schemes. Money in fen.

What was uploaded does not change: a correction is a new revision, the old one stays. Each settlement has one list that counts.
"""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from yigong.core.audit.api import audited
from yigong.core.ids import new_id
from yigong.core.states.models import Stateful, due_index

FROZEN = ("uploaded", "accepted", "rejected", "appealing", "decided", "corrected")
OVER = ("corrected", "withdrawn")


class SettlementList(Stateful):
    """One revision of the settlement list of one inpatient settlement.

    ``content`` is the list by the national names (money in fen); ``basis`` what the checks look at and the list does not declare; ``own`` what
    was typed here. ``outdated`` is set when front page or settlement changed after the list was made.
    """

    number = models.CharField(max_length=24)
    revision = models.PositiveSmallIntegerField(default=1)
    replaces = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="replaced_by")
    settlement_id = models.UUIDField()
    settlement_number = models.CharField(max_length=24)
    bill_id = models.UUIDField()
    stay_id = models.UUIDField()
    resident_id = models.UUIDField()
    patient_name = models.CharField(max_length=60)
    patient_note = models.CharField(max_length=40, blank=True)
    institution_id = models.UUIDField()
    department_id = models.UUIDField(null=True)
    settled_on = models.DateField()
    month = models.DateField()
    total = models.BigIntegerField()
    main_code = models.CharField(max_length=20, blank=True)
    main_name = models.CharField(max_length=100, blank=True)
    drg_scheme = models.CharField(max_length=60, blank=True)
    drg_code = models.CharField(max_length=12, blank=True)
    drg_name = models.CharField(max_length=120, blank=True)
    expected = models.BigIntegerField(null=True)
    content = models.JSONField()
    basis = models.JSONField(default=dict)
    own = models.JSONField(default=dict)
    rules_version = models.CharField(max_length=20, blank=True)
    blocks = models.PositiveSmallIntegerField(default=0)
    warns = models.PositiveSmallIntegerField(default=0)
    outdated = models.CharField(max_length=200, blank=True)
    uploaded_at = models.DateTimeField(null=True)
    platform_ref = models.CharField(max_length=40, blank=True)
    feedback = models.CharField(max_length=1000, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["number", "revision"], name="claims_list_revision_once"),
            models.UniqueConstraint(
                fields=["settlement_id"], condition=~Q(state__in=OVER), name="claims_one_list_of_a_settlement"
            ),
            models.CheckConstraint(
                condition=Q(revision=1, replaces__isnull=True) | Q(revision__gt=1, replaces__isnull=False),
                name="claims_list_replaces_one",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["checked", *FROZEN[:5]]) | Q(blocks=0), name="claims_no_upload_with_faults"
            ),
            models.CheckConstraint(condition=Q(total__gte=0), name="claims_total_not_negative"),
        ]
        indexes = [
            models.Index(fields=["institution_id", "month", "state"], name="claims_list_by_month"),
            models.Index(fields=["resident_id"], name="claims_list_of_resident"),
            models.Index(fields=["stay_id"], name="claims_list_of_stay"),
            due_index("claims_list_due"),
        ]
        triggers = [
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="uploaded_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.state IN ('uploaded', 'accepted', 'rejected', 'appealing', 'decided', 'corrected') AND ("
                    "OLD.content IS DISTINCT FROM NEW.content OR OLD.total <> NEW.total"
                    " OR OLD.settlement_id <> NEW.settlement_id OR OLD.basis IS DISTINCT FROM NEW.basis)"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}-{self.revision}"


class Finding(models.Model):
    """What a rule, or the platform, found on a list. Those of the own rules are made anew by each check."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    of = models.ForeignKey(SettlementList, on_delete=models.CASCADE, related_name="findings")
    place = models.PositiveSmallIntegerField()
    origin = models.CharField(max_length=8, default="own")
    rule = models.CharField(max_length=12)
    mark = models.CharField(max_length=5)
    path = models.CharField(max_length=60, blank=True)
    sentence = models.CharField(max_length=300)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["of", "origin", "place"], name="claims_finding_place"),
            models.CheckConstraint(condition=Q(mark__in=["block", "warn"]), name="claims_finding_mark_known"),
            models.CheckConstraint(condition=Q(origin__in=["own", "platform"]), name="claims_finding_origin_known"),
        ]
        indexes = [models.Index(fields=["rule"], name="claims_finding_by_rule")]
        ordering = ["origin", "place"]


class Appeal(models.Model):
    """An objection to what the insurance office decided about a list, and the answer. One at a time."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    of = models.ForeignKey(SettlementList, on_delete=models.PROTECT, related_name="appeals")
    text = models.CharField(max_length=1000)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField(db_default=Now())
    upheld = models.BooleanField(null=True)
    reason = models.CharField(max_length=1000, blank=True)
    decided_by = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["of"], condition=Q(upheld__isnull=True), name="claims_one_open_appeal"),
            models.CheckConstraint(
                condition=Q(upheld__isnull=True, decided_at__isnull=True)
                | (Q(upheld__isnull=False, decided_at__isnull=False) & ~Q(reason="")),
                name="claims_appeal_decided_with_reason",
            ),
        ]
        ordering = ["made_at"]


class GatewayMessage(models.Model):
    """One envelope that was sent, or kept for hand-over, with its answer."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    of = models.ForeignKey(SettlementList, on_delete=models.PROTECT, related_name="messages")
    gateway = models.CharField(max_length=20)
    transaction_number = models.CharField(max_length=8)
    message_id = models.CharField(max_length=30, unique=True)
    envelope = models.JSONField()
    answer = models.JSONField(default=dict)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["-at"], name="claims_message_by_time")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]


class CodingQuestion(Stateful):
    """A question of the coder to the doctor about what the record documents, with the rows that raise it."""

    stay_id = models.UUIDField()
    key = models.CharField(max_length=80)
    topic = models.CharField(max_length=20)
    text = models.CharField(max_length=400)
    evidence = models.JSONField()
    resident_id = models.UUIDField()
    patient_name = models.CharField(max_length=60)
    institution_id = models.UUIDField()
    doctor_id = models.UUIDField(null=True)
    doctor_name = models.CharField(max_length=50, blank=True)
    asked_by = models.CharField(max_length=80)
    asked_by_id = models.UUIDField(null=True)
    answer = models.CharField(max_length=1000, blank=True)
    outcome = models.CharField(max_length=12, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["stay_id", "key"], condition=~Q(state="withdrawn"), name="claims_question_once"
            ),
            models.CheckConstraint(condition=~Q(evidence=[]), name="claims_question_has_evidence"),
            models.CheckConstraint(
                condition=Q(outcome__in=["", "documented", "not_present", "later"]), name="claims_answer_known"
            ),
        ]
        indexes = [
            models.Index(fields=["doctor_id", "state"], name="claims_question_of_doctor"),
            models.Index(fields=["institution_id", "state"], name="claims_question_by_place"),
            due_index("claims_question_due"),
        ]


class SchemeVersion(models.Model):
    """One imported grouping scheme as it was handed over; the same content is kept once and never overwritten."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=60)
    release = models.CharField(max_length=20)
    title = models.CharField(max_length=120)
    digest = models.CharField(max_length=64, unique=True)
    content = models.BinaryField()
    counts = models.JSONField()
    warnings = models.JSONField(default=list)
    source = models.CharField(max_length=200)
    imported_by = models.CharField(max_length=80)
    imported_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "release"], name="claims_scheme_release_once")]
        triggers = [pgtrigger.Protect(name="kept", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.code} {self.release}"


@audited
class SchemeInForce(models.Model):
    """A scheme in force for the divisions that begin with ``region``; both days count, no end while ``valid_to`` is empty."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    scheme = models.ForeignKey(SchemeVersion, on_delete=models.PROTECT, related_name="in_force")
    region = models.CharField(max_length=6, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    set_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=models.F("valid_from")),
                name="claims_scheme_ends_after_start",
            )
        ]


class Comparison(models.Model):
    """Which cases of a year change group from one scheme to another; made by a job."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    year = models.PositiveSmallIntegerField()
    one = models.CharField(max_length=80)
    other = models.CharField(max_length=80)
    institution_ids = models.JSONField()
    job_id = models.UUIDField(null=True)
    made_by = models.CharField(max_length=80)
    made_by_id = models.UUIDField(null=True)
    institution_id = models.UUIDField(null=True)
    made_at = models.DateTimeField(db_default=Now())
    cases = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    done_at = models.DateTimeField(null=True)


class ComparisonRow(models.Model):
    """One case whose group changes."""

    id = models.BigAutoField(primary_key=True)
    of = models.ForeignKey(Comparison, on_delete=models.CASCADE, related_name="rows")
    list = models.ForeignKey(SettlementList, on_delete=models.PROTECT, related_name="+")
    before = models.CharField(max_length=12)
    before_name = models.CharField(max_length=120, blank=True)
    before_weight = models.DecimalField(max_digits=10, decimal_places=4, null=True)
    after = models.CharField(max_length=12)
    after_name = models.CharField(max_length=120, blank=True)
    after_weight = models.DecimalField(max_digits=10, decimal_places=4, null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["of", "list"], name="claims_case_compared_once")]
