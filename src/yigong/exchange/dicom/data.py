"""Studies and nodes, as other rooms see them."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class StudyData:
    """One study; ``order_id`` and ``resident_id`` are None while it is unmatched."""

    id: UUID
    uid: str
    patient_name: str
    patient_number: str
    sex: str
    birth_date: date | None
    taken_on: date | None
    accession_number: str
    description: str
    modalities: tuple[str, ...]
    institution_name: str
    series_count: int
    image_count: int
    bytes: int
    matching: str
    matching_label: str
    reason: str
    reason_label: str
    received_at: datetime
    sender: str
    order_id: UUID | None = None
    resident_id: UUID | None = None
    identity_differs: bool = False
    url: str = ""
    thumbnail_url: str = ""

    @property
    def shown_number(self) -> str:
        """What people know the study by: its accession number; what the device called the patient only where there is none."""
        return self.accession_number or self.patient_number


@dataclass(frozen=True, slots=True)
class NodeData:
    """One registered device or archive."""

    id: UUID
    title: str
    name: str
    institution_id: UUID | None
    host: str
    port: int | None
    is_active: bool


@dataclass(frozen=True, slots=True)
class StorageUse:
    """What the archive holds and what the disk has left, in bytes."""

    studies: int
    images: int
    bytes: int
    disk_free: int
    disk_total: int
    conflicts: int
    unmatched: int
