"""What crosses the border of the room. Money in fen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class SettlementFact:
    """One posted settlement or correction (all sums negative, ``reverses`` set) as the budget counts it.

    ``scheme`` is empty for people without insurance. ``place`` is ``inside``, ``registered`` or ``unregistered``. The DRG fields are empty
    until the case was grouped; ``drg_weight`` and ``ratio`` (of the pool) in millionths. ``identities`` are the categories of person that
    counted, joined by ``|``.
    """

    id: UUID
    number: str
    resident_id: UUID
    institution_id: UUID | None
    scheme: str
    kind: str
    place: str
    settled_on: date
    month: date
    settled_at: datetime
    total: int
    in_scope: int
    pool: int
    large: int
    critical: int
    civil: int
    aid: int
    tilt: int
    other: int
    institution_part: int
    relief: int
    person: int
    account: int
    reverses: UUID | None
    drg_code: str
    drg_weight: int | None
    drg_payable: int | None
    bill_id: UUID | None = None
    level: str = ""
    own: int = 0
    over: int = 0
    first_self_pay: int = 0
    deductible: int = 0
    drg_name: str = ""
    ratio: int = 0
    identities: str = ""
    disease: str = ""

    @property
    def funds(self) -> int:
        """The sum of all funds."""
        return self.pool + self.large + self.critical + self.civil + self.aid + self.tilt + self.other


@dataclass(frozen=True, slots=True)
class Payment:
    """How the person's part is paid, in fen; ``tendered`` is the cash handed over, the change is what exceeds ``cash``."""

    cash: int = 0
    card: int = 0
    online: int = 0
    deposit: int = 0
    tendered: int = 0

    @property
    def paid(self) -> int:
        """What came in by all means."""
        return self.cash + self.card + self.online + self.deposit

    @property
    def change(self) -> int:
        """What goes back over the counter."""
        return max(0, self.tendered - self.cash)


@dataclass(frozen=True, slots=True)
class SheetData:
    """One posted settlement in full. ``funds`` and ``paid`` are fen by fund and by means; each of ``lines`` has ``code``, ``name``,
    ``category`` (med_chrgitm), ``class`` (A, B, C) and in fen ``amount``, ``total``, ``own``, ``over``, ``first``, ``in_scope``."""

    id: UUID
    number: str
    state: str
    bill_id: UUID | None
    bill_number: str
    resident_id: UUID
    institution_id: UUID | None
    scheme: str
    region: str
    kind: str
    level: str
    settled_on: date
    settled_at: datetime
    cashier_name: str
    total: int
    own: int
    over: int
    first_self_pay: int
    in_scope: int
    relief: int
    deductible: int
    institution_part: int
    person: int
    account: int
    family: int
    visit_ref: str
    settlement_ref: str
    person_ref: str
    funds: Mapping[str, int]
    paid: Mapping[str, int]
    lines: tuple[Mapping[str, Any], ...]
