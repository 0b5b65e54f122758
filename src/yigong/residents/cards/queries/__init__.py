"""Reads of cards."""

from collections.abc import Collection, Sequence
from uuid import UUID

from django.db.models import Max
from django.utils.translation import gettext as _

from yigong.core.errors import NotFound
from yigong.core.states.api import StateChange, history
from yigong.residents import api as residents
from yigong.residents.cards.data import CardData, CardStep
from yigong.residents.cards.models import Card, CardUse
from yigong.residents.cards.rules.states import CARD, IN_FORCE

HEALTH_CARD = "99H"


def squeezed(text: str) -> str:
    """What a scanner sent, without blanks, half-width, in capitals."""
    return residents.squeeze(text)[:120]


def card(card_id: UUID) -> CardData:
    """One card, with whose it is today. NotFound. Without a decision."""
    row = Card.objects.select_related("identifier").filter(pk=card_id).first()
    if row is None:
        raise NotFound(_("没有找到这张卡，请返回重新查找。"))
    return _to_data([row])[0]


def cards_of(resident_id: UUID, with_history: bool = False) -> list[CardData]:
    """All cards whose number is this person's today or was at its end, those in force first. Without a decision."""
    rows = list(
        Card.objects.select_related("identifier")
        .filter(identifier__resident__in=residents.identities(resident_id))
        .order_by("-state_since")
    )
    rows.sort(key=lambda c: (c.state not in IN_FORCE, c.kind))
    return _to_data(rows, with_history)


def shown_as_code(resident_id: UUID) -> CardData | None:
    """The health card that stands for the person when a code is shown."""
    return next((c for c in cards_of(resident_id) if c.kind == HEALTH_CARD and c.state == "active"), None)


def card_by_number(word: str) -> UUID | None:
    """The card that carries this number: one in force before the latest dead one."""
    if len(word) < 4 or not any(c.isdigit() for c in word):
        return None
    uses = [u.identifier_id for u in residents.document_uses(word)]
    found = Card.objects.filter(identifier__in=uses).order_by("-state_since") if uses else []
    best = sorted(found, key=lambda c: c.state not in IN_FORCE)
    return best[0].id if best else None


def held_about(ids: Collection[UUID]) -> int:
    """How many cards are kept under these keys."""
    return Card.objects.filter(identifier__resident__in=ids).count()


def _to_data(rows: Sequence[Card], with_history: bool = False) -> list[CardData]:
    masked = residents.document_numbers([r.identifier_id for r in rows])
    last = dict(CardUse.objects.filter(card__in=rows).values_list("card").annotate(Max("at")))
    kinds = residents.document_kinds()
    today = residents.resolve({r.identifier.resident_id for r in rows})
    return [
        CardData(
            id=r.id,
            resident_id=today[r.identifier.resident_id],
            kind=r.kind,
            kind_label=kinds[r.kind],
            medium=r.medium,
            medium_label=_(str(Card.Medium(r.medium).label)),
            masked=masked[r.identifier_id],
            issuer=r.issuer,
            issued_on=r.issued_on,
            valid_until=r.valid_until,
            state=r.state,
            state_label=CARD.label(r.state),
            state_since=r.state_since,
            version=r.version,
            last_used_at=last.get(r.id),
            steps=tuple(_step(h) for h in history(r.id)) if with_history else (),
        )
        for r in rows
    ]


def _step(change: StateChange) -> CardStep:
    label = next((_(s.label) for s in CARD.steps if s.action == change.action), _("发卡"))
    return CardStep(label, change.at, change.actor_name, change.reason)
