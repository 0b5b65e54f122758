"""Facts about accounts and access that other rooms act on."""

from dataclasses import dataclass
from uuid import UUID

from yigong.core.events.api import event


@event("access.emergency_opened")
@dataclass(frozen=True)
class EmergencyAccessOpened:
    """Somebody opened a record in an emergency; it waits for review at the institution."""

    emergency_id: UUID
    resident_id: UUID
    staff_id: UUID
    institution_id: UUID


@event("access.emergency_reviewed")
@dataclass(frozen=True)
class EmergencyAccessReviewed:
    """A verdict: justified, unclear or unjustified."""

    emergency_id: UUID
    staff_id: UUID
    verdict: str


@event("access.consent_withdrawn")
@dataclass(frozen=True)
class ConsentWithdrawn:
    """A resident took a consent back; what it opened is closed."""

    consent_id: UUID
    resident_id: UUID


@event("access.account_locked")
@dataclass(frozen=True)
class AccountLocked:
    """An administrator locked an account."""

    account_id: UUID
