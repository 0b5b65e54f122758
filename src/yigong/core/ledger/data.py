"""Accounts, postings and holds as other rooms see them. Amounts are whole units."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class AccountData:
    """One account with its balance at the time of asking."""

    id: UUID
    kind: str
    owner_id: UUID
    unit: str
    balance: int


@dataclass(frozen=True, slots=True)
class PostingData:
    """One booking; ``entries`` are (account, amount) with the sum zero."""

    id: UUID
    key: str
    entries: tuple[tuple[UUID, int], ...]
    reason: str
    about: UUID | None
    at: datetime
    reverses: UUID | None


@dataclass(frozen=True, slots=True)
class HoldData:
    """Units set aside; ``state`` is held, released, settled or expired."""

    id: UUID
    key: str
    account_id: UUID
    amount: int
    state: str
    about: UUID | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One entry of an account with the balance after it."""

    at: datetime
    amount: int
    balance: int
    reason: str
    actor_name: str
    about: UUID | None
    posting_id: UUID


@dataclass(frozen=True, slots=True)
class Statement:
    """One page of an account's entries, newest first, and how many there are in all."""

    lines: list[StatementLine]
    total: int
