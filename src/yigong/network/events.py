"""Facts about institutions and staff that other rooms act on."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from yigong.core.events.api import event


@event("network.institution_created")
@dataclass(frozen=True)
class InstitutionCreated:
    """A new institution."""

    institution_id: UUID


@event("network.institution_changed")
@dataclass(frozen=True)
class InstitutionChanged:
    """Facts of an institution changed; ``fields`` names them."""

    institution_id: UUID
    fields: tuple[str, ...]


@event("network.institution_closed")
@dataclass(frozen=True)
class InstitutionClosed:
    """An institution stops working on a day."""

    institution_id: UUID
    closed_on: date


@event("network.accreditation_recorded")
@dataclass(frozen=True)
class AccreditationRecorded:
    """An institution's standard was judged; ``kind`` is service or clinic."""

    institution_id: UUID
    kind: str
    starts_on: date


@event("network.accreditation_withdrawn")
@dataclass(frozen=True)
class AccreditationWithdrawn:
    """A verdict that was entered by mistake holds no more."""

    institution_id: UUID
    kind: str
    starts_on: date


@event("network.membership_begun")
@dataclass(frozen=True)
class MembershipBegun:
    """An institution joins an alliance."""

    membership_id: UUID
    alliance_id: UUID
    institution_id: UUID


@event("network.membership_ended")
@dataclass(frozen=True)
class MembershipEnded:
    """An institution leaves an alliance from ``ends_on``."""

    membership_id: UUID
    alliance_id: UUID
    institution_id: UUID
    ends_on: date


@event("network.service_changed")
@dataclass(frozen=True)
class CentreServiceChanged:
    """Which centre serves an institution has changed for this kind of work."""

    centre_id: UUID
    institution_id: UUID
    kind: str


@event("network.post_assigned")
@dataclass(frozen=True)
class PostAssigned:
    """A staff member takes a post."""

    post_id: UUID
    staff_id: UUID
    institution_id: UUID
    role: str


@event("network.staff_moved")
@dataclass(frozen=True)
class StaffMoved:
    """A staff member gives up a post; open work there needs another hand. ``to_institution_id`` is None when leaving."""

    staff_id: UUID
    post_id: UUID
    from_institution_id: UUID
    role: str
    to_institution_id: UUID | None


@event("network.secondment_begun")
@dataclass(frozen=True)
class SecondmentBegun:
    """A staff member may also work at another institution."""

    secondment_id: UUID
    staff_id: UUID
    institution_id: UUID


@event("network.secondment_ended")
@dataclass(frozen=True)
class SecondmentEnded:
    """The widening is over."""

    secondment_id: UUID
    staff_id: UUID
    institution_id: UUID


@event("network.duty_changed")
@dataclass(frozen=True)
class DutyChanged:
    """A shift was planned or cancelled."""

    duty_id: UUID
    institution_id: UUID
    staff_id: UUID


@event("network.duty_swap_moved")
@dataclass(frozen=True)
class DutySwapMoved:
    """A shift was offered to a colleague, or the offer was answered, decided or has lapsed."""

    swap_id: UUID
    institution_id: UUID
    state: str
    colleague_id: UUID
    offered_by: UUID | None
    text: str


@event("network.roster_gaps_found")
@dataclass(frozen=True)
class RosterGapsFound:
    """How many shifts of the coming days nobody has; 0 when all are staffed again. ``text`` says the first of them."""

    institution_id: UUID
    day: date
    gaps: int
    text: str
