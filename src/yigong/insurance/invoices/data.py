"""What crosses the border of the room. Money in fen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

KINDS = {"outpatient": _("医疗门诊收费票据"), "inpatient": _("医疗住院收费票据")}


@dataclass(frozen=True, slots=True)
class NewInvoice:
    """What an invoice is to say: ``amount`` is what ``pool``, ``other``, ``account`` and ``cash`` pay together; ``self_pay`` and ``own`` are
    the person's share inside and outside the catalogue; ``groups`` are sums by national fee type (med_chrgitm)."""

    source_id: UUID
    source_number: str
    kind: str
    institution_id: UUID
    institution_name: str
    resident_id: UUID
    payer: str
    amount: int
    pool: int
    other: int
    account: int
    cash: int
    self_pay: int
    own: int
    groups: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class InvoiceData:
    """An invoice as other rooms see it."""

    id: UUID
    code: str
    number: str
    state: str
    state_label: str
    source_id: UUID | None
    amount: int
    issued_at: datetime
    cashier_name: str


@dataclass(frozen=True, slots=True)
class Use:
    """An unbroken run of numbers that one cashier used: how many, and what became of them."""

    kind: str
    code: str
    first: str
    last: str
    count: int
    voided: int
    red: int
    spoiled: int
