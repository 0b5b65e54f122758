"""Facts about findings that other rooms may act on."""

from dataclasses import dataclass
from uuid import UUID

from yigong.core.events.api import event


@event("review.decided")
@dataclass(frozen=True)
class SuspicionDecided:
    """An officer decided; ``deduct`` in fen is what the institution gives back, negative when an earlier deduction is taken back."""

    suspicion_id: UUID
    bill_id: UUID
    institution_id: UUID
    upheld: bool
    deduct: int
