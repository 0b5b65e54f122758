"""Lists of the desk."""

from uuid import UUID

from django.db.models import Count, Q, QuerySet

from yigong.core.actor import Actor
from yigong.core.errors import NotFound
from yigong.core.paging import Page, page_of
from yigong.exchange.hl7v2.models import Message

VIEWS = {
    "waiting": ["unmatched", "failed"], "taken": ["taken"], "discarded": ["discarded"],
    "all": ["unmatched", "failed", "taken", "discarded"],
}  # fmt: skip


def mine(actor: Actor) -> QuerySet[Message]:
    """Messages of the actor's institutions, and those whose analyser nobody knows."""
    here = {key for key in (actor.institution_id, *actor.institution_ids) if key}
    return Message.objects.filter(Q(institution_id__in=here) | Q(institution_id__isnull=True))


def messages(actor: Actor, *, view: str, text: str, page: int) -> Page[Message]:
    """Messages by state, newest first; found by analyser or control id."""
    rows = mine(actor).filter(state__in=VIEWS.get(view, VIEWS["waiting"]))
    if text := text.strip()[:60]:
        rows = rows.filter(Q(control_id=text) | Q(sender__istartswith=text))
    return page_of(rows.defer("raw", "corrected").order_by("-received_at"), page=page)


def totals(actor: Actor) -> dict[str, int]:
    """How many messages each tab holds."""
    return mine(actor).aggregate(**{name: Count("id", filter=Q(state__in=states)) for name, states in VIEWS.items()})


def waiting_count(actor: Actor) -> int:
    """How many messages wait for somebody; the number in the menu."""
    return mine(actor).filter(state__in=VIEWS["waiting"]).count()


def message(message_id: UUID, actor: Actor) -> Message:
    """One message."""
    row = mine(actor).filter(pk=message_id).first()
    if row is None:
        raise NotFound()
    return row
