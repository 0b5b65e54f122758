"""What other rooms see of institutions and staff."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class InstitutionData:
    """One institution; ``level`` is village, township, county, outside or authority."""

    id: UUID
    code: str
    name: str
    short_name: str
    level: str
    category: str
    parent_id: UUID | None
    phone: str


@dataclass(frozen=True, slots=True)
class DepartmentData:
    """One department of one institution."""

    id: UUID
    institution_id: UUID
    code: str
    name: str
    specialty: str


@dataclass(frozen=True, slots=True)
class StaffData:
    """One staff member, without posts."""

    id: UUID
    code: str
    name: str
    title: str
    phone: str
