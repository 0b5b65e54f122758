"""What crosses the border of the room."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class NewEnrolment:
    """Insurance to be recorded; ``ends_on`` is the first day that no longer counts."""

    insurance: str
    region: str
    person_type: str
    starts_on: date
    ends_on: date | None = None
    source: str = ""
    paid_on: date | None = None  # when the contribution was paid; None: in the season
    missed_years: int = 0  # years without insurance before
    repaired_years: int = 0  # of these, paid afterwards


@dataclass(frozen=True, slots=True)
class NewApplication:
    """What a doctor asks for: ``code`` of the kind's list; ``evidence`` are entries of the record (kind, key) that are handed in."""

    kind: str
    code: str
    diagnosis: str
    opinion: str
    starts_on: date
    destination: str = ""
    evidence: tuple[tuple[str, UUID], ...] = ()


@dataclass(frozen=True, slots=True)
class EntitlementData:
    """Something registered: kind, disease or place, institution."""

    id: UUID
    kind: str
    code: str
    institution_id: UUID | None
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class CategoryData:
    """One person's category with its period."""

    id: UUID
    resident_id: UUID
    code: str
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class CoverageData:
    """A person's insurance on one day, as a settlement needs it."""

    enrolment_id: UUID
    resident_id: UUID
    on: date
    insurance: str
    region: str
    person_type: str
    is_retired: bool
    is_civil_servant: bool
    identities: frozenset[str] = frozenset()
    entitlements: tuple[EntitlementData, ...] = field(default=())
    starts_on: date = date.min
    paid_on: date | None = None
    missed_years: int = 0
    repaired_years: int = 0

    def diseases(self, kind: str) -> frozenset[str]:
        """Diseases registered under a kind (``chronic``, ``two_diseases``), or drugs (``drug``)."""
        return frozenset(one.code for one in self.entitlements if one.kind == kind)

    @property
    def institution_id(self) -> UUID | None:
        """The institution chosen for outpatient pooling."""
        return next((one.institution_id for one in self.entitlements if one.kind == "institution"), None)
