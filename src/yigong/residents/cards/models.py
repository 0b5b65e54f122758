"""Cards and what they were used for. The number of a card is a document number of the index; here is the thing that carries it."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from yigong.core.audit.api import audited
from yigong.core.ids import new_id
from yigong.core.states.api import bind
from yigong.core.states.models import Stateful
from yigong.residents.cards.rules.states import CARD, IN_FORCE


@audited
class Card(Stateful):
    """A health card, social security card, insurance voucher or other certificate in somebody's hand. ``kind`` by CV02.01.101.

    Whose it is today is what its number says (``identifier``): numbers follow merges and splits. ``resident`` is to whom it was issued.
    """

    class Medium(models.TextChoices):
        PHYSICAL = "physical", "实体卡"
        ELECTRONIC = "electronic", "电子卡"

    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, related_name="+")
    identifier = models.ForeignKey("residents.Identifier", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=3)
    medium = models.CharField(max_length=10, choices=Medium.choices)
    issuer = models.CharField(max_length=80, blank=True)
    issued_on = models.DateField()
    valid_until = models.DateField(null=True)
    replaces = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="successor")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["resident", "kind"], condition=Q(state__in=IN_FORCE), name="one_card_of_a_kind_in_force"
            ),
            # With the index's "one living holder per number" this makes: one person per card number in force.
            models.UniqueConstraint(
                fields=["identifier"], condition=Q(state__in=IN_FORCE), name="one_card_in_force_per_number"
            ),
            models.CheckConstraint(condition=Q(state__in=list(CARD.states)), name="card_state_is_known"),
            models.CheckConstraint(condition=Q(medium__in=["physical", "electronic"]), name="card_medium_is_known"),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("issued_on")),
                name="card_valid_after_issue",
            ),
            models.CheckConstraint(condition=~Q(replaces=F("id")), name="card_does_not_replace_itself"),
        ]


bind(CARD, Card)


class CardUse(models.Model):
    """A card or its code was accepted somewhere. Append-only. One code is one use, however often the scanner sends it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    card = models.ForeignKey(Card, on_delete=models.PROTECT, related_name="uses", db_index=False)
    code = models.BinaryField(null=True, unique=True)
    institution_id = models.UUIDField(null=True)
    staff_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=80)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["card", "-at"], name="card_use_by_card")]
        triggers = [pgtrigger.Protect(name="card_use_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
