"""Mutual recognition: what was recognised or repeated, whose quality was assessed, and what was done again all the same."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from yigong.core.ids import new_id
from yigong.orders.models.orders import Order, OrderItem


class Recognition(models.Model):
    """One decision about one item for which an equal result was at hand. Append-only but for being taken back with a reason."""

    class Decision(models.TextChoices):
        RECOGNISED = "recognised", "已互认"
        REPEATED = "repeated", "未互认"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, related_name="+")
    service = models.CharField(max_length=20)
    item_code = models.CharField(max_length=24)
    item_name = models.CharField(max_length=80)
    price = models.PositiveIntegerField(null=True)
    decision = models.CharField(max_length=12, choices=Decision.choices)
    reason_code = models.CharField(max_length=16, blank=True)
    explanation = models.TextField(blank=True)
    source_item = models.ForeignKey(OrderItem, on_delete=models.PROTECT, related_name="+")
    mark = models.CharField(max_length=20, blank=True)
    giver = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    receiver = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    staff = models.ForeignKey("network.Staff", null=True, on_delete=models.PROTECT, related_name="+")
    staff_name = models.CharField(max_length=80)
    at = models.DateTimeField(db_default=Now())
    order = models.ForeignKey(Order, null=True, on_delete=models.PROTECT, related_name="recognitions")
    document_id = models.UUIDField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=80, blank=True)
    withdraw_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(decision="recognised", order__isnull=True) | (Q(decision="repeated") & ~Q(reason_code="")),
                name="recognition_drops_or_gives_a_reason",
            ),
            models.UniqueConstraint(
                fields=["source_item", "receiver", "item_code"], name="result_recognised_once",
                condition=Q(decision="recognised", withdrawn_at__isnull=True),
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["receiver", "-at"], name="recognition_by_receiver")]


class QualityAssessment(models.Model):
    """External quality assessment of an institution for one kind of item, with the days on which it counts."""

    institution = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    service = models.CharField(max_length=20)
    group = models.CharField(max_length=16)
    scheme = models.CharField(max_length=80)
    score = models.DecimalField(max_digits=5, decimal_places=1)
    passed = models.BooleanField()
    valid_from = models.DateField()
    valid_until = models.DateField()
    entered_by = models.CharField(max_length=80)
    entered_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(valid_until__gt=F("valid_from")), name="assessment_ends_after_start"),
            models.CheckConstraint(condition=Q(score__range=(0, 100)), name="assessment_score_is_percent"),
            models.UniqueConstraint(
                fields=["institution", "service", "group", "scheme", "valid_from"], name="assessment_entered_once"
            ),
        ]
        indexes = [models.Index(fields=["institution", "service", "group"], name="assessment_by_institution")]


class RepeatFinding(models.Model):
    """A recognised item was done again within the validity of the recognised result: evidence, and later an explanation."""

    recognition = models.ForeignKey(Recognition, on_delete=models.CASCADE, related_name="repeats")
    item = models.OneToOneField(OrderItem, on_delete=models.PROTECT, related_name="+")
    found_at = models.DateTimeField(db_default=Now())
    explanation = models.TextField(blank=True)
    explained_by = models.CharField(max_length=80, blank=True)
    explained_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(explained_at__isnull=True) | ~Q(explanation=""), name="explained_repeat_has_words"
            )
        ]
        indexes = [
            models.Index(fields=["found_at"], name="repeat_waiting", condition=Q(explained_at__isnull=True)),
        ]
