"""What other rooms see of places, institutions, alliances, centres and staff.

Spans are half-open: ``ends_on`` is the first day on which it no longer holds, None means open.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID


@dataclass(frozen=True, slots=True)
class PlaceData:
    """One administrative area; ``level`` is province, city, county, town or village."""

    id: UUID
    code: str
    name: str
    level: str
    parent_id: UUID | None


@dataclass(frozen=True, slots=True)
class InstitutionData:
    """One institution; ``level`` is village, township, county, outside or authority; ``category`` a WS 218 class; ``grade`` 1 to 3, blank
    where none was given."""

    id: UUID
    code: str
    name: str
    short_name: str
    level: str
    category: str
    parent_id: UUID | None
    phone: str
    place_id: UUID | None = None
    address: str = ""
    credit_code: str = ""
    grade: str = ""


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
    """One staff member, without posts; ``title`` is 1 (chief) to 5."""

    id: UUID
    code: str
    name: str
    title: str
    phone: str
    sex: str = ""


@dataclass(frozen=True, slots=True)
class PostData:
    """A staff member's role at one institution."""

    id: UUID
    staff_id: UUID
    staff_name: str
    institution_id: UUID
    institution_name: str
    department_id: UUID | None
    role: str
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class SecondmentData:
    """A widening of where a staff member may work."""

    id: UUID
    staff_id: UUID
    institution_id: UUID
    form: str
    starts_on: date
    ends_on: date | None
    reason: str


@dataclass(frozen=True, slots=True)
class Workplace:
    """Everything rights are built from: the posts held today and the places where secondments allow work today."""

    staff_id: UUID
    staff_name: str
    rights_version: int
    posts: tuple[PostData, ...]
    seconded_to: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class AllianceData:
    """One alliance; ``kind`` is community, city_group, city_county, specialty or remote."""

    id: UUID
    kind: str
    name: str
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class MembershipData:
    """An institution in an alliance; ``role`` is lead, member, sub_centre, receiver or partner."""

    id: UUID
    alliance_id: UUID
    kind: str
    institution_id: UUID
    institution_name: str
    role: str
    manner: str
    starts_on: date
    ends_on: date | None
    reason: str


@dataclass(frozen=True, slots=True)
class CentreData:
    """One shared centre; without hours it works around the clock."""

    id: UUID
    kind: str
    name: str
    institution_id: UUID
    department_id: UUID | None
    opens_at: time | None
    closes_at: time | None
    phone: str


@dataclass(frozen=True, slots=True)
class DutyData:
    """One shift of one person."""

    id: UUID
    institution_id: UUID
    role: str
    staff_id: UUID
    staff_name: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class NeedData:
    """Shifts that must be staffed; ``weekdays`` as digits, 1 for Monday."""

    id: UUID
    institution_id: UUID
    role: str
    weekdays: str
    begins: time
    ends: time
    people: int
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class SwapData:
    """A shift on its way to a colleague."""

    id: UUID
    institution_id: UUID
    state: str
    state_label: str
    version: int
    duty: DutyData
    colleague_id: UUID
    colleague_name: str
    in_exchange: DutyData | None


@dataclass(frozen=True, slots=True)
class Copied:
    """What copying a week did: how many shifts were planned, and a sentence for each that was not."""

    planned: int
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LocationData:
    """Where an institution or a place lies: degrees, WGS-84."""

    institution_id: UUID | None
    place_id: UUID | None
    name: str
    latitude: float
    longitude: float
    source: str
