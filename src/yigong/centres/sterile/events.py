"""What the sterile supply centre tells the house. Ids and facts only."""

from dataclasses import dataclass
from uuid import UUID

from yigong.core.events.api import event


@event("sterile.pack_used")
@dataclass(frozen=True)
class PackUsed:
    """A pack was used in a patient."""

    round_id: UUID
    pack_id: UUID
    resident_id: UUID
    encounter_id: UUID
    institution_id: UUID


@event("sterile.recall_opened")
@dataclass(frozen=True)
class RecallOpened:
    """A failed test called packs back."""

    recall_id: UUID
    machine_id: UUID
    packs: int
    patients: int
