"""Emergencies as other rooms and pages see them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class NewCase:
    """What is known when an emergency begins. ``answers``: conscious, breathing, heavy_bleeding, each True or False where asked."""

    complaint: str
    story: str = ""
    patient_name: str = ""
    patient_sex: str = "0"
    patient_age: int | None = None
    caller: str = ""
    phone: str = ""
    place_id: UUID | None = None
    address: str = ""
    resident_id: UUID | None = None
    conscious: bool | None = None
    breathing: bool | None = None
    heavy_bleeding: bool | None = None
    destination_id: UUID | None = None
    pathway: str = ""


@dataclass(frozen=True, slots=True)
class CaseData:
    """One emergency."""

    id: UUID
    number: str
    way: str
    state: str
    state_label: str
    resident_id: UUID | None
    destination_id: UUID
    pathway: str
    opened_at: datetime
    outcome: str


@dataclass(frozen=True, slots=True)
class Crew:
    """Somebody sent with a vehicle: doctor, nurse, driver, bearer."""

    staff_id: UUID
    role: str
