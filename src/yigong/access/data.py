"""Decisions about rights, as other rooms see them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Subject:
    """What the question is about: ``kind`` (resident, institution, order, referral, study…) and its key."""

    kind: str
    id: UUID


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer: ``basis`` is a code (contract, encounter, tree, permission, none…), ``explanation`` a sentence for the user,
    ``next_step`` a sentence saying what to do when refused, ``links`` the (label, address) pairs that lead there.

    A policy of another room sets ``resident_id`` when its subject is about a resident; the read log then names the resident.
    """

    allowed: bool
    basis: str
    explanation: str
    next_step: str = ""
    links: tuple[tuple[str, str], ...] = ()
    resident_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class AccountData:
    """One login."""

    id: UUID
    username: str
    staff_id: UUID | None
    is_active: bool
    must_change_password: bool


@dataclass(frozen=True, slots=True)
class ReadData:
    """One line of the read log."""

    at: datetime
    actor_name: str
    role: str
    institution_id: UUID | None
    action: str
    allowed: bool
    basis: str
    page: str
    purpose: str


@dataclass(frozen=True, slots=True)
class ReadPage:
    """One page of the read log with the total."""

    rows: tuple[ReadData, ...]
    total: int
    page: int
    size: int


@dataclass(frozen=True, slots=True)
class EmergencyData:
    """One emergency access and its review."""

    id: UUID
    resident_id: UUID
    staff_id: UUID
    staff_name: str
    role: str
    institution_id: UUID
    reason: str
    opened_at: datetime
    ends_at: datetime
    verdict: str
    reviewed_at: datetime | None
    reviewer_name: str
    comment: str


@dataclass(frozen=True, slots=True)
class PastRelationship:
    """A reason to see a resident that an encounter of the past gave: from when to when."""

    resident_id: UUID
    institution_id: UUID
    source: UUID
    starts_at: datetime
    ends_at: datetime
