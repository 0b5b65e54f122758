"""A case, and everything of it that carries a bar code: containers, the blocks cut from them, the slides cut from those."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from yigong.core.states.models import Stateful


class Case(models.Model):
    """An order that has come to the centre, under its pathology number; with the comparison of frozen section and paraffin."""

    class Agreement(models.TextChoices):
        AGREES = "agrees", "符合"
        PARTLY = "partly", "部分符合"
        DIFFERS = "differs", "不符合"

    order = models.OneToOneField("orders.Order", primary_key=True, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=20, unique=True)
    registered_at = models.DateTimeField(db_default=Now())
    registered_by = models.CharField(max_length=80)
    agreement = models.CharField(max_length=8, choices=Agreement.choices, blank=True, db_default="")
    agreement_note = models.CharField(max_length=300, blank=True, db_default="")
    agreement_by = models.CharField(max_length=80, blank=True, db_default="")
    agreement_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(agreement__in=["", "agrees", "partly", "differs"]), name="pathology_agreement_known"
            ),
            models.CheckConstraint(
                condition=~Q(agreement__in=["partly", "differs"]) | ~Q(agreement_note=""),
                name="pathology_difference_has_words",
            ),
        ]


class Specimen(Stateful):
    """One container, block or slide, and where it is. ``code`` is its bar code; ``label`` what a person calls it: the tissue, or the stain.

    A container has the times of removal and of fixation; unknown is null, never zero. ``cold_minutes``, ``fixed_hours`` and ``is_regular``
    are judged when it is cut, by the limits of that day; null where nothing was to be fixed.
    """

    class Kind(models.TextChoices):
        CONTAINER = "container", "标本瓶"
        BLOCK = "block", "蜡块"
        SLIDE = "slide", "玻片"

    kind = models.CharField(max_length=10, choices=Kind.choices)
    code = models.CharField(max_length=40, unique=True)
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="+")
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="parts")
    sender = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    centre = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    letter = models.CharField(max_length=2, blank=True)
    label = models.CharField(max_length=80)
    site = models.CharField(max_length=80, blank=True)
    pieces = models.PositiveSmallIntegerField(null=True)
    stain = models.CharField(max_length=16, blank=True)
    result = models.CharField(max_length=120, blank=True)

    removed_at = models.DateTimeField(null=True)
    fixed_at = models.DateTimeField(null=True)
    fixative = models.CharField(max_length=16, blank=True)
    consignment = models.ForeignKey("logistics.Consignment", null=True, on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField(null=True)
    received_by = models.CharField(max_length=80, blank=True)
    gross = models.TextField(blank=True)
    grossed_at = models.DateTimeField(null=True)
    grossed_by = models.CharField(max_length=80, blank=True)
    recorder = models.CharField(max_length=80, blank=True)
    cold_minutes = models.IntegerField(null=True)
    fixed_hours = models.DecimalField(max_digits=7, decimal_places=1, null=True)
    is_regular = models.BooleanField(null=True)

    ordered_by = models.CharField(max_length=80, blank=True)
    is_additional = models.BooleanField(db_default=False)
    ready_at = models.DateTimeField(null=True)
    fault = models.CharField(max_length=16, blank=True)
    remark = models.CharField(max_length=300, blank=True)
    place = models.CharField(max_length=40, blank=True)
    keep_until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["container", "block", "slide"]), name="pathology_specimen_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(kind="container", parent__isnull=True) | (~Q(kind="container") & Q(parent__isnull=False)),
                name="pathology_part_has_a_whole",
            ),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True) | Q(fixed_at__isnull=True) | Q(fixed_at__gte=F("removed_at")),
                name="pathology_fixed_after_removal",
            ),
            models.CheckConstraint(
                condition=~Q(state="rejected") | ~Q(fault=""), name="pathology_rejection_has_reason"
            ),
            models.CheckConstraint(condition=~Q(kind="slide") | ~Q(stain=""), name="pathology_slide_has_a_stain"),
            models.UniqueConstraint(
                fields=["order", "letter"], condition=Q(kind="container"), name="pathology_container_letter_once"
            ),
        ]
        indexes = [
            models.Index(fields=["order", "kind"], name="pathology_by_order"),
            models.Index(fields=["centre", "kind", "state", "state_since"], name="pathology_by_station"),
            models.Index(fields=["sender", "state"], name="pathology_by_sender"),
            models.Index(fields=["parent"], name="pathology_by_parent"),
            models.Index(fields=["due_at"], name="pathology_clock", condition=Q(due_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.code
