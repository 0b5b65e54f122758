"""What consultations tell the house."""

from dataclasses import dataclass
from uuid import UUID

from yigong.core.events.api import event


@event("consultation.invited")
@dataclass(frozen=True)
class ExpertInvited:
    """An expert was asked."""

    order_id: UUID
    invitation_id: UUID
    staff_id: UUID


@event("consultation.answered")
@dataclass(frozen=True)
class InvitationAnswered:
    """An expert accepted or declined."""

    order_id: UUID
    invitation_id: UUID
    accepted: bool


@event("consultation.transfer_advised")
@dataclass(frozen=True)
class TransferAdvised:
    """The signed conclusion advises to refer the resident; ``urgency`` routine or emergency."""

    order_id: UUID
    resident_id: UUID
    institution_id: UUID
    urgency: str


@event("consultation.closed")
@dataclass(frozen=True)
class ConsultationClosed:
    """Evaluated and at its end: the experts read nothing more."""

    order_id: UUID
    resident_id: UUID
