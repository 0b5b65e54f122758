"""Facts about lists that other rooms may act on. Ids and plain values only."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from yigong.core.events.api import event


@event("claims.list_uploaded")
@dataclass(frozen=True)
class ListUploaded:
    """A settlement list went out, with its group at that time."""

    list_id: UUID
    settlement_id: UUID
    institution_id: UUID
    month: date
    drg_code: str


@event("claims.list_answered")
@dataclass(frozen=True)
class ListAnswered:
    """The insurance office took the list or sent it back."""

    list_id: UUID
    settlement_id: UUID
    institution_id: UUID
    accepted: bool
