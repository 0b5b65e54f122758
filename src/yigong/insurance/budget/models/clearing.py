"""The year's clearing: frozen appraisal, what was unreasonable, who gets how much."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from yigong.core.ids import new_id
from yigong.core.states.models import Stateful
from yigong.insurance.budget.models.package import Package


class Appraisal(Stateful):
    """Scores of the members for a year, one version; checked, signed by a second person, and then frozen by the database."""

    year = models.PositiveSmallIntegerField()
    edition = models.PositiveSmallIntegerField()
    note = models.CharField(max_length=200, blank=True)
    community_score = models.DecimalField(max_digits=5, decimal_places=2)
    made_by = models.CharField(max_length=80)
    made_by_id = models.UUIDField(null=True)
    signed_by = models.CharField(max_length=80, blank=True)
    signed_by_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["year", "edition"], name="one_edition_of_an_appraisal"),
            models.UniqueConstraint(fields=["year"], condition=Q(state="frozen"), name="one_frozen_appraisal"),
            models.CheckConstraint(
                condition=Q(community_score__gte=0, community_score__lte=100), name="community_score_up_to_100"
            ),
            models.CheckConstraint(
                condition=~Q(state="frozen") | (~Q(signed_by="") & ~Q(signed_by_id=F("made_by_id"))),
                name="appraisal_signed_by_another",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="frozen",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.state IN ('frozen', 'replaced') AND (OLD.community_score, OLD.year, OLD.edition, OLD.signed_by)"
                    " IS DISTINCT FROM (NEW.community_score, NEW.year, NEW.edition, NEW.signed_by)"
                ),
            ),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]


class AppraisalScore(models.Model):
    """One member's score and base weight. Refused by the database once the appraisal is frozen."""

    appraisal = models.ForeignKey(Appraisal, on_delete=models.PROTECT, related_name="scores")
    institution_id = models.UUIDField()
    base = models.DecimalField(max_digits=7, decimal_places=4)
    score = models.DecimalField(max_digits=5, decimal_places=2)
    source = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["appraisal", "institution_id"], name="one_score_of_a_member"),
            models.CheckConstraint(condition=Q(score__gte=0, score__lte=100), name="score_up_to_100"),
            models.CheckConstraint(condition=Q(base__gte=0), name="base_weight_not_negative"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="frozen",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func="""
                    IF EXISTS (SELECT 1 FROM budget_appraisal
                               WHERE id = CASE TG_OP WHEN 'INSERT' THEN NEW.appraisal_id ELSE OLD.appraisal_id END
                               AND state IN ('frozen', 'replaced')) THEN
                        RAISE EXCEPTION 'the appraisal is frozen'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'appraisal_is_frozen';
                    END IF;
                    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
                """,
            )
        ]


class Unreasonable(models.Model):
    """A part of the use that somebody set apart as unreasonable; taken back by a row with the opposite sum."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="unreasonable")
    key = models.UUIDField(unique=True)
    amount = models.BigIntegerField()
    what = models.CharField(max_length=100)
    reason = models.CharField(max_length=200)
    by = models.CharField(max_length=80)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0) & ~Q(reason="") & ~Q(what=""), name="unreasonable_says_why")
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]


class Clearing(Stateful):
    """One clearing of a package: every figure of the way, posted to the ledger once; reversed by a counter-posting."""

    number = models.CharField(max_length=24, unique=True)
    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="clearings")
    appraisal = models.ForeignKey(Appraisal, on_delete=models.PROTECT, related_name="+")
    amount = models.BigIntegerField()
    used = models.BigIntegerField()
    surplus = models.BigIntegerField()
    unreasonable = models.BigIntegerField(default=0)
    kept = models.BigIntegerField(default=0)
    returned = models.BigIntegerField(default=0)
    fund_bears = models.BigIntegerField(default=0)
    community_bears = models.BigIntegerField(default=0)
    steps = models.JSONField(default=list)
    posting_id = models.UUIDField(null=True)
    reversal_id = models.UUIDField(null=True)
    by = models.CharField(max_length=80)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["package"], condition=Q(state="posted"), name="package_cleared_once"),
            models.CheckConstraint(condition=Q(surplus=F("amount") - F("used")), name="clearing_surplus_is_the_rest"),
            models.CheckConstraint(
                condition=Q(surplus=F("kept") + F("returned") - F("fund_bears") - F("community_bears")),
                name="clearing_gives_out_all",
            ),
        ]


class ClearingShare(models.Model):
    """One member's part of what the community keeps (or bears: negative)."""

    clearing = models.ForeignKey(Clearing, on_delete=models.CASCADE, related_name="shares")
    institution_id = models.UUIDField()
    base = models.DecimalField(max_digits=7, decimal_places=4)
    score = models.DecimalField(max_digits=5, decimal_places=2)
    factor = models.DecimalField(max_digits=14, decimal_places=4)
    amount = models.BigIntegerField()
    favoured = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clearing", "institution_id"], name="one_share_of_a_member")]
        triggers = [pgtrigger.Protect(name="kept", operation=pgtrigger.Update)]
