"""What orders tell the house. Ids and facts only."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from yigong.core.events.api import event


@event("order.placed")
@dataclass(frozen=True)
class OrderPlaced:
    """A service was asked for."""

    order_id: UUID
    service: str
    resident_id: UUID
    requesting_institution_id: UUID
    performing_institution_id: UUID


@event("order.accepted")
@dataclass(frozen=True)
class OrderAccepted:
    """The performing institution takes the order."""

    order_id: UUID
    service: str
    resident_id: UUID


@event("order.rejected")
@dataclass(frozen=True)
class OrderRejected:
    """The performing institution or the centre refused; ``reason_code`` from the service's list."""

    order_id: UUID
    service: str
    resident_id: UUID
    reason_code: str


@event("order.cancelled")
@dataclass(frozen=True)
class OrderCancelled:
    """The requesting side took the order back."""

    order_id: UUID
    service: str
    resident_id: UUID


@event("order.material_received")
@dataclass(frozen=True)
class MaterialReceived:
    """What was acquired is at the centre and waits for a report."""

    order_id: UUID
    service: str
    reporting_institution_id: UUID
    urgent: bool


@event("report.signed")
@dataclass(frozen=True)
class ReportSigned:
    """A final report is out; ``document_id`` is its place in the record."""

    order_id: UUID
    service: str
    resident_id: UUID
    version_id: UUID
    document_id: UUID | None
    positive: bool | None
    critical: bool


@event("report.amended")
@dataclass(frozen=True)
class ReportAmended:
    """A newer version replaced a final report; receivers of the old one are told."""

    order_id: UUID
    service: str
    resident_id: UUID
    version_id: UUID
    document_id: UUID | None
    reason: str


@event("report.withdrawn")
@dataclass(frozen=True)
class ReportWithdrawn:
    """A final report is no longer valid."""

    order_id: UUID
    service: str
    resident_id: UUID
    reason: str


@event("report.acknowledged")
@dataclass(frozen=True)
class ReportAcknowledged:
    """The requesting side has read a version."""

    order_id: UUID
    version_id: UUID
    institution_id: UUID


@event("critical.flagged")
@dataclass(frozen=True)
class CriticalFlagged:
    """A critical value was found; its clocks run."""

    critical_id: UUID
    order_id: UUID
    service: str
    resident_id: UUID
    item: str


@event("critical.acknowledged")
@dataclass(frozen=True)
class CriticalAcknowledged:
    """Somebody on the requesting side took the critical value."""

    critical_id: UUID
    order_id: UUID
    minutes: int
    in_time: bool


@event("quality.scored")
@dataclass(frozen=True)
class QualityScored:
    """A drawn report was scored; ``period`` is the first day of the period it was drawn of. Tells rooms that count quality to count again."""

    sample_id: UUID
    order_id: UUID
    definition: str
    institution_id: UUID
    period: date
    passed: bool
