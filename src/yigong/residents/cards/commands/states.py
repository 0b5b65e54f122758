"""Loss, its lifting, and the end of a card."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.access.data import Subject
from yigong.core.actor import Actor
from yigong.core.audit.api import acting
from yigong.core.commands import racing
from yigong.core.errors import Conflict
from yigong.core.events.api import record
from yigong.core.states.api import transition
from yigong.residents import api as residents
from yigong.residents.cards import queries
from yigong.residents.cards.data import CardData
from yigong.residents.cards.events import CardStateChanged
from yigong.residents.cards.models import Card
from yigong.residents.cards.rules.states import CARD


@racing("cards.report_loss")
@transaction.atomic
def report_loss(*, card_id: UUID, reason: str, actor: Actor, expected_version: int | None = None) -> CardData:
    """From the end of this call on the card and its codes are refused everywhere. The number stays its person's."""
    return _step(card_id, "report_loss", reason, actor, expected_version)


@transaction.atomic
def lift_loss(*, card_id: UUID, reason: str, actor: Actor, expected_version: int | None = None) -> CardData:
    """The card was found again."""
    card = queries.card(card_id)
    if residents.identity(card.resident_id).status != "active":
        raise Conflict(_("该居民档案已不在册，不能解除挂失。"))
    return _step(card_id, "lift_loss", reason, actor, expected_version)


@transaction.atomic
def cancel_card(*, card_id: UUID, reason: str, actor: Actor, expected_version: int | None = None) -> CardData:
    """The card ends without a successor; its number may be given again."""
    done = _step(card_id, "cancel", reason, actor, expected_version)
    residents.release_document(identifier_id=Card.objects.get(pk=card_id).identifier_id, actor=actor)
    return done


def _step(card_id: UUID, action: str, reason: str, actor: Actor, expected_version: int | None) -> CardData:
    card = queries.card(card_id)
    access.require(actor, "write", Subject("resident", card.resident_id))
    with acting(actor, reason=reason.strip()):
        moved = transition(
            CARD, Card(id=card_id), action, actor=actor, reason=reason, expected_version=expected_version
        )
    record(CardStateChanged(card_id, card.resident_id, moved.state))
    return queries.card(card_id)
