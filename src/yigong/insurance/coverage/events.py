"""Facts about coverage that other rooms act on."""

from dataclasses import dataclass
from uuid import UUID

from yigong.core.events.api import event


@event("coverage.changed")
@dataclass(frozen=True)
class CoverageChanged:
    """Insurance, a category or a registration of a resident began or ended; ``what`` names the table, ``row_id`` the row."""

    resident_id: UUID
    what: str
    row_id: UUID
