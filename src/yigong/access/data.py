"""Decisions about rights, as other rooms see them."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Subject:
    """What the question is about: ``kind`` (resident, institution, order, referral, study…) and its key."""

    kind: str
    id: UUID


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer: ``basis`` is a code (contract, encounter, tree, permission, none…), ``explanation`` a sentence for the user,
    ``next_step`` a sentence saying what to do when refused."""

    allowed: bool
    basis: str
    explanation: str
    next_step: str = ""
