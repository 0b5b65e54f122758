"""What logistics tells the house. Ids and facts only."""

from dataclasses import dataclass
from uuid import UUID

from yigong.core.events.api import event


@event("logistics.consignment_failed")
@dataclass(frozen=True)
class ConsignmentFailed:
    """A consignment was lost or broken on its way; ``how`` is ``lost`` or ``damaged``. The room it belongs to goes its own way."""

    consignment_id: UUID
    kind: str
    how: str
    reason: str
