"""Facts about the budget that other rooms act on."""

from dataclasses import dataclass
from uuid import UUID

from yigong.core.events.api import event


@event("budget.published")
@dataclass(frozen=True)
class PackagePublished:
    """A package was published."""

    package_id: UUID
    year: int


@event("budget.cleared")
@dataclass(frozen=True)
class YearCleared:
    """A year was cleared and split."""

    clearing_id: UUID
    package_id: UUID
    year: int


@event("budget.clearing_reversed")
@dataclass(frozen=True)
class ClearingReversed:
    """A clearing was taken back."""

    clearing_id: UUID
    package_id: UUID
    year: int
