"""Paying institutions: inpatient cases, weights from history, what each case is worth, special requests, monthly statements."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from yigong.core.ids import new_id
from yigong.core.states.models import Stateful


class FundCase(models.Model):
    """One inpatient case as the front page and the grouping left it. ``id`` is the key of the settlement (at the counter, or of a file, then ``filed_ref``
    is its number there); money in fen, the ratio in millionths. The diagnosis and the main operation are those of the front page; blank until it is coded."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=24, blank=True)
    filed_ref = models.CharField(max_length=60, blank=True)
    institution_id = models.UUIDField()
    department_id = models.UUIDField(null=True)
    doctor_id = models.UUIDField(null=True)
    resident_id = models.UUIDField(null=True)
    scheme = models.CharField(max_length=3)
    insured_here = models.BooleanField(default=True)
    month = models.DateField()
    discharged_on = models.DateField()
    days = models.PositiveSmallIntegerField()
    level = models.CharField(max_length=2, blank=True)
    group = models.CharField(max_length=12, blank=True)
    group_name = models.CharField(max_length=120, blank=True)
    why_not = models.CharField(max_length=120, blank=True)
    diagnosis = models.CharField(max_length=20, blank=True)
    diagnosis_name = models.CharField(max_length=120, blank=True)
    operation = models.CharField(max_length=20, blank=True)
    operation_name = models.CharField(max_length=120, blank=True)
    other_diagnoses = models.PositiveSmallIntegerField(default=0)
    age = models.PositiveSmallIntegerField(null=True)
    died = models.BooleanField(default=False)
    cost = models.BigIntegerField()
    own = models.BigIntegerField(default=0)
    over = models.BigIntegerField(default=0)
    first_self_pay = models.BigIntegerField(default=0)
    deductible = models.BigIntegerField(default=0)
    ratio = models.PositiveIntegerField(default=0)
    pool = models.BigIntegerField(default=0)
    other_funds = models.BigIntegerField(default=0)
    person = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(cost__gt=0, pool__gte=0, days__gte=1), name="case_is_plausible"),
            models.CheckConstraint(condition=~Q(group="") | ~Q(why_not=""), name="case_grouped_or_why_not"),
            models.UniqueConstraint(
                fields=["filed_ref"], condition=~Q(filed_ref=""), name="one_case_of_a_filed_settlement"
            ),
        ]
        indexes = [
            models.Index(fields=["month", "institution_id", "department_id"], name="case_by_place"),
            models.Index(fields=["group", "month"], name="case_by_group"),
        ]


METHODS = ("drg", "dip")


class WeightSet(Stateful):
    """Weights and rate, or (method ``dip``) scores of diseases and the forecast value of a point, from given years of cases: a version that is
    read and adopted by somebody, for one year and method. ``total_weight`` is what one year is expected to add up to; ``mean`` and ``rate`` in fen,
    ``point_value`` in yuan."""

    number = models.CharField(max_length=24, unique=True)
    method = models.CharField(max_length=4, default="drg")
    year = models.PositiveSmallIntegerField()
    history = models.JSONField()
    cases = models.PositiveIntegerField()
    trimmed = models.PositiveIntegerField(default=0)
    mean = models.BigIntegerField()
    predicted = models.BigIntegerField()
    total_weight = models.DecimalField(max_digits=14, decimal_places=2)
    rate = models.BigIntegerField()
    point_value = models.DecimalField(max_digits=14, decimal_places=4, null=True)
    rules = models.JSONField(default=dict)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["year", "method"], condition=Q(state="adopted"), name="one_adopted_weight_set"
            ),
            models.CheckConstraint(condition=Q(rate__gt=0, cases__gt=0), name="weight_set_is_positive"),
            models.CheckConstraint(
                condition=Q(method="drg", point_value__isnull=True) | Q(method="dip", point_value__gt=0),
                name="weight_set_method_known",
            ),
        ]


class GroupWeight(models.Model):
    """One group of a weight set: regional means, relative weight (a disease of DIP: its score), standard, risk class."""

    weight_set = models.ForeignKey(WeightSet, on_delete=models.CASCADE, related_name="groups")
    code = models.CharField(max_length=12)
    name = models.CharField(max_length=120)
    cases = models.PositiveIntegerField()
    mean = models.BigIntegerField()
    days = models.DecimalField(max_digits=8, decimal_places=2)
    weight = models.DecimalField(max_digits=10, decimal_places=4)
    standard = models.BigIntegerField()
    risk = models.CharField(max_length=8)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["weight_set", "code"], name="group_once_in_a_set")]


class CasePayment(models.Model):
    """What one case is worth under a weight set, and how it came to that: made again whenever it is computed, kept once its month was paid.
    ``score`` is what shared the money of the month (DIP)."""

    case = models.ForeignKey(FundCase, on_delete=models.PROTECT, related_name="payments")
    weight_set = models.ForeignKey(WeightSet, on_delete=models.PROTECT, related_name="+")
    month = models.DateField()
    institution_id = models.UUIDField()
    kind = models.CharField(max_length=10)
    weight = models.DecimalField(max_digits=10, decimal_places=4, null=True)
    multiple = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    standard = models.BigIntegerField(null=True)
    payable = models.BigIntegerField()
    fund = models.BigIntegerField()
    disease = models.CharField(max_length=12, blank=True)
    score = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    steps = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "weight_set"], name="one_payment_of_a_case"),
            models.CheckConstraint(
                condition=Q(kind__in=["normal", "high", "low", "special", "bed_day", "ungrouped"]),
                name="payment_kind_known",
            ),
        ]
        indexes = [models.Index(fields=["month", "institution_id", "kind"], name="payment_by_month")]


class SpecialRequest(Stateful):
    """A request to pay one case apart from its group, with evidence; decided by somebody else."""

    number = models.CharField(max_length=24, unique=True)
    case = models.ForeignKey(FundCase, on_delete=models.PROTECT, related_name="requests")
    institution_id = models.UUIDField()
    asked = models.BigIntegerField()
    evidence = models.TextField()
    granted = models.BigIntegerField(null=True)
    asked_by = models.CharField(max_length=80)
    asked_by_id = models.UUIDField(null=True)
    decided_by = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(state__in=["asked", "granted"]), name="one_special_request_of_a_case"
            ),
            models.CheckConstraint(condition=Q(asked__gt=0) & ~Q(evidence=""), name="special_request_says_why"),
            models.CheckConstraint(
                condition=Q(state="granted", granted__gt=0) | (~Q(state="granted") & Q(granted__isnull=True)),
                name="special_request_granted_says_how_much",
            ),
        ]


class Statement(Stateful):
    """What one institution is paid for one month: by cases and by head, less what was refused, the deposit held back, the rest paid."""

    number = models.CharField(max_length=24, unique=True)
    institution_id = models.UUIDField()
    month = models.DateField()
    weight_set = models.ForeignKey(WeightSet, null=True, on_delete=models.PROTECT, related_name="+")
    point_value = models.DecimalField(max_digits=14, decimal_places=4, null=True)
    cases = models.PositiveIntegerField(default=0)
    by_item = models.BigIntegerField(default=0)
    by_cases = models.BigIntegerField(default=0)
    by_head = models.BigIntegerField(default=0)
    by_visits = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)
    prepaid = models.BigIntegerField(default=0)
    withheld = models.BigIntegerField(default=0)
    released = models.BigIntegerField(default=0)
    steps = models.JSONField(default=list)
    posting_id = models.UUIDField(null=True)
    release_posting_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["institution_id", "month"], name="one_statement_a_month"),
            models.CheckConstraint(
                condition=Q(prepaid=F("by_cases") + F("by_head") + F("by_visits") - F("refused") - F("withheld")),
                name="statement_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(released__gte=0, released__lte=F("withheld")) | Q(withheld__lt=0, released=0),
                name="deposit_not_released_beyond",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="year_is_open",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                # Shared with other statements, exclusive for who closes the year.
                func="""
                    IF TG_OP = 'INSERT' OR (OLD.by_cases, OLD.by_head, OLD.by_visits, OLD.prepaid, OLD.withheld, OLD.posting_id)
                       IS DISTINCT FROM (NEW.by_cases, NEW.by_head, NEW.by_visits, NEW.prepaid, NEW.withheld, NEW.posting_id) THEN
                        PERFORM pg_advisory_xact_lock_shared(hashtext('budget.year ' || extract(year from NEW.month)::int::text));
                        IF EXISTS (SELECT 1 FROM budget_yearclose
                                   WHERE year = extract(year from NEW.month) AND state = 'posted') THEN
                            RAISE EXCEPTION 'the year is closed'
                                USING ERRCODE = 'check_violation', CONSTRAINT = 'budget_year_is_open';
                        END IF;
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Protect(
                name="paid_is_kept",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.posting_id IS NOT NULL AND (OLD.weight_set_id, OLD.point_value, OLD.prepaid, OLD.withheld, OLD.by_cases, OLD.by_head, OLD.by_visits, OLD.refused)"
                    " IS DISTINCT FROM (NEW.weight_set_id, NEW.point_value, NEW.prepaid, NEW.withheld, NEW.by_cases, NEW.by_head, NEW.by_visits, NEW.refused)"
                ),
            ),
        ]
