"""Payments of assistance and the civil-affairs roll. The money itself is in the ledger; residents by key."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from yigong.core.ids import new_id
from yigong.core.states.models import Stateful


class Payment(Stateful):
    """Assistance or relief for somebody who held a category on the day that counts: paid to the person, or given at a counter with a settlement
    and then paid to the institution."""

    number = models.CharField(max_length=24, unique=True)
    key = models.UUIDField(unique=True)
    fund = models.CharField(max_length=12)
    resident_id = models.UUIDField()
    category = models.CharField(max_length=30)
    right_on = models.DateField()
    amount = models.BigIntegerField()
    why = models.CharField(max_length=200)
    by = models.CharField(max_length=80)
    at = models.DateTimeField(db_default=Now())
    settlement_id = models.UUIDField(null=True)
    institution_id = models.UUIDField(null=True)
    posting_id = models.UUIDField(null=True)
    reversal_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="aid_is_positive"),
            models.CheckConstraint(condition=Q(fund__in=["aid", "relief"]), name="aid_fund_known"),
            models.CheckConstraint(
                condition=~Q(state="owed") | Q(settlement_id__isnull=False, posting_id__isnull=True),
                name="owed_aid_is_of_a_settlement",
            ),
            models.CheckConstraint(
                condition=Q(settlement_id__isnull=True) | Q(institution_id__isnull=False), name="settled_aid_says_where"
            ),
            models.CheckConstraint(
                condition=~Q(state="withdrawn") | Q(reversal_id__isnull=False) | Q(posting_id__isnull=True),
                name="withdrawn_aid_came_back",
            ),
        ]
        indexes = [
            models.Index(fields=["-at"], name="aid_newest"),
            models.Index(fields=["resident_id"], name="aid_by_person"),
            models.Index(fields=["settlement_id"], name="aid_by_settlement", condition=Q(settlement_id__isnull=False)),
            models.Index(fields=["fund", "at"], name="aid_owed", condition=Q(state="owed")),
        ]


class Roll(models.Model):
    """A roll of civil affairs as of a day, held against the categories that we have."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=24, unique=True)
    digest = models.CharField(max_length=64, unique=True)
    file_name = models.CharField(max_length=120)
    as_of = models.DateField()
    rows = models.PositiveIntegerField()
    same = models.PositiveIntegerField(default=0)
    faults = models.JSONField(default=list)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField(db_default=Now())


class Difference(models.Model):
    """Somebody on the roll and not with us, with us and not on the roll, or on the roll and not found. Decided once, by somebody, why."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    roll = models.ForeignKey(Roll, on_delete=models.CASCADE, related_name="differences")
    what = models.CharField(max_length=10)
    line = models.PositiveIntegerField(null=True)
    resident_id = models.UUIDField(null=True)
    category = models.CharField(max_length=30)
    category_id = models.UUIDField(null=True)
    starts_on = models.DateField(null=True)
    decision = models.CharField(max_length=10, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    by = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(what__in=["missing", "extra", "unknown"]), name="roll_difference_known"),
            models.CheckConstraint(
                condition=Q(decision="", by="", at__isnull=True) | (~Q(by="") & Q(at__isnull=False)),
                name="roll_decision_has_who",
            ),
        ]
        indexes = [models.Index(fields=["roll", "decision", "what"], name="roll_differences")]
        triggers = [
            pgtrigger.Protect(
                name="decided_once", operation=pgtrigger.Update, condition=pgtrigger.Condition("OLD.decision <> ''")
            )
        ]
