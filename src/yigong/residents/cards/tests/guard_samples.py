"""A card of the guards' resident, shown, scanned and changed."""

from typing import Any

from tests.guards.world import Sample, World

from yigong.residents.cards import api
from yigong.residents.cards.data import NewCard


def samples(world: World) -> dict[str, Any]:
    """A health card and the code of it."""
    person, clerk = world.things["person"], world.actor("registrar")
    card = api.issue_card(resident_id=person, given=NewCard("99H", "JKG0001"), actor=clerk)
    one, of_card = {"resident_id": person}, {"card_id": card.id}
    return {
        "cards:of": Sample(one),
        "cards:issue": Sample(one),
        "cards:issue_code": Sample(one, post={}),
        "cards:code": Sample(one),
        "cards:choose": Sample(one),
        "cards:replace": Sample(of_card),
        "cards:step": Sample(of_card | {"action": "loss"}),
        "cards:scan": Sample(),
    }
