"""Findings, reports with their versions, critical values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Finding:
    """A result of a safety check: ``block`` stops the order unless a doctor states why it must go on, ``warn`` is shown."""

    level: str
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class VersionData:
    """One signed (or provisional) version of a report; never changes."""

    id: UUID
    number: int
    kind: str
    sections: Mapping[str, str]
    impression: str
    positive: bool | None
    grade: str
    author: str
    reviewer: str
    signed_at: datetime
    digest: str
    reason: str
    acknowledged: tuple[tuple[str, datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class ReportData:
    """The report of one order with its versions, newest last."""

    id: UUID
    order_id: UUID
    state: str
    state_label: str
    claimed_by: str
    claimed_by_id: UUID | None
    claimed_at: datetime | None
    draft: Mapping[str, Any]
    draft_version: int
    author_id: UUID | None
    due_at: datetime | None
    versions: tuple[VersionData, ...]
    first_reason: str = ""

    @property
    def current(self) -> VersionData | None:
        """The newest version, if any."""
        return self.versions[-1] if self.versions else None


@dataclass(frozen=True, slots=True)
class CriticalData:
    """One critical value and how far its loop is."""

    id: UUID
    order_id: UUID
    resident_id: UUID
    state: str
    state_label: str
    item: str
    item_label: str
    detail: str
    found_by: str
    found_at: datetime
    notified_at: datetime | None
    way: str
    receiver: str
    acknowledged_by: str
    acknowledged_at: datetime | None
    acted_at: datetime | None
    measure: str
    measure_text: str
    closed_at: datetime | None
    level: int
    due_at: datetime | None
