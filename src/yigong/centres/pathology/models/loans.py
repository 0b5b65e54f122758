"""Blocks and slides lent out."""

from datetime import datetime, time, timedelta

from django.db import models
from django.db.models import Q

from yigong.core import clock
from yigong.core.ids import new_id
from yigong.core.states.models import Stateful


class Loan(Stateful):
    """Blocks and slides given to somebody until a day, against a deposit and a signed promise. ``deposit`` in fen."""

    number = models.CharField(max_length=32, unique=True)
    centre = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="+")
    borrower = models.CharField(max_length=80)
    relation = models.CharField(max_length=40)
    phone = models.CharField(max_length=40)
    destination = models.CharField(max_length=120)
    purpose = models.CharField(max_length=200)
    deposit = models.PositiveIntegerField()
    due_on = models.DateField()
    lent_by = models.CharField(max_length=80)
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(deposit__lte=10_000_000), name="pathology_deposit_plausible"),
            models.CheckConstraint(
                condition=~Q(borrower="") & ~Q(phone=""), name="pathology_loan_has_somebody_responsible"
            ),
        ]
        indexes = [
            models.Index(fields=["centre", "state", "due_on"], name="pathology_loan_by_centre"),
            models.Index(fields=["due_at"], name="pathology_loan_clock", condition=Q(due_at__isnull=False)),
        ]

    @property
    def time_left(self) -> timedelta:
        """Until the end of the last day, in China."""
        return datetime.combine(self.due_on, time.max, clock.SHANGHAI) - clock.now()


class LoanItem(models.Model):
    """One block or slide of a loan: out until it is back or lost."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="items")
    specimen = models.ForeignKey("pathology.Specimen", on_delete=models.PROTECT, related_name="loans")
    returned_at = models.DateTimeField(null=True)
    returned_to = models.CharField(max_length=80, blank=True)
    lost_at = models.DateTimeField(null=True)
    remark = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["specimen"], condition=Q(returned_at__isnull=True, lost_at__isnull=True),
                name="pathology_lent_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(returned_at__isnull=True) | Q(lost_at__isnull=True), name="pathology_back_or_lost"
            ),
            models.CheckConstraint(
                condition=Q(lost_at__isnull=True) | ~Q(remark=""), name="pathology_loss_has_words"
            ),
        ]  # fmt: skip
