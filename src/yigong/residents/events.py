"""Facts about residents that other rooms may react to."""

from dataclasses import dataclass
from uuid import UUID

from yigong.core.events.api import event


@event("residents.registered")
@dataclass(frozen=True)
class ResidentRegistered:
    """A person was registered; ``institution_id`` is where."""

    resident_id: UUID
    source_record_id: UUID
    institution_id: UUID | None


@event("residents.changed")
@dataclass(frozen=True)
class ResidentChanged:
    """Particulars of a person were corrected or completed; ``fields`` names them."""

    resident_id: UUID
    fields: tuple[str, ...]


@event("residents.closed")
@dataclass(frozen=True)
class ResidentClosed:
    """An identity was closed: ``status`` is deceased, moved or cancelled."""

    resident_id: UUID
    status: str


@event("residents.reopened")
@dataclass(frozen=True)
class ResidentReopened:
    """A closed identity is in use again."""

    resident_id: UUID
