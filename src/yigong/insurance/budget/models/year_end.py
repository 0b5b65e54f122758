"""The year's end of what was paid provisionally: by head, or by disease score."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from yigong.core.states.models import Stateful
from yigong.insurance.budget.models.clearing import Appraisal
from yigong.insurance.budget.models.paying import WeightSet


class YearClose(Stateful):
    """One closing of a year's payments by head (``head``) or by disease score (``dip``), posted to the ledger once, reversed by a counter-posting.
    While it stands the database refuses another calculation or payment of the year's months."""

    number = models.CharField(max_length=24, unique=True)
    kind = models.CharField(max_length=4)
    scheme = models.CharField(max_length=3)
    year = models.PositiveSmallIntegerField()
    appraisal = models.ForeignKey(Appraisal, null=True, on_delete=models.PROTECT, related_name="+")
    weight_set = models.ForeignKey(WeightSet, null=True, on_delete=models.PROTECT, related_name="+")
    point_value = models.DecimalField(max_digits=14, decimal_places=4, null=True)
    paid = models.BigIntegerField()
    due = models.BigIntegerField()
    given = models.BigIntegerField(default=0)
    steps = models.JSONField(default=list)
    posting_id = models.UUIDField(null=True)
    reversal_id = models.UUIDField(null=True)
    by = models.CharField(max_length=80)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scheme", "year", "kind"], condition=Q(state="posted"), name="one_closing_of_a_year"
            ),
            models.CheckConstraint(
                condition=Q(kind="head", appraisal__isnull=False) | Q(kind="dip", point_value__isnull=False),
                name="year_close_says_by_what",
            ),
        ]


class YearCloseLine(models.Model):
    """One institution's year: what it was paid, what is due, and (by head) how what was left or over was shared."""

    close = models.ForeignKey(YearClose, on_delete=models.CASCADE, related_name="lines")
    institution_id = models.UUIDField()
    people = models.PositiveIntegerField(null=True)
    score = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    scores = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    paid = models.BigIntegerField()
    served = models.BigIntegerField(default=0)
    used = models.BigIntegerField(default=0)
    kept = models.BigIntegerField(default=0)
    returned = models.BigIntegerField(default=0)
    fund_bears = models.BigIntegerField(default=0)
    borne = models.BigIntegerField(default=0)
    given = models.BigIntegerField(default=0)
    due = models.BigIntegerField()
    steps = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["close", "institution_id"], name="one_line_of_a_closing"),
            models.CheckConstraint(
                condition=Q(people__isnull=True)
                | Q(paid=F("used") + F("kept") + F("returned") - F("fund_bears") - F("borne")),
                name="heads_are_given_out",
            ),
            models.CheckConstraint(
                condition=Q(people__isnull=True) | Q(due=F("served") + F("kept") - F("given") - F("borne")),
                name="heads_make_what_is_due",
            ),
        ]
        triggers = [pgtrigger.Protect(name="kept", operation=pgtrigger.Update)]

    @property
    def balance(self) -> int:
        """Still to be paid, or (negative) to come back."""
        return self.due - self.paid


class YearClosePart(models.Model):
    """A village clinic's part of what its centre keeps."""

    line = models.ForeignKey(YearCloseLine, on_delete=models.CASCADE, related_name="parts")
    institution_id = models.UUIDField()
    amount = models.BigIntegerField()
    favoured = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["line", "institution_id"], name="one_part_of_a_village"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="village_part_is_positive"),
        ]
        triggers = [pgtrigger.Protect(name="kept", operation=pgtrigger.Update)]
