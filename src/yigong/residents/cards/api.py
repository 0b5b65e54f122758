"""Cards and codes: the door for other rooms. Commands take keyword arguments only."""

from uuid import UUID

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import Forbidden
from yigong.core.printing.api import qr_code
from yigong.residents import api as residents
from yigong.residents.cards import policies, queries
from yigong.residents.cards.commands import cancel_card, issue_card, lift_loss, replace_card, report_loss, scan
from yigong.residents.cards.data import CardData, CodeData, NewCard, Scanned
from yigong.residents.cards.errors import HasOne, NoCode, NumberHeld
from yigong.residents.cards.rules.codes import make_code
from yigong.residents.cards.rules.parameters import parameters, validity

__all__ = [
    "CardData",
    "CodeData",
    "HasOne",
    "NewCard",
    "NoCode",
    "NumberHeld",
    "Scanned",
    "cancel_card",
    "cards_of",
    "code_of",
    "issue_card",
    "lift_loss",
    "replace_card",
    "report_loss",
    "scan",
]


def cards_of(resident_id: UUID, *, actor: Actor) -> list[CardData]:
    """The person's cards with their history, after the decision to read, which is logged."""
    person = residents.access_resident(resident_id, actor=actor)
    return queries.cards_of(person.id, with_history=True)


def code_of(resident_id: UUID, *, actor: Actor) -> CodeData:
    """A fresh code for the person, after the decision to read, which is logged. NoCode without a health card in force."""
    if not actor.has(policies.KEEP):
        raise Forbidden()
    person = residents.access_resident(resident_id, actor=actor, purpose="出示居民码")
    if person.status != "active":
        raise residents.Closed(status=person.status_label, reason=person.closed_reason)
    card = queries.shown_as_code(person.id)
    if card is None:
        raise NoCode()
    now = clock.now().replace(microsecond=0)
    text = make_code(card.id, now)
    return CodeData(text, qr_code(text, stretches=True), now, now + validity(), parameters().refresh_seconds)
