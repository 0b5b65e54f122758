"""Facts that other rooms may act on."""

from dataclasses import dataclass
from uuid import UUID

from yigong.core.events.api import event


@event("dicom.study_arrived")
@dataclass(frozen=True)
class StudyArrived:
    """Images of a study have come and stopped coming; told again, with the new count, when more follow later."""

    study_id: UUID
    study_uid: str
    images: int


@event("dicom.study_attached")
@dataclass(frozen=True)
class StudyAttached:
    """A study was found to belong to an order. ``method`` is accession, identity or person."""

    study_id: UUID
    study_uid: str
    order_id: UUID
    resident_id: UUID
    method: str
    identity_differs: bool


@event("dicom.study_detached")
@dataclass(frozen=True)
class StudyDetached:
    """A person has undone an attachment."""

    study_id: UUID
    study_uid: str
    order_id: UUID
    reason: str
