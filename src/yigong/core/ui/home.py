"""Cards of the home page. Each app registers its own in ``apps.ready``; the home page shows what the actor may use.

home.register(HomeCard("referrals/home_card.html", referrals_card, "referrals.read", order=20))

The provider is called with the actor and returns the template's context, or None to leave the card out today.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from yigong.core.actor import Actor


@dataclass(frozen=True)
class HomeCard:
    """A card: its template (gets ``card`` = what the provider returned), provider, permission (empty: everyone), order.

    ``wide`` cards take the full width. Keep a provider to one or two indexed queries: it runs at every visit of the home page.
    """

    template: str
    provider: Callable[[Actor], dict[str, Any] | None]
    permission: str = ""
    order: int = 50
    wide: bool = False


_cards: dict[str, HomeCard] = {}


def register(card: HomeCard) -> None:
    """Offer a card; the same template registered again replaces the earlier one."""
    _cards[card.template] = card


def cards_for(actor: Actor) -> list[tuple[HomeCard, dict[str, Any]]]:
    """The cards this actor sees, filled."""
    mine = [c for c in sorted(_cards.values(), key=lambda c: c.order) if not c.permission or actor.has(c.permission)]
    filled = [(card, card.provider(actor)) for card in mine]
    return [(card, content) for card, content in filled if content is not None]
