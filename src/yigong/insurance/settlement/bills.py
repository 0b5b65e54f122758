"""A bill as settlement needs it: charges with quantities and prices, who and where, and what the visit was for."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.core.errors import InvalidInput
from yigong.insurance.benefits.api import INPATIENT

MOST_QUANTITY = 100_000 * 10_000  # a hundred thousand of anything is a slip of the keyboard
MOST_PRICE = 1_000_000 * 1_000_000  # a million yuan
MOST_AMOUNT = 500_000_000  # five million yuan in fen: the dearest bill a county hospital can write


@dataclass(frozen=True, slots=True)
class Charge:
    """One line: quantity in 1/10,000, price in 1/1,000,000 yuan, amount in fen. ``code`` is the national code, empty when unmatched."""

    number: str
    code: str
    name: str
    category: str
    quantity: int
    price: int
    amount: int
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Bill:
    """What waits at the counter. ``kind`` is ``inpatient`` or ``outpatient``; a stay has ``began_on`` and ``ended_on``, and the direction (``up``,
    ``down``) and number of the referral that brought the person."""

    id: UUID
    number: str
    resident_id: UUID
    institution_id: UUID
    kind: str
    charges: tuple[Charge, ...]
    began_on: date
    ended_on: date
    diseases: tuple[str, ...] = ()
    referral: str = ""
    referral_number: str = ""
    encounter_id: UUID | None = None
    from_clinic: bool = False

    @property
    def is_stay(self) -> bool:
        """Whether it is the bill of a stay."""
        return self.kind == INPATIENT

    @property
    def total(self) -> int:
        """The sum of its lines."""
        return sum(charge.amount for charge in self.charges)


def check_bill(bill: Bill) -> None:
    """Refuse what no counter can settle; each line at fault is named with what to do."""
    faults = {charge.number or charge.name: fault for charge in bill.charges if (fault := _fault(charge))}
    if not bill.charges:
        faults["bill"] = _("账单没有收费项目，请退回开单科室。")
    elif not faults and bill.total <= 0:
        faults["bill"] = _("账单合计 %(sum)s 元，没有可结算的金额。") % {"sum": f"{bill.total / 100:.2f}"}
    elif not faults and bill.total > MOST_AMOUNT:
        faults["bill"] = _("账单合计超过 500 万元，请先核对数量和单价。")
    if faults:
        raise InvalidInput("；".join(faults.values()), errors=faults)


def _fault(charge: Charge) -> str:
    place = {"name": charge.name or charge.number}
    if charge.quantity == 0:
        return _("“%(name)s”的数量是 0，请在账单上删除或改正。") % place
    if charge.quantity < 0:
        return _("“%(name)s”的数量是负数：退费请用“部分退费”，不要改数量。") % place
    if charge.quantity > MOST_QUANTITY:
        return _("“%(name)s”的数量超过 10 万，请核对。") % place
    if not 0 <= charge.price <= MOST_PRICE:
        return _("“%(name)s”的单价不在 0 至 100 万元之间，请核对。") % place
    if charge.amount < 0 or charge.amount > MOST_AMOUNT:
        return _("“%(name)s”的金额不合理，请核对数量和单价。") % place
    return ""
