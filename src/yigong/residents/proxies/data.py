"""What crosses the border of the room."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class NewProxy:
    """Who shall act (``agent_id``), what the agent is to the person (GB/T 4761), on which basis and document, until when."""

    agent_id: UUID
    relation: str
    basis: str
    document: str = ""
    starts_on: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class ProxyData:
    """A proxy as a page shows it; ``holds`` says whether it holds today. Keys are those of today (links followed)."""

    id: UUID
    principal_id: UUID
    principal_name: str
    principal_note: str
    agent_id: UUID
    agent_name: str
    agent_note: str
    relation_label: str
    basis: str
    basis_label: str
    document: str
    starts_on: date
    ends_on: date | None
    state: str
    state_label: str
    holds: bool
    ended_because: str
    version: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Somebody who may be asked to act: of the household or a guardian in the file."""

    resident_id: UUID
    name: str
    note: str
    relation: str
    why: str
