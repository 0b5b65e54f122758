"""The file of a consultation: what the record offers, what was named, what is missing."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from yigong.centres.consultation import policies
from yigong.centres.consultation.models import Consultation
from yigong.centres.consultation.rules.definitions import parameters
from yigong.centres.consultation.rules.files import Entry, answers_for
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import Forbidden
from yigong.records import api as records
from yigong.records.data import TimelineItem

OFFERED = ("encounter", "result", "prescription", "document", "procedure", "allergy")
YEAR = timedelta(days=366)


def offered(resident_id: UUID, *, actor: Actor, limit: int = 60) -> list[TimelineItem]:
    """The newest entries of a year that may be put into a file. Decides and logs."""
    found = records.timeline(resident_id, actor=actor, kinds=OFFERED, since=clock.now() - YEAR, limit=limit)
    return list(found.items)


def chosen(resident_id: UUID, wanted: Sequence[tuple[str, UUID]], *, actor: Actor) -> list[TimelineItem]:
    """The entries that were ticked, as far as they are this resident's. Decides and logs."""
    return records.entries(resident_id, [pair for pair in wanted if pair[0] in OFFERED], actor=actor)


def answers(item: TimelineItem) -> list[str]:
    """The pieces that an entry answers for."""
    return answers_for(Entry(item.kind, item.code, item.at), parameters().pieces, clock.now())


def present(items: Iterable[TimelineItem]) -> set[str]:
    """All pieces that these entries answer for."""
    return {code for item in items for code in answers(item)}


def read_file(row: Consultation, *, actor: Actor) -> list[TimelineItem]:
    """The named entries themselves, for the asking side and for experts who have accepted, through the platform's decision about the resident.

    An expert's right is the relationship that his invitation opened: before he accepts and after the end the decision refuses.
    """
    asks = policies.is_asker(row, actor)
    if not asks and (row.closed_at or not policies.invitation_of(row, actor, policies.READABLE)):
        raise Forbidden(policies.not_yet(row, actor))
    named = row.records.values_list("kind", "entry_id")
    return records.entries(row.order.resident_id, list(named), actor=actor)
