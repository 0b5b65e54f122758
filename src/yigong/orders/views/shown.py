"""What several pages show: names for the keys on a page, looked up at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from yigong.core.actor import Actor
from yigong.network import api as network
from yigong.orders.data import OrderData, WorklistRow
from yigong.residents import api as residents

TONES = {
    "requested": "info", "accepted": "info", "scheduled": "info", "checked_in": "info", "in_progress": "info",
    "acquired": "info", "repeat": "bad", "uploaded": "info", "reported": "good", "completed": "muted",
    "cancelled": "muted", "rejected": "bad", "refused": "bad", "no_show": "warn", "stopped": "bad",
    "unclaimed": "info", "claimed": "info", "preliminary": "warn", "submitted": "info", "returned": "warn",
    "images_rejected": "bad", "final": "good", "amending": "warn", "amend_submitted": "warn", "amended": "good",
    "withdrawn": "bad", "detected": "bad", "notified": "bad", "unreachable": "bad", "acknowledged": "warn",
    "acted": "good", "closed": "muted",
}  # fmt: skip
"""The tone of each state's badge."""


@dataclass(frozen=True)
class Names:
    """Residents, institutions and staff by key, for templates."""

    residents: dict[UUID, Any]
    institutions: dict[UUID, str]
    staff: dict[UUID, str]

    def resident(self, key: UUID) -> Any:
        """The name of a resident, or None."""
        return self.residents.get(key)

    def institution(self, key: UUID | None) -> str:
        """The short name of an institution."""
        return self.institutions.get(key, "") if key else ""

    def person(self, key: UUID | None) -> str:
        """The name of a staff member."""
        return self.staff.get(key, "") if key else ""


def names_of(rows: Iterable[OrderData | WorklistRow]) -> Names:
    """Every name that a list of orders needs: one query per kind."""
    found = list(rows)
    institutions = {key for row in found for key in (row.requesting_institution_id, row.performing_institution_id)}
    institutions |= {row.reporting_institution_id for row in found if isinstance(row, OrderData)}
    staff = {row.requesting_staff_id for row in found if isinstance(row, OrderData) and row.requesting_staff_id}
    return Names(
        residents.resident_names({row.resident_id for row in found}),
        {key: one.short_name for key, one in network.institutions(institutions).items()},
        {key: one.name for key, one in network.staff_many(staff).items()},
    )


def is_at(actor: Actor, institution_id: UUID) -> bool:
    """Whether the actor works there today."""
    return institution_id in actor.institution_ids or institution_id == actor.institution_id


def number_of(text: object) -> int:
    """A page number from a query string; anything unusable is the first page."""
    try:
        return max(1, int(str(text)))
    except ValueError:
        return 1
