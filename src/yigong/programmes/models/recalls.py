"""A lot that was called back, whether anybody has it in stock or not, and what became of telling those who were given it."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from yigong.core.audit.api import audited
from yigong.core.ids import new_id
from yigong.core.states.models import Stateful
from yigong.programmes.models.vaccines import Dose


@audited
class Recall(Stateful):
    """A lot (by its product) called back by an institution: open while people are to be told or doses lie sealed, closed when nothing is left to do,
    lifted when it was withdrawn. Open and closed ones block the lot everywhere."""

    product = models.CharField(max_length=60)
    lot = models.CharField(max_length=40)
    reason = models.CharField(max_length=200)
    institution = models.ForeignKey(
        "network.Institution", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    called_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["product", "lot"], condition=Q(state__in=["open", "closed"]), name="programme_recall_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "closed", "lifted"]), name="programme_recall_state_known"
            ),
        ]
        indexes = [models.Index(fields=["lot", "product"], name="programme_recall_by_lot")]


@audited
class RecallContact(models.Model):
    """Whether one person who was given the lot was told of its recall: told, told and unwell, or not reached yet."""

    class Outcome(models.TextChoices):
        TOLD = "told", "已通知，无不适"
        UNWELL = "unwell", "已通知，有不适"
        UNREACHED = "unreached", "没联系上"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    recall = models.ForeignKey(Recall, on_delete=models.PROTECT, related_name="contacts", db_index=False)
    dose = models.ForeignKey(Dose, on_delete=models.PROTECT, related_name="+", db_index=False)
    outcome = models.CharField(max_length=9, choices=Outcome.choices)
    note = models.CharField(max_length=200, blank=True, db_default="")
    at = models.DateTimeField(db_default=Now())
    staff_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["recall", "dose"], name="programme_recall_contact_once"),
            models.CheckConstraint(
                condition=Q(outcome__in=["told", "unreached"]) | (Q(outcome="unwell") & ~Q(note="")),
                name="programme_recall_contact_known",
            ),
        ]
        indexes = [models.Index(fields=["dose"], name="programme_recall_contact_dose")]
