"""Cards at the village and at the county's desk: in force, lost, replaced; a mother who acts for her child."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from yigong.access import api as access
from yigong.core.actor import Actor
from yigong.residents import api as residents
from yigong.residents.cards import api as cards
from yigong.residents.cards.data import CardData, NewCard
from yigong.residents.proxies import api as proxies

_HEALTH_CARD, _SOCIAL_CARD = "99H", "12"
_AT_EACH_DESK = 6


class Known(Protocol):
    """A resident with the key."""

    @property
    def id(self) -> UUID: ...


def issue(people: Sequence[Known], desks: Sequence[Actor]) -> int:
    """Cards for some of those whom each desk knows; returns how many people got one."""
    done: set[UUID] = set()
    for desk in desks:
        known = access.visible_of([p.id for p in people[:4000]], desk) - done
        chosen = [p.id for p in people if p.id in known][:_AT_EACH_DESK]
        for place, person in enumerate(chosen):
            _one(person, place, desk)
        _families(chosen, desk)
        done |= set(chosen)
    return len(done)


def _one(person: UUID, place: int, desk: Actor) -> None:
    card = cards.issue_card(resident_id=person, given=NewCard(_HEALTH_CARD, medium="electronic"), actor=desk)
    if place % 3 == 1:
        _lost(card, desk)
    if place % 3 == 2:
        _lost(card, desk)
        given = NewCard("", medium="electronic")
        cards.replace_card(card_id=card.id, given=given, reason="遗失补卡", actor=desk)
    if place % 2 == 0:
        number = f"A{int.from_bytes(person.bytes[-4:], 'big') % 100_000_000:08d}"
        given = NewCard(_SOCIAL_CARD, number, issuer="青岚县人力资源和社会保障局")
        cards.issue_card(resident_id=person, given=given, actor=desk)


def _lost(card: CardData, desk: Actor) -> None:
    cards.report_loss(card_id=card.id, reason="本人来院挂失", actor=desk)


def _families(chosen: Sequence[UUID], desk: Actor) -> None:
    """The first household with a child: a grown member acts for it; the first with somebody over eighty: likewise, in writing."""
    children = elders = 0
    for person in chosen:
        household = residents.identity(person).household_id
        members = [m for m in residents.household_members(household) if m.status == "active"] if household else []
        grown = [m for m in members if m.age_years is not None and 25 <= m.age_years < 60]
        for member in members:
            if not grown or member in grown or member.age_years is None:
                continue
            relation = residents.relation_between(grown[0].relation, grown[0].sex, member.relation) or "97"
            if member.age_years < 18 and not children:
                children += _act(member.resident_id, proxies.NewProxy(grown[0].resident_id, relation, "guardian"), desk)
            elif member.age_years >= 70 and not elders:
                given = proxies.NewProxy(grown[0].resident_id, relation, "consent", "委托书 2026 年 1 月")
                elders += _act(member.resident_id, given, desk)


def _act(person: UUID, given: proxies.NewProxy, desk: Actor) -> int:
    if person not in access.visible_of([person], desk):
        return 0
    proxies.grant_proxy(resident_id=person, given=given, actor=desk)
    if not cards.cards_of(given.agent_id, actor=desk):
        cards.issue_card(resident_id=given.agent_id, given=NewCard(_HEALTH_CARD, medium="electronic"), actor=desk)
    return 1
