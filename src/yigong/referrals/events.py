"""Facts that other rooms may listen to. Ids and plain values only."""

from dataclasses import dataclass
from uuid import UUID

from yigong.core.events.api import event


@dataclass(frozen=True)
class _About:
    referral_id: UUID
    direction: str
    resident_id: UUID | None
    from_institution_id: UUID
    to_institution_id: UUID


@event("referral.requested")
@dataclass(frozen=True)
class ReferralRequested(_About):
    """A referral was begun (perhaps still a draft)."""


@event("referral.submitted")
@dataclass(frozen=True)
class ReferralSubmitted(_About):
    """It lies with the receiver (or with the own manager first)."""


@event("referral.accepted")
@dataclass(frozen=True)
class ReferralAccepted(_About):
    """The receiver takes the patient."""


@event("referral.rejected")
@dataclass(frozen=True)
class ReferralRejected(_About):
    """The receiver does not; ``reason_code`` by the reject codes."""

    reason_code: str


@event("referral.redirected")
@dataclass(frozen=True)
class ReferralRedirected(_About):
    """Another receiver was asked instead, by a new referral."""

    child_id: UUID


@event("referral.arrived")
@dataclass(frozen=True)
class ReferralArrived(_About):
    """The patient is there (up) or was contacted for the first time (down)."""


@event("referral.completed")
@dataclass(frozen=True)
class ReferralCompleted(_About):
    """Treated, and the sender has the feedback."""

    outcome_code: str


@event("referral.first_visit_done")
@dataclass(frozen=True)
class FirstVisitDone(_About):
    """The first visit after a down-referral took place."""

    in_time: bool


@event("referral.closed")
@dataclass(frozen=True)
class ReferralClosed(_About):
    """Nothing more will happen."""


@event("referral.cancelled")
@dataclass(frozen=True)
class ReferralCancelled(_About):
    """Withdrawn by its author."""


@event("referral.expired")
@dataclass(frozen=True)
class ReferralExpired(_About):
    """Nobody answered, after escalation."""


@event("referral.no_show")
@dataclass(frozen=True)
class ReferralNoShow(_About):
    """Accepted, but the patient did not come."""
