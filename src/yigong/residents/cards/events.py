"""Facts about cards that other rooms may react to."""

from dataclasses import dataclass
from uuid import UUID

from yigong.core.events.api import event


@event("cards.issued")
@dataclass(frozen=True)
class CardIssued:
    """A card is in force; ``kind`` by CV02.01.101."""

    card_id: UUID
    resident_id: UUID
    kind: str


@event("cards.replaced")
@dataclass(frozen=True)
class CardReplaced:
    """``card_id`` is dead, ``new_id`` took its place."""

    card_id: UUID
    new_id: UUID
    resident_id: UUID


@event("cards.state_changed")
@dataclass(frozen=True)
class CardStateChanged:
    """A card was reported lost, found again or cancelled; ``state`` is where it is now."""

    card_id: UUID
    resident_id: UUID
    state: str
