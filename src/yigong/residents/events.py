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


@event("residents.merged")
@dataclass(frozen=True)
class ResidentMerged:
    """Two identities are one person: ``resident_id`` goes on, ``merged_id`` leads to it."""

    resident_id: UUID
    merged_id: UUID
    operation_id: UUID


@event("residents.records_moved")
@dataclass(frozen=True)
class RecordsMoved:
    """Source records went to another identity (``kind``: split, link or unlink)."""

    from_id: UUID
    to_id: UUID
    kind: str
    operation_id: UUID


@event("residents.link_undone")
@dataclass(frozen=True)
class LinkUndone:
    """A change of links was taken back; ``operation_id`` is the change, ``resident_ids`` its two sides."""

    resident_ids: tuple[UUID, UUID]
    kind: str
    operation_id: UUID
