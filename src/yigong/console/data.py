"""Figures as pages show them."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Month:
    """The five figures of one month for a set of institutions. None means that nothing was counted, which is not zero."""

    month: date
    visits: int
    primary_visits: int
    referrals: int
    referrals_of: int
    reports: int
    median_minutes: int | None

    @property
    def primary_share(self) -> float | None:
        """Visits at primary-care institutions among all visits."""
        return self.primary_visits / self.visits if self.visits else None

    @property
    def referral_share(self) -> float | None:
        """Complete referrals among the submitted."""
        return self.referrals / self.referrals_of if self.referrals_of else None


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One institution's month."""

    id: UUID
    name: str
    primary: bool
    figures: Month
