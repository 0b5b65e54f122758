"""A request as other rooms see it: what is asked, what was found earlier, what was recognised."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ItemInput:
    """One ordered item: ``code`` in the centre's catalogue, ``group`` the kind of equipment or bench, ``price`` in fen."""

    code: str
    name: str
    group: str = ""
    part: str = ""
    price: int | None = None
    validity_days: int = 0


@dataclass(frozen=True, slots=True)
class Clinical:
    """What the performing and reporting doctors must know."""

    symptoms: str = ""
    history: str = ""
    purpose: str = ""
    diagnosis: str = ""
    diagnosis_code: str = ""


@dataclass(frozen=True, slots=True)
class OrderDraft:
    """An order before it is placed, for safety checks."""

    service: str
    resident_id: UUID
    sex: str
    age: int | None
    items: Sequence[ItemInput]
    clinical: Clinical
    answers: Mapping[str, Any]
    priority: str


@dataclass(frozen=True, slots=True)
class EarlierResult:
    """A finished item that answers for the ordered ``for_code`` and is still valid: shown before the same is ordered again.

    ``offered`` results may be recognised under ``mark``; of the others ``note`` says why not, and repeating asks for nothing.
    """

    order_id: UUID
    number: str
    item_code: str
    item_name: str
    institution: str
    reported_at: datetime
    impression: str
    price: int | None
    item_id: int = 0
    for_code: str = ""
    mark: str = ""
    offered: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class RecognitionData:
    """One recognised result: ``price`` in fen is what was saved; ``again`` when it had been recognised before."""

    id: UUID
    item_name: str
    price: int | None
    again: bool


@dataclass(frozen=True, slots=True)
class RecognitionFigures:
    """Decisions of one month at one receiving institution; ``saved`` in fen."""

    month: date
    receiver_id: UUID
    recognised: int
    repeated: int
    saved: int

    @property
    def rate(self) -> float | None:
        """Recognised by all decisions; None when there was none."""
        total = self.recognised + self.repeated
        return self.recognised / total if total else None


@dataclass(frozen=True, slots=True)
class OrderData:
    """One order. ``state`` codes are those of ``orders.rules``; ``report_state`` is empty before anything is at the centre."""

    id: UUID
    number: str
    accession: str
    service: str
    state: str
    state_label: str
    priority: str
    resident_id: UUID
    requesting_institution_id: UUID
    requesting_department_id: UUID | None
    requesting_staff_id: UUID | None
    performing_institution_id: UUID
    reporting_institution_id: UUID
    items: tuple[ItemInput, ...]
    clinical: Clinical
    answers: Mapping[str, Any]
    requested_at: datetime
    scheduled_at: datetime | None
    performed_at: datetime | None
    uploaded_at: datetime | None
    reported_at: datetime | None
    due_at: datetime | None
    identity: str
    report_state: str
    version: int
    findings: tuple[str, ...] = ()
    identity_differences: tuple[str, ...] = ()
    ended_reason: str = ""

    @property
    def item_names(self) -> str:
        """All items in one line."""
        return "、".join(item.name for item in self.items)

    @property
    def group(self) -> str:
        """The kind of equipment of the first item."""
        return self.items[0].group if self.items else ""


@dataclass(frozen=True, slots=True)
class Placed:
    """What a request led to: an order for what is left (None when all was recognised) and the recognised results."""

    order: OrderData | None
    recognised: tuple[RecognitionData, ...]
