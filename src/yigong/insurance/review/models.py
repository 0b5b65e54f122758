"""Bills as facts for set-based checks, findings with their way, appeals with attachments, deductions. Money in fen.

The facts are a copy of settled bills, taken when a bill is settled and again when it changes: a finding keeps the rows it rests on whatever
happens to the bill later.
"""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from yigong.core.ids import new_id
from yigong.core.states.models import Stateful, due_index


class BillFact(models.Model):
    """One settled bill. ``began_at`` and ``ended_at`` are admission and discharge of a stay; ``codes`` its diagnoses, the principal first."""

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=24)
    resident_id = models.UUIDField()
    patient_name = models.CharField(max_length=60)
    sex = models.CharField(max_length=1, blank=True)
    birth_date = models.DateField(null=True)
    died_on = models.DateField(null=True)
    institution_id = models.UUIDField()
    department_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=10)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    codes = ArrayField(models.CharField(max_length=20), default=list)
    total = models.BigIntegerField()
    settled_on = models.DateField()

    class Meta:
        indexes = [
            models.Index(fields=["resident_id", "began_at"], name="review_bill_of_person"),
            models.Index(fields=["settled_on"], name="review_bill_by_day"),
        ]


class LineFact(models.Model):
    """One charge of a settled bill, what was returned taken off."""

    id = models.UUIDField(primary_key=True)
    bill = models.ForeignKey(BillFact, on_delete=models.CASCADE, related_name="lines")
    item_code = models.CharField(max_length=30)
    item_name = models.CharField(max_length=100)
    quantity = models.DecimalField(max_digits=12, decimal_places=2)
    amount = models.BigIntegerField()
    performed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["bill"], name="review_line_of_bill")]


class Suspicion(Stateful):
    """What a rule found on a bill. The same rule finds the same evidence once."""

    rule = models.CharField(max_length=12)
    rule_version = models.CharField(max_length=20)
    title = models.CharField(max_length=60)
    sentence = models.CharField(max_length=200)
    clause = models.CharField(max_length=300)
    key = models.CharField(max_length=160)
    bill_id = models.UUIDField()
    bill_number = models.CharField(max_length=24)
    resident_id = models.UUIDField()
    patient_name = models.CharField(max_length=60)
    institution_id = models.UUIDField()
    settled_on = models.DateField()
    amount = models.BigIntegerField()
    evidence = models.JSONField()
    found_at = models.DateTimeField()
    deduct = models.BigIntegerField(default=0)
    decision = models.CharField(max_length=1000, blank=True)
    decided_by = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "key"], name="review_evidence_once"),
            models.CheckConstraint(condition=~Q(evidence=[]), name="review_has_evidence"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="review_amount_not_negative"),
            models.CheckConstraint(
                condition=Q(deduct__gte=0, deduct__lte=models.F("amount")), name="review_deduct_within_amount"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["upheld", "dismissed"]) | (~Q(decision="") & Q(decided_at__isnull=False)),
                name="review_decided_with_reason",
            ),
            models.CheckConstraint(condition=Q(state="upheld") | Q(deduct=0), name="review_deduct_only_upheld"),
        ]
        indexes = [
            models.Index(fields=["institution_id", "state", "-settled_on"], name="review_by_place"),
            models.Index(fields=["rule", "institution_id"], name="review_by_rule"),
            models.Index(fields=["resident_id"], name="review_of_person"),
            due_index("review_due"),
        ]
        triggers = [pgtrigger.Protect(name="kept", operation=pgtrigger.Delete)]


class Appeal(models.Model):
    """What the institution says to a finding."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    of = models.ForeignKey(Suspicion, on_delete=models.PROTECT, related_name="appeals")
    text = models.CharField(max_length=2000)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["made_at"]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]


class Attachment(models.Model):
    """A file to an appeal."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="attachments")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=60)
    content = models.BinaryField()

    class Meta:
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]


class Deduction(models.Model):
    """What an institution gives back for a finding; a deduction is taken back by a row with the opposite sign. A claim on the institution, to be
    set off in the month's clearing; the person's settlement does not change."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    of = models.ForeignKey(Suspicion, on_delete=models.PROTECT, related_name="deductions")
    institution_id = models.UUIDField()
    amount = models.BigIntegerField()
    month = models.DateField()
    reason = models.CharField(max_length=1000)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(amount=0), name="review_deduction_is_something")]
        indexes = [models.Index(fields=["institution_id", "month"], name="review_deduction_by_month")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]


class Run(models.Model):
    """One run over all bills."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    bills = models.PositiveIntegerField()
    hits = models.PositiveIntegerField()
    fresh = models.PositiveIntegerField()
    version = models.CharField(max_length=20)
